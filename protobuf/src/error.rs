//! What can be wrong with protobuf. It is told without text from the body, which may be a secret.

use std::fmt;

use serde::de::{Expected, Unexpected};

/// Why bytes could not be read, or a value not be written.
///
/// It names the field, as JSON would have it, and never shows what the field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    problem: Problem,
    /// The names of the fields on the way to the problem, the innermost first.
    path: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    /// The bytes end too early.
    Cut,
    /// The fields of a message are not in the order of their numbers. They can be put into it.
    Disordered,
    Other(String),
}

impl Error {
    pub(crate) fn cut() -> Self {
        Self::new(Problem::Cut)
    }

    pub(crate) fn disordered() -> Self {
        Self::new(Problem::Disordered)
    }

    #[cold]
    pub(crate) fn wire(problem: impl Into<String>) -> Self {
        Self::new(Problem::Other(problem.into()))
    }

    fn new(problem: Problem) -> Self {
        Self(Box::new(Inner { problem, path: Vec::new() }))
    }

    /// The same error, in the field with this name.
    #[cold]
    pub(crate) fn within(mut self, field: &'static str) -> Self {
        self.0.path.push(field);
        self
    }

    pub(crate) fn is_disordered(&self) -> bool {
        self.0.problem == Problem::Disordered
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.problem {
            Problem::Cut => formatter.write_str("it ends before it is complete")?,
            Problem::Disordered => formatter.write_str("its fields are not in order")?,
            Problem::Other(text) => formatter.write_str(text)?,
        }
        for (index, name) in self.0.path.iter().rev().enumerate() {
            write!(formatter, "{}{name}", if index == 0 { " at " } else { "." })?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::wire(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::wire(format!("found {}, expected {expected}", shape(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::wire(format!("found {} with another value, expected {expected}", shape(found)))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::wire(format!("found an unknown variant, expected one of {}", expected.join(", ")))
    }
}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::wire(message.to_string())
    }
}

/// What was found, without its content.
fn shape(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a flag",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) => "a text",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit | Unexpected::Option => "nothing",
        Unexpected::Seq => "a list",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}

#[cfg(test)]
mod tests {
    use serde::de::Error as _;

    use super::*;

    #[test]
    fn the_path_is_told_and_the_content_is_not() {
        let error = Error::invalid_value(Unexpected::Str("hunter2"), &"a name");
        let error = error.within("value").within("env").within("spec");
        assert_eq!(error.to_string(), "found a text with another value, expected a name at spec.env.value");
    }
}
