//! Version 2 in protobuf, by the field numbers of gnostic's `openapiv2/OpenAPIv2.proto`.

use crate::protobuf::Fields;
use serde_json::{Map, Value};

/// The types of a schema's keywords, as far as they are no schemas themselves.
#[derive(Clone, Copy)]
enum Keyword {
    Text,
    Texts,
    Flag,
    Integer,
    Double,
    Any,
    Anys,
}

/// The keywords of a schema that hold no schemas.
const KEYWORDS: &[(u32, &str, Keyword)] = &[
    (1, "$ref", Keyword::Text),
    (2, "format", Keyword::Text),
    (3, "title", Keyword::Text),
    (4, "description", Keyword::Text),
    (5, "default", Keyword::Any),
    (6, "multipleOf", Keyword::Double),
    (7, "maximum", Keyword::Double),
    (8, "exclusiveMaximum", Keyword::Flag),
    (9, "minimum", Keyword::Double),
    (10, "exclusiveMinimum", Keyword::Flag),
    (11, "maxLength", Keyword::Integer),
    (12, "minLength", Keyword::Integer),
    (13, "pattern", Keyword::Text),
    (14, "maxItems", Keyword::Integer),
    (15, "minItems", Keyword::Integer),
    (16, "uniqueItems", Keyword::Flag),
    (17, "maxProperties", Keyword::Integer),
    (18, "minProperties", Keyword::Integer),
    (19, "required", Keyword::Texts),
    (20, "enum", Keyword::Anys),
    (30, "example", Keyword::Any),
];

/// The document in protobuf, without its paths: clients that ask for protobuf read definitions only.
pub(super) fn encode(document: &Value) -> Vec<u8> {
    let info = &document["info"];
    let info = Fields::default().text(1, &info["title"]).text(2, &info["version"]);
    let message = Fields::default().text(1, &document["swagger"]).message(2, &info);
    let message = message.message(8, &Fields::default());
    message.message(9, &named_schemas(&document["definitions"])).into_bytes()
}

/// `Definitions` or `Properties`, which are alike.
fn named_schemas(schemas: &Value) -> Fields {
    entries(schemas).fold(Fields::default(), |message, (name, value)| {
        message.message(1, &Fields::default().bytes(1, name.as_bytes()).message(2, &schema(value)))
    })
}

fn schema(value: &Value) -> Fields {
    let mut message = Fields::default();
    for (number, name, keyword) in KEYWORDS {
        if let Some(value) = value.get(name) {
            message = write(message, *number, *keyword, value);
        }
    }
    message = match value.get("additionalProperties") {
        Some(Value::Bool(allowed)) => message.message(21, &Fields::default().integer(2, (*allowed).into())),
        Some(values) => message.message(21, &Fields::default().message(1, &schema(values))),
        None => message,
    };
    if let Some(name) = value.get("type") {
        message = message.message(22, &Fields::default().text(1, name));
    }
    if let Some(items) = value.get("items") {
        message = message.message(23, &Fields::default().message(1, &schema(items)));
    }
    let all = value.get("allOf").and_then(Value::as_array);
    message = all.into_iter().flatten().fold(message, |message, each| message.message(24, &schema(each)));
    if let Some(properties) = value.get("properties") {
        message = message.message(25, &named_schemas(properties));
    }
    let extensions = entries(value).filter(|(name, _)| name.starts_with("x-"));
    extensions.fold(message, |message, (name, value)| {
        message.message(31, &Fields::default().bytes(1, name.as_bytes()).message(2, &any(value)))
    })
}

/// A value of any type, in YAML, which JSON is.
fn any(value: &Value) -> Fields {
    Fields::default().bytes(2, format!("{value}\n").as_bytes())
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// Adds a keyword that holds no schemas.
fn write(message: Fields, number: u32, keyword: Keyword, value: &Value) -> Fields {
    let items = || value.as_array().into_iter().flatten();
    match keyword {
        Keyword::Text => message.text(number, value),
        Keyword::Texts => items().fold(message, |message, item| message.text(number, item)),
        Keyword::Flag => message.integer(number, value.as_bool().unwrap_or_default().into()),
        Keyword::Integer => message.integer(number, value.as_u64().unwrap_or_default()),
        Keyword::Double => message.double(number, value.as_f64().unwrap_or_default()),
        Keyword::Any => message.message(number, &any(value)),
        Keyword::Anys => items().fold(message, |message, item| message.message(number, &any(item))),
    }
}

#[cfg(test)]
mod tests {
    use super::encode;
    use serde_json::json;

    #[test]
    fn a_document_is_written_by_its_numbers() {
        let document = json!({
            "swagger": "2.0",
            "info": {"title": "K", "version": "1"},
            "paths": {"/api": {}},
            "definitions": {"A": {
                "type": "object",
                "required": ["b"],
                "additionalProperties": false,
                "properties": {"b": {"$ref": "#/B"}, "c": {"type": "array", "items": {"minimum": 1}}},
                "x-k": [1],
            }},
        });
        let expected: &[&[u8]] = &[
            b"\x0a\x032.0",
            b"\x12\x06\x0a\x01K\x12\x011",
            b"\x42\x00",
            b"\x4a\x59\x0a\x57\x0a\x01A\x12\x52",
            b"\x9a\x01\x01b",
            b"\xaa\x01\x02\x10\x00",
            b"\xb2\x01\x08\x0a\x06object",
            b"\xca\x01\x2b",
            b"\x0a\x0a\x0a\x01b\x12\x05\x0a\x03#/B",
            b"\x0a\x1d\x0a\x01c\x12\x18\xb2\x01\x07\x0a\x05array\xba\x01\x0b\x0a\x09",
            b"\x49\x00\x00\x00\x00\x00\x00\xf0\x3f",
            b"\xfa\x01\x0d\x0a\x03x-k\x12\x06\x12\x04[1]\n",
        ];
        assert_eq!(encode(&document), expected.concat());
    }
}
