//! From types to messages: a serde `Serializer` that writes the wire.
//!
//! It takes what would be written as JSON, and finds each field's number by its name. A field that the message does not have is
//! an error: it would be lost. Fields are written in the order in which they come, which protobuf allows.

mod members;
mod plain;
mod value;

use serde::Serialize;

use self::value::{Target, Value};
use crate::envelope::Envelope;
use crate::wire::{Content, finish_message, put_field, start_message};
use crate::{Error, MAGIC, Message};

/// What says what an object is.
const TYPE_META: &str = "apimachinery.pkg.runtime.TypeMeta";

/// What becomes of members that a message does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    Refused,
    /// They are refused, but for the version and the kind, which stand in the envelope.
    RefusedButTypeMeta,
    PassedOver,
}

/// Writes a body: the object in an envelope that says what it is.
///
/// The value must say its `apiVersion` and `kind`, as k8s-openapi's types do.
///
/// # Errors
///
/// If it does not, or its kind has no protobuf form, or it has a field that this form does not.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    let type_meta =
        Message::named(TYPE_META).ok_or_else(|| Error::wire("no message says what objects are"))?;
    let type_meta = encode(type_meta, Others::PassedOver, value)?;
    let mut envelope = Envelope::default();
    envelope.read_type_meta(&type_meta)?;
    if envelope.api_version.is_empty() || envelope.kind.is_empty() {
        return Err(Error::wire("it does not say its apiVersion and kind"));
    }
    let message = envelope.message()?;
    let mut out = MAGIC.to_vec();
    put_field(&mut out, 1, Content::Bytes(&type_meta));
    let start = start_message(&mut out, 2);
    value.serialize(Value { out: &mut out, target: Target::Object(message, Others::RefusedButTypeMeta) })?;
    finish_message(&mut out, start);
    Ok(out)
}

impl Message {
    /// Writes a value as this message, without an envelope. What it says of its `apiVersion` and `kind` is left out.
    ///
    /// # Errors
    ///
    /// If it has a field that the message does not.
    pub fn encode<T: Serialize + ?Sized>(&'static self, value: &T) -> Result<Vec<u8>, Error> {
        encode(self, Others::RefusedButTypeMeta, value)
    }
}

fn encode<T: Serialize + ?Sized>(
    message: &'static Message,
    others: Others,
    value: &T,
) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    value.serialize(Value { out: &mut out, target: Target::Object(message, others) })?;
    Ok(out)
}
