//! Validation of an object's metadata.

use super::access::Look;
use super::path::Path;
use super::report::Report;
use crate::failure::Cause;
use crate::names::{self, NameRule};
use serde_json::Value;

const METADATA: Path<'static> = Path::root("metadata");
/// What all annotations of an object have at most, in bytes.
const ANNOTATIONS_MAX: usize = 256 * 1024;
const MANAGER_MAX: usize = 128;
const SUBRESOURCE_MAX: usize = 256;
/// Finalizers that need no domain.
pub(super) const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// Whose words the rules are in: those of Kubernetes' own kinds know more about finalizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A kind of Kubernetes itself.
    Core,
    /// A custom kind, or one that describes the API.
    Extension,
}

/// What the metadata of a new object must be.
pub(crate) fn validate(
    object: &Value,
    name: NameRule,
    namespaced: bool,
    origin: Origin,
    report: &mut Report,
) {
    let metadata = &object["metadata"];
    let before = report.len();
    names_of(metadata, name, namespaced, report);
    validate_parts(metadata, report);
    if origin == Origin::Core {
        standard_finalizers(metadata, report);
    }
    // Servers look at names that passed once more: whether they can be in a URL.
    if report.len() == before {
        report.broken(
            METADATA.child("name"),
            metadata.text("name"),
            names::path_segment(metadata.text("name"), false),
        );
    }
}

/// What is wrong with the metadata of an object within another, which needs no name and may be anywhere.
pub(crate) fn check_embedded(object: &Value) -> Vec<Cause> {
    let mut report = Report::default();
    let metadata = &object["metadata"];
    let name = metadata.text("name");
    report.broken(METADATA.child("name"), name, names::path_segment(name, false));
    let namespace = metadata.text("namespace");
    if !namespace.is_empty() {
        report.broken(METADATA.child("namespace"), namespace, names::label(namespace));
    }
    validate_parts(metadata, &mut report);
    report.into_causes()
}

/// What the metadata of a changed object must be.
pub(crate) fn validate_update(new: &Value, old: &Value, origin: Origin, report: &mut Report) {
    let (new, old) = (&new["metadata"], &old["metadata"]);
    let name = new.text("name");
    if !name.is_empty() {
        report.broken(METADATA.child("name"), name, names::path_segment(name, false));
    }
    validate_parts(new, report);
    if old.has("deletionTimestamp") {
        no_new_finalizers(new, old, report);
    }
    if new.text("resourceVersion").is_empty() {
        let detail = "must be specified for an update";
        report.invalid(METADATA.child("resourceVersion"), "", detail);
    }
    let generation = |metadata: &Value| metadata.number("generation").unwrap_or_default();
    if generation(new) < generation(old) {
        let detail = "must not be decremented";
        report.invalid(METADATA.child("generation"), generation(new), detail);
    }
    for field in
        ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"]
    {
        report.immutable(METADATA.child(field), &new[field], &old[field]);
    }
    if origin == Origin::Core {
        standard_finalizers(new, report);
    }
}

fn names_of(metadata: &Value, rule: NameRule, namespaced: bool, report: &mut Report) {
    let generate_name = metadata.text("generateName");
    if !generate_name.is_empty() {
        let broken = rule.broken_by(generate_name, true);
        report.broken(METADATA.child("generateName"), generate_name, broken);
    }
    let name = metadata.text("name");
    if name.is_empty() {
        report.required(METADATA.child("name"), "name or generateName is required");
    } else {
        report.broken(METADATA.child("name"), name, rule.broken_by(name, false));
    }
    let namespace = metadata.text("namespace");
    match (namespaced, namespace.is_empty()) {
        (true, true) => report.required(METADATA.child("namespace"), ""),
        (true, false) => report.broken(METADATA.child("namespace"), namespace, names::label(namespace)),
        (false, true) => {}
        (false, false) => report.forbidden(METADATA.child("namespace"), "not allowed on this type"),
    }
}

fn validate_parts(metadata: &Value, report: &mut Report) {
    report.not_negative(METADATA.child("generation"), metadata.number("generation"));
    labels(&metadata["labels"], METADATA.child("labels"), report);
    annotations(&metadata["annotations"], METADATA.child("annotations"), report);
    owners(metadata.list("ownerReferences"), report);
    finalizers(metadata, report);
    managers(metadata.list("managedFields"), report);
}

/// A map of labels.
pub(crate) fn labels(labels: &Value, path: Path<'_>, report: &mut Report) {
    for (key, value) in labels.as_object().into_iter().flatten() {
        report.broken(path, key, names::label_key(key));
        let value = value.as_str().unwrap_or_default();
        report.broken(path, value, names::label_value(value));
    }
}

/// A map of annotations.
pub(crate) fn annotations(annotations: &Value, path: Path<'_>, report: &mut Report) {
    let mut size = 0;
    for (key, value) in annotations.as_object().into_iter().flatten() {
        report.broken(path, key, names::label_key(&key.to_lowercase()));
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > ANNOTATIONS_MAX {
        report.too_long(path, ANNOTATIONS_MAX);
    }
}

fn owners(owners: &[Value], report: &mut Report) {
    let path = METADATA.child("ownerReferences");
    let mut controller: Option<String> = None;
    for (index, owner) in owners.iter().enumerate() {
        one_owner(owner, path.index(index), report);
        if !owner.is_true("controller") {
            continue;
        }
        let name = format!("{}/{}", owner.text("kind"), owner.text("name"));
        match &controller {
            None => controller = Some(name),
            Some(first) => {
                let detail = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {name}"
                );
                report.invalid(path, owners.to_vec(), &detail);
            }
        }
    }
}

fn one_owner(owner: &Value, path: Path<'_>, report: &mut Report) {
    let api_version = owner.text("apiVersion");
    if !api_version.is_empty() {
        let mut parts = api_version.split('/');
        let version = match (parts.next(), parts.next(), parts.next()) {
            (Some(version), None, None) | (Some(_), Some(version), None) => version,
            _ => "",
        };
        if version.is_empty() {
            report.invalid(path.child("apiVersion"), api_version, "must be <group>/<version> or <version>");
        }
    }
    for field in ["apiVersion", "kind", "name", "uid"] {
        if owner.text(field).is_empty() {
            report.required(path.child(field), "must not be empty");
        }
    }
    if api_version == "v1" && owner.text("kind") == "Event" {
        report.invalid(path, owner.clone(), "/v1, Kind=Event is disallowed from being an owner");
    }
}

fn finalizers(metadata: &Value, report: &mut Report) {
    let path = METADATA.child("finalizers");
    for finalizer in metadata.texts("finalizers") {
        report.broken(path, finalizer, names::label_key(finalizer));
    }
    let has = |name| metadata.texts("finalizers").any(|finalizer| finalizer == name);
    if has("orphan") && has("foregroundDeletion") {
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        report.invalid(path, metadata["finalizers"].clone(), detail);
    }
}

fn standard_finalizers(metadata: &Value, report: &mut Report) {
    let path = METADATA.child("finalizers");
    for (index, finalizer) in metadata.texts("finalizers").enumerate() {
        if !finalizer.contains('/') && !STANDARD_FINALIZERS.contains(&finalizer) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            report.invalid(path.index(index), finalizer, detail);
        }
    }
}

fn no_new_finalizers(new: &Value, old: &Value, report: &mut Report) {
    let mut added: Vec<&str> = new.texts("finalizers").collect();
    added.retain(|finalizer| !old.texts("finalizers").any(|known| known == *finalizer));
    added.sort_unstable();
    added.dedup();
    if !added.is_empty() {
        let told: Vec<String> = added.iter().map(|finalizer| format!("{finalizer:?}")).collect();
        let detail = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            told.join(", ")
        );
        report.forbidden(METADATA.child("finalizers"), &detail);
    }
}

fn managers(entries: &[Value], report: &mut Report) {
    let path = METADATA.child("managedFields");
    for (index, entry) in entries.iter().enumerate() {
        let path = path.index(index);
        match entry.text("operation") {
            "Apply" | "Update" => {}
            "" => report.required(path.child("operation"), "must not be empty"),
            other => report.not_supported(path.child("operation"), other, &["Apply", "Update"]),
        }
        let fields_type = entry.text("fieldsType");
        if !matches!(fields_type, "" | "FieldsV1") {
            report.invalid(path.child("fieldsType"), fields_type, "must be `FieldsV1`");
        }
        if entry.text("manager").len() > MANAGER_MAX {
            report.too_long(path.child("manager"), MANAGER_MAX);
        }
        if entry.text("subresource").len() > SUBRESOURCE_MAX {
            report.too_long(path.child("subresource"), SUBRESOURCE_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, validate, validate_update};
    use crate::kinds::report::Report;
    use crate::names::NameRule;
    use serde_json::{Value, json};

    fn told(check: impl FnOnce(&mut Report)) -> Vec<String> {
        let mut report = Report::default();
        check(&mut report);
        report.into_causes().iter().map(ToString::to_string).collect()
    }

    fn of_new(metadata: Value) -> Vec<String> {
        let object = json!({"metadata": metadata});
        told(|report| validate(&object, NameRule::Subdomain, true, Origin::Core, report))
    }

    #[test]
    fn an_object_needs_a_name() {
        assert_eq!(
            of_new(json!({"namespace": "a"})),
            ["metadata.name: Required value: name or generateName is required"]
        );
        assert_eq!(of_new(json!({"namespace": "a", "name": "b"})), [""; 0]);
    }

    #[test]
    fn an_owner_is_told_in_full() {
        let metadata = json!({"namespace": "a", "name": "b", "ownerReferences": [
            {"apiVersion": "apps/v1/x", "kind": "K", "name": "n"},
        ]});
        assert_eq!(
            of_new(metadata),
            [
                "metadata.ownerReferences[0].apiVersion: Invalid value: \"apps/v1/x\": must be <group>/<version> or \
                 <version>",
                "metadata.ownerReferences[0].uid: Required value: must not be empty",
            ]
        );
    }

    #[test]
    fn only_one_owner_controls() {
        let owner = |name: &str| json!({"apiVersion": "v1", "kind": "K", "name": name, "uid": "u", "controller": true});
        let metadata = json!({"namespace": "a", "name": "b", "ownerReferences": [owner("x"), owner("y")]});
        let told = of_new(metadata);
        assert_eq!(told.len(), 1);
        assert!(told[0].ends_with("Found \"true\" in references for K/x and K/y"), "{told:?}");
    }

    #[test]
    fn a_finalizer_is_qualified_or_known() {
        let metadata =
            json!({"namespace": "a", "name": "b", "finalizers": ["kubernetes", "mine", "example.com/mine"]});
        assert_eq!(
            of_new(metadata),
            [
                "metadata.finalizers[1]: Invalid value: \"mine\": name is neither a standard finalizer name nor is it \
                 fully qualified"
            ]
        );
    }

    #[test]
    fn what_identifies_an_object_does_not_change() {
        let old = json!({"metadata": {"name": "a", "uid": "1", "resourceVersion": "5", "finalizers": ["a/b"],
            "deletionTimestamp": "2020-01-01T00:00:00Z"}});
        let mut new = old.clone();
        new["metadata"]["uid"] = "2".into();
        new["metadata"]["finalizers"] = json!(["a/b", "a/c"]);
        assert_eq!(
            told(|report| validate_update(&new, &old, Origin::Core, report)),
            [
                "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found \
                 new finalizers []string{\"a/c\"}",
                "metadata.uid: Invalid value: \"2\": field is immutable",
            ]
        );
    }
}
