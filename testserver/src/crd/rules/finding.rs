//! What is wrong with a value, in the words of kube-apiserver.

use crate::failure::Cause;
use serde_json::Value;

/// Something that is wrong with a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    what: What,
    /// Where: empty for the whole.
    path: String,
    /// The value, or what is told instead.
    value: Value,
    /// Such as `spec.replicas in body must be of type integer: "string"`.
    message: String,
}

/// The kind of a finding.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// A value of another type.
    Type,
    /// Something is missing.
    Required,
    /// A value that is not one of these.
    NotSupported(Vec<Value>),
    /// A text of more than so many characters.
    TooLong(u64),
    /// More than so many items or properties.
    TooMany(u64),
    /// Anything else.
    Invalid,
    /// Several rules that do not fit together. It is not told where.
    Composite,
}

impl Finding {
    pub(super) fn new(what: What, path: &str, value: Value, message: String) -> Self {
        Self { what, path: path.to_owned(), value, message }
    }

    /// What does not belong to a place.
    pub(super) fn composite(message: String) -> Self {
        Self::new(What::Composite, "", Value::from(""), message)
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The cause to tell. `parent` is the field that was checked; empty for an object.
    pub(crate) fn into_cause(self, parent: &str) -> Cause {
        let own = self.path.strip_prefix('.').unwrap_or(&self.path);
        let field = match (parent, own) {
            // This is how a path of no steps is written.
            ("", "") => "<nil>".to_owned(),
            ("", own) => own.to_owned(),
            (parent, "") => parent.to_owned(),
            (parent, own) => format!("{parent}.{own}"),
        };
        let value = &self.value;
        match self.what {
            What::Type => Cause::type_invalid(field, value, &self.message),
            What::Required => Cause::required(field, ""),
            What::NotSupported(values) => {
                let values: Vec<String> = values.iter().map(told).collect();
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                Cause::not_supported(field, value, &values)
            }
            What::TooLong(most) => Cause::too_long(field, usize::try_from(most).unwrap_or(usize::MAX)),
            What::TooMany(most) => {
                let found = value.as_u64().unwrap_or_default();
                let [found, most] = [found, most].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
                Cause::too_many(field, found, most)
            }
            What::Invalid => Cause::invalid(field, value, &self.message),
            What::Composite => {
                let field = if parent.is_empty() { "<nil>" } else { parent };
                Cause::invalid(field, value, &self.message)
            }
        }
    }
}

fn told(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
