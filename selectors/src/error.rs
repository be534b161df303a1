//! Why something is no selector.

use std::fmt;

/// A text, an object, or the arguments of a builder that make no selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid {about} selector{}: {reason}", Quoted(text.as_deref()))]
pub struct InvalidSelector {
    about: &'static str,
    text: Option<String>,
    reason: String,
}

impl InvalidSelector {
    /// What is wrong, in the words of an API server, without the selector's text before it.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub(crate) fn labels(reason: String) -> Self {
        Self { about: "label", text: None, reason }
    }

    pub(crate) fn fields(reason: String) -> Self {
        Self { about: "field", text: None, reason }
    }

    /// The error with the text that was read.
    pub(crate) fn in_text(self, text: &str) -> Self {
        Self { text: Some(text.to_owned()), ..self }
    }
}

/// The text of a selector in quotes, or nothing.
struct Quoted<'a>(Option<&'a str>);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |text| write!(formatter, " {text:?}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::{FieldSelector, LabelSelector};

    #[test]
    fn an_error_names_the_selector_and_what_is_wrong() {
        assert_eq!(
            LabelSelector::parse("a=b=c").unwrap_err().to_string(),
            "invalid label selector \"a=b=c\": found '=', expected: ',' or 'end of string'"
        );
        let error = LabelSelector::exists("/b").unwrap_err();
        assert_eq!(error.reason(), "key: Invalid value: \"/b\": prefix part must be non-empty");
        assert_eq!(error.to_string(), format!("invalid label selector: {}", error.reason()));
        assert!(
            FieldSelector::parse("a").unwrap_err().to_string().starts_with("invalid field selector \"a\": ")
        );
    }
}
