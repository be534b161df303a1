//! What a server does to CustomResourceDefinitions themselves: defaults, what users may not set, and rules.

mod conversion;
mod defaults;
mod names;
mod nested;
mod openapi;
mod selectable;
mod spec;
mod structural;
mod version;
mod warnings;

pub(crate) use warnings::warnings;

use crate::kinds::{Change, Look, Path, Report};
use serde_json::{Value, json};

const APPROVAL: &str = "api-approved.kubernetes.io";
const PROTECTED: &str = "protected groups must have approval annotation \"api-approved.kubernetes.io\"";
const SEE: &str = "see https://github.com/kubernetes/enhancements/pull/1111";

/// Fills in what a definition leaves out.
pub(crate) fn default(definition: &mut Value) {
    let stored = storage_version(definition).map(str::to_owned);
    let spec = definition.inner("spec");
    let kind = spec["names"].text("kind").to_owned();
    let names = spec.inner("names");
    names.or_text("singular", &kind.to_lowercase());
    if !kind.is_empty() {
        names.or_text("listKind", &format!("{kind}List"));
    }
    if !spec.has("conversion") {
        spec.set("conversion", json!({"strategy": "None"}));
    }
    if let Some(service) = spec.pointer_mut("/conversion/webhook/clientConfig/service")
        && service.is_object()
    {
        service.or_set("port", 443);
    }
    if definition["status"].list("storedVersions").is_empty()
        && let Some(stored) = stored
    {
        definition.inner("status").set("storedVersions", json!([stored]));
    }
}

/// The name of the version in which objects are stored: the first that says so.
pub(crate) fn storage_version(definition: &Value) -> Option<&str> {
    let version = definition["spec"].list("versions").iter().find(|version| version.is_true("storage"))?;
    Some(version.text("name"))
}

/// The status of a new definition, which nothing has looked at yet.
pub(crate) fn begin(definition: &mut Value) {
    let stored = storage_version(definition).map(|version| json!([version]));
    let status = json!({
        "conditions": null,
        "acceptedNames": {"plural": "", "kind": ""},
        "storedVersions": stored,
    });
    definition.set("status", status);
}

/// Notes a version in which objects are stored from now on.
pub(crate) fn note_storage(new: &mut Value) {
    let Some(version) = storage_version(new).map(str::to_owned) else { return };
    let mut versions = new["status"].list("storedVersions").to_vec();
    if !versions.iter().any(|known| *known == *version) {
        versions.push(version.into());
        new.inner("status").set("storedVersions", versions);
    }
}

/// What is wrong with a new definition.
pub(crate) fn check(definition: &Value, report: &mut Report) {
    let spec = &definition["spec"];
    let name = definition["metadata"].text("name");
    let wanted = format!("{}.{}", spec["names"].text("plural"), spec.text("group"));
    if !name.is_empty() && name != wanted {
        report.invalid(Path::root("metadata.name"), name, "must be spec.names.plural+\".\"+spec.group");
    }
    check_all(definition, report);
    approval(definition, None, report);
    preserve(spec, report);
}

/// What is wrong with a changed definition.
pub(crate) fn check_update(new: &Value, old: &Value, report: &mut Report) {
    spec::check(&new["spec"], report);
    let path = Path::root("spec");
    let (new_spec, old_spec) = (&new["spec"], &old["spec"]);
    let (new_names, old_names) = (&new_spec["names"], &old_spec["names"]);
    if super::status::is_true(old, "Established") {
        report.immutable(path.child("scope"), &new_spec["scope"], &old_spec["scope"]);
        report.immutable(path.child("names.kind"), &new_names["kind"], &old_names["kind"]);
    }
    report.immutable(path.child("group"), &new_spec["group"], &old_spec["group"]);
    report.immutable(path.child("names.plural"), &new_names["plural"], &old_names["plural"]);
    check_status(new, report);
    stored_versions(new, report);
    approval(new, Some(old), report);
    preserve(new_spec, report);
}

/// What is wrong with the status of a definition.
pub(crate) fn check_status(definition: &Value, report: &mut Report) {
    names::check(&definition["status"]["acceptedNames"], Path::root("status.acceptedNames"), report);
}

fn check_all(definition: &Value, report: &mut Report) {
    spec::check(&definition["spec"], report);
    check_status(definition, report);
    stored_versions(definition, report);
}

fn stored_versions(definition: &Value, report: &mut Report) {
    let path = Path::root("status.storedVersions");
    let stored = &definition["status"]["storedVersions"];
    let names: Vec<&str> = definition["status"].texts("storedVersions").collect();
    if names.is_empty() {
        return report.invalid(path, stored.clone(), "must have at least one stored version");
    }
    let versions = definition["spec"].list("versions");
    for version in versions.iter().filter(|version| version.is_true("storage")) {
        let name = version.text("name");
        if !names.contains(&name) {
            report.invalid(path, stored.clone(), &format!("must have the storage version {name}"));
        }
    }
    for (index, name) in names.iter().enumerate() {
        if !versions.iter().any(|version| version.text("name") == *name) {
            let detail = format!(
                "missing from spec.versions; {name} was previously a storage version, and must remain in \
                 spec.versions until a storage migration ensures no data remains persisted in {name} and removes \
                 {name} from status.storedVersions"
            );
            report.invalid(path.index(index), *name, &detail);
        }
    }
}

/// Groups of Kubernetes are not for everybody.
fn approval(new: &Value, old: Option<&Value>, report: &mut Report) {
    let group = new["spec"].text("group");
    let protected = ["k8s.io", "kubernetes.io"]
        .iter()
        .any(|domain| group.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    if !protected {
        return;
    }
    let annotation = |definition: &Value| definition["metadata"]["annotations"].text(APPROVAL).to_owned();
    let text = annotation(new);
    let kind = |text: &str| match text {
        "" => 0,
        text if text.starts_with("unapproved") => 1,
        text if text
            .split_once("://")
            .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()) =>
        {
            2
        }
        _ => 3,
    };
    if old.is_some_and(|old| kind(&annotation(old)) == kind(&text)) {
        return;
    }
    let path = Path::root("metadata.annotations");
    match kind(&text) {
        0 => report.required(path.key(APPROVAL), &format!("{PROTECTED}, {SEE}")),
        3 => {
            let detail =
                format!("{PROTECTED} with either a URL or a reason starting with \"unapproved\", {SEE}");
            report.invalid(path.key(APPROVAL), text, &detail);
        }
        _ => {}
    }
}

fn preserve(spec: &Value, report: &mut Report) {
    if spec.is_true("preserveUnknownFields") {
        let detail = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema \
                      instead";
        report.invalid(Path::root("spec.preserveUnknownFields"), true, detail);
    }
}

#[cfg(test)]
mod tests;
