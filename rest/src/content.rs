//! Content negotiation: which media types a client asks for and sends, and how large an answer may be.

use http::HeaderValue;

use crate::codec::Format;
use crate::config::ConfigError;

/// Which media types a client asks for and sends, and how large an answer may be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentConfig {
    /// The `Accept` header of every request that does not set its own.
    ///
    /// By default, typed calls about built-in kinds ask for protobuf, and for JSON where the server has none; all
    /// others ask for JSON. `application/json` here makes all calls ask for JSON. With the feature `cbor`,
    /// `application/cbor, application/json` asks for CBOR where the server has it.
    pub accept: Option<String>,
    /// The media type of bodies that are objects. Patches have types of their own.
    ///
    /// By default, objects of built-in kinds are sent as protobuf, and all others as JSON. A client is not made with a
    /// type that it cannot write; an object that cannot be written in a type that is set here is an error.
    pub content_type: Option<String>,
    /// The largest answer that is read into memory, in bytes after decompression; 1 GiB by default.
    ///
    /// A larger answer is an error, so that a hostile server cannot exhaust the memory. That holds for lists too when they
    /// are read object by object. Watches and logs are not bounded by it: they hold one event or chunk at a time.
    pub max_response_bytes: usize,
}

impl Default for ContentConfig {
    fn default() -> Self {
        Self { accept: None, content_type: None, max_response_bytes: 1 << 30 }
    }
}

/// The same, checked and ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) accept: Option<HeaderValue>,
    pub(crate) content_type: Option<(Format, HeaderValue)>,
    pub(crate) max_response_bytes: usize,
}

impl Content {
    pub(crate) fn new(config: &ContentConfig) -> Result<Self, ConfigError> {
        let refuse = |field: &'static str, value: &str, reason: &str| ConfigError::Content {
            field,
            value: value.to_owned(),
            reason: reason.to_owned(),
        };
        let header = |field, value: &String| {
            HeaderValue::from_str(value).map_err(|_| refuse(field, value, "no header can carry it"))
        };
        let format = |value: &String| {
            let format = Format::named(value).ok_or_else(|| {
                let reason = format!("this client writes {}", Format::all_media_types());
                refuse("content_type", value, &reason)
            })?;
            Ok((format, header("content_type", value)?))
        };
        Ok(Self {
            accept: config.accept.as_ref().map(|accept| header("accept", accept)).transpose()?,
            content_type: config.content_type.as_ref().map(format).transpose()?,
            max_response_bytes: config.max_response_bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_cannot_be_written_is_refused_by_name() {
        let content_type = Some("application/xml".to_owned());
        let error = Content::new(&ContentConfig { content_type, ..ContentConfig::default() }).unwrap_err();
        assert!(error.to_string().contains("content_type") && error.to_string().contains("application/xml"));
    }

    #[test]
    fn a_type_may_have_parameters() {
        let content_type = Some("application/json; charset=utf-8".to_owned());
        let content = Content::new(&ContentConfig { content_type, ..ContentConfig::default() }).unwrap();
        let (format, header) = content.content_type.unwrap();
        assert_eq!((format, header.to_str().unwrap()), (Format::Json, "application/json; charset=utf-8"));
    }

    #[test]
    fn what_no_header_can_carry_is_refused_when_the_client_is_made() {
        let accept = Some("a\nb".to_owned());
        assert!(Content::new(&ContentConfig { accept, ..ContentConfig::default() }).is_err());
    }
}
