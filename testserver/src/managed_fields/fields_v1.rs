//! Field sets as JSON: `{"f:metadata": {"f:labels": {".": {}, "f:app": {}}}}`.

use super::element::Element;
use super::set::FieldSet;
use serde_json::{Map, Value};

/// A set as FieldsV1. Keys are in the order of their texts, as in all objects here, where servers order `k:` by value.
pub(super) fn write(set: &FieldSet) -> Value {
    Value::Object(
        set.entries()
            .iter()
            .map(|entry| (entry.element.to_key(), inner(entry.member, &entry.below)))
            .collect(),
    )
}

fn inner(member: bool, below: &FieldSet) -> Value {
    let mut written = write(below);
    if let Value::Object(fields) = &mut written
        && member
        && !fields.is_empty()
    {
        fields.insert(".".into(), Value::Object(Map::new()));
    }
    written
}

/// Reads FieldsV1.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn read(fields: &Value) -> Result<FieldSet, String> {
    let mut set = FieldSet::default();
    match fields {
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(key, _)| *key != ".") {
                let Some(element) = Element::parse(key)? else { continue };
                let below = read(value)?;
                let member = below.is_empty() || value.get(".").is_some();
                set.add(element, member, below);
            }
            Ok(set)
        }
        Value::Null => Ok(set),
        other => Err(format!("fields must be objects, but there is {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use serde_json::json;

    #[test]
    fn fields_are_written_as_they_are_read() {
        let fields = json!({
            "f:metadata": {"f:finalizers": {".": {}, r#"v:"a/b""#: {}}, "f:labels": {".": {}, "f:app": {}}},
            "f:spec": {"f:containers": {r#"k:{"name":"web"}"#: {".": {}, "f:image": {}}}}
        });
        assert_eq!(write(&read(&fields).unwrap()), fields);
    }

    #[test]
    fn a_dot_alone_and_unknown_elements_are_dropped() {
        let fields = json!({"f:a": {".": {}}, "x:b": {}, "f:c": null});
        assert_eq!(write(&read(&fields).unwrap()), json!({"f:a": {}, "f:c": {}}));
    }

    #[test]
    fn what_is_no_field_is_an_error() {
        assert!(read(&json!({"spec": {}})).is_err());
        assert!(read(&json!({"f:spec": 3})).is_err());
    }
}
