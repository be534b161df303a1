//! Messages to JSON.

use super::fields::{Field, Form, Kind, Message, MessageName, message_named};
use super::wire::{Content, fields, number};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde_json::{Map, Value};

/// How deep messages may lie in each other; those of custom resource definitions lie deepest.
const DEPTH: usize = 100;

const META: &str = "apimachinery.pkg.apis.meta.v1";

/// Reads what each body is: a version, a kind, and a message of that kind.
pub(super) fn envelope(bytes: &[u8]) -> Result<Value, String> {
    let (mut version, mut kind, mut raw) = (String::new(), String::new(), &[][..]);
    for field in fields(bytes) {
        match field? {
            (1, Content::Bytes(type_meta)) => {
                for field in fields(type_meta) {
                    match field? {
                        (1, Content::Bytes(text)) => version = utf8(text)?,
                        (2, Content::Bytes(text)) => kind = utf8(text)?,
                        _ => {}
                    }
                }
            }
            (2, Content::Bytes(content)) => raw = content,
            _ => {}
        }
    }
    let message = of_kind(&version, &kind)
        .ok_or_else(|| format!("no kind \"{kind}\" is registered for version \"{version}\""))?;
    let mut object = Map::new();
    read(message, raw, &mut object, 0)?;
    object.insert("apiVersion".to_owned(), version.into());
    object.insert("kind".to_owned(), kind.into());
    Ok(object.into())
}

/// The message of a kind. Options are of every version.
fn of_kind(version: &str, kind: &str) -> Option<&'static Message> {
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let first = group.split('.').next().unwrap_or_default();
    let package = match group {
        "" => format!("api.core.{version}"),
        "apiextensions.k8s.io" => format!("apiextensions-apiserver.pkg.apis.apiextensions.{version}"),
        "apiregistration.k8s.io" => format!("kube-aggregator.pkg.apis.apiregistration.{version}"),
        "internal.apiserver.k8s.io" => format!("api.apiserverinternal.{version}"),
        _ => format!("api.{first}.{version}"),
    };
    message_named(&package, kind).or_else(|| message_named(META, kind))
}

/// Reads the fields of a message into an object. Those that are not known are passed over.
fn read(
    message: &Message,
    bytes: &[u8],
    object: &mut Map<String, Value>,
    depth: usize,
) -> Result<(), String> {
    if depth > DEPTH {
        return Err("messages lie too deep in each other".to_owned());
    }
    for found in fields(bytes) {
        let (number, content) = found?;
        let Some(field) = message.get(&number) else { continue };
        match (field.name, field.kind) {
            (None, Kind::Message(name)) => {
                if let (Some(inner), Content::Bytes(bytes)) =
                    (message_named(name.package, name.name), content)
                {
                    read(inner, bytes, object, depth + 1)?;
                }
            }
            (None, _) => {}
            (Some(name), _) => add(object, name, field, content, depth)?,
        }
    }
    Ok(())
}

/// Adds what a field holds to an object.
fn add(
    object: &mut Map<String, Value>,
    name: &str,
    field: &Field,
    content: Content<'_>,
    depth: usize,
) -> Result<(), String> {
    match field.form {
        Form::Once => {
            if let Some(value) = value(field.kind, content, depth)? {
                object.insert(name.to_owned(), value);
            }
        }
        Form::List => {
            let list = object.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            let Some(list) = list.as_array_mut() else { return Ok(()) };
            match (field.kind, content) {
                // Numbers in a row, without the field's number before each.
                (Kind::Number, Content::Bytes(mut rest)) => {
                    while !rest.is_empty() {
                        list.push(signed(number(&mut rest).ok_or("unexpected EOF")?).into());
                    }
                }
                _ => list.push(value(field.kind, content, depth)?.unwrap_or(Value::Null)),
            }
        }
        Form::Map => {
            let Content::Bytes(entry) = content else { return Ok(()) };
            let (key, value) = map_entry(field.kind, entry, depth)?;
            let map = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Some(map) = map.as_object_mut() {
                map.insert(key, value);
            }
        }
    }
    Ok(())
}

/// A key and a value; what is left out is empty.
fn map_entry(kind: Kind, bytes: &[u8], depth: usize) -> Result<(String, Value), String> {
    let (mut key, mut found) = (String::new(), None);
    for field in fields(bytes) {
        match field? {
            (1, Content::Bytes(text)) => key = utf8(text)?,
            (2, content) => found = value(kind, content, depth)?,
            _ => {}
        }
    }
    let empty = match kind {
        Kind::Text | Kind::Bytes => "".into(),
        Kind::Number | Kind::Double => 0.into(),
        Kind::Flag => false.into(),
        Kind::Message(_) => Value::Null,
    };
    Ok((key, found.unwrap_or(empty)))
}

/// A value; none for a time that is not set, and for what is not of its kind.
fn value(kind: Kind, content: Content<'_>, depth: usize) -> Result<Option<Value>, String> {
    Ok(match (kind, content) {
        (Kind::Text, Content::Bytes(bytes)) => Some(utf8(bytes)?.into()),
        (Kind::Bytes, Content::Bytes(bytes)) => Some(STANDARD.encode(bytes).into()),
        (Kind::Number, Content::Number(number)) => Some(signed(number).into()),
        (Kind::Flag, Content::Number(number)) => Some((number != 0).into()),
        (Kind::Double, Content::Double(bits)) => Some(f64::from_bits(bits).into()),
        (Kind::Message(name), Content::Bytes(bytes)) => message_value(name, bytes, depth + 1)?,
        _ => None,
    })
}

/// A message, or what JSON has in its place.
fn message_value(name: MessageName, bytes: &[u8], depth: usize) -> Result<Option<Value>, String> {
    match name.name {
        "Time" => return time(bytes, 0),
        "MicroTime" => return time(bytes, 6),
        "Quantity" => return Ok(Some(text_field(bytes, 1)?.map_or("0".into(), Value::String))),
        "IntOrString" => return int_or_string(bytes).map(Some),
        "Duration" if name.package == META => return Ok(Some(go_duration(number_field(bytes, 1)?).into())),
        "RawExtension" | "JSON" | "FieldsV1" => return json(bytes).map(Some),
        "ExtraValue" | "Verbs" => return texts(bytes).map(Some),
        _ => {}
    }
    let Some(message) = message_named(name.package, name.name) else { return Ok(None) };
    if name.name.starts_with("JSONSchemaPropsOr") {
        return either(message, bytes, depth).map(Some);
    }
    let mut object = Map::new();
    read(message, bytes, &mut object, depth)?;
    Ok(Some(object.into()))
}

/// A schema, or what else may be in its place: a list, or whether anything goes.
fn either(message: &Message, bytes: &[u8], depth: usize) -> Result<Value, String> {
    let mut object = Map::new();
    read(message, bytes, &mut object, depth)?;
    for alternative in ["jSONSchemas", "property"] {
        if let Some(list) = object.remove(alternative) {
            return Ok(list);
        }
    }
    match object.remove("allows") {
        Some(allows) if object.is_empty() => Ok(allows),
        _ => Ok(object.into()),
    }
}

/// Text that is not UTF-8 is not taken.
fn utf8(bytes: &[u8]) -> Result<String, String> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|_| "a text is not valid UTF-8".to_owned())
}

/// Numbers below zero are sent as very large ones.
fn signed(number: u64) -> i64 {
    i64::from_ne_bytes(number.to_ne_bytes())
}

fn text_field(bytes: &[u8], wanted: u32) -> Result<Option<String>, String> {
    let mut text = None;
    for field in fields(bytes) {
        if let (number, Content::Bytes(bytes)) = field?
            && number == wanted
        {
            text = Some(utf8(bytes)?);
        }
    }
    Ok(text.filter(|text| !text.is_empty()))
}

fn number_field(bytes: &[u8], wanted: u32) -> Result<i64, String> {
    let mut found = 0;
    for field in fields(bytes) {
        if let (number, Content::Number(value)) = field?
            && number == wanted
        {
            found = signed(value);
        }
    }
    Ok(found)
}

/// Seconds and nanoseconds. One that is not set has neither.
fn time(bytes: &[u8], digits: u8) -> Result<Option<Value>, String> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let nanoseconds = i32::try_from(number_field(bytes, 2)?).unwrap_or_default();
    let time = Timestamp::new(number_field(bytes, 1)?, nanoseconds).map_err(|error| error.to_string())?;
    let printer = DateTimePrinter::new().precision(Some(digits));
    Ok(Some(printer.timestamp_to_string(&time).into()))
}

fn int_or_string(bytes: &[u8]) -> Result<Value, String> {
    Ok(match number_field(bytes, 1)? {
        0 => number_field(bytes, 2)?.into(),
        _ => text_field(bytes, 3)?.unwrap_or_default().into(),
    })
}

/// JSON as it is. Without any, it is null.
fn json(bytes: &[u8]) -> Result<Value, String> {
    let mut value = Value::Null;
    for field in fields(bytes) {
        if let (1, Content::Bytes(text)) = field?
            && !text.is_empty()
        {
            value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        }
    }
    Ok(value)
}

fn texts(bytes: &[u8]) -> Result<Value, String> {
    let mut texts = Vec::new();
    for field in fields(bytes) {
        if let (1, Content::Bytes(text)) = field? {
            texts.push(utf8(text)?);
        }
    }
    Ok(texts.into())
}

/// Nanoseconds as Go writes them, such as `1h0m0s`, but always in seconds: all that reads it takes that too.
fn go_duration(nanoseconds: i64) -> String {
    match nanoseconds % 1_000_000_000 {
        0 => format!("{}s", nanoseconds / 1_000_000_000),
        _ => format!("{nanoseconds}ns"),
    }
}
