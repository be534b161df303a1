//! CertificateSigningRequests. Of what they ask to be signed, only the kind is looked at.

use super::access::{Change, Look};
use super::metadata::{self, Origin};
use super::path::Path;
use super::report::Report;
use super::strategy::{InitialStatus, Strategy};
use super::time;
use crate::names::{self, NameRule};
use crate::user::User;
use base64::Engine as _;
use serde_json::{Map, Value, json};

/// What a change may do that others may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum May {
    /// Nothing but to other parts.
    Nothing,
    /// Set the certificate.
    Certify,
    /// Approve or deny.
    Approve,
}

pub(super) static STRATEGY: Strategy = Strategy {
    name: NameRule::PathSegment,
    status: InitialStatus::Reset,
    update: |new, old| new.copy_field("spec", old),
    update_status: |new, old| {
        keep_decisions(new, old);
        set_times(new, old);
    },
    check: |new, report| check(new, report),
    check_update: |new, old, report| check_state(new, old, May::Nothing, report),
    check_status: |new, old, report| check_state(new, old, May::Certify, report),
    ..Strategy::PLAIN
};

const CONDITIONS: Path<'static> = Path::root("status.conditions");

/// The usages that a certificate can have.
const USAGES: [&str; 23] = [
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
];

/// Writes into a new request who has made it.
pub(crate) fn stamp(request: &mut Value, user: &User) {
    let spec = request.inner("spec");
    for field in ["username", "uid", "groups", "extra"] {
        spec.remove_field(field);
    }
    for (field, text) in [("username", &user.name), ("uid", &user.uid)] {
        if !text.is_empty() {
            spec.set(field, text.as_str());
        }
    }
    if !user.groups.is_empty() {
        spec.set("groups", json!(user.groups));
    }
    if !user.extra.is_empty() {
        let extra = user.extra.iter().map(|(key, values)| (key.clone(), json!(values)));
        spec.set("extra", extra.collect::<Map<String, Value>>());
    }
}

fn check(request: &Value, report: &mut Report) {
    let spec = &request["spec"];
    let text = base64::engine::general_purpose::STANDARD.decode(spec.text("request")).unwrap_or_default();
    if !String::from_utf8_lossy(&text).contains("-----BEGIN CERTIFICATE REQUEST-----") {
        let detail = "PEM block type must be CERTIFICATE REQUEST";
        report.invalid(Path::root("spec.request"), spec["request"].clone(), detail);
    }
    let path = Path::root("spec.usages");
    if spec.count("usages") == 0 {
        report.required(path, "");
    }
    for (index, usage) in spec.texts("usages").enumerate() {
        if !USAGES.contains(&usage) {
            report.not_supported(path.index(index), usage, &USAGES);
        }
        if spec.texts("usages").take(index).any(|other| other == usage) {
            report.duplicate(path.index(index), usage);
        }
    }
    let signer = Path::root("spec.signerName");
    match spec.text("signerName") {
        name @ "kubernetes.io/legacy-unknown" => {
            report.invalid(signer, name, "the legacy signerName is not allowed via this API version");
        }
        name => check_signer(name, signer, report),
    }
    if let Some(seconds) = spec.number("expirationSeconds").filter(|seconds| *seconds < 600) {
        let detail = "may not specify a duration less than 600 seconds (10 minutes)";
        report.invalid(Path::root("spec.expirationSeconds"), seconds, detail);
    }
}

/// A domain, and a path below it.
fn check_signer(signer: &str, path: Path<'_>, report: &mut Report) {
    if signer.is_empty() {
        return report.required(path, "");
    }
    let parts: Vec<&str> = signer.split('/').collect();
    let [domain, name] = parts.as_slice() else {
        let detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
        return report.invalid(path, signer, detail);
    };
    check_parts(domain, names::label, path, report);
    if !domain.contains('.') {
        report.invalid(path, *domain, "should be a domain with at least two segments separated by dots");
    }
    check_parts(name, names::subdomain, path, report);
}

/// The parts between dots, up to the first that is wrong.
fn check_parts(whole: &str, rule: fn(&str) -> Vec<String>, path: Path<'_>, report: &mut Report) {
    let wrong = whole.split('.').map(|part| (part, rule(part))).find(|(_, broken)| !broken.is_empty());
    for (part, message) in wrong.iter().flat_map(|(part, broken)| broken.iter().map(move |text| (part, text)))
    {
        report.invalid(path, whole, &format!("validating label {part:?}: {message}"));
    }
}

/// What is wrong with the new state of a request, metadata included.
pub(super) fn check_change(new: &Value, old: &Value, may: May, report: &mut Report) {
    check_state(new, old, may, report);
    metadata::validate_update(new, old, Origin::Core, report);
}

fn of_kind<'a>(request: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    request["status"].list("conditions").iter().filter(move |condition| condition.text("type") == kind)
}

fn check_state(new: &Value, old: &Value, may: May, report: &mut Report) {
    let (certificate, before) = (new["status"].text("certificate"), old["status"].text("certificate"));
    let both =
        |request: &Value| ["Approved", "Denied"].iter().all(|kind| of_kind(request, kind).next().is_some());
    check_conditions(new, report);
    if both(new) && !both(old) {
        let [approved, denied] =
            ["Approved", "Denied"].map(|kind| format!("conditions[{{\"type\": \"{kind}\"}}]"));
        let detail = format!("must specify at most one of: `{approved}`, `{denied}`");
        report.invalid(CONDITIONS, format!("{{{approved}, {denied}}}"), &detail);
    }
    if certificate != before && !is_certificate(certificate) {
        let detail = "must contain at least one CERTIFICATE PEM block";
        report.invalid(Path::root("status.certificate"), "<certificate data>", detail);
    }
    for kind in ["Approved", "Denied", "Failed"] {
        if of_kind(new, kind).count() < of_kind(old, kind).count() {
            report.forbidden(CONDITIONS, &format!("updates may not remove a condition of type {kind:?}"));
        }
    }
    if may != May::Approve {
        for kind in ["Approved", "Denied"] {
            if of_kind(new, kind).count() > of_kind(old, kind).count() {
                report.forbidden(CONDITIONS, &format!("updates may not add a condition of type {kind:?}"));
            }
        }
    }
    if certificate != before {
        let path = Path::root("status.certificate");
        if may != May::Certify {
            report.forbidden(path, "updates may not set certificate content");
        } else if !before.is_empty() {
            report.forbidden(path, "updates may not modify existing certificate content");
        }
    }
}

fn check_conditions(request: &Value, report: &mut Report) {
    let conditions = request["status"].list("conditions");
    for (index, condition) in conditions.iter().enumerate() {
        let path = CONDITIONS.index(index);
        let kind = condition.text("type");
        if kind.is_empty() {
            report.required(path.child("type"), "");
        }
        let allowed: &[&str] = match kind {
            "Approved" | "Denied" | "Failed" => &["True"],
            _ => &["False", "True", "Unknown"],
        };
        report.one_of(path.child("status"), condition.text("status"), allowed);
        if conditions[..index].iter().any(|other| other.text("type") == kind) {
            report.duplicate(path.child("type"), kind);
        }
    }
}

/// Whether a text is a certificate in PEM, encoded as bytes are.
fn is_certificate(encoded: &str) -> bool {
    use base64::Engine as _;
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap_or_default();
    String::from_utf8_lossy(&decoded).contains("-----BEGIN CERTIFICATE-----")
}

/// Keeps approvals and denials as they were, if there are as many.
fn keep_decisions(new: &mut Value, old: &Value) {
    for kind in ["Approved", "Denied"] {
        if of_kind(new, kind).count() != of_kind(old, kind).count() {
            continue;
        }
        let kept = of_kind(old, kind);
        let conditions = new.inner("status").list_mut("conditions");
        for (condition, kept) in conditions.filter(|condition| condition.text("type") == kind).zip(kept) {
            *condition = kept.clone();
        }
    }
}

/// Sets the times of conditions that have none.
pub(super) fn set_times(new: &mut Value, old: &Value) {
    let now = time::now();
    for condition in new.inner("status").list_mut("conditions") {
        condition.or_set("lastUpdateTime", now.as_str());
        let same = old["status"].list("conditions").iter().find(|old| {
            old["type"] == condition["type"]
                && old["status"] == condition["status"]
                && old.has("lastTransitionTime")
        });
        let time = same.map_or_else(|| Value::from(now.as_str()), |old| old["lastTransitionTime"].clone());
        condition.or_set("lastTransitionTime", time);
    }
}
