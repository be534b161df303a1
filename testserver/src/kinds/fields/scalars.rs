//! Values without parts, against the type that is expected of them.

use super::decode::is_int_or_string;
use super::place::Place;
use crate::kinds::quantity::Quantity;
use crate::patch::go::json_kind;
use crate::schema::{Scalar, Schema, Shape};
use serde_json::{Number, Value};

const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const MICRO_TIME: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";
const QUANTITY_FORMAT: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// How a value does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It is of another type; this says of which.
    Type(String),
    /// It is wrong for a reason that is told without its place.
    Told(String),
    /// Nothing else is looked at.
    Fatal(String),
}

/// Checks a value, which may be an empty list or object for one that should not be a list or an object.
pub(super) fn check(value: &Value, place: &Place<'_>, schema: &Schema) -> Result<(), Misfit> {
    if let Shape::Reference(QUANTITY) = schema.shape {
        return quantity(value);
    }
    if is_int_or_string(schema) {
        return int_or_string(value, place);
    }
    match (&schema.resolved().shape, value) {
        (Shape::Any | Shape::Reference(_), _)
        | (Shape::Scalar(Scalar::String), Value::String(_))
        | (Shape::Scalar(Scalar::Boolean), Value::Bool(_))
        | (Shape::Scalar(Scalar::Number), Value::Number(_)) => Ok(()),
        (Shape::Scalar(Scalar::Integer), Value::Number(number)) => integer(number, place),
        (Shape::Scalar(Scalar::Bytes), Value::String(text)) => match corrupt_base64(text.as_bytes()) {
            None => Ok(()),
            Some(at) => Err(Misfit::Told(format!("illegal base64 data at input byte {at}"))),
        },
        (Shape::Scalar(Scalar::Time), Value::String(text)) => {
            let micros = matches!(schema.shape, Shape::Reference(MICRO_TIME));
            unreadable_time(text, micros).map_or(Ok(()), |why| Err(Misfit::Fatal(why)))
        }
        (Shape::Scalar(Scalar::Time), other) => {
            Err(Misfit::Fatal(place.mismatch(json_kind(other), "string")))
        }
        (_, other) => Err(Misfit::Type(json_kind(other).to_owned())),
    }
}

fn quantity(value: &Value) -> Result<(), Misfit> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return Err(Misfit::Fatal(QUANTITY_FORMAT.into())),
    };
    Quantity::parse(&text).map(|_| ()).map_err(|problem| Misfit::Fatal(problem.0.into()))
}

fn int_or_string(value: &Value, place: &Place<'_>) -> Result<(), Misfit> {
    let found = match value {
        Value::String(_) => return Ok(()),
        Value::Number(number) if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()) => {
            return Ok(());
        }
        Value::Number(number) => format!("number {number}"),
        other => json_kind(other).to_owned(),
    };
    Err(Misfit::Fatal(place.mismatch(&found, "int32")))
}

fn integer(number: &Number, place: &Place<'_>) -> Result<(), Misfit> {
    let fits =
        number.as_i64().is_some_and(|value| i32::try_from(value).is_ok() || place.go_type() != "int32");
    if fits { Ok(()) } else { Err(Misfit::Type(format!("number {number}"))) }
}

/// Where Go's decoder stops at a text that is not base64.
fn corrupt_base64(text: &[u8]) -> Option<usize> {
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let mut at = 0;
    loop {
        let mut length = 0;
        while length < 4 {
            let Some(byte) = text.get(at) else {
                return if length == 0 { None } else { Some(at - length) };
            };
            at += 1;
            match byte {
                byte if is_break(byte) => {}
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => length += 1,
                b'=' if length >= 2 => return padding(text, at, length),
                _ => return Some(at - 1),
            }
        }
    }
}

/// What follows the first `=`, after `length` characters of a group of four.
fn padding(text: &[u8], mut at: usize, length: usize) -> Option<usize> {
    let skip = |mut at: usize| {
        while matches!(text.get(at), Some(b'\r' | b'\n')) {
            at += 1;
        }
        at
    };
    if length == 2 {
        at = skip(at);
        match text.get(at) {
            None => return Some(text.len()),
            Some(b'=') => at += 1,
            Some(_) => return Some(at),
        }
    }
    at = skip(at);
    if at < text.len() { Some(at) } else { None }
}

/// What Go says about a text that is not a time of its layout.
fn unreadable_time(text: &str, micros: bool) -> Option<String> {
    let layout = if micros { "2006-01-02T15:04:05.000000Z07:00" } else { "2006-01-02T15:04:05Z07:00" };
    let told = |rest: &str, element: &str| {
        Some(format!("parsing time {text:?} as {layout:?}: cannot parse {rest:?} as {element:?}"))
    };
    let mut rest = text;
    for (element, literal) in [("2006", "-"), ("01", "-"), ("02", "T"), ("15", ":"), ("04", ":"), ("05", "")]
    {
        let digits = rest.bytes().take(element.len()).take_while(u8::is_ascii_digit).count();
        if digits < element.len() {
            return told(rest, element);
        }
        let (number, after) = rest.split_at(digits);
        if let Some(name) = out_of_range(element, number) {
            return Some(format!("parsing time {text:?}: {name} out of range"));
        }
        match after.strip_prefix(literal) {
            Some(after) => rest = after,
            None => return told(after, literal),
        }
    }
    let fraction =
        rest.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    match (micros, fraction) {
        (true, 6) => rest = &rest[7..],
        (true, _) => return told(rest, ".000000"),
        (false, 0) => {}
        (false, digits) => rest = &rest[digits + 1..],
    }
    if crate::kinds::time::parse(text).is_some() {
        return None;
    }
    if rest == "Z" {
        return Some(format!("parsing time {text:?}: day out of range"));
    }
    told(rest, "Z07:00")
}

fn out_of_range(element: &str, number: &str) -> Option<&'static str> {
    let number: u32 = number.parse().unwrap_or_default();
    match element {
        "01" if !(1..=12).contains(&number) => Some("month"),
        "02" if !(1..=31).contains(&number) => Some("day"),
        "15" if number > 23 => Some("hour"),
        "04" if number > 59 => Some("minute"),
        "05" if number > 59 => Some("second"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{corrupt_base64, unreadable_time};

    #[test]
    fn base64_is_wrong_at_a_byte() {
        for (text, at) in [
            ("MQ==", None),
            ("", None),
            ("MQ=\n=\n", None),
            ("!!", Some(0)),
            ("MQ", Some(0)),
            ("MTIzMQ", Some(4)),
            ("MQ=a", Some(3)),
            ("MQ==a", Some(4)),
            ("MTI=", None),
            ("MT_z", Some(2)),
        ] {
            assert_eq!(corrupt_base64(text.as_bytes()), at, "{text}");
        }
    }

    #[test]
    fn a_time_is_wrong_at_an_element() {
        let told = |text| unreadable_time(text, false);
        assert_eq!(told("2020-01-01T00:00:00Z"), None);
        assert_eq!(told("2020-01-01T00:00:00.5+02:00"), None);
        let layout = "as \"2006-01-02T15:04:05Z07:00\": cannot parse";
        assert_eq!(told("x").unwrap(), format!("parsing time \"x\" {layout} \"x\" as \"2006\""));
        assert_eq!(told("2020").unwrap(), format!("parsing time \"2020\" {layout} \"\" as \"-\""));
        assert_eq!(
            told("2020-13-01T00:00:00Z").unwrap(),
            "parsing time \"2020-13-01T00:00:00Z\": month out of range"
        );
        let micros = unreadable_time("2020-01-01T00:00:00Z", true).unwrap();
        assert!(micros.ends_with("cannot parse \"Z\" as \".000000\""), "{micros}");
        assert_eq!(unreadable_time("2020-01-01T00:00:00.123456Z", true), None);
    }
}
