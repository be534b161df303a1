//! What the schema of a custom resource makes of an object that is read: what it does not know goes, what is missing comes.

use super::structural::{META_FIELDS, is_embedded};
use crate::kinds::normalise_value;
use crate::schema::{Schema, Shape};
use serde_json::{Map, Value};

/// Removes what a schema does not know, and nulls where there may be none.
pub(crate) fn prune(object: &mut Value, schema: &Schema) {
    if let Value::Object(map) = object {
        prune_map(map, Some(schema), true);
    }
    prune_nulls(object, schema, true);
    coerce(object, schema);
}

/// Brings the metadata of objects within an object to its canonical form.
fn coerce(value: &mut Value, schema: &Schema) {
    match (value, &schema.shape) {
        (Value::Object(map), Shape::Object { properties, additional }) => {
            for (name, value) in map {
                let Some(property) = properties.get(name).or(additional.as_deref()) else { continue };
                if is_embedded(schema) && name == "metadata" {
                    normalise_value(value, property);
                } else {
                    coerce(value, property);
                }
            }
        }
        (Value::Array(items), Shape::List(of_items)) => {
            items.iter_mut().for_each(|item| coerce(item, of_items));
        }
        _ => {}
    }
}

/// Removes from a value inside of an object what a schema does not know.
pub(super) fn prune_unknown(value: &mut Value, schema: &Schema) {
    prune_value(value, Some(schema));
}

/// Whether nothing is known about the values in a place, not even that they are free.
fn is_unknown(schema: &Schema) -> bool {
    matches!(schema.shape, Shape::Any) && !schema.preserve_unknown
}

fn prune_value(value: &mut Value, schema: Option<&Schema>) {
    let schema = schema.filter(|schema| !is_unknown(schema));
    match value {
        Value::Object(map) => prune_map(map, schema, schema.is_some_and(is_embedded)),
        Value::Array(items) => {
            let keeps = schema.is_some_and(|schema| schema.preserve_unknown);
            let of_items = schema.and_then(Schema::items);
            if of_items.is_some() || !keeps {
                items.iter_mut().for_each(|item| prune_value(item, of_items));
            }
        }
        _ => {}
    }
}

fn prune_map(map: &mut Map<String, Value>, schema: Option<&Schema>, is_object: bool) {
    let Some(schema) = schema else { return map.clear() };
    map.retain(|name, value| {
        if is_object && META_FIELDS.contains(&name.as_str()) {
            return true;
        }
        match property(schema, name) {
            Some(property) => {
                prune_value(value, Some(property));
                true
            }
            None => schema.preserve_unknown,
        }
    });
}

fn property<'a>(schema: &'a Schema, name: &str) -> Option<&'a Schema> {
    match &schema.shape {
        Shape::Object { properties, additional } => properties.get(name).or(additional.as_deref()),
        _ => None,
    }
}

/// Removes nulls from places that have no null, unless a default comes there.
fn prune_nulls(value: &mut Value, schema: &Schema, is_object: bool) {
    match value {
        Value::Object(map) => map.retain(|name, value| {
            if is_object && META_FIELDS.contains(&name.as_str()) {
                return true;
            }
            let Some(property) = property(schema, name) else { return true };
            if value.is_null() && !is_unknown(property) && !property.nullable && property.default.is_none() {
                return false;
            }
            prune_nulls(value, property, is_embedded(property));
            true
        }),
        Value::Array(items) => {
            if let Some(of_items) = schema.items() {
                items.iter_mut().for_each(|item| prune_nulls(item, of_items, is_embedded(of_items)));
            }
        }
        _ => {}
    }
}

/// Fills in what is missing and has a default.
pub(crate) fn fill_in(value: &mut Value, schema: &Schema) {
    match (value, &schema.shape) {
        (Value::Object(map), Shape::Object { properties, additional }) => {
            for (name, property) in properties {
                if let Some(default) = &property.default
                    && map.get(name).is_none_or(|value| value.is_null() && !property.nullable)
                {
                    map.insert(name.clone(), default.clone());
                }
            }
            for (name, value) in map {
                if let Some(property) = properties.get(name).or(additional.as_deref()) {
                    fill_in_item(value, property);
                }
            }
        }
        (Value::Array(items), Shape::List(of_items)) => {
            items.iter_mut().for_each(|item| fill_in_item(item, of_items));
        }
        _ => {}
    }
}

fn fill_in_item(value: &mut Value, schema: &Schema) {
    if value.is_null()
        && !schema.nullable
        && let Some(default) = &schema.default
    {
        *value = default.clone();
    }
    fill_in(value, schema);
}

/// Removes from defaults what the schema does not know.
pub(super) fn prune_defaults(schema: &mut Schema) {
    if let Some(mut default) = schema.default.take() {
        prune_value(&mut default, Some(schema));
        schema.default = Some(default);
    }
    match &mut schema.shape {
        Shape::Object { properties, additional } => {
            properties.values_mut().for_each(prune_defaults);
            additional.iter_mut().for_each(|additional| prune_defaults(additional));
        }
        Shape::List(items) => prune_defaults(items),
        Shape::Any | Shape::Reference(_) | Shape::Scalar(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{fill_in, prune};
    use crate::crd::structural::schema;
    use serde_json::{Value, json};

    fn read(document: Value, mut object: Value) -> Value {
        let schema = schema(&document);
        prune(&mut object, &schema);
        fill_in(&mut object, &schema);
        object
    }

    #[test]
    fn what_is_not_known_goes_unless_it_may_stay() {
        let document = json!({"type": "object", "properties": {
            "spec": {"type": "object", "properties": {"a": {"type": "string"}}},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true,
                "properties": {"tight": {"type": "object", "properties": {"a": {"type": "string"}}}}},
            "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "any": {"type": "object", "additionalProperties": true},
            "template": {"type": "object", "x-kubernetes-embedded-resource": true,
                "properties": {"spec": {"type": "object"}}},
        }});
        let object = json!({
            "kind": "K", "metadata": {"name": "x"}, "more": 1,
            "spec": {"a": "1", "b": "2"},
            "free": {"x": {"y": 1}, "tight": {"a": "1", "b": "2"}},
            "map": {"x": {"a": "1", "b": "2"}},
            "any": {"x": 1, "y": {"z": 1}},
            "template": {"kind": "T", "metadata": {"name": "t"}, "spec": {"a": 1}, "b": 1},
        });
        let expected = json!({
            "kind": "K", "metadata": {"name": "x"},
            "spec": {"a": "1"},
            "free": {"x": {"y": 1}, "tight": {"a": "1"}},
            "map": {"x": {"a": "1"}},
            "any": {"x": 1, "y": {}},
            "template": {"kind": "T", "metadata": {"name": "t"}, "spec": {}},
        });
        assert_eq!(read(document, object), expected);
    }

    #[test]
    fn what_is_missing_gets_its_default() {
        let document = json!({"type": "object", "properties": {"spec": {"type": "object", "default": {"x": 1},
        "properties": {
            "a": {"type": "string", "default": "one"},
            "b": {"type": "string", "nullable": true, "default": "two"},
            "c": {"type": "string"},
            "items": {"type": "array", "items": {"type": "object", "properties":
                {"n": {"type": "integer", "default": 7}}}},
        }}}});
        assert_eq!(read(document.clone(), json!({})), json!({"spec": {"a": "one", "b": "two"}}));
        assert_eq!(
            read(document, json!({"spec": {"a": null, "b": null, "c": null, "items": [{}, {"n": 1}]}})),
            json!({"spec": {"a": "one", "b": null, "items": [{"n": 7}, {"n": 1}]}})
        );
    }
}
