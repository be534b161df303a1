//! Version 3.

use super::operation::{Operation, Path, Type, phrase};
use super::parameter::Parameter;
use super::{definitions, paths, v2};
use crate::catalog::Snapshot;
use crate::discovery;
use crate::version::MINOR;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const OLD: &str = "#/definitions/";
const NEW: &str = "#/components/schemas/";
const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";

/// The documents by what they are about.
pub(super) fn documents(snapshot: &Snapshot) -> BTreeMap<String, Value> {
    let mut schemas: BTreeMap<String, Value> = definitions::built_in().into_iter().collect();
    for (name, schema) in &mut schemas {
        convert(schema);
        if name == QUANTITY {
            *schema = json!({"oneOf": [{"type": "string"}, {"type": "number"}]});
        }
    }
    for (name, mut schema) in definitions::custom(snapshot, false) {
        convert(&mut schema);
        schemas.insert(name, schema);
    }
    let mut homes: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for each in paths::all(snapshot) {
        homes.entry(each.home.clone()).or_default().insert(each.path.clone(), path(&each));
    }
    homes
        .into_iter()
        .map(|(home, paths)| (home.clone(), document(snapshot, &home, paths, &schemas)))
        .collect()
}

fn document(
    snapshot: &Snapshot,
    home: &str,
    paths: Map<String, Value>,
    schemas: &BTreeMap<String, Value>,
) -> Value {
    let mut parts = home.split('/');
    let group_version = match (parts.next(), parts.next(), parts.next()) {
        (Some("api"), Some(version), None) => Some(("", version)),
        (Some("apis"), Some(group), Some(version)) => Some((group, version)),
        _ => None,
    };
    let is_custom = group_version.is_some_and(|(group, _)| !discovery::is_built_in(snapshot, group));
    let paths = Value::Object(paths);
    let mut components = json!({"schemas": needed(&paths, schemas, group_version)});
    let info = if is_custom {
        json!({"title": "Kubernetes CRD Swagger", "version": "v0.1.0"})
    } else {
        components["securitySchemes"] =
            json!({"BearerToken": {"type": "apiKey", "name": "authorization", "in": "header"}});
        json!({"title": "Kubernetes", "version": format!("1.{MINOR}")})
    };
    json!({"openapi": "3.0.0", "info": info, "paths": paths, "components": components})
}

/// The types that paths need, and those that they need. Types of several groups say that they are of this one.
fn needed(
    paths: &Value,
    schemas: &BTreeMap<String, Value>,
    group_version: Option<(&str, &str)>,
) -> Map<String, Value> {
    let mut found: BTreeMap<String, Value> = BTreeMap::new();
    let mut waiting = Vec::new();
    definitions::references(paths, NEW, &mut |name| waiting.push(name.to_owned()));
    while let Some(name) = waiting.pop() {
        let Some(schema) = schemas.get(&name).filter(|_| !found.contains_key(&name)) else { continue };
        definitions::references(schema, NEW, &mut |name| waiting.push(name.to_owned()));
        let mut schema = schema.clone();
        if let Some(kinds) = schema.get_mut("x-kubernetes-group-version-kind").and_then(Value::as_array_mut)
            && kinds.len() > 1
        {
            let (group, version) = group_version.unwrap_or_default();
            kinds.retain(|kind| kind["group"] == group && kind["version"] == version);
        }
        found.insert(name, schema);
    }
    found.into_iter().collect()
}

/// Makes a schema of version 2 one of version 3.
fn convert(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(convert);
            if let Some(name) = map.get("$ref").and_then(|text| text.as_str()?.strip_prefix(OLD)) {
                let reference = json!({"$ref": format!("{NEW}{name}")});
                map.remove("$ref");
                // Nothing may stand beside a reference.
                if map.is_empty() {
                    *schema = reference;
                } else {
                    map.insert("allOf".into(), json!([reference]));
                }
            } else if map.get("format").is_some_and(|format| format == "int-or-string") {
                map.remove("type");
                map.insert("oneOf".into(), json!([{"type": "integer"}, {"type": "string"}]));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(convert),
        _ => {}
    }
}

fn path(path: &Path) -> Value {
    let mut item: Map<String, Value> =
        path.operations.iter().map(|each| (each.method.to_owned(), operation(each))).collect();
    if !path.parameters.is_empty() {
        item.insert("parameters".into(), path.parameters.iter().map(parameter).collect());
    }
    Value::Object(item)
}

fn parameter(parameter: &Parameter) -> Value {
    let schema = json!({"type": parameter.kind, "uniqueItems": true});
    let place = if parameter.in_path { "path" } else { "query" };
    let mut value = json!({"name": parameter.name, "in": place, "schema": schema});
    if parameter.in_path {
        value["required"] = true.into();
    }
    value
}

fn content(media_types: &[&str], schema: &Value) -> Value {
    media_types.iter().map(|media| ((*media).to_owned(), json!({"schema": schema}))).collect()
}

fn operation(operation: &Operation) -> Value {
    let schema = match &operation.answer {
        Type::Untold => None,
        Type::Text => Some(json!({"type": "string"})),
        Type::Definition(name) => Some(json!({"$ref": format!("{NEW}{name}")})),
    };
    let answer = |code: &&'static str| {
        let mut value = json!({"description": phrase(code)});
        if let Some(schema) = &schema {
            value["content"] = content(operation.produces, schema);
        }
        ((*code).to_owned(), value)
    };
    let mut responses: Map<String, Value> = operation.codes.iter().map(answer).collect();
    responses.insert("401".into(), json!({"description": phrase("401")}));
    let mut value = json!({"responses": responses});
    if !operation.parameters.is_empty() {
        value["parameters"] = operation.parameters.iter().map(parameter).collect();
    }
    if let Some(body) = &operation.body {
        let schema = json!({"$ref": format!("{NEW}{}", body.definition)});
        let mut sent = json!({"content": content(body.media_types, &schema)});
        if body.required {
            sent["required"] = true.into();
        }
        value["requestBody"] = sent;
    }
    v2::extensions(operation, &mut value);
    value
}
