//! Content negotiation: which media types a client asks for and sends, and how large an answer may be.

use http::HeaderValue;

use crate::codec::{Codec as _, Format, Json};
use crate::config::ConfigError;

/// Which media types a client asks for and sends, and how large an answer may be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentConfig {
    /// The `Accept` header of every request that does not set its own; `application/json, */*` by default.
    pub accept: String,
    /// The media type of bodies that are objects; `application/json` by default. Patches have types of their own.
    ///
    /// A client is not made with a type that it cannot write.
    pub content_type: String,
    /// The largest answer that is read into memory, in bytes after decompression; 1 GiB by default.
    ///
    /// A larger answer is an error, so that a hostile server cannot exhaust the memory. Streams
    /// (watches, logs) are not bounded by it: they hold one event or chunk at a time.
    pub max_response_bytes: usize,
}

impl Default for ContentConfig {
    fn default() -> Self {
        Self {
            accept: format!("{}, */*", Json::MEDIA_TYPE),
            content_type: Json::MEDIA_TYPE.to_owned(),
            max_response_bytes: 1 << 30,
        }
    }
}

/// The same, checked and ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) accept: HeaderValue,
    pub(crate) content_type: HeaderValue,
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
        if Format::named(&config.content_type).is_none() {
            let reason = format!("this client writes {}", Json::MEDIA_TYPE);
            return Err(refuse("content_type", &config.content_type, &reason));
        }
        Ok(Self {
            accept: header("accept", &config.accept)?,
            content_type: header("content_type", &config.content_type)?,
            max_response_bytes: config.max_response_bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_cannot_be_written_is_refused_by_name() {
        let content_type = "application/cbor".to_owned();
        let error = Content::new(&ContentConfig { content_type, ..ContentConfig::default() }).unwrap_err();
        assert!(error.to_string().contains("content_type") && error.to_string().contains("application/cbor"));
    }

    #[test]
    fn a_type_may_have_parameters() {
        let content_type = "application/json; charset=utf-8".to_owned();
        let content = Content::new(&ContentConfig { content_type, ..ContentConfig::default() }).unwrap();
        assert_eq!(content.content_type, "application/json; charset=utf-8");
    }

    #[test]
    fn what_no_header_can_carry_is_refused_when_the_client_is_made() {
        let accept = "a\nb".to_owned();
        assert!(Content::new(&ContentConfig { accept, ..ContentConfig::default() }).is_err());
    }
}
