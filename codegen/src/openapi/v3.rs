//! OpenAPI v3: a document per group and version, bodies and answers by media type.

use super::{Document, Error, GroupVersionKind, Info, Operation, Parameter, Schema, Shape, definitions};
use serde::Deserialize;
use std::collections::BTreeMap;

const SCHEMAS: &str = "#/components/schemas/";

#[derive(Deserialize)]
struct Raw {
    info: Info,
    paths: BTreeMap<String, RawPath>,
    #[serde(default)]
    components: Components,
}

#[derive(Default, Deserialize)]
struct Components {
    #[serde(default)]
    schemas: BTreeMap<String, Schema>,
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
    #[serde(rename = "requestBody")]
    body: Option<Content>,
    #[serde(default)]
    responses: BTreeMap<String, Content>,
}

#[derive(Deserialize)]
struct RawParameter {
    name: String,
    #[serde(rename = "in")]
    place: String,
    schema: Schema,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    content: BTreeMap<String, Media>,
}

#[derive(Deserialize)]
struct Media {
    schema: Schema,
}

pub(super) fn parse(text: &str) -> Result<Document, Error> {
    let raw: Raw = serde_json::from_str(text)?;
    let mut paths = BTreeMap::new();
    for (path, item) in &raw.paths {
        let mut operations = BTreeMap::new();
        for (method, operation) in &item.operations {
            operations.insert(method.to_uppercase(), lift(path, operation, &item.parameters)?);
        }
        paths.insert(path.clone(), operations);
    }
    Ok(Document { version: raw.info.version(), paths, definitions: definitions(raw.components.schemas) })
}

fn lift(path: &str, raw: &RawOperation, shared: &[RawParameter]) -> Result<Operation, Error> {
    let mut operation =
        Operation { action: raw.action.clone(), kind: raw.kind.clone(), ..Operation::default() };
    for parameter in shared.iter().chain(&raw.parameters) {
        let Shape::Plain(kind) = parameter.schema.shape(path, SCHEMAS)? else {
            return Err(Error::Untyped { path: path.to_owned() });
        };
        let (name, place) = (parameter.name.clone(), parameter.place.clone());
        operation.parameters.insert(Parameter { name, place, kind });
    }
    if let Some(body) = &raw.body {
        operation.body = body.shape(path)?;
        operation.media_types = body.content.keys().filter(|media| *media != "*/*").cloned().collect();
    }
    for (code, response) in &raw.responses {
        if let Some(shape) = response.shape(path)? {
            operation.answers.insert(code.clone(), shape);
        }
    }
    Ok(operation)
}

impl Content {
    /// The one shape that all media types carry.
    fn shape(&self, path: &str) -> Result<Option<Shape>, Error> {
        let mut found = None;
        for media in self.content.values() {
            let shape = media.schema.shape(path, SCHEMAS)?;
            if found.as_ref().is_some_and(|other| *other != shape) {
                return Err(Error::Untyped { path: path.to_owned() });
            }
            found = Some(shape);
        }
        Ok(found)
    }
}
