//! Lists that are sets or maps hold each thing once.

use super::structural::{META_FIELDS, is_embedded};
use crate::failure::Cause;
use crate::schema::{ListType, Schema, Shape};
use serde_json::{Map, Value};

/// Finds what a list of an object has twice, though it may not.
pub(super) fn check(object: &Value, schema: &Schema, causes: &mut Vec<Cause>) {
    walk(object, schema, "", true, causes);
}

fn walk(value: &Value, schema: &Schema, path: &str, is_object: bool, causes: &mut Vec<Cause>) {
    match (value, &schema.shape) {
        (Value::Object(map), Shape::Object { properties, additional }) => {
            for (name, value) in map {
                if is_object && META_FIELDS.contains(&name.as_str()) {
                    continue;
                }
                if let Some(property) = properties.get(name) {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    walk(value, property, &path, is_embedded(property), causes);
                } else if let Some(additional) = additional {
                    walk(value, additional, &format!("{path}[{name}]"), is_embedded(additional), causes);
                }
            }
        }
        (Value::Array(items), Shape::List(of_items)) => {
            match &schema.list_type {
                ListType::Atomic => {}
                ListType::Set => set(items, path, causes),
                ListType::Map(keys) => map(items, keys, path, causes),
            }
            for (index, item) in items.iter().enumerate() {
                walk(item, of_items, &format!("{path}[{index}]"), is_embedded(of_items), causes);
            }
        }
        _ => {}
    }
}

/// The first repetition of each value that is repeated.
fn repeated(values: &[Value]) -> impl Iterator<Item = usize> {
    (0..values.len())
        .filter(|index| values[..*index].iter().filter(|other| **other == values[*index]).count() == 1)
}

fn set(items: &[Value], path: &str, causes: &mut Vec<Cause>) {
    for index in repeated(items) {
        causes.push(Cause::duplicate(format!("{path}[{index}]"), &items[index]));
    }
}

fn map(items: &[Value], keys: &[String], path: &str, causes: &mut Vec<Cause>) {
    for (index, item) in items.iter().enumerate() {
        if !item.is_object() && !item.is_null() {
            let detail = "must be an object for an array of list-type map";
            causes.push(Cause::invalid(format!("{path}[{index}]"), item, detail));
            return;
        }
    }
    let key = |item: &Value| -> Value {
        let present = keys.iter().filter_map(|key| Some((key.clone(), item.get(key)?.clone())));
        Value::Object(Map::from_iter(present))
    };
    let all: Vec<Value> = items.iter().map(key).collect();
    for index in repeated(&all) {
        causes.push(Cause::duplicate(format!("{path}[{index}]"), &all[index]));
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::crd::structural::schema;
    use serde_json::json;

    #[test]
    fn repetitions_in_sets_and_maps_are_found() {
        let schema = schema(&json!({"type": "object", "properties": {
            "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
            "map": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"],
                "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "list": {"type": "array", "items": {"type": "string"}},
        }}));
        let object = json!({
            "set": ["x", "y", "x", "x"],
            "map": [{"a": "1"}, {"a": "2"}, {"a": "1", "b": 1}],
            "list": ["x", "x"],
        });
        let mut causes = Vec::new();
        check(&object, &schema, &mut causes);
        let told: Vec<String> = causes.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["map[2]: Duplicate value: {\"a\":\"1\"}", "set[2]: Duplicate value: \"x\""]);
    }
}
