//! JSON schemas, of OpenAPI documents and of CustomResourceDefinitions, to [`Schema`].

use super::{ListType, PatchStrategy, Scalar, Schema, Shape};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const REFERENCE: &str = "#/definitions/";

/// Types whose values are free, though their documents call them empty objects.
const FREE: &[&str] = &[
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
    "io.k8s.apimachinery.pkg.runtime.RawExtension",
];

/// A type whose values have one owner as a whole, though its document does not tell.
const RAW: &str = "io.k8s.apimachinery.pkg.runtime.RawExtension";

/// Reads a schema. `intern` finds the lasting name of a definition that is referred to.
pub(crate) fn parse(document: &Value, intern: fn(&str) -> Option<&'static str>) -> Schema {
    let Some(keys) = document.as_object() else { return Schema::default() };
    Schema {
        shape: shape(keys, intern),
        default: keys.get("default").cloned(),
        required: strings(keys.get("required")),
        list_type: list_type(keys),
        atomic: atomic(keys),
        patch: patch(keys),
        preserve_unknown: truth(keys, "x-kubernetes-preserve-unknown-fields"),
        nullable: truth(keys, "nullable"),
        rules: None,
    }
}

fn atomic(keys: &Map<String, Value>) -> Option<bool> {
    match keys.get("x-kubernetes-map-type").and_then(Value::as_str) {
        Some(kind) => Some(kind == "atomic"),
        None => keys.get("$ref").and_then(Value::as_str).filter(|name| name.ends_with(RAW)).map(|_| true),
    }
}

fn truth(keys: &Map<String, Value>, key: &str) -> bool {
    keys.get(key).and_then(Value::as_bool).unwrap_or_default()
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn shape(keys: &Map<String, Value>, intern: fn(&str) -> Option<&'static str>) -> Shape {
    if let Some(reference) = keys.get("$ref").and_then(Value::as_str) {
        let name = reference.strip_prefix(REFERENCE).unwrap_or(reference);
        return match intern(name) {
            Some(name) if !FREE.contains(&name) => Shape::Reference(name),
            _ => Shape::Any,
        };
    }
    if truth(keys, "x-kubernetes-int-or-string") {
        return Shape::Scalar(Scalar::IntOrString);
    }
    let format = keys.get("format").and_then(Value::as_str);
    match keys.get("type").and_then(Value::as_str) {
        Some("string") => Shape::Scalar(match format {
            Some("date-time") => Scalar::Time,
            Some("byte") => Scalar::Bytes,
            Some("int-or-string") => Scalar::IntOrString,
            _ => Scalar::String,
        }),
        Some("integer") => Shape::Scalar(Scalar::Integer),
        Some("number") => Shape::Scalar(Scalar::Number),
        Some("boolean") => Shape::Scalar(Scalar::Boolean),
        Some("array") => Shape::List(Box::new(
            keys.get("items").map_or_else(Schema::default, |items| parse(items, intern)),
        )),
        Some("object") => object(keys, intern),
        _ if keys.contains_key("properties") => object(keys, intern),
        _ => Shape::Any,
    }
}

fn object(keys: &Map<String, Value>, intern: fn(&str) -> Option<&'static str>) -> Shape {
    let properties = keys.get("properties").and_then(Value::as_object).into_iter().flatten();
    let properties: BTreeMap<String, Schema> =
        properties.map(|(name, schema)| (name.clone(), parse(schema, intern))).collect();
    let additional = match keys.get("additionalProperties") {
        Some(Value::Bool(true)) => Some(Box::default()),
        Some(schema @ Value::Object(_)) => Some(Box::new(parse(schema, intern))),
        _ => None,
    };
    Shape::Object { properties, additional }
}

fn list_type(keys: &Map<String, Value>) -> ListType {
    match keys.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("set") => ListType::Set,
        Some("map") => ListType::Map(strings(keys.get("x-kubernetes-list-map-keys"))),
        _ => ListType::Atomic,
    }
}

/// Such as `merge`, `retainKeys` or `merge,retainKeys`.
fn patch(keys: &Map<String, Value>) -> PatchStrategy {
    let strategies = keys.get("x-kubernetes-patch-strategy").and_then(Value::as_str).unwrap_or_default();
    let has = |name| strategies.split(',').any(|strategy| strategy == name);
    let merge_key = keys.get("x-kubernetes-patch-merge-key").and_then(Value::as_str);
    PatchStrategy {
        merge: has("merge"),
        replace: has("replace"),
        retain_keys: has("retainKeys"),
        merge_key: merge_key.map(str::to_owned),
    }
}
