//! CustomResourceDefinitions: their rules, the resources that they add, and the objects of those.
//!
//! Expressions in `x-kubernetes-validations` are kept and not evaluated, and webhooks that convert objects are not
//! called: objects of all versions are converted as with the strategy `None`.

pub(crate) mod definition;
mod embedded;
mod life;
mod lists;
mod object;
mod pruning;
mod rules;
mod scale;
mod serve;
mod status;
mod structural;

pub(crate) use life::{after_change, after_removal, mark};
pub(crate) use object::{check, check_type, read, sort_findings, warnings};
pub(crate) use pruning::{fill_in, prune};
pub(crate) use rules::Rules;

use crate::catalog::StorageKey;

/// Where definitions are stored.
fn definitions() -> StorageKey {
    StorageKey { group: "apiextensions.k8s.io".into(), plural: "customresourcedefinitions".into() }
}

/// Whether definitions are stored here.
pub(crate) fn is_definitions(key: &StorageKey) -> bool {
    key.group == "apiextensions.k8s.io" && key.plural == "customresourcedefinitions"
}
