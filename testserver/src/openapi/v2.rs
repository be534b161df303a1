//! Version 2.

use super::definitions;
use super::operation::{ANY, Operation, Path, Type, phrase};
use super::parameter::Parameter;
use super::paths;
use crate::catalog::Snapshot;
use crate::version::MINOR;
use serde_json::{Map, Value, json};

/// The document of everything that is served.
pub(super) fn document(snapshot: &Snapshot) -> Value {
    let paths: Map<String, Value> =
        paths::all(snapshot).iter().map(|each| (each.path.clone(), path(each))).collect();
    let mut definitions = definitions::built_in();
    definitions.append(&mut definitions::custom(snapshot, true));
    json!({
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": format!("1.{MINOR}")},
        "paths": paths,
        "definitions": definitions,
        "securityDefinitions": {"BearerToken": {"type": "apiKey", "name": "authorization", "in": "header"}},
        "security": [{"BearerToken": []}],
    })
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
    let mut value = json!({"name": parameter.name, "type": parameter.kind, "uniqueItems": true});
    value["in"] = if parameter.in_path { "path" } else { "query" }.into();
    if parameter.in_path {
        value["required"] = true.into();
    }
    value
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

fn operation(operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = operation.parameters.iter().map(parameter).collect();
    let consumes = operation.body.as_ref().map_or(ANY, |body| body.media_types);
    if let Some(body) = &operation.body {
        let mut sent = json!({"name": "body", "in": "body", "schema": reference(&body.definition)});
        if body.required {
            sent["required"] = true.into();
        }
        parameters.push(sent);
    }
    let schema = match &operation.answer {
        Type::Untold => None,
        Type::Text => Some(json!({"type": "string"})),
        Type::Definition(name) => Some(reference(name)),
    };
    let answer = |code: &&'static str| {
        let mut value = json!({"description": phrase(code)});
        if let Some(schema) = &schema {
            value["schema"] = schema.clone();
        }
        ((*code).to_owned(), value)
    };
    let mut responses: Map<String, Value> = operation.codes.iter().map(answer).collect();
    responses.insert("401".into(), json!({"description": phrase("401")}));
    let mut value = json!({"responses": responses, "consumes": consumes, "schemes": ["https"]});
    if !operation.produces.is_empty() {
        value["produces"] = json!(operation.produces);
    }
    if !parameters.is_empty() {
        value["parameters"] = parameters.into();
    }
    extensions(operation, &mut value);
    value
}

/// What only Kubernetes says about operations.
pub(super) fn extensions(operation: &Operation, value: &mut Value) {
    if let Some(action) = operation.action {
        value["x-kubernetes-action"] = action.into();
    }
    if let Some(kind) = &operation.kind {
        value["x-kubernetes-group-version-kind"] =
            json!({"group": kind.group, "version": kind.version, "kind": kind.kind});
    }
}
