//! `CertificateSigningRequests`.

use super::access::{Change, Look};
use super::path::Path;
use super::report::Report;
use super::strategy::{InitialStatus, Strategy};
use super::time;
use crate::names::{self, NameRule};
use crate::user::User;
use base64::Engine as _;
use serde_json::{Map, Value};

pub(super) static STRATEGY: Strategy = Strategy {
    name: NameRule::PathSegment,
    status: InitialStatus::Reset,
    status_resets: &["spec"],
    update: |new, old| new.copy_field("spec", old),
    update_status: note_times,
    check,
    check_status: |new, old, report| {
        for kind in ["Approved", "Denied"] {
            let has = |object: &Value| {
                object["status"].list("conditions").iter().any(|condition| condition.text("type") == kind)
            };
            let detail = match (has(old), has(new)) {
                (false, true) => format!("updates may not add a condition of type {kind:?}"),
                (true, false) => format!("updates may not remove a condition of type {kind:?}"),
                _ => continue,
            };
            report.forbidden(Path::root("status.conditions"), &detail);
        }
    },
    ..Strategy::PLAIN
};

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
const LEAST_SECONDS: i64 = 600;
const PEM: &str = "-----BEGIN CERTIFICATE REQUEST-----";

/// Says who asks for a certificate.
pub(crate) fn name_requester(request: &mut Value, user: &User) {
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
        spec.set("groups", user.groups.clone());
    }
    if !user.extra.is_empty() {
        let extra = user.extra.iter().map(|(key, values)| (key.clone(), Value::from(values.clone())));
        spec.set("extra", extra.collect::<Map<_, _>>());
    }
}

/// Since when conditions hold, if they do not say so.
pub(super) fn note_times(new: &mut Value, old: &Value) {
    let before = old["status"].list("conditions");
    for condition in new.inner("status").list_mut("conditions") {
        condition.or_set("lastUpdateTime", time::now());
        let same = |earlier: &&Value| {
            earlier["type"] == condition["type"] && earlier["status"] == condition["status"]
        };
        let since = before.iter().find(same).map(|earlier| earlier.text("lastTransitionTime").to_owned());
        let since = since.filter(|since| !since.is_empty()).unwrap_or_else(time::now);
        condition.or_set("lastTransitionTime", since);
    }
}

fn check(request: &Value, report: &mut Report) {
    let path = Path::root("spec");
    let spec = &request["spec"];
    let decoded = base64::engine::general_purpose::STANDARD.decode(spec.text("request")).unwrap_or_default();
    if !String::from_utf8_lossy(&decoded).contains(PEM) {
        let detail = "PEM block type must be CERTIFICATE REQUEST";
        report.invalid(path.child("request"), spec["request"].clone(), detail);
    }
    let list = path.child("usages");
    let usages: Vec<&str> = spec.texts("usages").collect();
    if usages.is_empty() {
        report.required(list, "");
    }
    for (index, usage) in usages.iter().enumerate() {
        if !USAGES.contains(usage) {
            report.not_supported(list.index(index), *usage, &USAGES);
        }
    }
    for (index, usage) in usages.iter().enumerate() {
        if usages[..index].contains(usage) {
            report.duplicate(list.index(index), *usage);
        }
    }
    let signer = spec.text("signerName");
    if signer == "kubernetes.io/legacy-unknown" {
        let detail = "the legacy signerName is not allowed via this API version";
        report.invalid(path.child("signerName"), signer, detail);
    } else {
        check_signer(signer, path.child("signerName"), report);
    }
    if let Some(seconds) = spec.number("expirationSeconds").filter(|seconds| *seconds < LEAST_SECONDS) {
        let detail = "may not specify a duration less than 600 seconds (10 minutes)";
        report.invalid(path.child("expirationSeconds"), seconds, detail);
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
    let mut check = |whole: &str, rule: fn(&str) -> Vec<String>| {
        for part in whole.split('.') {
            let broken = rule(part);
            for message in &broken {
                report.invalid(path, whole, &format!("validating label {part:?}: {message}"));
            }
            if !broken.is_empty() {
                break;
            }
        }
    };
    check(domain, names::label);
    check(name, names::subdomain);
    if !domain.contains('.') {
        report.invalid(path, *domain, "should be a domain with at least two segments separated by dots");
    }
}

#[cfg(test)]
mod tests {
    use super::{STRATEGY, name_requester};
    use crate::user::User;
    use serde_json::json;

    #[test]
    fn the_server_says_who_asks() {
        let mut request = json!({"spec": {"username": "somebody", "signerName": "a/b"}});
        name_requester(&mut request, &User::admin());
        let expected = json!({"spec": {"username": "kubernetes-admin", "signerName": "a/b",
            "groups": ["system:masters", "system:authenticated"]}});
        assert_eq!(request, expected);
    }

    #[test]
    fn a_request_says_what_for() {
        let request = json!({"metadata": {"name": "a"}, "spec": {"request": "", "expirationSeconds": 1}});
        let told: Vec<String> = STRATEGY.validate(&request, false).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "spec.request: Invalid value: \"\": PEM block type must be CERTIFICATE REQUEST",
                "spec.usages: Required value",
                "spec.signerName: Required value",
                "spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 600 seconds (10 minutes)",
            ]
        );
    }
}
