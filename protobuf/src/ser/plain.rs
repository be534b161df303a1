//! Values without members: numbers, flags and texts, and the messages that JSON has as such.

use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::value::{Slot, mismatch};
use crate::message::{Field, FieldForm, Kind, MessageForm};
use crate::wire::{Content, finish_message, put_field, start_message};
use crate::{Error, Message};

/// A value without members.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plain<'a> {
    Flag(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(&'a str),
}

impl Plain<'_> {
    pub(super) fn shape(&self) -> &'static str {
        match self {
            Self::Flag(_) => "a flag",
            Self::Int(_) | Self::Uint(_) => "a whole number",
            Self::Double(_) => "a number",
            Self::Text(_) => "a text",
        }
    }

    pub(super) fn put_json(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Flag(value) => serde_json::to_writer(out, value),
            Self::Int(value) => serde_json::to_writer(out, value),
            Self::Uint(value) => serde_json::to_writer(out, value),
            Self::Double(value) => serde_json::to_writer(out, value),
            Self::Text(value) => serde_json::to_writer(out, value),
        }
        .map_err(|_| mismatch(self.shape()))
    }

    pub(super) fn put_text(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let Self::Text(text) = self else { return Err(mismatch(self.shape())) };
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// As a whole number in 64 bits.
    fn number(&self) -> Option<u64> {
        match self {
            Self::Int(number) => Some(number.cast_unsigned()),
            Self::Uint(number) => Some(*number),
            _ => None,
        }
    }
}

/// Writes a field.
pub(super) fn put(out: &mut Vec<u8>, slot: Slot, value: Plain<'_>) -> Result<(), Error> {
    let number = slot.number;
    match (slot.kind, value) {
        (Kind::Text, Plain::Text(text)) => put_field(out, number, Content::Bytes(text.as_bytes())),
        (Kind::Bytes, Plain::Text(text)) => {
            let bytes = STANDARD.decode(text).map_err(|_| Error::wire("the text is not base64"))?;
            put_field(out, number, Content::Bytes(&bytes));
        }
        (Kind::Int, Plain::Int(_)) | (Kind::Uint, Plain::Uint(_)) => put_whole(out, number, value)?,
        (Kind::Int, Plain::Uint(value)) => {
            let value = i64::try_from(value).map_err(|_| Error::wire("the number is too large"))?;
            put_field(out, number, Content::Varint(value.cast_unsigned()));
        }
        (Kind::Uint, Plain::Int(value)) => {
            let value = u64::try_from(value).map_err(|_| Error::wire("the number is below zero"))?;
            put_field(out, number, Content::Varint(value));
        }
        (Kind::Flag, Plain::Flag(flag)) => put_field(out, number, Content::Varint(flag.into())),
        (Kind::Double, Plain::Double(value)) => put_field(out, number, Content::Fixed64(value.to_bits())),
        (Kind::Double, Plain::Int(value)) => put_double(out, number, value),
        (Kind::Double, Plain::Uint(value)) => put_double(out, number, value.cast_signed()),
        (Kind::Message(index), value) => {
            let start = start_message(out, number);
            put_message(out, index.message(), value)?;
            finish_message(out, start);
        }
        _ => return Err(mismatch(value.shape())),
    }
    Ok(())
}

fn put_whole(out: &mut Vec<u8>, number: u32, value: Plain<'_>) -> Result<(), Error> {
    let whole = value.number().ok_or_else(|| mismatch(value.shape()))?;
    put_field(out, number, Content::Varint(whole));
    Ok(())
}

/// JSON has no point in whole numbers, where protobuf has eight bytes all the same.
#[expect(clippy::cast_precision_loss, reason = "JSON's numbers are no more exact")]
fn put_double(out: &mut Vec<u8>, number: u32, value: i64) {
    put_field(out, number, Content::Fixed64((value as f64).to_bits()));
}

/// Writes the fields of a message that JSON has as a plain value.
fn put_message(out: &mut Vec<u8>, message: &'static Message, value: Plain<'_>) -> Result<(), Error> {
    match (message.form(), value) {
        (MessageForm::Time { .. }, Plain::Text(text)) => put_time(out, text),
        (MessageForm::Duration, Plain::Text(text)) => {
            let nanoseconds = go_duration(text).ok_or_else(|| Error::wire("the text is no duration"))?;
            put_field(out, 1, Content::Varint(nanoseconds.cast_unsigned()));
            Ok(())
        }
        (MessageForm::Quantity, Plain::Text(text)) => {
            put_field(out, 1, Content::Bytes(text.as_bytes()));
            Ok(())
        }
        (MessageForm::IntOrString, Plain::Text(text)) => {
            put_field(out, 1, Content::Varint(1));
            put_field(out, 3, Content::Bytes(text.as_bytes()));
            Ok(())
        }
        (MessageForm::IntOrString, Plain::Int(_) | Plain::Uint(_)) => {
            put_field(out, 1, Content::Varint(0));
            put_whole(out, 2, value)
        }
        (MessageForm::Either, Plain::Flag(flag)) => {
            let field = alternative(message, |field| field.kind == Kind::Flag)?;
            put_field(out, field.number, Content::Varint(flag.into()));
            Ok(())
        }
        (MessageForm::Json, _) => {
            let start = start_message(out, 1);
            value.put_json(out)?;
            finish_message(out, start);
            Ok(())
        }
        _ => Err(mismatch(value.shape())),
    }
}

fn put_time(out: &mut Vec<u8>, text: &str) -> Result<(), Error> {
    let time = Timestamp::from_str(text).map_err(|_| Error::wire("the text is no time"))?;
    put_field(out, 1, Content::Varint(time.as_second().cast_unsigned()));
    put_field(out, 2, Content::Varint(i64::from(time.subsec_nanosecond()).cast_unsigned()));
    Ok(())
}

/// The nanoseconds of a time span that is written as Go does, such as `-1h30m` or `1.5s`.
fn go_duration(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    if text == "0" {
        return Some(0);
    }
    let (mut total, mut rest) = (0_i128, text);
    while !rest.is_empty() {
        let end = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.')?;
        let (amount, after) = rest.split_at(end);
        if !amount.contains(|sign: char| sign.is_ascii_digit()) {
            return None;
        }
        let end = after.find(|sign: char| sign.is_ascii_digit() || sign == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
        let fraction = fraction.get(..18).unwrap_or(fraction);
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()?.into() };
        let part: i128 = if fraction.is_empty() { 0 } else { fraction.parse::<i64>().ok()?.into() };
        total += whole * unit + part * unit / 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        rest = after;
    }
    (!text.is_empty()).then(|| i64::try_from(total * sign).ok()).flatten()
}

/// The field of an alternative that is an object, and the message of it.
pub(super) fn alternative_object(message: &'static Message) -> Result<(u32, &'static Message), Error> {
    let is_object = |field: &Field| field.form == FieldForm::Once && matches!(field.kind, Kind::Message(_));
    let field = alternative(message, is_object)?;
    match field.kind {
        Kind::Message(index) => Ok((field.number, index.message())),
        _ => Err(mismatch("an object")),
    }
}

/// The field of a message that is a list.
pub(super) fn list_field(message: &'static Message) -> Result<Slot, Error> {
    let field = alternative(message, |field| field.form == FieldForm::List)?;
    Ok(Slot::of(field))
}

fn alternative(message: &'static Message, fits: impl Fn(&Field) -> bool) -> Result<&'static Field, Error> {
    message.fields().iter().find(|field| fits(field)).ok_or_else(|| mismatch("the value"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let table = [
            ("0", Some(0)),
            ("0s", Some(0)),
            ("1h0m0s", Some(3_600_000_000_000)),
            ("-1m30.5s", Some(-90_500_000_000)),
            ("1.5µs", Some(1_500)),
            (".5s", Some(500_000_000)),
            ("20ms", Some(20_000_000)),
            ("-2562047h47m16.854775808s", Some(i64::MIN)),
            ("9999999h", None),
            ("", None),
            ("-", None),
            ("5", None),
            ("5x", None),
            ("s", None),
            (".s", None),
            ("1.2.3s", None),
        ];
        for (text, nanoseconds) in table {
            assert_eq!(go_duration(text), nanoseconds, "{text}");
        }
    }
}
