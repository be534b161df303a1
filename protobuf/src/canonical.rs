//! Messages put into the order that servers write: by the numbers of their fields, each field that is no list once.

use std::collections::BTreeMap;

use crate::message::{FieldForm, Kind, MessageForm};
use crate::wire::{Content, Wire, put_field};
use crate::{Envelope, Error, MAGIC, Message};

/// The same message in order, and with it all messages in it.
///
/// Of a number, text or flag that comes more than once, the last counts; messages that do are one, as protobuf has it.
pub(crate) fn ordered(message: &Message, bytes: &[u8], depth: u8) -> Result<Vec<u8>, Error> {
    of_parts(message, &[Content::Bytes(bytes)], depth)
}

/// The same of a message that comes in several parts. They are not put together first: messages within messages would
/// then be copied as often as they are deep.
fn of_parts(message: &Message, parts: &[Content<'_>], depth: u8) -> Result<Vec<u8>, Error> {
    let depth = depth.checked_sub(1).ok_or_else(|| Error::wire("messages lie too deep in each other"))?;
    if message.form() == MessageForm::Json {
        return ordered_raw(parts, depth);
    }
    let mut fields = BTreeMap::<u32, Vec<Content<'_>>>::new();
    for part in parts {
        let mut wire = within(part);
        while let Some((number, content)) = wire.field()? {
            fields.entry(number).or_default().push(content);
        }
    }
    let mut out = Vec::new();
    for (number, contents) in fields {
        let Some(field) = message.field(number) else { continue };
        match (field.form, field.kind) {
            (FieldForm::Once | FieldForm::Inline, Kind::Message(index)) => {
                // The reader says what is wrong with anything else.
                if let Some(other) = contents.iter().find(|content| !matches!(content, Content::Bytes(_))) {
                    put_field(&mut out, number, *other);
                    continue;
                }
                let merged = of_parts(index.message(), &contents, depth)?;
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

/// The fields of a message.
fn within<'a>(content: &Content<'a>) -> Wire<'a> {
    match content {
        Content::Bytes(bytes) => Wire::new(bytes),
        _ => Wire::new(&[]),
    }
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
    let mut out = Vec::new();
    if let Some(key) = key {
        put_field(&mut out, 1, key);
    }
    put_field(&mut out, 2, Content::Bytes(&of_parts(message, &values, depth)?));
    Ok(out)
}

/// A message that holds something as it is: JSON, or an object in an envelope of its own.
fn ordered_raw(parts: &[Content<'_>], depth: u8) -> Result<Vec<u8>, Error> {
    let mut raw = &b""[..];
    for part in parts {
        let mut wire = within(part);
        while let Some(field) = wire.field()? {
            if let (1, Content::Bytes(bytes)) = field {
                raw = bytes;
            }
        }
    }
    let mut out = Vec::new();
    if !raw.starts_with(MAGIC) {
        put_field(&mut out, 1, Content::Bytes(raw));
        return Ok(out);
    }
    let envelope = Envelope::read(raw)?;
    let object = ordered(envelope.message()?, envelope.raw, depth)?;
    put_field(&mut out, 1, Content::Bytes(&envelope.with_raw(&object)));
    Ok(out)
}
