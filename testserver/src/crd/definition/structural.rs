//! Schemas must be structural: the type of everything is told in one place, and only restricted in others.

use super::nested;
use crate::kinds::{Look, Path, Report};
use regex_lite::Regex;
use serde_json::{Value, json};

/// How deep a schema is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Root,
    Item,
    Field,
}

/// What is wrong with the structure of a schema.
pub(super) fn check(schema: &Value, path: Path<'_>, report: &mut Report) {
    let mut found = Report::default();
    node(schema, Level::Root, path, &mut found);
    nested::check_all(schema, schema, path, path, &mut found);
    let mut causes = found.into_causes();
    causes.sort_by_key(ToString::to_string);
    causes.into_iter().for_each(|cause| report.push(cause));
}

fn node(schema: &Value, level: Level, path: Path<'_>, report: &mut Report) {
    let items = &schema["items"];
    if schema.text("type") == "array" && !items.is_object() {
        report.required(path.child("items"), "must be specified");
    }
    if items.is_object() {
        node(items, Level::Item, path.child("items"), report);
    }
    for (name, property) in schema.entries("properties") {
        let properties = path.child("properties");
        node(property, Level::Field, properties.key(name), report);
    }
    additional(schema, level, path.child("additionalProperties"), report);
    extensions(schema, path, report);
    values(schema, level, path, report);
    types(schema, level, path, report);
    metadata(schema, level, path, report);
    let is_embedded = schema.is_true("x-kubernetes-embedded-resource");
    if is_embedded
        && !schema.is_true("x-kubernetes-preserve-unknown-fields")
        && schema.count("properties") == 0
    {
        let detail = "must not be empty if x-kubernetes-embedded-resource is true without \
                      x-kubernetes-preserve-unknown-fields";
        report.required(path.child("properties"), detail);
    }
}

fn additional(schema: &Value, level: Level, path: Path<'_>, report: &mut Report) {
    let additional = &schema["additionalProperties"];
    if additional.is_null() {
        return;
    }
    if level == Level::Root {
        report.forbidden(path, "must not be used at the root");
    }
    if additional.is_object() {
        node(additional, Level::Field, path, report);
    }
    if schema.is_true("x-kubernetes-embedded-resource") {
        report.forbidden(path, "must not be used if x-kubernetes-embedded-resource is set");
    }
}

fn extensions(schema: &Value, path: Path<'_>, report: &mut Report) {
    if !schema.is_true("x-kubernetes-int-or-string") {
        return;
    }
    for extension in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] {
        if schema.is_true(extension) {
            let detail = "must be false if x-kubernetes-int-or-string is true";
            report.invalid(path.child(extension), true, detail);
        }
    }
}

/// What a schema says about values, beside their types.
pub(super) fn values(schema: &Value, level: Level, path: Path<'_>, report: &mut Report) {
    let either = json!([{"type": "integer"}, {"type": "string"}]);
    if schema["anyOf"] != either {
        each(schema, "anyOf", level, path, report);
    }
    for (index, part) in schema.list("allOf").iter().enumerate() {
        let list = path.child("allOf");
        // This is how a number or a text is told without the extension.
        if index == 0 && part["anyOf"] == either {
            let mut rest = part.clone();
            rest.as_object_mut().map(|rest| rest.remove("anyOf"));
            nested::check(&rest, level, list.index(index), report);
        } else {
            nested::check(part, level, list.index(index), report);
        }
    }
    each(schema, "oneOf", level, path, report);
    if schema["not"].is_object() {
        nested::check(&schema["not"], level, path.child("not"), report);
    }
    let pattern = schema.text("pattern");
    if let Err(error) = Regex::new(pattern) {
        let detail = format!(
            "must be a valid regular expression, but isn't: error parsing regexp: {error}: `{pattern}`"
        );
        report.invalid(path.child("pattern"), pattern, &detail);
    }
}

fn each(schema: &Value, field: &str, level: Level, path: Path<'_>, report: &mut Report) {
    let list = path.child(field);
    for (index, part) in schema.list(field).iter().enumerate() {
        nested::check(part, level, list.index(index), report);
    }
}

fn types(schema: &Value, level: Level, path: Path<'_>, report: &mut Report) {
    let kind = schema.text("type");
    let path = path.child("type");
    if schema.is_true("x-kubernetes-embedded-resource") && kind != "object" {
        let detail = "must be object if x-kubernetes-embedded-resource is true";
        if kind.is_empty() {
            report.required(path, detail);
        } else {
            report.invalid(path, kind, detail);
        }
    } else if kind.is_empty()
        && !schema.is_true("x-kubernetes-int-or-string")
        && !schema.is_true("x-kubernetes-preserve-unknown-fields")
    {
        let detail = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        report.required(path, detail);
    }
    if level == Level::Root && !kind.is_empty() && kind != "object" {
        report.invalid(path, kind, "must be object at the root");
    }
}

/// What every object has may only be restricted in its names.
fn metadata(schema: &Value, level: Level, path: Path<'_>, report: &mut Report) {
    let checked = level == Level::Root || schema.is_true("x-kubernetes-embedded-resource");
    let path = path.child("properties");
    for name in ["kind", "apiVersion"] {
        let property = &schema["properties"][name];
        if checked && property.is_object() && property.text("type") != "string" {
            report.invalid(path.key(name).child("type"), property.text("type"), "must be string");
        }
    }
    let metadata = &schema["properties"]["metadata"];
    if !metadata.is_object() {
        return;
    }
    let path = path.key("metadata");
    if checked && metadata.text("type") != "object" {
        report.invalid(path.child("type"), metadata.text("type"), "must be object");
    }
    if level == Level::Root {
        let allowed = |(name, _): (&str, &Value)| matches!(name, "name" | "generateName");
        let says_more = |(key, value): (&String, &Value)| match key.as_str() {
            "type" | "default" => false,
            "properties" => !metadata.entries("properties").all(allowed),
            // What these say is about values, which all may be restricted.
            "maxProperties" | "minProperties" | "required" | "allOf" | "anyOf" | "oneOf" | "not" | "enum" => {
                true
            }
            _ => !value.is_null(),
        };
        if metadata.as_object().into_iter().flatten().any(says_more) {
            let detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
            report.forbidden(path, detail);
        }
    }
}
