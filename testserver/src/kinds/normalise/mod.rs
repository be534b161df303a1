//! What decoding into Go types and encoding again does to a value: unknown fields and nulls go, zeros go or come, and
//! times, quantities and bytes get their canonical form.
//!
//! Values have been checked by [`super::fields`]: one that does not fit its type is left alone.

mod presence;

use super::quantity::Quantity;
use super::time;
use crate::schema::{Scalar, Schema, Shape, builtin};
use base64::Engine as _;
use presence::Presence;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const MICRO_TIME: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";
const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// The rules of one type.
struct Rules {
    /// What each field becomes when it is missing or zero.
    fields: FxHashMap<&'static str, Presence>,
    /// Those that come when they are missing.
    always: Vec<(&'static str, Presence, &'static Schema)>,
}

static RULES: LazyLock<FxHashMap<&'static str, OnceLock<Rules>>> =
    LazyLock::new(|| builtin::documents().map(|(name, _)| (name, OnceLock::new())).collect());

/// Makes of an object what a server that stores it would give back. `schema` is that of the object's kind.
pub(crate) fn normalise(object: &mut Value, schema: &Schema) {
    let Some(map) = object.as_object_mut() else { return };
    let resolved = schema.resolved();
    if resolved.rules.is_some() {
        custom(map);
        return crate::crd::prune(object, resolved);
    }
    let Shape::Object { properties, .. } = &resolved.shape else { return };
    let name = qualified_kind(map);
    let exception = presence::exceptions(&name);
    let presence = |field: &str, schema: &Schema| {
        let required = resolved.required.iter().any(|required| required == field);
        exception(field).unwrap_or_else(|| presence::usual(field, schema, required))
    };
    known_fields(map, properties, |field, schema| presence(field, schema));
    for (field, schema) in properties {
        if !map.contains_key(field)
            && let Some(zero) = zero(presence(field, schema), schema)
        {
            map.insert(field.clone(), zero);
        }
    }
}

/// A custom object is free but for its metadata.
fn custom(map: &mut Map<String, Value>) {
    if let (Some(metadata), Some(schema)) = (map.get_mut("metadata"), Schema::definition(OBJECT_META)) {
        structure(metadata, OBJECT_META, schema);
    }
    map.values_mut().for_each(whole_numbers);
}

/// Writes numbers without a fraction as such: `2.0` is 2.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(whole_numbers),
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Number(number) if number.is_f64() => {
            let text = number.to_string();
            if let Some(Ok(whole)) = text.strip_suffix(".0").map(str::parse::<i64>) {
                *value = whole.into();
            }
        }
        _ => {}
    }
}

/// Such as `core.v1.Event`.
fn qualified_kind(map: &Map<String, Value>) -> String {
    let text = |key| map.get(key).and_then(Value::as_str).unwrap_or_default();
    let api_version = text("apiVersion");
    let (group, version) = api_version.split_once('/').unwrap_or(("core", api_version));
    let group = group.split('.').next().unwrap_or_default();
    format!("{group}.{version}.{}", text("kind"))
}

/// Drops unknown fields and normalises the others; those that become nothing go.
fn known_fields(
    map: &mut Map<String, Value>,
    properties: &BTreeMap<String, Schema>,
    presence: impl Fn(&str, &Schema) -> Presence,
) {
    map.retain(|field, value| {
        let Some(schema) = properties.get(field) else { return false };
        let presence = presence(field, schema);
        if value.is_null() {
            return match zero(presence, schema) {
                Some(zero) => {
                    *value = zero;
                    true
                }
                None => false,
            };
        }
        normalise_value(value, schema);
        match presence {
            Presence::Omitted => !is_zero(value),
            Presence::Kept => {
                if is_empty_collection(value) {
                    *value = Value::Null;
                }
                true
            }
            _ => true,
        }
    });
}

/// What a missing field becomes, if anything.
fn zero(presence: Presence, schema: &Schema) -> Option<Value> {
    match presence {
        Presence::Optional | Presence::Omitted => None,
        Presence::Nullable => Some(Value::Null),
        Presence::Kept | Presence::Structure => Some(zero_value(schema)),
    }
}

/// The zero of a type: what its fields are when nothing is said about them.
fn zero_value(schema: &Schema) -> Value {
    if let Shape::Reference(QUANTITY) = schema.shape {
        return "0".into();
    }
    match &schema.resolved().shape {
        Shape::Scalar(Scalar::String) => "".into(),
        Shape::Scalar(Scalar::Integer | Scalar::Number | Scalar::IntOrString) => 0.into(),
        Shape::Scalar(Scalar::Boolean) => false.into(),
        Shape::Object { properties, .. } if !properties.is_empty() => {
            let mut value = Value::Object(Map::new());
            normalise_value(&mut value, schema);
            value
        }
        _ => Value::Null,
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(_) | Value::Object(_) => is_empty_collection(value),
    }
}

fn is_empty_collection(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    }
}

/// Makes of a value inside of an object what a server would give back.
pub(crate) fn normalise_value(value: &mut Value, schema: &Schema) {
    if let Shape::Reference(name) = schema.shape {
        match name {
            QUANTITY => return quantity(value),
            MICRO_TIME => return micro_time(value),
            _ => {}
        }
    }
    let resolved = schema.resolved();
    match &resolved.shape {
        Shape::Any | Shape::Reference(_) => {}
        Shape::Scalar(Scalar::Time) => seconds(value),
        Shape::Scalar(Scalar::Bytes) => bytes(value),
        Shape::Scalar(_) => {}
        Shape::List(items) => {
            for item in value.as_array_mut().into_iter().flatten() {
                element(item, items);
            }
        }
        Shape::Object { properties, additional } => {
            if let (Some(additional), true) = (additional, properties.is_empty()) {
                for (_, entry) in value.as_object_mut().into_iter().flatten() {
                    element(entry, additional);
                }
            } else if let Shape::Reference(name) = schema.shape {
                structure(value, name, resolved);
            }
        }
    }
}

/// An item of a list or a map. Null is the zero of its type.
fn element(value: &mut Value, schema: &Schema) {
    if value.is_null() {
        *value = zero_value(schema);
    } else {
        normalise_value(value, schema);
    }
}

/// A value of a built-in type.
fn structure(value: &mut Value, name: &str, schema: &Schema) {
    let Some(map) = value.as_object_mut() else { return };
    let Shape::Object { properties, .. } = &schema.shape else { return };
    let Some(rules) = RULES.get(name).map(|rules| rules.get_or_init(|| rules_of(name))) else { return };
    known_fields(map, properties, |field, _| rules.fields.get(field).copied().unwrap_or(Presence::Omitted));
    for (field, presence, schema) in &rules.always {
        if !map.contains_key(*field)
            && let Some(zero) = zero(*presence, schema)
        {
            map.insert((*field).to_owned(), zero);
        }
    }
}

fn rules_of(name: &str) -> Rules {
    let mut rules = Rules { fields: FxHashMap::default(), always: Vec::new() };
    let Some(schema) = Schema::definition(name) else { return rules };
    let Shape::Object { properties, .. } = &schema.shape else { return rules };
    let exception = presence::exceptions(name);
    for (field, property) in properties {
        let required = schema.required.contains(field);
        let mut presence = exception(field).unwrap_or_else(|| presence::usual(field, property, required));
        // An empty list of managers asks to forget all of them.
        if name == OBJECT_META && matches!(field.as_str(), "creationTimestamp" | "managedFields") {
            presence = Presence::Optional;
        }
        rules.fields.insert(field, presence);
        if !matches!(presence, Presence::Optional | Presence::Omitted) {
            rules.always.push((field, presence, property));
        }
    }
    rules
}

fn quantity(value: &mut Value) {
    let text = match &*value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return,
    };
    if let Ok(quantity) = Quantity::parse(&text) {
        *value = quantity.to_string().into();
    }
}

fn seconds(value: &mut Value) {
    if let Some(time) = value.as_str().and_then(time::parse) {
        *value = time::seconds(time).into();
    }
}

fn micro_time(value: &mut Value) {
    if let Some(time) = value.as_str().and_then(time::parse) {
        *value = time::micros(time).into();
    }
}

/// Line breaks within are allowed.
fn bytes(value: &mut Value) {
    let Some(text) = value.as_str() else { return };
    if text.contains(['\r', '\n']) {
        let joined = text.replace(['\r', '\n'], "");
        if base64::engine::general_purpose::STANDARD.decode(&joined).is_ok() {
            *value = joined.into();
        }
    }
}
