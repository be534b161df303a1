//! Kubernetes' protobuf: bodies that are read, and objects, lists and events that are written.
//!
//! Objects are stored as JSON. The crate `kubeset-protobuf` makes one of the other.

mod fields;

use crate::answer::stored_object;
use crate::catalog::Resource;
use crate::store::Entry;
use bytes::Bytes;
use kubeset_protobuf::{Envelope, Error, MAGIC, Message, Options};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) use fields::Fields;
pub(crate) use kubeset_protobuf::MEDIA_TYPE;

/// The media type of watches.
pub(crate) const WATCH_MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf;stream=watch";

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It does not even say what it is.
    Envelope(String),
    /// It is not what it says.
    Object(String),
}

/// Reads a body. What it does not say about its version and kind is as in `expected`, which is a version and a kind.
///
/// Of an object whose kind is not known, there is only what it says that it is.
///
/// # Errors
///
/// What is wrong with it, and where.
pub(crate) fn read(body: &[u8], expected: (&str, &str)) -> Result<Value, Unreadable> {
    let envelope = envelope(body).map_err(Unreadable::Envelope)?;
    let said =
        |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
    // One that is none counts as not said.
    let is_version = envelope.api_version.matches('/').count() < 2;
    let api_version = said(if is_version { envelope.api_version } else { "" }, expected.0);
    let kind = said(envelope.kind, expected.1);
    let mut object = match Message::of_kind(&api_version, &kind) {
        Some(message) => message
            .decode(envelope.raw, Options::default())
            .map_err(|error| Unreadable::Object(told(&error)))?,
        None => json!({}),
    };
    object["apiVersion"] = api_version.into();
    object["kind"] = kind.into();
    Ok(object)
}

/// Takes a body apart.
fn envelope(body: &[u8]) -> Result<Envelope<'_>, String> {
    if body.is_empty() {
        return Err("empty data".into());
    }
    if body == MAGIC {
        return Err("empty body".into());
    }
    if !body.starts_with(MAGIC) {
        let magic: Vec<String> = MAGIC.iter().map(u8::to_string).collect();
        let magic = magic.join(" ");
        return Err(format!(
            "provided data does not appear to be a protobuf message, expected prefix [{magic}]"
        ));
    }
    Envelope::read(body).map_err(|error| told(&error))
}

/// What is wrong with a body, in Go's words where they are known.
fn told(error: &Error) -> String {
    if error.is_cut() { "unexpected EOF".into() } else { error.to_string() }
}

/// The JSON of a body that is a document in JSON or in protobuf; none if it is neither.
pub(crate) fn document(body: &[u8]) -> Option<Value> {
    if body.starts_with(MAGIC) {
        return kubeset_protobuf::from_slice(body).ok();
    }
    serde_json::from_slice(body).ok()
}

/// Writes an object that is JSON and says what it is.
///
/// # Errors
///
/// If it has something that its kind has not, as only tests can store it, or its kind has no protobuf.
pub(crate) fn write(json: &[u8]) -> Result<Bytes, String> {
    let object: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    write_value(&object).map_err(|error| error.to_string())
}

/// Writes an object that says what it is. Discovery's oldest kinds do not say of which version.
///
/// # Errors
///
/// As for [`write()`].
pub(crate) fn write_value(object: &Value) -> Result<Bytes, Error> {
    let kind = object["kind"].as_str().filter(|_| object.get("apiVersion").is_none());
    let Some((kind, message)) = kind.and_then(|kind| Some((kind, Message::of_kind("v1", kind)?))) else {
        return kubeset_protobuf::to_vec(object).map(Bytes::from);
    };
    let type_meta = Fields::default().bytes(1, b"").bytes(2, kind.as_bytes());
    let envelope = Fields::default().message(1, &type_meta).bytes(2, &message.encode(object)?);
    Ok(Bytes::from([MAGIC, &envelope.into_bytes()].concat()))
}

/// Writes a list of stored objects.
///
/// # Errors
///
/// As for [`write()`].
pub(crate) fn write_list(
    resource: &Resource,
    metadata: &Value,
    entries: &[Arc<Entry>],
) -> Result<Bytes, Error> {
    let items = Items { resource, entries };
    let list = List { api_version: &resource.api_version(), kind: &resource.list_kind, metadata, items };
    kubeset_protobuf::to_vec(&list).map(Bytes::from)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    api_version: &'a str,
    kind: &'a str,
    metadata: &'a Value,
    items: Items<'a>,
}

/// Stored objects, each of which is read when its turn comes.
struct Items<'a> {
    resource: &'a Resource,
    entries: &'a [Arc<Entry>],
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.entries.iter().map(|entry| stored_object(entry, self.resource)))
    }
}

/// An event of a watch: how long it is, in four bytes, and a message that holds the object with its envelope.
pub(crate) fn frame(kind: &str, object: &[u8]) -> Bytes {
    let event = Fields::default().bytes(1, kind.as_bytes()).message(2, &Fields::default().bytes(1, object));
    let event = event.into_bytes();
    // No body is as long as that.
    let length = u32::try_from(event.len()).unwrap_or(u32::MAX);
    Bytes::from([&length.to_be_bytes()[..], &event].concat())
}

#[cfg(test)]
mod tests;
