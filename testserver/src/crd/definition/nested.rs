//! What a schema says in `allOf`, `anyOf`, `oneOf` and `not`: it restricts values of types that are told elsewhere.

use super::structural::{Level, values};
use crate::kinds::{Look, Path, Report};
use serde_json::Value;

/// Keys that belong to the types, with what is said about them when they are here.
const FORBIDDEN: [(&str, &str); 12] = [
    ("type", "must be empty to be structural"),
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
];

/// What is wrong with such a part of a schema.
pub(super) fn check(part: &Value, level: Level, path: Path<'_>, report: &mut Report) {
    values(part, level, path, report);
    if part["items"].is_object() {
        check(&part["items"], level, path.child("items"), report);
    }
    let properties = path.child("properties");
    for (name, property) in part.entries("properties") {
        check(property, Level::Field, properties.key(name), report);
    }
    let says = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    for (key, detail) in FORBIDDEN {
        if says(&part[key]) {
            report.forbidden(path.child(key), detail);
        }
    }
    if part.count("x-kubernetes-validations") > 0 {
        report.forbidden(path.child("x-kubernetes-validations"), "must be empty to be structural");
    }
    if part["properties"].has("metadata") {
        report.forbidden(properties.key("metadata"), "must not be specified in a nested context");
    }
}

/// Finds what these parts restrict, though its type is not told. `part` is what restricts `schema`.
pub(super) fn check_all(part: &Value, schema: &Value, told: Path<'_>, path: Path<'_>, report: &mut Report) {
    if part["not"].is_object() {
        complete(&part["not"], schema, told, path.child("not"), report);
    }
    for field in ["allOf", "anyOf", "oneOf"] {
        let list = path.child(field);
        for (index, part) in part.list(field).iter().enumerate() {
            complete(part, schema, told, list.index(index), report);
        }
    }
}

fn complete(part: &Value, schema: &Value, told: Path<'_>, path: Path<'_>, report: &mut Report) {
    if !schema.is_object() {
        return report.required(told, &format!("because it is defined in {path}"));
    }
    check_all(part, schema, told, path, report);
    if part["items"].is_object() {
        complete(&part["items"], &schema["items"], told.child("items"), path.child("items"), report);
    }
    let (told, path) = (told.child("properties"), path.child("properties"));
    for (name, property) in part.entries("properties") {
        complete(property, &schema["properties"][name], told.key(name), path.key(name), report);
    }
}
