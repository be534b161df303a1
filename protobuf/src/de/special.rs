//! Messages that JSON writes in a way of its own.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::de::Visitor;

use super::Scope;
use super::value::{Data, Run, Value};
use crate::envelope::utf8;
use crate::message::{FieldForm, Kind, MessageForm};
use crate::wire::{Content, Wire};
use crate::{Error, Message};

/// Visits what JSON has in place of a message of this form.
pub(super) fn visit<'de, V: Visitor<'de>>(
    form: MessageForm,
    bytes: &'de [u8],
    visitor: V,
) -> Result<V::Value, Error> {
    match form {
        MessageForm::Time { .. } if bytes.is_empty() => visitor.visit_unit(),
        MessageForm::Time { digits } => visitor.visit_string(time(bytes, digits)?),
        MessageForm::Duration => visitor.visit_string(go_duration(Numbers::read(bytes)?.first.cast_signed())),
        MessageForm::Quantity => match text(bytes, 1)? {
            "" => visitor.visit_borrowed_str("0"),
            quantity => visitor.visit_borrowed_str(quantity),
        },
        MessageForm::IntOrString => {
            let numbers = Numbers::read(bytes)?;
            match numbers.first {
                0 => visitor.visit_i64(numbers.second.cast_signed()),
                _ => visitor.visit_borrowed_str(text(bytes, 3)?),
            }
        }
        _ => Err(Error::wire("the message has no such form")),
    }
}

/// The whole numbers with the numbers 1 and 2, of messages that have both or one.
#[derive(Default)]
struct Numbers {
    first: u64,
    second: u64,
}

impl Numbers {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let (mut numbers, mut wire) = (Self::default(), Wire::new(bytes));
        while let Some(field) = wire.field()? {
            match field {
                (1, Content::Varint(number)) => numbers.first = number,
                (2, Content::Varint(number)) => numbers.second = number,
                _ => {}
            }
        }
        Ok(numbers)
    }
}

/// Seconds and nanoseconds, as a text in UTC.
fn time(bytes: &[u8], digits: u8) -> Result<String, Error> {
    let numbers = Numbers::read(bytes)?;
    let nanoseconds =
        i32::try_from(numbers.second.cast_signed()).map_err(|_| Error::wire("a time is out of range"))?;
    let time = Timestamp::new(numbers.first.cast_signed(), nanoseconds)
        .map_err(|_| Error::wire("a time is out of range"))?;
    Ok(DateTimePrinter::new().precision(Some(digits)).timestamp_to_string(&time))
}

/// Nanoseconds as Go writes them, such as `1h0m0s`, `1.5s` or `20ms`.
fn go_duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    let (unit, name) = match total {
        0 => return "0s".to_owned(),
        1..1_000 => (1, "ns"),
        1_000..1_000_000 => (1_000, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let (whole, fraction) = (total / unit, total % unit);
    let mut text = sign.to_owned();
    let seconds = if unit == 1_000_000_000 {
        let (hours, minutes) = (whole / 3_600, whole / 60 % 60);
        // Writing to a String cannot fail.
        let _ = match (hours, minutes) {
            (0, 0) => Ok(()),
            (0, _) => write!(text, "{minutes}m"),
            _ => write!(text, "{hours}h{minutes}m"),
        };
        whole % 60
    } else {
        whole
    };
    let _ = write!(text, "{seconds}");
    if fraction > 0 {
        let width = usize::try_from(unit.ilog10()).unwrap_or_default();
        let _ = write!(text, ".{}", format!("{fraction:0width$}").trim_end_matches('0'));
    }
    text + name
}

/// The text in the field with this number.
fn text(bytes: &[u8], number: u32) -> Result<&str, Error> {
    utf8(bytes_field(bytes, number)?)
}

/// What a message holds that holds something as it is.
pub(super) fn raw(bytes: &[u8]) -> Result<&[u8], Error> {
    bytes_field(bytes, 1)
}

/// The bytes in the field with this number, none if it is not there. If it comes more than once, the last counts.
fn bytes_field(bytes: &[u8], number: u32) -> Result<&[u8], Error> {
    let (mut last, mut wire) = (&b""[..], Wire::new(bytes));
    while let Some(field) = wire.field()? {
        match field {
            (found, Content::Bytes(bytes)) if found == number => last = bytes,
            _ => {}
        }
    }
    Ok(last)
}

/// What is set of several alternatives: a list with items, else an object, else a flag. None if nothing is.
pub(super) fn alternative<'de>(
    scope: Scope,
    message: &'static Message,
    bytes: &'de [u8],
) -> Result<Option<Value<'de>>, Error> {
    let (mut best, mut seen, mut wire) = (None, 0_u128, Wire::new(bytes));
    loop {
        let before = wire;
        let Some((number, content)) = wire.field()? else { break };
        let Some(field) = message.field(number) else { continue };
        let bit = 1_u128.checked_shl(number).unwrap_or_default();
        if seen & bit != 0 {
            return Err(Error::disordered());
        }
        seen |= bit;
        let kind = field.kind;
        let (rank, data) = match (field.form, kind) {
            (FieldForm::List, _) => {
                let run = Run { wire: before, number, count: before.count(number)? };
                while wire.field_numbered(number)?.is_some() {}
                (2, Data::List { kind, run })
            }
            (_, Kind::Flag) => (0, Data::One { kind, content }),
            _ => (1, Data::One { kind, content }),
        };
        if best.is_none_or(|(other, _)| rank > other) {
            best = Some((rank, data));
        }
    }
    Ok(best.map(|(_, data)| Value { scope, data }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_go_writes_them() {
        let second = 1_000_000_000;
        let table = [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5µs"),
            (20_000_000, "20ms"),
            (second, "1s"),
            (second + 10_000_000, "1.01s"),
            (60 * second, "1m0s"),
            (3_600 * second, "1h0m0s"),
            (-(90 * second + 500_000_000), "-1m30.5s"),
            (100 * 3_600 * second, "100h0m0s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ];
        for (nanoseconds, text) in table {
            assert_eq!(go_duration(nanoseconds), text);
        }
    }

    #[test]
    fn times_have_their_digits_and_those_out_of_range_are_refused() {
        let bytes = [0x08, 0x80, 0x8a, 0xce, 0xa0, 0x06, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01];
        assert_eq!(time(&bytes, 0).unwrap(), "2023-03-16T21:07:12Z");
        assert_eq!(time(&bytes, 6).unwrap(), "2023-03-16T21:07:12.500000Z");
        let far = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert!(time(&far, 0).is_err());
    }
}
