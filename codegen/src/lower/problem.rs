//! Why a document was refused.

use crate::model::Call;
use crate::openapi::{GroupVersionKind, Shape};

/// The first thing in a document that the clientset does not know what to do with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {problem}")]
pub struct Error {
    /// Where it is.
    pub call: Call,
    /// What it is.
    pub problem: Problem,
}

/// What is wrong with an operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The path fits no known scheme.
    #[error("the path is neither of an API group nor in the table of server calls")]
    Path,
    /// The parameters of the path are not its placeholders.
    #[error("the path's parameters are not its placeholders")]
    Placeholders,
    /// No `x-kubernetes-action`.
    #[error("the operation has no action")]
    NoAction,
    /// An action that is unknown, or that does not go with the method and the path.
    #[error("the action `{0}` is unknown for this method and path")]
    Action(String),
    /// A subresource that has no name yet.
    #[error("the subresource `{0}` is unknown")]
    Subresource(String),
    /// A query parameter that no builder sends, or with another type.
    #[error("the parameter `{0}` is unknown, or has another type or place than our builder sends")]
    Parameter(String),
    /// A query parameter that a builder would send and the server does not list.
    #[error("the parameter `{0}` is missing, and our builder sends it")]
    MissingParameter(String),
    /// No `x-kubernetes-group-version-kind`.
    #[error("the operation has no kind")]
    NoKind,
    /// A kind without exactly one definition.
    #[error("not exactly one definition is the {}/{} {}", .0.group, .0.version, .0.kind)]
    Kind(GroupVersionKind),
    /// A definition that has no place in k8s-openapi.
    #[error("the type `{0}` is unknown")]
    Type(String),
    /// The operations of one resource disagree about its kind.
    #[error("the resource has the kinds `{one}` and `{other}`")]
    Kinds {
        /// The kind met first.
        one: String,
        /// The kind met later.
        other: String,
    },
    /// A resource with nothing but subresources.
    #[error("no operation tells the type of the resource's objects")]
    NoObject,
    /// The body is not what the verb sends.
    #[error("the body is {found:?}, and the verb sends {expected:?}")]
    Body {
        /// What the document says.
        found: Option<Shape>,
        /// What our builder sends.
        expected: Option<Shape>,
    },
    /// The media types of the body are not those that we know.
    #[error("the media types of the body are {found:?}")]
    MediaTypes {
        /// What the document says.
        found: Vec<String>,
    },
    /// The answers are not what the verb promises.
    #[error("the answers are {found:?}")]
    Answers {
        /// What the document says: status code and type.
        found: Vec<(String, Shape)>,
    },
    /// A name that makes no Rust identifier.
    #[error("`{0}` makes no Rust name")]
    Name(String),
    /// A group or version that the server does not list.
    #[error("resources of this group exist, but not this call")]
    NoDiscovery,
    /// A write across namespaces.
    #[error("a namespaced resource can only be listed and watched without a namespace")]
    Scope,
}
