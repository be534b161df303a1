//! Answers of verbs, to be made HTTP responses.

use crate::accept::{self, Encoding};
use crate::body::{Body, BrokenOff};
use crate::catalog::Resource;
use crate::convert;
use crate::failure::Failure;
use crate::protobuf;
use crate::store::Entry;
use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// What a verb answers.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status code.
    pub(crate) code: StatusCode,
    /// What comes.
    pub(crate) content: Content,
    /// How what is JSON here is written.
    pub(crate) encoding: Encoding,
    /// For people, in headers.
    pub(crate) warnings: Vec<String>,
    /// When to try again, in seconds.
    pub(crate) retry_after: Option<u32>,
    /// Headers besides those of all answers, or instead of them.
    pub(crate) headers: HeaderMap,
}

/// The content of an answer.
#[derive(Debug)]
pub(crate) enum Content {
    /// Nothing.
    Empty,
    /// JSON, which is written in another encoding if the client wants that; unless the headers name a type.
    Json(Bytes),
    /// Protobuf, unless the headers name another type.
    Protobuf(Bytes),
    /// Text.
    Text(Bytes),
    /// Events, or for logs text, piece by piece.
    Pieces { content_type: &'static str, pieces: mpsc::Receiver<Result<Bytes, BrokenOff>> },
}

impl Answer {
    /// An answer with nothing but its content.
    pub(crate) fn new(code: StatusCode, content: Content) -> Self {
        Self {
            code,
            content,
            encoding: Encoding::Json,
            warnings: Vec::new(),
            retry_after: None,
            headers: HeaderMap::new(),
        }
    }

    /// JSON that is a value.
    pub(crate) fn value(code: StatusCode, value: &Value) -> Self {
        // Values can always be written.
        Self::json(code, Bytes::from(serde_json::to_vec(value).unwrap_or_default()))
    }

    /// JSON that is written already.
    pub(crate) fn json(code: StatusCode, bytes: Bytes) -> Self {
        Self::new(code, Content::Json(bytes))
    }

    /// Plain text.
    pub(crate) fn text(code: StatusCode, text: impl Into<Bytes>) -> Self {
        Self::new(code, Content::Text(text.into()))
    }

    /// A refusal, as the client that sent these headers accepts it. One that accepts nothing gets JSON.
    pub(crate) fn refusal(failure: Failure, headers: &HeaderMap) -> Self {
        let encoding = accept::plain(headers).unwrap_or_default();
        Self { encoding, ..Self::from(failure) }
    }

    /// Sets a header.
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Writes what is JSON in its encoding. What cannot be written is a refusal.
    fn encoded(self) -> Self {
        let Content::Json(bytes) = &self.content else { return self };
        if self.encoding != Encoding::Protobuf || self.headers.contains_key(CONTENT_TYPE) {
            return self;
        }
        match protobuf::write(bytes) {
            Ok(bytes) => Self { content: Content::Protobuf(bytes), ..self },
            Err(why) => Self { encoding: Encoding::Json, ..Self::from(Failure::unwritable(&why)) },
        }
    }

    /// The response.
    pub(crate) fn into_response(self) -> Response<Body> {
        let answer = self.encoded();
        answer.response()
    }

    fn response(self) -> Response<Body> {
        let (content_type, body) = match self.content {
            Content::Empty => (None, Body::Whole(None)),
            Content::Json(bytes) => {
                // JSON is YAML.
                let is_yaml = self.encoding == Encoding::Yaml;
                let encoding = if is_yaml { Encoding::Yaml } else { Encoding::Json };
                (Some(encoding.media_type()), Body::Whole(Some(bytes)))
            }
            Content::Protobuf(bytes) => (Some(protobuf::MEDIA_TYPE), Body::Whole(Some(bytes))),
            Content::Text(bytes) => (Some("text/plain; charset=utf-8"), Body::Whole(Some(bytes))),
            Content::Pieces { content_type, pieces } => (Some(content_type), Body::Pieces(pieces)),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.code;
        let headers = response.headers_mut();
        // What a client has keeps its type, which may be another.
        if let Some(content_type) = content_type.filter(|_| self.code != StatusCode::NOT_MODIFIED) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        headers.extend(self.headers);
        for warning in self.warnings {
            if let Ok(value) = HeaderValue::from_str(&format!("299 - {}", quoted(&warning))) {
                headers.append(http::header::WARNING, value);
            }
        }
        response
    }
}

/// A text as a quoted string of a header.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        let retry_after = failure.details.retry_after;
        let answer = Self::value(failure.code, &failure.to_status());
        Self { retry_after, warnings: failure.details.warnings, ..answer }
    }
}

/// A stored object in a line of JSON, as of the version of `resource`.
pub(crate) fn encode(entry: &Entry, resource: &Resource) -> Bytes {
    let mut bytes = BytesMut::with_capacity(entry.bare().len() + 64);
    encode_into(&mut bytes, entry, resource);
    bytes.put_u8(b'\n');
    bytes.freeze()
}

/// Writes a stored object in JSON, as of the version of `resource`.
pub(crate) fn encode_into(bytes: &mut BytesMut, entry: &Entry, resource: &Resource) {
    if convert::is_needed(resource) {
        let object = stored_object(entry, resource);
        bytes.extend_from_slice(object.to_string().as_bytes());
        return;
    }
    bytes.extend_from_slice(type_meta(resource).as_bytes());
    bytes.extend_from_slice(entry.rest());
}

/// The opening of an object: `{"kind":…,"apiVersion":…,`.
fn type_meta(resource: &Resource) -> String {
    format!(r#"{{"kind":"{}","apiVersion":"{}","#, resource.kind, resource.api_version())
}

/// A stored object as of the version of `resource`.
pub(crate) fn stored_object(entry: &Entry, resource: &Resource) -> Value {
    let object = entry.object(&resource.api_version(), &resource.kind);
    convert::from_stored(object, resource)
}

/// A list in JSON. Items of built-in kinds do not say what they are: the list does.
pub(crate) fn encode_list<'a>(
    resource: &Resource,
    metadata: &Value,
    entries: impl Iterator<Item = &'a Entry>,
) -> Bytes {
    let mut bytes = BytesMut::with_capacity(1 << 12);
    let head = format!(
        r#"{{"kind":"{}","apiVersion":"{}","metadata":{metadata},"items":["#,
        resource.list_kind,
        resource.api_version()
    );
    bytes.extend_from_slice(head.as_bytes());
    for (index, entry) in entries.enumerate() {
        if index > 0 {
            bytes.put_u8(b',');
        }
        if resource.custom.is_some() {
            encode_into(&mut bytes, entry, resource);
        } else if convert::is_needed(resource) {
            let mut object = stored_object(entry, resource);
            let map = crate::object::as_map(&mut object);
            map.remove("apiVersion");
            map.remove("kind");
            bytes.extend_from_slice(object.to_string().as_bytes());
        } else {
            bytes.extend_from_slice(entry.bare());
        }
    }
    bytes.extend_from_slice(b"]}\n");
    bytes.freeze()
}

/// Only what every kind has, of a version of `meta.k8s.io`.
pub(crate) fn partial_metadata(object: &Value, version: &str) -> Value {
    let metadata = object.get("metadata").cloned().unwrap_or_else(|| json!({}));
    let version = format!("meta.k8s.io/{version}");
    json!({"kind": "PartialObjectMetadata", "apiVersion": version, "metadata": metadata})
}
