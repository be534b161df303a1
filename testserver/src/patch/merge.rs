//! JSON merge patches.

use super::go;
use crate::failure::Failure;
use serde_json::{Map, Value};

/// Applies a merge patch: null removes, objects are merged, and all else is replaced.
///
/// # Errors
///
/// 400 if the patch is no object.
pub(crate) fn merge_patch(object: &Value, patch: &Value) -> Result<Value, Failure> {
    match (object, patch) {
        (Value::Object(object), Value::Object(patch)) => {
            let mut merged = object.clone();
            merge(&mut merged, patch);
            Ok(Value::Object(merged))
        }
        (_, Value::Object(_)) => Ok(without_nulls(patch)),
        (_, Value::Null) => Err(Failure::bad_request("Invalid JSON Patch")),
        (_, other) => {
            let kind = go::json_kind(other);
            Err(Failure::bad_request(format!(
                "error decoding patch: json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
            )))
        }
    }
}

fn merge(object: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, value) in patch {
        match (object.get_mut(key), value) {
            (_, Value::Null) => {
                object.remove(key);
            }
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (Some(Value::Object(_)), other) => {
                object.insert(key.clone(), other.clone());
            }
            _ => {
                object.insert(key.clone(), without_nulls(value));
            }
        }
    }
}

/// A value without the nulls in its objects. Those in lists stay.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let kept = entries.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::merge_patch;
    use serde_json::{Value, json};

    #[test]
    fn objects_are_merged_and_null_removes() {
        let object = json!({"a": {"b": 1, "c": 2}, "d": [1, 2], "e": "x", "f": null});
        let patch = json!({
            "a": {"b": null, "x": null, "y": {"z": null, "w": [null, {"v": null}]}}, "d": [3], "e": {"g": null},
            "f": {"h": 1}
        });
        let merged = json!({"a": {"c": 2, "y": {"w": [null, {}]}}, "d": [3], "e": {}, "f": {"h": 1}});
        assert_eq!(merge_patch(&object, &patch), Ok(merged));
    }

    #[test]
    fn what_is_no_object_is_a_bad_request() {
        let told = |patch: Value| merge_patch(&json!({}), &patch).unwrap_err().message;
        assert_eq!(told(Value::Null), "Invalid JSON Patch");
        assert_eq!(
            told(json!([])),
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
        );
    }
}
