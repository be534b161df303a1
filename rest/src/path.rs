//! Paths: the only way a caller's string gets into a URL.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What is escaped within a path segment, beside everything that is not ASCII.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Which part of a request a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The namespace.
    Namespace,
    /// The resource, in lower-case plural.
    Resource,
    /// The name of the object.
    Name,
    /// The subresource.
    Subresource,
    /// The path itself, or what comes after the subresource.
    Path,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Namespace => "namespace",
            Self::Resource => "resource",
            Self::Name => "name",
            Self::Subresource => "subresource",
            Self::Path => "path",
        })
    }
}

/// Why arguments do not make a valid request. Nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A part that must have a value is empty.
    #[error("the {part} may not be empty")]
    Empty {
        /// The part.
        part: Part,
    },
    /// A part would leave its place in the URL, or name another object than it seems to.
    #[error("the {part} {value:?} may not be {problem}: check where it comes from")]
    Invalid {
        /// The part.
        part: Part,
        /// The value that was given.
        value: String,
        /// What it may not be or contain.
        problem: &'static str,
    },
    /// A part was set twice.
    #[error("the {part} is {first:?} already and cannot become {second:?}")]
    SetTwice {
        /// The part.
        part: Part,
        /// The value that was set first.
        first: String,
        /// The value that came second.
        second: String,
    },
    /// A part was set that only makes sense together with another one.
    #[error("the {part} needs a {needs}: set both or neither")]
    Incomplete {
        /// The part that was set.
        part: Part,
        /// The part that is missing.
        needs: Part,
    },
    /// A header's name or value is not valid in HTTP.
    #[error("the header {name:?} is not valid")]
    Header {
        /// The name of the header. The value may be a secret, and is not kept.
        name: String,
    },
    /// The object cannot be written as JSON.
    #[error("cannot write the body as JSON: {problem}")]
    Body {
        /// What the serializer says.
        problem: String,
    },
    /// The URL that the parts make is not valid.
    #[error("the URL {url:?} is not valid: {problem}")]
    Url {
        /// The URL.
        url: String,
        /// What the URL parser says.
        problem: String,
    },
}

/// One checked segment of a path, not yet escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment(String);

impl Segment {
    /// Checks that `value` stays within its segment.
    pub(crate) fn new(part: Part, value: &str) -> Result<Self, BuildError> {
        let invalid = |problem| BuildError::Invalid { part, value: value.to_owned(), problem };
        match value {
            "" => Err(BuildError::Empty { part }),
            "." | ".." => Err(invalid("\".\" or \"..\"")),
            _ if value.contains('/') => Err(invalid("a value with \"/\" in it")),
            _ if value.contains('%') => Err(invalid("a value with \"%\" in it")),
            _ => Ok(Self(value.to_owned())),
        }
    }

    /// The value as it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Appends `/` and the escaped value.
    pub(crate) fn append_to(&self, path: &mut String) {
        append_escaped(path, &self.0);
    }
}

/// Several segments given as one string with `/` between them.
///
/// Empty segments are dropped, but a `/` at the end is kept: to a proxied server it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Segments {
    segments: Vec<String>,
    slash_at_end: bool,
}

impl Segments {
    /// Checks that `path` cannot climb out of where it is put.
    pub(crate) fn new(path: &str) -> Result<Self, BuildError> {
        let segments: Vec<String> =
            path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        if segments.iter().any(|segment| segment == "." || segment == "..") {
            let problem = "a path with \".\" or \"..\" in it";
            return Err(BuildError::Invalid { part: Part::Path, value: path.to_owned(), problem });
        }
        Ok(Self { slash_at_end: path.ends_with('/'), segments })
    }

    /// Appends all segments, each with `/` before it and escaped.
    pub(crate) fn append_to(&self, path: &mut String) {
        for segment in &self.segments {
            append_escaped(path, segment);
        }
        if self.slash_at_end && !path.ends_with('/') {
            path.push('/');
        }
    }

    /// Appends the segments of `other` after these.
    pub(crate) fn extend(&mut self, other: Self) {
        self.segments.extend(other.segments);
        self.slash_at_end = other.slash_at_end;
    }

    /// Whether there is nothing to append.
    pub(crate) fn is_empty(&self) -> bool {
        self.segments.is_empty() && !self.slash_at_end
    }

    /// Appends one segment.
    pub(crate) fn push(&mut self, segment: Segment) {
        self.segments.push(segment.0);
        self.slash_at_end = false;
    }
}

fn append_escaped(path: &mut String, segment: &str) {
    if !path.ends_with('/') {
        path.push('/');
    }
    path.extend(utf8_percent_encode(segment, ESCAPED));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(path: &str) -> String {
        let mut written = String::new();
        Segments::new(path).unwrap().append_to(&mut written);
        written
    }

    #[test]
    fn a_name_cannot_leave_its_segment() {
        for name in ["", ".", "..", "a/b", "../../secrets/x", "a%2fb", "%2e%2e"] {
            assert!(Segment::new(Part::Name, name).is_err(), "{name:?}");
        }
        for name in ["web-0", "...", "system:node:a", "a b", "ä", "a?b#c", "{name}"] {
            assert!(Segment::new(Part::Name, name).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn what_has_a_meaning_in_urls_is_escaped() {
        let mut path = String::new();
        Segment::new(Part::Name, "a?b#c ä\\{").unwrap().append_to(&mut path);
        assert_eq!(path, "/a%3Fb%23c%20%C3%A4%5C%7B");
    }

    #[test]
    fn colons_stay_readable() {
        assert_eq!(escaped("system:node@1"), "/system:node@1");
    }

    #[test]
    fn a_path_keeps_its_last_slash_and_loses_empty_segments() {
        assert_eq!(escaped("/version/"), "/version/");
        assert_eq!(escaped("//a///b"), "/a/b");
        assert_eq!(escaped("/"), "/");
        assert_eq!(escaped(""), "");
    }

    #[test]
    fn a_path_cannot_climb() {
        assert!(Segments::new("a/../b").is_err());
        assert!(Segments::new("./a").is_err());
    }

    #[test]
    fn an_error_names_the_part_and_the_value() {
        let error = Segment::new(Part::Namespace, "a/b").unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"the namespace "a/b" may not be a value with "/" in it: check where it comes from"#
        );
    }
}
