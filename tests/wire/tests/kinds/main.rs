//! Every kind of one Kubernetes version, as its type, from JSON to protobuf and back.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod document;
mod fixtures;
#[path = "../../../generated/kinds.rs"]
#[rustfmt::skip]
mod generated;
mod sample;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "server")]
mod verbs;

use std::collections::BTreeSet;

use document::Document;
use generated::KINDS;
use sample::{Fill, Samples};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What the type of a kind does.
#[derive(Clone, Copy)]
pub(crate) struct Typed {
    /// JSON to the type, and that to protobuf.
    write: fn(&[u8]) -> Result<Vec<u8>, String>,
    /// Protobuf to the type, and that to JSON.
    read: fn(&[u8]) -> Result<Vec<u8>, String>,
    /// JSON to the type and back, as which the type has it.
    normalise: fn(&[u8]) -> Result<Vec<u8>, String>,
}

impl Typed {
    const fn of<T: Serialize + DeserializeOwned>() -> Self {
        Self { write: write::<T>, read: read::<T>, normalise: normalise::<T> }
    }

    fn read(self, body: &[u8]) -> Result<Value, String> {
        let json = (self.read)(body)?;
        serde_json::from_slice(&json).map_err(|error| error.to_string())
    }

    fn normalise(self, object: &Value) -> Result<Value, String> {
        let json = (self.normalise)(object.to_string().as_bytes())?;
        serde_json::from_slice(&json).map_err(|error| error.to_string())
    }

    fn write(self, object: &Value) -> Result<Vec<u8>, String> {
        (self.write)(object.to_string().as_bytes())
    }
}

fn write<T: Serialize + DeserializeOwned>(json: &[u8]) -> Result<Vec<u8>, String> {
    let object: T = serde_json::from_slice(json).map_err(|error| format!("from JSON: {error}"))?;
    kubeset_protobuf::to_vec(&object).map_err(|error| format!("to protobuf: {error}"))
}

fn read<T: Serialize + DeserializeOwned>(body: &[u8]) -> Result<Vec<u8>, String> {
    let object: T = kubeset_protobuf::from_slice(body).map_err(|error| format!("from protobuf: {error}"))?;
    serde_json::to_vec(&object).map_err(|error| format!("to JSON: {error}"))
}

fn normalise<T: Serialize + DeserializeOwned>(json: &[u8]) -> Result<Vec<u8>, String> {
    let object: T = serde_json::from_slice(json).map_err(|error| format!("from JSON: {error}"))?;
    serde_json::to_vec(&object).map_err(|error| format!("to JSON: {error}"))
}

/// Where two values differ first.
fn difference(path: &str, left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            names.into_iter().find_map(|name| match (left.get(name), right.get(name)) {
                (Some(left), Some(right)) => difference(&format!("{path}.{name}"), left, right),
                (left, right) => Some(format!("{path}.{name}: {left:?} and {right:?}")),
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(index, (left, right))| difference(&format!("{path}[{index}]"), left, right))
        }
        _ if left == right => None,
        _ => Some(format!("{path}: {left} and {right}")),
    }
}

/// Fails with all that failed.
fn assert_none(problems: &[String], of: usize) {
    assert!(problems.is_empty(), "{} of {of} fail:\n{}", problems.len(), problems.join("\n"));
}

/// JSON to the type to protobuf to the type to JSON, and the same without a type.
fn round_trip(typed: Typed, object: &Value) -> Result<(), String> {
    let body = typed.write(object)?;
    let differs = |way: &str, read: &Value| {
        difference("", object, read).map_or(Ok(()), |difference| Err(format!("{way}: {difference}")))
    };
    differs("typed", &typed.read(&body)?)?;
    let untyped: Value = kubeset_protobuf::from_slice(&body).map_err(|error| error.to_string())?;
    // An object within another does not say what it is, which the types do all the same.
    let again = kubeset_protobuf::to_vec(&untyped).map_err(|error| format!("untyped: {error}"))?;
    differs("untyped", &typed.read(&again)?)
}

fn check_sample(typed: Typed, object: &Value, fill: Fill) -> Result<(), String> {
    let of_type = typed.normalise(object)?;
    // Types always have metadata, and some lists.
    if fill == Fill::Values {
        difference("", object, &of_type).map_or(Ok(()), |difference| Err(format!("JSON: {difference}")))?;
    }
    round_trip(typed, &of_type)
}

fn check_samples(fill: Fill) {
    let document = Document::read();
    let problems: Vec<String> = KINDS
        .iter()
        .filter_map(|(definition, typed)| {
            let object = Samples::new(&document, fill).object(definition);
            check_sample(*typed, &object, fill).err().map(|problem| format!("{definition}: {problem}"))
        })
        .collect();
    assert_none(&problems, KINDS.len());
}

#[test]
fn every_kind_of_the_version_is_in_the_table() {
    let document = Document::read();
    let known: BTreeSet<&str> = KINDS.iter().map(|(definition, _)| *definition).collect();
    let missing: Vec<&str> = document.kinds().filter(|kind| !known.contains(kind)).collect();
    assert_eq!(missing, ["io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent"]);
    assert!(known.len() > 140, "{known:?}");
}

#[test]
fn every_kind_with_every_field_set_comes_back_equal() {
    check_samples(Fill::Values);
}

#[test]
fn every_kind_with_the_required_fields_alone_comes_back_equal() {
    check_samples(Fill::Required);
}

/// What is left of an object after Go's zeros are gone: nothing is changed, and only zeros are missing.
fn only_zeros_are_missing(path: &str, before: &Value, after: Option<&Value>) -> Result<(), String> {
    match (before, after) {
        (Value::Object(before), Some(Value::Object(after))) => {
            if let Some(new) = after.keys().find(|name| !before.contains_key(*name)) {
                return Err(format!("{path}.{new} is new"));
            }
            before.iter().try_for_each(|(name, value)| {
                only_zeros_are_missing(&format!("{path}.{name}"), value, after.get(name))
            })
        }
        (Value::Array(before), Some(Value::Array(after))) if before.len() == after.len() => {
            let mut items = before.iter().zip(after);
            items.try_for_each(|(before, after)| {
                only_zeros_are_missing(&format!("{path}[]"), before, Some(after))
            })
        }
        (_, Some(after)) if before == after => Ok(()),
        (Value::Null | Value::Bool(false), None) => Ok(()),
        (Value::Number(number), None) if number.as_f64() == Some(0.0) => Ok(()),
        (Value::String(text), None) if text.is_empty() => Ok(()),
        (Value::Array(items), None) if items.is_empty() => Ok(()),
        (before, after) => Err(format!("{path}: {before} became {after:?}")),
    }
}

#[test]
fn of_a_kind_with_every_field_zero_only_zeros_vanish_and_only_once() {
    let document = Document::read();
    let check = |definition: &str, typed: Typed| {
        let object = Samples::new(&document, Fill::Zeros).object(definition);
        let once = typed.read(&typed.write(&object)?)?;
        only_zeros_are_missing("", &object, Some(&once))?;
        round_trip(typed, &once)
    };
    let problems: Vec<String> = KINDS
        .iter()
        .filter_map(|(name, typed)| check(name, *typed).err().map(|problem| format!("{name}: {problem}")))
        .collect();
    assert_none(&problems, KINDS.len());
}
