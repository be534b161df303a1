//! Objects within objects have a kind and valid metadata.

use super::structural::is_embedded;
use crate::failure::Cause;
use crate::kinds::{self, Look};
use crate::names::label_1035;
use crate::schema::{Schema, Shape};
use serde_json::Value;

/// Finds what is wrong with objects within an object.
pub(super) fn check(object: &Value, schema: &Schema, causes: &mut Vec<Cause>) {
    walk(object, schema, "", causes);
}

fn walk(value: &Value, schema: &Schema, path: &str, causes: &mut Vec<Cause>) {
    match (value, &schema.shape) {
        (Value::Object(map), Shape::Object { properties, additional }) => {
            if is_embedded(schema) {
                embedded(value, path, causes);
            }
            for (name, value) in map {
                if let Some(property) = properties.get(name) {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    walk(value, property, &path, causes);
                } else if let Some(additional) = additional {
                    walk(value, additional, &format!("{path}[{name}]"), causes);
                }
            }
        }
        (Value::Array(items), Shape::List(of_items)) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, of_items, &format!("{path}[{index}]"), causes);
            }
        }
        _ => {}
    }
}

fn embedded(object: &Value, path: &str, causes: &mut Vec<Cause>) {
    for field in ["apiVersion", "kind"] {
        let path = format!("{path}.{field}");
        match &object[field] {
            Value::Null => causes.push(Cause::required(path, "")),
            Value::String(text) if text.is_empty() => {
                causes.push(Cause::invalid(path, &object[field], "must not be empty"));
            }
            Value::String(text) if field == "kind" => {
                let broken = label_1035(&text.to_lowercase());
                if !broken.is_empty() {
                    let detail =
                        format!("may have mixed case, but should otherwise match: {}", broken.join(","));
                    causes.push(Cause::invalid(path, &object[field], &detail));
                }
            }
            Value::String(text) if text.matches('/').count() > 1 => {
                let detail = format!("unexpected GroupVersion string: {text}");
                causes.push(Cause::invalid(path, &object[field], &detail));
            }
            Value::String(_) => {}
            other => causes.push(Cause::invalid(path, other, "must be a string")),
        }
    }
    if object.has("metadata") {
        let found = kinds::check_metadata(object);
        causes.extend(
            found.into_iter().map(|cause| Cause { field: format!("{path}.{}", cause.field), ..cause }),
        );
    }
}
