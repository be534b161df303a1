//! Operations, as both versions of OpenAPI tell them.

use super::parameter::Parameter;
use crate::catalog::Text;

pub(super) const OBJECT: &[&str] =
    &["application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/cbor"];
pub(super) const LIST: &[&str] = &[
    "application/json",
    "application/yaml",
    "application/vnd.kubernetes.protobuf",
    "application/cbor",
    "application/json;stream=watch",
    "application/vnd.kubernetes.protobuf;stream=watch",
    "application/cbor-seq",
];
pub(super) const CUSTOM: &[&str] = &["application/json", "application/yaml"];
pub(super) const JSON: &[&str] = &["application/json"];
pub(super) const ANY: &[&str] = &["*/*"];
pub(super) const LOG: &[&str] = &[
    "text/plain",
    "application/json",
    "application/yaml",
    "application/vnd.kubernetes.protobuf",
    "application/cbor",
];
pub(super) const PATCHES: &[&str] = &[
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
    "application/apply-patch+cbor",
];
pub(super) const CUSTOM_PATCHES: &[&str] =
    &["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];

/// A path with what can be done there.
#[derive(Clone, Debug)]
pub(super) struct Path {
    /// With names in braces.
    pub(super) path: String,
    /// Which document of version 3 has it.
    pub(super) home: String,
    /// What all its operations have.
    pub(super) parameters: Vec<Parameter>,
    pub(super) operations: Vec<Operation>,
}

/// Something that can be done.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    /// The HTTP method, in small letters.
    pub(super) method: &'static str,
    pub(super) action: Option<&'static str>,
    /// What it is done with.
    pub(super) kind: Option<Kind>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    /// The HTTP status codes of success.
    pub(super) codes: &'static [&'static str],
    pub(super) answer: Type,
    /// Media types of answers.
    pub(super) produces: &'static [&'static str],
}

/// A group, a version, and a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) group: Text,
    pub(super) version: Text,
    pub(super) kind: Text,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(super) struct Body {
    /// The name of a definition.
    pub(super) definition: Text,
    pub(super) media_types: &'static [&'static str],
    pub(super) required: bool,
}

/// The type of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// Nothing is said about it.
    Untold,
    /// Text.
    Text,
    /// A definition by its name.
    Definition(Text),
}

impl Operation {
    /// Reading something that has no kind.
    pub(super) fn read(answer: Type, produces: &'static [&'static str]) -> Self {
        Self {
            method: "get",
            action: None,
            kind: None,
            parameters: Vec::new(),
            body: None,
            codes: &["200"],
            answer,
            produces,
        }
    }
}

/// What HTTP calls a status code.
pub(super) fn phrase(code: &str) -> &'static str {
    match code {
        "201" => "Created",
        "202" => "Accepted",
        "401" => "Unauthorized",
        _ => "OK",
    }
}
