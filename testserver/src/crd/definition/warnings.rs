//! What users should know about a definition.

use crate::crd::rules::is_known_format;
use crate::kinds::Look;
use serde_json::Value;
use std::collections::BTreeSet;

/// What was not said about the definition before.
pub(crate) fn warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let before = old.map(all).unwrap_or_default();
    let mut told = all(new);
    told.retain(|warning| !before.contains(warning));
    told
}

fn all(definition: &Value) -> Vec<String> {
    let (mut formats, mut lists) = (Vec::new(), BTreeSet::new());
    let mut known: Vec<&Value> = Vec::new();
    for version in definition["spec"].list("versions") {
        let schema = &version["schema"]["openAPIV3Schema"];
        // What all versions have in common, is looked at once.
        if !known.contains(&schema) {
            known.push(schema);
            walk(schema, &mut formats, &mut lists);
        }
    }
    formats.extend(lists);
    formats
}

fn walk(schema: &Value, formats: &mut Vec<String>, lists: &mut BTreeSet<String>) {
    if !schema.is_object() {
        return;
    }
    let format = schema.text("format");
    let known = match schema.text("type") {
        "" | "string" => is_known_format(format),
        "integer" => matches!(format, "int32" | "int64"),
        "number" => matches!(format, "float" | "double"),
        _ => false,
    };
    if !format.is_empty() && !known {
        formats.push(format!("unrecognized format {format:?}"));
    }
    let item = schema["items"].text("type");
    if schema.text("x-kubernetes-list-type") == "set" && matches!(item, "object" | "array") {
        lists.insert(format!(
            "x-kubernetes-list-type: set for items of type {item:?} is not supported by server-side apply or CEL \
             validation rules"
        ));
    }
    for part in ["items", "not", "additionalProperties"] {
        walk(&schema[part], formats, lists);
    }
    for list in ["allOf", "anyOf", "oneOf"] {
        schema.list(list).iter().for_each(|part| walk(part, formats, lists));
    }
    schema.entries("properties").for_each(|(_, property)| walk(property, formats, lists));
}
