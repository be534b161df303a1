//! OpenAPI v2: one document, parameters shared by reference, the body among the parameters.

use super::{Document, Error, GroupVersionKind, Info, Operation, Parameter, Schema, Shape, definitions};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const DEFINITIONS: &str = "#/definitions/";
const PARAMETERS: &str = "#/parameters/";

#[derive(Deserialize)]
struct Raw {
    info: Info,
    paths: BTreeMap<String, RawPath>,
    #[serde(default)]
    parameters: BTreeMap<String, RawParameter>,
    #[serde(default)]
    definitions: BTreeMap<String, Schema>,
}

#[derive(Deserialize)]
struct RawPath {
    #[serde(default)]
    parameters: Vec<RawParameter>,
    #[serde(flatten)]
    operations: BTreeMap<String, RawOperation>,
}

#[derive(Deserialize)]
struct RawOperation {
    #[serde(rename = "x-kubernetes-action")]
    action: Option<String>,
    #[serde(rename = "x-kubernetes-group-version-kind")]
    kind: Option<GroupVersionKind>,
    #[serde(default)]
    parameters: Vec<RawParameter>,
    #[serde(default)]
    consumes: BTreeSet<String>,
    #[serde(default)]
    responses: BTreeMap<String, RawResponse>,
}

#[derive(Clone, Deserialize)]
struct RawParameter {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    name: Option<String>,
    #[serde(rename = "in")]
    place: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    schema: Option<Schema>,
}

#[derive(Deserialize)]
struct RawResponse {
    schema: Option<Schema>,
}

/// A parameter as v2 means it.
enum Meaning {
    Body(Shape),
    Other(Parameter),
}

pub(super) fn parse(text: &str) -> Result<Document, Error> {
    let raw: Raw = serde_json::from_str(text)?;
    let mut paths = BTreeMap::new();
    for (path, item) in &raw.paths {
        let mut operations = BTreeMap::new();
        for (method, operation) in &item.operations {
            let parameters = item.parameters.iter().chain(&operation.parameters);
            operations.insert(method.to_uppercase(), lift(path, operation, parameters, &raw.parameters)?);
        }
        paths.insert(path.clone(), operations);
    }
    Ok(Document { version: raw.info.version(), paths, definitions: definitions(raw.definitions) })
}

fn lift<'a>(
    path: &str,
    raw: &RawOperation,
    parameters: impl Iterator<Item = &'a RawParameter>,
    shared: &BTreeMap<String, RawParameter>,
) -> Result<Operation, Error> {
    let mut operation =
        Operation { action: raw.action.clone(), kind: raw.kind.clone(), ..Operation::default() };
    for parameter in parameters {
        match meaning(path, resolve(path, parameter, shared)?)? {
            Meaning::Body(shape) => operation.body = Some(shape),
            Meaning::Other(parameter) => {
                operation.parameters.insert(parameter);
            }
        }
    }
    if operation.body.is_some() {
        operation.media_types = raw.consumes.iter().filter(|media| *media != "*/*").cloned().collect();
    }
    for (code, response) in &raw.responses {
        if let Some(schema) = &response.schema {
            operation.answers.insert(code.clone(), schema.shape(path, DEFINITIONS)?);
        }
    }
    Ok(operation)
}

fn resolve<'a>(
    path: &str,
    parameter: &'a RawParameter,
    shared: &'a BTreeMap<String, RawParameter>,
) -> Result<&'a RawParameter, Error> {
    let Some(reference) = &parameter.reference else {
        return Ok(parameter);
    };
    let found = reference.strip_prefix(PARAMETERS).and_then(|name| shared.get(name));
    found.ok_or_else(|| Error::Reference { path: path.to_owned(), reference: reference.clone() })
}

fn meaning(path: &str, raw: &RawParameter) -> Result<Meaning, Error> {
    match raw {
        RawParameter { place: Some(place), schema: Some(schema), .. } if place == "body" => {
            Ok(Meaning::Body(schema.shape(path, DEFINITIONS)?))
        }
        RawParameter { name: Some(name), place: Some(place), kind: Some(kind), .. } => {
            Ok(Meaning::Other(Parameter { name: name.clone(), place: place.clone(), kind: kind.clone() }))
        }
        _ => Err(Error::Untyped { path: path.to_owned() }),
    }
}
