//! Objects of custom resources.

use super::{embedded, lists, pruning, scale};
use crate::catalog::{Custom, Resource};
use crate::failure::Cause;
use crate::kinds::Look;
use crate::verbs::Part;
use serde_json::Value;

/// Finalizers that need no domain.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// A stored object, as a version of its resource has it: its schema may be another than when it was stored.
pub(crate) fn read(mut object: Value, resource: &Resource) -> Value {
    pruning::prune(&mut object, &resource.schema);
    pruning::fill_in(&mut object, &resource.schema);
    object
}

/// What the schema of a custom resource says about an object, or about its new state.
pub(crate) fn check(
    resource: &Resource,
    custom: &Custom,
    new: &Value,
    old: Option<&Value>,
    part: Part,
) -> Vec<Cause> {
    let mut causes = Vec::new();
    let status = |object: &Value| object.get("status").cloned();
    match part {
        Part::Main | Part::Scale | Part::Section(_) => {
            let findings = custom.rules.check(new, old);
            causes.extend(findings.into_iter().map(|finding| finding.into_cause("")));
            scale::check(custom, new, true, &mut causes);
            embedded::check(new, &resource.schema, &mut causes);
        }
        Part::Status => {
            if let Some(rules) = custom.rules.property("status")
                && let Some(new) = status(new)
            {
                let findings = rules.check(&new, old.and_then(status).as_ref());
                causes.extend(findings.into_iter().map(|finding| finding.into_cause("status")));
            }
            scale::check(custom, new, false, &mut causes);
        }
    }
    let mut before = Vec::new();
    if let Some(old) = old {
        lists::check(old, &resource.schema, &mut before);
    }
    if before.is_empty() {
        lists::check(new, &resource.schema, &mut causes);
    }
    causes
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
