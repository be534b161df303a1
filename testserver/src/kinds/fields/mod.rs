//! Reading what was sent against the schema of its kind: what does not fit is refused, what is unknown or told twice is
//! found.

mod decode;
mod go_types;
mod place;
mod scalars;
mod syntax;

use crate::failure::Failure;
use crate::patch::go::json_kind;
use crate::schema::Schema;
use serde_json::Value;

pub(crate) use syntax::told as syntax_error;

/// What a request is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    /// The API group; empty for core.
    pub(crate) group: &'a str,
    /// The version of the group.
    pub(crate) version: &'a str,
    /// The kind of the objects.
    pub(crate) kind: &'a str,
}

/// An object that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decoded {
    /// The object, with everything that was sent but what was told twice.
    pub(crate) value: Value,
    /// What is unknown or told twice, such as `unknown field "spec.foo"`, in the order of the text. By
    /// `fieldValidation` it is refused, sent back as warnings, or forgotten.
    pub(crate) findings: Vec<String>,
}

impl Expected<'_> {
    /// The refusal of an object that cannot be one of these.
    pub(crate) fn unfit(&self, why: &str) -> Failure {
        let Self { version, kind, .. } = self;
        Failure::bad_request(format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {why}"))
    }

    /// The refusal of findings, if there are any, as `fieldValidation=Strict` wants it.
    pub(crate) fn strict(&self, findings: &[String]) -> Option<Failure> {
        let all = findings.join(", ");
        if findings.is_empty() { None } else { Some(self.unfit(&format!("strict decoding error: {all}"))) }
    }

    /// The refusal of an object that says itself to be something else: `known` tells whether a kind of a group and a
    /// version exists. An object that does not say what it is, is what is expected.
    ///
    /// # Errors
    ///
    /// The refusal.
    pub(crate) fn check_kind(
        &self,
        object: &Value,
        body: &[u8],
        known: impl Fn(&str, &str, &str) -> bool,
    ) -> Result<(), Failure> {
        let text = |field: &str| object[field].as_str().filter(|text| !text.is_empty());
        let expected = self.api_version();
        let api_version = text("apiVersion").unwrap_or(&expected);
        let kind = text("kind").unwrap_or(self.kind);
        if (api_version, kind) == (expected.as_str(), self.kind) {
            return Ok(());
        }
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        if version.contains('/') {
            let why = format!("unexpected GroupVersion string: {api_version}");
            return Err(unrecognised(self.kind, &why, body));
        }
        if !known(group, version, kind) {
            let why = format!(
                "no kind \"{kind}\" is registered for version \"{api_version}\" in scheme \"pkg/runtime/scheme.go:111\""
            );
            return Err(Failure::bad_request(format!(
                "{kind} in version \"{version}\" cannot be handled as a {}: {why}",
                self.kind
            )));
        }
        if (group, kind) == (self.group, self.kind) {
            return Err(Failure::bad_request(format!(
                "the API version in the data ({api_version}) does not match the expected API version ({expected})"
            )));
        }
        let package = match self.group.split('.').next() {
            None | Some("") => "core",
            Some(name) => name,
        };
        let why = format!("converting ({version}.{kind}) to ({package}.{}): unknown conversion", self.kind);
        Err(Failure::bad_request(format!(
            "{kind} in version \"{version}\" cannot be handled as a {}: {why}",
            self.kind
        )))
    }

    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

/// Reads an object from JSON.
///
/// # Errors
///
/// A text that is not JSON, or a value of another type than the schema's.
pub(crate) fn decode(text: &[u8], schema: &Schema, expected: Expected<'_>) -> Result<Decoded, Failure> {
    let mut decoder = decode::Decoder::new(schema.resolved().rules.is_some());
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = decoder.read(&mut deserializer, schema, expected.kind);
    let value = value.and_then(|value| deserializer.end().map(|()| value));
    let value = match value {
        Ok(Value::Null) => Value::Object(serde_json::Map::new()),
        Ok(value) if value.is_object() => value,
        Ok(other) => return Err(untyped(expected.kind, &syntax::not_an_object(&other), text)),
        Err(error) => match decoder.fatal() {
            Some(why) => return Err(expected.unfit(&why)),
            None => return Err(untyped(expected.kind, &syntax::told(&error, text), text)),
        },
    };
    for field in ["kind", "apiVersion"] {
        let why = match &value[field] {
            Value::Null | Value::String(_) => continue,
            other => format!(
                "json: cannot unmarshal {} into Go struct field .{field} of type string",
                json_kind(other)
            ),
        };
        return Err(untyped(expected.kind, &why, text));
    }
    decoder.finish(value).map_err(|why| expected.unfit(&why))
}

/// Reads what is no object of a resource, such as options, from JSON. What is unknown is no matter.
///
/// # Errors
///
/// Why it cannot be read, in Go's words.
pub(crate) fn decode_plain(text: &[u8], schema: &Schema, name: &str) -> Result<Value, String> {
    let unreadable = |why: &str| format!("couldn't get version/kind; json parse error: {why}");
    let mut decoder = decode::Decoder::new(false);
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = decoder.read(&mut deserializer, schema, name);
    let value = match value.and_then(|value| deserializer.end().map(|()| value)) {
        Ok(Value::Null) => Value::Object(serde_json::Map::new()),
        Ok(value) if value.is_object() => value,
        Ok(other) => return Err(unreadable(&syntax::not_an_object(&other))),
        Err(error) => {
            return Err(decoder.fatal().unwrap_or_else(|| unreadable(&syntax::told(&error, text))));
        }
    };
    for field in ["kind", "apiVersion"] {
        if !matches!(value[field], Value::Null | Value::String(_)) {
            let word = json_kind(&value[field]);
            return Err(unreadable(&format!(
                "json: cannot unmarshal {word} into Go struct field .{field} of type string"
            )));
        }
    }
    decoder.finish(value).map(|decoded| decoded.value)
}

/// Checks an object that has been read already, such as the outcome of a patch. It gives the findings.
///
/// # Errors
///
/// A value of another type than the schema's.
pub(crate) fn check(value: &Value, schema: &Schema, expected: Expected<'_>) -> Result<Vec<String>, Failure> {
    let mut decoder = decode::Decoder::new(schema.resolved().rules.is_some());
    match decoder.read(value, schema, expected.kind) {
        Ok(value) => {
            decoder.finish(value).map(|decoded| decoded.findings).map_err(|why| expected.unfit(&why))
        }
        Err(error) => Err(expected.unfit(&decoder.fatal().unwrap_or_else(|| error.to_string()))),
    }
}

/// The refusal of a text whose kind and version cannot be read.
fn untyped(kind: &str, why: &str, text: &[u8]) -> Failure {
    unrecognised(kind, &format!("couldn't get version/kind; json parse error: {why}"), text)
}

/// The refusal of a text that is no object of any kind.
pub(crate) fn unrecognised(kind: &str, why: &str, text: &[u8]) -> Failure {
    Failure::bad_request(format!(
        "the object provided is unrecognized (must be of type {kind}): {why} ({})",
        syntax::summary(text)
    ))
}

#[cfg(test)]
mod tests;
