//! Why facts do not make a table.

use super::facts::{Fact, InvalidFacts};

/// Facts that do not make a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The facts cannot be read.
    #[error("the facts about protobuf cannot be read")]
    Facts(#[from] InvalidFacts),
    /// A document cannot be read.
    #[error("a document cannot be read")]
    Document(#[from] serde_json::Error),
    /// A kind is not sent as protobuf, for all that is known.
    #[error("{kind} is a kind and has no message: import those of its version")]
    NoMessage {
        /// The name of its definition.
        kind: String,
    },
    /// A field cannot be a part of the table.
    #[error("{message}: the field `{field}` {problem}")]
    Field {
        /// The message.
        message: String,
        /// What protobuf calls the field.
        field: String,
        /// What is wrong.
        problem: String,
    },
    /// The documents and Go's types contradict each other.
    #[error("{message}: the property `{property}` {problem}")]
    Property {
        /// The message.
        message: String,
        /// What JSON calls it.
        property: String,
        /// What is wrong.
        problem: String,
    },
    /// A row of a list has no use.
    #[error("{message} is listed ({reason}), but {problem}")]
    Stale {
        /// The message.
        message: &'static str,
        /// Why it is listed.
        reason: &'static str,
        /// Why it need not be.
        problem: &'static str,
    },
}

impl Error {
    pub(super) fn of_field(message: &str, field: &Fact, problem: &str) -> Self {
        Self::Field { message: message.to_owned(), field: field.name.clone(), problem: problem.to_owned() }
    }

    pub(super) fn of_property(message: &str, property: &str, problem: String) -> Self {
        Self::Property { message: message.to_owned(), property: property.to_owned(), problem }
    }
}
