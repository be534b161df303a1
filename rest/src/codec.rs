//! How bodies are written and read, by their media type.
//!
//! Another format is another [`Codec`] and another [`Format`].

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(feature = "cbor")]
use crate::cbor::Cbor;
use crate::json::{self, Kept, ObjectPlace, without_managed_fields};

/// A format for bodies. What goes wrong is told without text from the body, which may be a secret.
pub(crate) trait Codec {
    /// The media type, without parameters.
    const MEDIA_TYPE: &'static str;

    /// Writes a body.
    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String>;

    /// Reads a body.
    fn decode<T: DeserializeOwned>(body: &[u8], keeps: Keeps) -> Result<T, String>;
}

/// What of an object is kept when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    Everything,
    AllButManagedFields,
}

/// JSON, which every server speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json;

impl Codec for Json {
    const MEDIA_TYPE: &'static str = "application/json";

    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
        serde_json::to_vec(value).map_err(|error| error.to_string())
    }

    fn decode<T: DeserializeOwned>(body: &[u8], keeps: Keeps) -> Result<T, String> {
        Self::decode_at(ObjectPlace::Whole, body, keeps)
    }
}

impl Json {
    /// Reads an event of a watch.
    pub(crate) fn decode_event<T: DeserializeOwned>(event: &[u8], keeps: Keeps) -> Result<T, String> {
        Self::decode_at(ObjectPlace::Event, event, keeps)
    }

    fn decode_at<T: DeserializeOwned>(place: ObjectPlace, text: &[u8], keeps: Keeps) -> Result<T, String> {
        let mut kept = Kept::default();
        let text = match keeps {
            Keeps::Everything => Ok(text),
            Keeps::AllButManagedFields => without_managed_fields(text, place, &mut kept),
        };
        let text = text.map_err(|invalid| invalid.to_string())?;
        serde_json::from_slice(text).map_err(|error| json::problem(&error))
    }
}

/// Protobuf, which API servers speak about built-in kinds.
#[cfg(feature = "protobuf")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Protobuf;

#[cfg(feature = "protobuf")]
impl Codec for Protobuf {
    const MEDIA_TYPE: &'static str = kubeset_protobuf::MEDIA_TYPE;

    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
        kubeset_protobuf::to_vec(value).map_err(|error| error.to_string())
    }

    fn decode<T: DeserializeOwned>(body: &[u8], keeps: Keeps) -> Result<T, String> {
        kubeset_protobuf::from_slice_with(body, keeps.into()).map_err(|error| error.to_string())
    }
}

#[cfg(feature = "protobuf")]
impl From<Keeps> for kubeset_protobuf::Options {
    fn from(keeps: Keeps) -> Self {
        Self::default().without_managed_fields(keeps == Keeps::AllButManagedFields)
    }
}

/// The formats that bodies can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    #[cfg(feature = "protobuf")]
    Protobuf,
    #[cfg(feature = "cbor")]
    Cbor,
}

impl Format {
    const ALL: &'static [Self] = &[
        Self::Json,
        #[cfg(feature = "protobuf")]
        Self::Protobuf,
        #[cfg(feature = "cbor")]
        Self::Cbor,
    ];

    /// The media type, without parameters.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Json => Json::MEDIA_TYPE,
            #[cfg(feature = "protobuf")]
            Self::Protobuf => Protobuf::MEDIA_TYPE,
            #[cfg(feature = "cbor")]
            Self::Cbor => Cbor::MEDIA_TYPE,
        }
    }

    /// The media type as a header's value.
    pub(crate) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(self.media_type())
    }

    /// The format that an answer says it is in. One that says nothing counts as JSON, which was asked for.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, String> {
        let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(Self::Json) };
        let text = value.to_str().unwrap_or("in an unreadable media type");
        Self::named(text).ok_or_else(|| {
            let media_type = essence(text);
            format!("it is {media_type}, and this client reads {}", Self::all_media_types())
        })
    }

    /// The format with this media type, whatever its parameters.
    pub(crate) fn named(media_type: &str) -> Option<Self> {
        let essence = essence(media_type);
        if essence.is_empty() {
            return Some(Self::Json);
        }
        // Watches in CBOR have a type of their own.
        let essence = essence.strip_suffix("-seq").unwrap_or(essence);
        Self::ALL.iter().copied().find(|format| essence.eq_ignore_ascii_case(format.media_type()))
    }

    /// The media types of all formats, for messages.
    pub(crate) fn all_media_types() -> String {
        Self::ALL.iter().map(|format| format.media_type()).collect::<Vec<_>>().join(" and ")
    }

    /// Writes a body in this format.
    pub(crate) fn encode<T: Serialize + ?Sized>(self, value: &T) -> Result<Vec<u8>, String> {
        match self {
            Self::Json => Json::encode(value),
            #[cfg(feature = "protobuf")]
            Self::Protobuf => Protobuf::encode(value),
            #[cfg(feature = "cbor")]
            Self::Cbor => Cbor::encode(value),
        }
    }

    /// Reads a body in this format.
    pub(crate) fn decode<T: DeserializeOwned>(self, body: &[u8], keeps: Keeps) -> Result<T, String> {
        match self {
            Self::Json => Json::decode(body, keeps),
            #[cfg(feature = "protobuf")]
            Self::Protobuf => Protobuf::decode(body, keeps),
            #[cfg(feature = "cbor")]
            Self::Cbor => Cbor::decode(body, keeps),
        }
    }
}

/// Whether servers speak protobuf about the objects of this group and version, and this client does.
pub(crate) fn has_protobuf(group: &str, version: &str) -> bool {
    #[cfg(feature = "protobuf")]
    return match group {
        "" => kubeset_protobuf::is_built_in(version),
        _ => kubeset_protobuf::is_built_in(&format!("{group}/{version}")),
    };
    #[cfg(not(feature = "protobuf"))]
    {
        let _ = (group, version);
        false
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
    fn a_media_type_may_have_parameters_and_any_case() {
        assert_eq!(format("Application/JSON; charset=utf-8"), Ok(Format::Json));
        assert_eq!(Format::of(&HeaderMap::new()), Ok(Format::Json));
        #[cfg(feature = "protobuf")]
        assert_eq!(format("application/vnd.kubernetes.protobuf;stream=watch"), Ok(Format::Protobuf));
    }

    #[test]
    fn a_format_that_nobody_reads_is_named() {
        let problem = format("text/html; charset=utf-8").unwrap_err();
        assert!(problem.starts_with("it is text/html, and this client reads application/json"), "{problem}");
    }

    #[cfg(feature = "protobuf")]
    #[test]
    fn only_built_in_groups_have_protobuf() {
        assert!(has_protobuf("", "v1") && has_protobuf("apps", "v1"));
        assert!(!has_protobuf("example.com", "v1") && !has_protobuf("metrics.k8s.io", "v1beta1"));
    }
}
