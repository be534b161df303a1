//! Texts that are not JSON, in the words of Go's parser.

use crate::patch::go::json_kind;
use serde_json::{Error, Value};
use std::fmt::Write;

const WANTED: &str =
    r#"struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
const SUMMARY_MAX: usize = 30;

/// The beginning of a text: as it is if it looks like JSON, else in hexadecimal digits.
pub(super) fn summary(text: &[u8]) -> String {
    let part = &text[..text.len().min(SUMMARY_MAX)];
    let mut told = match text.first() {
        None => return "<empty>".into(),
        Some(b'{') => String::from_utf8_lossy(part).into_owned(),
        Some(_) => part.iter().fold(String::new(), |mut told, byte| {
            // Writing to a string cannot fail.
            let _ = write!(told, "{byte:02x}");
            told
        }),
    };
    if text.len() > SUMMARY_MAX {
        told.push_str(" ...");
    }
    told
}

/// A value where an object should be.
pub(super) fn not_an_object(value: &Value) -> String {
    format!("json: cannot unmarshal {} into Go value of type {WANTED}", json_kind(value))
}

/// An error of syntax.
pub(crate) fn told(error: &Error, text: &[u8]) -> String {
    if error.is_eof() {
        return "unexpected end of JSON input".into();
    }
    let message = error.to_string();
    let context = CONTEXTS.iter().find(|(beginning, _)| message.starts_with(beginning));
    let context = context.map_or("looking for beginning of value", |(_, context)| context);
    match found(error, text) {
        Some(character) => format!("invalid character {character} {context}"),
        None => "unexpected end of JSON input".into(),
    }
}

const CONTEXTS: [(&str, &str); 9] = [
    ("expected `,` or `}`", "after object key:value pair"),
    ("expected `,` or `]`", "after array element"),
    ("expected `:`", "after object key"),
    ("key must be a string", "looking for beginning of object key string"),
    ("trailing comma", "looking for beginning of object key string"),
    ("trailing characters", "after top-level value"),
    ("control character", "in string literal"),
    ("invalid escape", "in string escape code"),
    ("invalid unicode code point", "in \\u hexadecimal character escape"),
];

/// The character at which the parser stopped, as Go quotes it.
fn found(error: &Error, text: &[u8]) -> Option<String> {
    let line = text.split(|byte| *byte == b'\n').nth(error.line().checked_sub(1)?)?;
    let from = error.column().saturating_sub(1);
    let byte = line.iter().skip(from).find(|byte| !byte.is_ascii_whitespace()).or_else(|| line.last())?;
    Some(match byte {
        b'\'' => r"'\''".into(),
        b'"' => "'\"'".into(),
        byte => format!("{:?}", char::from(*byte)),
    })
}
