//! Patches: what a client sends to change parts of an object.

pub(crate) mod configuration;
pub(crate) mod go;
mod json;
mod merge;
mod order;
mod strategic;

use crate::failure::Failure;
use serde_json::Value;

pub(crate) use json::{json_patch, unknown_fields};
pub(crate) use merge::merge_patch;
pub(crate) use strategic::{strategic_merge_patch, without_ordered_lists};

/// The media type of JSON patches.
pub(crate) const JSON: &str = "application/json-patch+json";

/// The media type of JSON merge patches.
pub(crate) const MERGE: &str = "application/merge-patch+json";

/// The media type of strategic merge patches.
pub(crate) const STRATEGIC: &str = "application/strategic-merge-patch+json";

/// The media type of configurations to apply.
pub(crate) const APPLY: &str = "application/apply-patch+yaml";

/// How deep values may be nested: as deep as those that can be read.
const MAX_DEPTH: usize = 127;

/// The document of a patch.
///
/// # Errors
///
/// 400 if it is not JSON.
pub(crate) fn read(body: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(body).map_err(|_| Failure::bad_request("invalid JSON patch"))
}

/// What servers answer if a patch cannot be carried out. They know why, and do not tell.
fn rejected() -> Failure {
    Failure::unprocessable("the server rejected our request due to an error in our request")
}
