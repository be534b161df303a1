//! The end of objects: finalizers, grace periods, and what holds owners back.

mod decision;
mod end;
mod options;
#[cfg(test)]
mod tests;

pub(crate) use decision::check_preconditions;
pub(crate) use end::{Ended, answers_with_object, end, modify};
pub(crate) use options::{DeleteOptions, Propagation};

use crate::catalog::StorageKey;
use crate::object::{self, is_terminating};
use serde_json::Value;

/// Holds an owner back until those that depend on it are gone.
pub(crate) const FOREGROUND: &str = "foregroundDeletion";
/// Holds an owner back until those that depended on it have been told.
pub(crate) const ORPHAN: &str = "orphan";

/// Whether an object that is being deleted has nothing left that holds it back.
pub(crate) fn is_finished(object: &Value, resource: &StorageKey) -> bool {
    is_terminating(object)
        && object::at(object, &["metadata", "deletionGracePeriodSeconds"])
            .and_then(Value::as_i64)
            .unwrap_or(0)
            == 0
        && object::finalizers(object).next().is_none()
        && !(is_namespaces(&resource.group, &resource.plural) && has_spec_finalizers(object))
}

fn is_namespaces(group: &str, plural: &str) -> bool {
    group.is_empty() && plural == "namespaces"
}

/// Whether something of a namespace holds it back.
pub(crate) fn has_spec_finalizers(object: &Value) -> bool {
    object::at(object, &["spec", "finalizers"]).and_then(Value::as_array).is_some_and(|list| !list.is_empty())
}
