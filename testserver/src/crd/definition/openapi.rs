//! What schemas may say at all.

use crate::kinds::{Look, Path, Report};
use serde_json::Value;

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
const UNSUPPORTED: [&str; 6] =
    ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];
const REASONS: [&str; 4] =
    ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
const LIST_TYPE: &str = "x-kubernetes-list-type";
const MAP_TYPE: &str = "x-kubernetes-map-type";
const MAP_KEYS: &str = "x-kubernetes-list-map-keys";
const META: [&str; 3] = ["metadata", "kind", "apiVersion"];

/// Whether a schema says only what one may say.
pub(super) fn is_supported(schema: &Value) -> bool {
    if UNSUPPORTED.iter().any(|key| schema.has(key)) || schema["items"].is_array() {
        return false;
    }
    let parts = ["items", "additionalProperties", "not"].into_iter().map(|key| &schema[key]);
    let lists = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|key| schema.list(key));
    let properties = schema.entries("properties").map(|(_, property)| property);
    parts.chain(lists).chain(properties).filter(|part| part.is_object()).all(is_supported)
}

/// What is known of where a part of a schema is.
#[derive(Clone, Debug, Default)]
struct Context {
    is_root: bool,
    is_metadata: bool,
    /// Why there may be no defaults here.
    no_defaults: Option<String>,
}

/// What is wrong with a schema.
pub(super) fn check(schema: &Value, path: Path<'_>, report: &mut Report) {
    node(schema, path, &Context { is_root: true, ..Context::default() }, report);
}

fn node(schema: &Value, path: Path<'_>, context: &Context, report: &mut Report) {
    if !schema.is_object() {
        return;
    }
    keys(schema, path, context, report);
    if schema.is_true("uniqueItems") {
        let detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        report.forbidden(path.child("uniqueItems"), detail);
    }
    children(schema, path, context, report);
    if schema["x-kubernetes-preserve-unknown-fields"] == false {
        let path = path.child("x-kubernetes-preserve-unknown-fields");
        report.invalid(path, false, "must be true or undefined");
    }
    map_type(schema, path, report);
    list_type(schema, path, report);
    map_keys(schema, path, report);
    validations(schema, path.child("x-kubernetes-validations"), report);
}

fn keys(schema: &Value, path: Path<'_>, context: &Context, report: &mut Report) {
    let kind = schema.text("type");
    if !kind.is_empty() && !TYPES.contains(&kind) {
        report.not_supported(path.child("type"), kind, &TYPES);
    }
    if let Some(reason) = &context.no_defaults
        && schema.has("default")
    {
        report.forbidden(path.child("default"), &format!("must not be set {reason}"));
    }
    for key in UNSUPPORTED.into_iter().filter(|key| schema.has(key)) {
        report.forbidden(path.child(key), &format!("{key} is not supported"));
    }
    if kind == "null" {
        let detail = "type cannot be set to null, use nullable as an alternative";
        report.forbidden(path.child("type"), detail);
    }
    if schema["items"].is_array() {
        report.forbidden(path.child("items"), "items must be a schema object and not an array");
    }
    let embedded = "x-kubernetes-embedded-resource";
    if context.is_metadata && schema.is_true(embedded) {
        report.forbidden(path.child(embedded), "must not be used inside of resource meta");
    }
}

fn children(schema: &Value, path: Path<'_>, context: &Context, report: &mut Report) {
    let inner = Context { is_root: false, ..context.clone() };
    let additional = &schema["additionalProperties"];
    if !additional.is_null() {
        let path = path.child("additionalProperties");
        if schema.count("properties") > 0 && *additional != true {
            report.forbidden(path, "additionalProperties and properties are mutual exclusive");
        }
        let mut inner = inner.clone();
        if context.is_metadata {
            inner.no_defaults = Some("inside additionalProperties applying to object metadata".into());
        }
        node(additional, path, &inner, report);
    }
    let is_object = context.is_root || schema.is_true("x-kubernetes-embedded-resource");
    let properties = path.child("properties");
    for (name, property) in schema.entries("properties") {
        let mut inner = inner.clone();
        if is_object && META.contains(&name) {
            inner.is_metadata = true;
            if context.is_root {
                inner.no_defaults = Some(format!("in top-level {name}"));
            }
        }
        node(property, properties.key(name), &inner, report);
    }
    node(&schema["not"], path.child("not"), &inner, report);
    for field in ["allOf", "oneOf", "anyOf"] {
        let list = path.child(field);
        for (index, part) in schema.list(field).iter().enumerate() {
            node(part, list.index(index), &inner, report);
        }
    }
    node(&schema["items"], path.child("items"), &inner, report);
}

/// That something is of the type that an extension is for.
fn typed(schema: &Value, wanted: &str, extension: &str, path: Path<'_>, report: &mut Report) -> bool {
    let kind = schema.text("type");
    let detail = format!("must be {wanted} if {extension} is specified");
    match kind {
        "" => report.required(path.child("type"), &detail),
        kind if kind != wanted => report.invalid(path.child("type"), kind, &detail),
        _ => return true,
    }
    false
}

fn map_type(schema: &Value, path: Path<'_>, report: &mut Report) {
    let Some(kind) = schema[MAP_TYPE].as_str() else { return };
    typed(schema, "object", MAP_TYPE, path, report);
    if !matches!(kind, "atomic" | "granular") {
        report.not_supported(path.child(MAP_TYPE), kind, &["atomic", "granular"]);
    }
}

fn list_type(schema: &Value, path: Path<'_>, report: &mut Report) {
    let Some(kind) = schema[LIST_TYPE].as_str() else { return };
    let items = &schema["items"];
    if typed(schema, "array", LIST_TYPE, path, report) && kind == "set" {
        let detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
        let path = path.child("items");
        match (items.text("type"), items.text(LIST_TYPE), items.text(MAP_TYPE)) {
            ("array", list_type, _) if !matches!(list_type, "" | "atomic") => {
                report.invalid(path.child(LIST_TYPE), list_type, detail);
            }
            ("object", _, map_type) if map_type != "atomic" => {
                // Servers tell the wrong of the two types.
                report.invalid(path.child(MAP_TYPE), items[LIST_TYPE].clone(), detail);
            }
            _ => {}
        }
    }
    if !matches!(kind, "atomic" | "set" | "map") {
        report.not_supported(path.child(LIST_TYPE), kind, &["atomic", "set", "map"]);
    }
}

fn map_keys(schema: &Value, path: Path<'_>, report: &mut Report) {
    let kind = schema[LIST_TYPE].as_str();
    let keys: Vec<&str> = schema.texts(MAP_KEYS).collect();
    if !keys.is_empty() && kind != Some("map") {
        let detail = "must be map if x-kubernetes-list-map-keys is non-empty";
        match kind {
            None => report.required(path.child(LIST_TYPE), detail),
            Some(kind) => report.invalid(path.child(LIST_TYPE), kind, detail),
        }
    }
    let items = &schema["items"];
    if matches!(kind, Some("map" | "set")) && items.is_true("nullable") {
        let detail = format!("cannot be nullable when {LIST_TYPE} is {}", kind.unwrap_or_default());
        report.forbidden(path.child("items.nullable"), &detail);
    }
    if kind != Some("map") {
        return;
    }
    if keys.is_empty() {
        report.required(path.child(MAP_KEYS), "must not be empty if x-kubernetes-list-type is map");
    }
    if items.is_null() {
        return report.required(path.child("items"), "must have a schema if x-kubernetes-list-type is map");
    }
    if items.text("type") != "object" {
        let detail = "must be object if parent array's x-kubernetes-list-type is map";
        return report.invalid(path.child("items.type"), items.text("type"), detail);
    }
    for (index, key) in keys.iter().enumerate() {
        if !items["properties"].has(key) {
            let detail = "entries must all be names of item properties";
            report.invalid(path.child(MAP_KEYS), schema[MAP_KEYS].clone(), detail);
        }
        if keys[..index].contains(key) {
            let detail = "must not contain duplicate entries";
            report.invalid(path.child(MAP_KEYS), schema[MAP_KEYS].clone(), detail);
        }
        map_key(items, key, path.child("items.properties"), report);
    }
}

/// A property that tells items apart.
fn map_key(items: &Value, key: &str, path: Path<'_>, report: &mut Report) {
    let property = &items["properties"][key];
    if !property.is_object() {
        return;
    }
    let path = path.key(key);
    if matches!(property.text("type"), "array" | "object") {
        let detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
        report.invalid(path.child("type"), items.text("type"), detail);
    }
    let detail = "this property is in x-kubernetes-list-map-keys, so it";
    if !items.texts("required").any(|required| required == key) && !property.has("default") {
        let detail = format!("{detail} must have a default or be a required property");
        report.required(path.child("default"), &detail);
    }
    if property.is_true("nullable") {
        report.forbidden(path.child("nullable"), &format!("{detail} cannot be nullable"));
    }
}

/// The form of rules whose expressions nobody reads here.
fn validations(schema: &Value, path: Path<'_>, report: &mut Report) {
    for (index, rule) in schema.list("x-kubernetes-validations").iter().enumerate() {
        let path = path.index(index);
        let (text, message) = (rule.text("rule").trim(), rule.text("message"));
        let breaks = |text: &str| text.contains(['\n', '\r']);
        if text.is_empty() {
            report.required(path.child("rule"), "rule is not specified");
        } else if !message.is_empty() && message.trim().is_empty() {
            report.invalid(path.child("message"), message, "must be non-empty if specified");
        } else if breaks(message.trim()) {
            report.invalid(path.child("message"), message, "must not contain line breaks");
        } else if breaks(text) && message.trim().is_empty() {
            let detail = "message must be specified if rule contains line breaks";
            report.required(path.child("message"), detail);
        }
        let reason = rule.text("reason");
        if !reason.is_empty() && !REASONS.contains(&reason) {
            report.not_supported(path.child("reason"), reason, &REASONS);
        }
    }
}
