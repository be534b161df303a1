//! How bodies are written and read, by their media type.
//!
//! Another format is another [`Codec`] and another [`Format`].

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json;

/// A format for bodies. What goes wrong is told without text from the body, which may be a secret.
pub(crate) trait Codec {
    /// The media type, without parameters.
    const MEDIA_TYPE: &'static str;

    /// Writes a body.
    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String>;

    /// Reads a body.
    fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, String>;
}

/// JSON, which every server speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json;

impl Codec for Json {
    const MEDIA_TYPE: &'static str = "application/json";

    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
        serde_json::to_vec(value).map_err(|error| error.to_string())
    }

    fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
        serde_json::from_slice(body).map_err(|error| json::problem(&error))
    }
}

/// The formats that answers can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
}

impl Format {
    /// The format that an answer says it is in. One that says nothing counts as JSON, which was asked for.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, String> {
        let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(Self::Json) };
        let text = value.to_str().unwrap_or("in an unreadable media type");
        Self::named(text).ok_or_else(|| {
            let media_type = essence(text);
            format!("it is {media_type}, and this client reads {}", Json::MEDIA_TYPE)
        })
    }

    /// The format with this media type, whatever its parameters.
    pub(crate) fn named(media_type: &str) -> Option<Self> {
        let essence = essence(media_type);
        (essence.is_empty() || essence.eq_ignore_ascii_case(Json::MEDIA_TYPE)).then_some(Self::Json)
    }

    /// Reads a body in this format.
    pub(crate) fn decode<T: DeserializeOwned>(self, body: &[u8]) -> Result<T, String> {
        match self {
            Self::Json => Json::decode(body),
        }
    }
}

/// A media type without its parameters.
fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(value: &str) -> Result<Format, String> {
        Format::of(&HeaderMap::from_iter([(CONTENT_TYPE, value.parse().unwrap())]))
    }

    #[test]
    fn json_may_have_parameters_and_any_case() {
        assert_eq!(format("Application/JSON; charset=utf-8"), Ok(Format::Json));
        assert_eq!(Format::of(&HeaderMap::new()), Ok(Format::Json));
    }

    #[test]
    fn a_format_that_nobody_reads_is_named() {
        let problem = format("text/html; charset=utf-8").unwrap_err();
        assert_eq!(problem, "it is text/html, and this client reads application/json");
    }
}
