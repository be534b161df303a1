//! Objects of custom resources.

use super::{embedded, lists, pruning, scale};
use crate::catalog::{Custom, Resource};
use crate::failure::{Cause, Failure, Named};
use crate::kinds::{self, Look};
use crate::verbs::Part;
use serde_json::Value;

/// Finalizers that need no domain.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// Reasons for which servers do not look at expressions.
const GRAVE: [&str; 5] = [
    "FieldValueNotSupported",
    "FieldValueRequired",
    "FieldValueTooLong",
    "FieldValueTooMany",
    "FieldValueTypeInvalid",
];

/// A stored object, as a version of its resource has it: its schema may be another than when it was stored. Defaults
/// are those of the version in which it is stored.
pub(crate) fn read(mut object: Value, resource: &Resource) -> Value {
    let storage = resource.custom.as_ref().and_then(|custom| custom.storage_schema.as_deref());
    let schema = storage.unwrap_or(&resource.schema);
    pruning::prune(&mut object, schema);
    pruning::fill_in(&mut object, schema);
    if storage.is_some() {
        pruning::prune(&mut object, &resource.schema);
    }
    object
}

/// Refuses an object that says itself to be something else than a custom resource's. `text` is what it was read from.
///
/// # Errors
///
/// The refusal. Another kind only breaks a rule, since nothing in the object is read by it.
pub(crate) fn check_type(
    resource: &Resource,
    object: &Value,
    text: &[u8],
    is_patched: bool,
) -> Result<(), Failure> {
    let (kind, version) = (object.text("kind"), object.text("apiVersion"));
    let expected = resource.api_version();
    if !is_patched && kind.is_empty() {
        let why = format!("Object 'Kind' is missing in '{}'", String::from_utf8_lossy(text));
        return Err(kinds::unrecognised(&resource.kind, &why, text));
    }
    if !is_patched && version != expected {
        return Err(Failure::bad_request(format!(
            "the API version in the data ({version}) does not match the expected API version ({expected})"
        )));
    }
    let mut causes = Vec::new();
    for (field, is, wanted) in
        [("kind", kind, resource.kind.as_ref()), ("apiVersion", version, expected.as_str())]
    {
        if !is.is_empty() && is != wanted {
            causes.push(Cause::invalid(field, &Value::from(is), &format!("must be {wanted}")));
        }
    }
    if causes.is_empty() {
        return Ok(());
    }
    let named =
        Named { group: &resource.group, resource: if kind.is_empty() { &resource.kind } else { kind } };
    Err(Failure::invalid(named, object["metadata"].text("name"), causes))
}

/// Puts findings about a custom object into the order in which servers tell them: what is there twice, then unknown
/// fields of the metadata, of the object, and of the metadata of objects within it.
pub(crate) fn sort_findings(findings: &mut [String]) {
    let place = |finding: &str| match finding.strip_prefix("unknown field \"") {
        None => 0,
        Some(path) if path.starts_with("metadata.") => 1,
        Some(path) if path.contains(".metadata.") => 3,
        Some(_) => 2,
    };
    findings.sort_by(|one, other| {
        let key = |finding: &str| {
            (place(finding), if place(finding) == 0 { String::new() } else { finding.to_owned() })
        };
        key(one).cmp(&key(other))
    });
}

/// What the schema of a custom resource says about an object, or about its new state, besides what has been found already.
pub(crate) fn check(
    resource: &Resource,
    custom: &Custom,
    new: &Value,
    old: Option<&Value>,
    part: Part,
    causes: &mut Vec<Cause>,
) {
    let status = |object: &Value| object.get("status").cloned();
    match part {
        Part::Main | Part::Scale | Part::Section(_) => {
            let findings = custom.rules.check(new, old);
            causes.extend(findings.into_iter().map(|finding| finding.into_cause("")));
            scale::check(custom, new, true, causes);
            embedded::check(new, &resource.schema, causes);
        }
        Part::Status => {
            if let Some(rules) = custom.rules.property("status")
                && let Some(new) = status(new)
            {
                let findings = rules.check(&new, old.and_then(status).as_ref());
                causes.extend(findings.into_iter().map(|finding| finding.into_cause("status")));
            }
            scale::check(custom, new, false, causes);
        }
    }
    let mut before = Vec::new();
    if let Some(old) = old {
        lists::check(old, &resource.schema, &mut before);
    }
    if before.is_empty() {
        lists::check(new, &resource.schema, causes);
    }
    let is_grave = |cause: &Cause| GRAVE.contains(&cause.reason);
    if custom.has_expressions && causes.iter().any(is_grave) {
        let detail = "some validation rules were not checked because the object was invalid; correct the existing \
                      errors to complete validation";
        causes.push(Cause::invalid("<nil>", &Value::Null, detail));
    }
}

/// What users should know about the finalizers of an object.
pub(crate) fn warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let before: Vec<&str> = old.map(|old| old["metadata"].texts("finalizers").collect()).unwrap_or_default();
    let mut added: Vec<&str> = new["metadata"].texts("finalizers").collect();
    added.retain(|finalizer| {
        !before.contains(finalizer) && !finalizer.contains('/') && !STANDARD_FINALIZERS.contains(finalizer)
    });
    added.sort_unstable();
    added.dedup();
    let told = |finalizer: &&str| {
        let path = if finalizer.contains('.') { " including a path (/)" } else { "" };
        format!(
            "metadata.finalizers: {finalizer:?}: prefer a domain-qualified finalizer name{path} to avoid accidental \
             conflicts with other finalizer writers"
        )
    };
    added.iter().map(told).collect()
}
