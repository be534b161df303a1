//! OpenAPI documents, reduced to what the two formats have in common and to the keys that the generator reads.
//!
//! Nothing is judged here: an action or parameter that nobody knows is kept, for [`lower`](crate::lower) to refuse.

mod v2;
mod v3;

use crate::version::Version;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What one API server publishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The version that the document gives itself, if it is one of Kubernetes.
    pub version: Option<Version>,
    /// Operations by path and HTTP method in capitals.
    pub paths: BTreeMap<String, BTreeMap<String, Operation>>,
    /// The facts about each definition.
    pub definitions: BTreeMap<String, Definition>,
}

/// One HTTP method of one path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operation {
    /// `x-kubernetes-action`.
    pub action: Option<String>,
    /// `x-kubernetes-group-version-kind`.
    pub kind: Option<GroupVersionKind>,
    /// The parameters of the path and of the operation, without the body.
    pub parameters: BTreeSet<Parameter>,
    /// What the request carries.
    pub body: Option<Shape>,
    /// Media types of the body, where the document says more than "any".
    pub media_types: BTreeSet<String>,
    /// What comes back, by status code. A status without content is not listed.
    pub answers: BTreeMap<String, Shape>,
}

/// A parameter in the path or the query.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// `path` or `query`.
    pub place: String,
    /// `string`, `integer` or `boolean`.
    pub kind: String,
}

/// The type of a body or an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Shape {
    /// A named definition, such as `io.k8s.api.core.v1.Pod`.
    Definition(String),
    /// A plain JSON type, such as `string`.
    Plain(String),
}

/// A named definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// `x-kubernetes-group-version-kind`.
    pub kinds: BTreeSet<GroupVersionKind>,
}

/// The name of a kind of object, as the API knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct GroupVersionKind {
    /// The API group; empty for core.
    pub group: String,
    /// The version of the group.
    pub version: String,
    /// The kind.
    pub kind: String,
}

/// A text that is not an OpenAPI document as Kubernetes publishes them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not JSON, or a key that we read has another type.
    #[error("not an OpenAPI document")]
    Json(#[from] serde_json::Error),
    /// Neither `swagger: 2.0` nor `openapi: 3.…`.
    #[error("neither an OpenAPI v2 nor an OpenAPI v3 document")]
    Format,
    /// A reference leads nowhere.
    #[error("{path}: the reference `{reference}` leads nowhere")]
    Reference {
        /// The path that has the reference.
        path: String,
        /// The reference.
        reference: String,
    },
    /// A body, an answer or a parameter without a type that we understand.
    #[error("{path}: a body, an answer or a parameter has no type")]
    Untyped {
        /// The path of the operation.
        path: String,
    },
    /// Two documents of one server give the same path.
    #[error("{path} is in two documents")]
    Twice {
        /// The path.
        path: String,
    },
}

#[derive(Deserialize)]
struct Format {
    swagger: Option<String>,
    openapi: Option<String>,
}

/// Reads a document of either format.
///
/// # Errors
///
/// If the text is not a document of OpenAPI v2 or v3, or one of its references leads nowhere.
pub fn parse(text: &str) -> Result<Document, Error> {
    let format: Format = serde_json::from_str(text)?;
    match (format.swagger.as_deref(), format.openapi.as_deref()) {
        (Some("2.0"), None) => v2::parse(text),
        (None, Some(version)) if version.starts_with("3.") => v3::parse(text),
        _ => Err(Error::Format),
    }
}

/// Reads the documents of one server, which OpenAPI v3 splits by group and version.
///
/// # Errors
///
/// As [`parse`], and if two documents have a path in common.
pub fn parse_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Document, Error> {
    let mut whole = Document::default();
    for text in texts {
        let part = parse(text)?;
        whole.version = whole.version.or(part.version);
        for (path, operations) in part.paths {
            if whole.paths.insert(path.clone(), operations).is_some() {
                return Err(Error::Twice { path });
            }
        }
        for (name, definition) in part.definitions {
            // Each document lists only its own groups at the options that all groups share.
            whole.definitions.entry(name).or_default().kinds.extend(definition.kinds);
        }
    }
    Ok(whole)
}

/// `info`, of which only the version matters.
#[derive(Deserialize)]
struct Info {
    version: String,
}

impl Info {
    fn version(&self) -> Option<Version> {
        self.version.parse().ok()
    }
}

/// A schema, of which only the name or the type matters.
#[derive(Clone, Deserialize)]
struct Schema {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "allOf", default)]
    all_of: Vec<Schema>,
    #[serde(rename = "x-kubernetes-group-version-kind", default)]
    kinds: BTreeSet<GroupVersionKind>,
}

impl Schema {
    /// The shape behind the schema; `prefix` is where the format keeps its definitions.
    fn shape(&self, path: &str, prefix: &str) -> Result<Shape, Error> {
        let wrapped = match self.all_of.as_slice() {
            [one] => one,
            _ => self,
        };
        match (&wrapped.reference, &wrapped.kind) {
            (Some(reference), None) => {
                let name = reference.strip_prefix(prefix);
                let name = name.ok_or_else(|| Error::Reference {
                    path: path.to_owned(),
                    reference: reference.clone(),
                })?;
                Ok(Shape::Definition(name.to_owned()))
            }
            (None, Some(kind)) => Ok(Shape::Plain(kind.clone())),
            _ => Err(Error::Untyped { path: path.to_owned() }),
        }
    }
}

fn definitions(schemas: BTreeMap<String, Schema>) -> BTreeMap<String, Definition> {
    schemas.into_iter().map(|(name, schema)| (name, Definition { kinds: schema.kinds })).collect()
}
