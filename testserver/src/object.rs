//! Objects: JSON with `apiVersion`, `kind` and `metadata`.

use serde_json::{Map, Value};

/// The text at a path of keys; none if there is none.
pub(crate) fn text<'a>(object: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(object, path)?.as_str()
}

/// The value at a path of keys.
pub(crate) fn at<'a>(object: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(object, |value, key| value.get(key))
}

/// The value at a key, made an object if it is none.
pub(crate) fn map<'a>(object: &'a mut Value, key: &str) -> &'a mut Map<String, Value> {
    let whole = as_map(object);
    as_map(whole.entry(key).or_insert_with(|| Value::Object(Map::new())))
}

/// The value as an object, made one if it is none.
pub(crate) fn as_map(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("it has just been made an object"),
    }
}

/// A text of the metadata; empty if it is not there.
pub(crate) fn meta<'a>(object: &'a Value, key: &str) -> &'a str {
    text(object, &["metadata", key]).unwrap_or_default()
}

/// The metadata, to change it.
pub(crate) fn meta_mut(object: &mut Value) -> &mut Map<String, Value> {
    map(object, "metadata")
}

/// Sets a value of the metadata.
pub(crate) fn set_meta(object: &mut Value, key: &str, value: impl Into<Value>) {
    meta_mut(object).insert(key.to_owned(), value.into());
}

/// The finalizers.
pub(crate) fn finalizers(object: &Value) -> impl Iterator<Item = &str> {
    let list = at(object, &["metadata", "finalizers"]).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

/// Whether the object is being deleted.
pub(crate) fn is_terminating(object: &Value) -> bool {
    at(object, &["metadata", "deletionTimestamp"]).is_some_and(|time| !time.is_null())
}

/// A new unique identifier.
pub(crate) fn new_uid() -> String {
    uuid::Uuid::new_v4().to_string()
}
