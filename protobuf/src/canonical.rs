//! Messages put into the order that servers write: by the numbers of their fields, each field that is no list once.

use std::collections::BTreeMap;

use crate::message::{FieldForm, Kind, MessageForm};
use crate::wire::{Content, Wire, put_field};
use crate::{Envelope, Error, MAGIC, Message};

/// The same message in order, and with it all messages in it.
///
/// Of a number, text or flag that comes more than once, the last counts; messages that do are one, as protobuf has it.
pub(crate) fn ordered(message: &Message, bytes: &[u8], depth: u8) -> Result<Vec<u8>, Error> {
    let depth = depth.checked_sub(1).ok_or_else(|| Error::wire("messages lie too deep in each other"))?;
    if message.form() == MessageForm::Json {
        return ordered_raw(bytes, depth);
    }
    let mut fields = BTreeMap::<u32, Vec<Content<'_>>>::new();
    let mut wire = Wire::new(bytes);
    while let Some((number, content)) = wire.field()? {
        fields.entry(number).or_default().push(content);
    }
    let mut out = Vec::with_capacity(bytes.len());
    for (number, contents) in fields {
        let Some(field) = message.field(number) else { continue };
        match (field.form, field.kind) {
            (FieldForm::Once | FieldForm::Inline, Kind::Message(index)) => {
                let merged = ordered(index.message(), &joined(&contents), depth)?;
                put_field(&mut out, number, Content::Bytes(&merged));
            }
            (FieldForm::Once | FieldForm::Inline, _) => {
                contents.last().into_iter().for_each(|content| put_field(&mut out, number, *content));
            }
            (FieldForm::List, Kind::Message(index)) => {
                for content in contents {
                    put_message(&mut out, number, content, |bytes| ordered(index.message(), bytes, depth))?;
                }
            }
            (FieldForm::Map, Kind::Message(index)) => {
                for content in contents {
                    put_message(&mut out, number, content, |entry| {
                        ordered_entry(index.message(), entry, depth)
                    })?;
                }
            }
            _ => contents.iter().for_each(|content| put_field(&mut out, number, *content)),
        }
    }
    Ok(out)
}

fn put_message(
    out: &mut Vec<u8>,
    number: u32,
    content: Content<'_>,
    order: impl FnOnce(&[u8]) -> Result<Vec<u8>, Error>,
) -> Result<(), Error> {
    match content {
        Content::Bytes(bytes) => put_field(out, number, Content::Bytes(&order(bytes)?)),
        // The reader says what is wrong with it.
        other => put_field(out, number, other),
    }
    Ok(())
}

/// An entry of a map: a key and a message.
fn ordered_entry(message: &Message, entry: &[u8], depth: u8) -> Result<Vec<u8>, Error> {
    let (mut key, mut values, mut wire) = (None, Vec::new(), Wire::new(entry));
    while let Some((number, content)) = wire.field()? {
        match number {
            1 => key = Some(content),
            2 => values.push(content),
            _ => {}
        }
    }
    let mut out = Vec::with_capacity(entry.len());
    if let Some(key) = key {
        put_field(&mut out, 1, key);
    }
    put_field(&mut out, 2, Content::Bytes(&ordered(message, &joined(&values), depth)?));
    Ok(out)
}

/// A message that holds something as it is: JSON, or an object in an envelope of its own.
fn ordered_raw(bytes: &[u8], depth: u8) -> Result<Vec<u8>, Error> {
    let (mut raw, mut wire) = (&b""[..], Wire::new(bytes));
    while let Some(field) = wire.field()? {
        if let (1, Content::Bytes(bytes)) = field {
            raw = bytes;
        }
    }
    let mut out = Vec::with_capacity(bytes.len());
    if !raw.starts_with(MAGIC) {
        put_field(&mut out, 1, Content::Bytes(raw));
        return Ok(out);
    }
    let envelope = Envelope::read(raw)?;
    let object = ordered(envelope.message()?, envelope.raw, depth)?;
    put_field(&mut out, 1, Content::Bytes(&envelope.with_raw(&object)));
    Ok(out)
}

/// What messages of one field are together.
fn joined(contents: &[Content<'_>]) -> Vec<u8> {
    let bytes = contents.iter().map(|content| match content {
        Content::Bytes(bytes) => bytes,
        _ => &[][..],
    });
    bytes.collect::<Vec<_>>().concat()
}
