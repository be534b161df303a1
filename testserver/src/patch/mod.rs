//! Patches: what a client sends to change parts of an object.

pub(crate) mod go;
mod json;
mod merge;
mod order;
mod strategic;

use crate::failure::Failure;
use serde_json::{Map, Value};

pub(crate) use json::{json_patch, unknown_fields};
pub(crate) use merge::merge_patch;
pub(crate) use strategic::strategic_merge_patch;

/// The media type of JSON patches.
pub(crate) const JSON: &str = "application/json-patch+json";

/// The media type of JSON merge patches.
pub(crate) const MERGE: &str = "application/merge-patch+json";

/// The media type of strategic merge patches.
pub(crate) const STRATEGIC: &str = "application/strategic-merge-patch+json";

/// The media type of configurations to apply.
pub(crate) const APPLY: &str = "application/apply-patch+yaml";

/// The document of a patch.
///
/// # Errors
///
/// 400 if it is not JSON.
pub(crate) fn read(body: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(body).map_err(|_| Failure::bad_request("invalid JSON patch"))
}

/// The document of a configuration to apply, which is YAML and mostly JSON.
///
/// # Errors
///
/// 400 if it is no object.
pub(crate) fn read_configuration(body: &[u8]) -> Result<Value, Failure> {
    let document = serde_json::from_slice(body).or_else(|_| {
        let text = str::from_utf8(body).map_err(|error| error.to_string())?;
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    });
    match document {
        Ok(Value::Null) => Ok(Value::Object(Map::new())),
        Ok(document @ Value::Object(_)) => Ok(document),
        Ok(other) => Err(Failure::bad_request(format!(
            "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go value \
             of type map[string]interface {{}}",
            go::json_kind(&other)
        ))),
        Err(why) => Err(Failure::bad_request(format!("error encoding patch: yaml: {why}"))),
    }
}

/// What servers answer if a patch cannot be carried out. They know why, and do not tell.
fn rejected() -> Failure {
    Failure::unprocessable("the server rejected our request due to an error in our request")
}
