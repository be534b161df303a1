//! Version 2 in protobuf, by the field numbers of gnostic's `openapiv2/OpenAPIv2.proto`.

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
    let info = Message::default().text(1, &info["title"]).text(2, &info["version"]);
    let message = Message::default().text(1, &document["swagger"]).message(2, &info);
    let message = message.message(8, &Message::default());
    message.message(9, &named_schemas(&document["definitions"])).0
}

/// `Definitions` or `Properties`, which are alike.
fn named_schemas(schemas: &Value) -> Message {
    entries(schemas).fold(Message::default(), |message, (name, value)| {
        message.message(1, &Message::default().bytes(1, name.as_bytes()).message(2, &schema(value)))
    })
}

fn schema(value: &Value) -> Message {
    let mut message = Message::default();
    for (number, name, keyword) in KEYWORDS {
        if let Some(value) = value.get(name) {
            message = message.keyword(*number, *keyword, value);
        }
    }
    message = match value.get("additionalProperties") {
        Some(Value::Bool(allowed)) => message.message(21, &Message::default().integer(2, (*allowed).into())),
        Some(values) => message.message(21, &Message::default().message(1, &schema(values))),
        None => message,
    };
    if let Some(name) = value.get("type") {
        message = message.message(22, &Message::default().text(1, name));
    }
    if let Some(items) = value.get("items") {
        message = message.message(23, &Message::default().message(1, &schema(items)));
    }
    let all = value.get("allOf").and_then(Value::as_array);
    message = all.into_iter().flatten().fold(message, |message, each| message.message(24, &schema(each)));
    if let Some(properties) = value.get("properties") {
        message = message.message(25, &named_schemas(properties));
    }
    let extensions = entries(value).filter(|(name, _)| name.starts_with("x-"));
    extensions.fold(message, |message, (name, value)| {
        message.message(31, &Message::default().bytes(1, name.as_bytes()).message(2, &any(value)))
    })
}

/// A value of any type, in YAML, which JSON is.
fn any(value: &Value) -> Message {
    Message::default().bytes(2, format!("{value}\n").as_bytes())
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// The fields of a message, written one after the other.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn keyword(self, number: u32, keyword: Keyword, value: &Value) -> Self {
        let items = || value.as_array().into_iter().flatten();
        match keyword {
            Keyword::Text => self.text(number, value),
            Keyword::Texts => items().fold(self, |message, item| message.text(number, item)),
            Keyword::Flag => self.integer(number, value.as_bool().unwrap_or_default().into()),
            Keyword::Integer => self.integer(number, value.as_u64().unwrap_or_default()),
            Keyword::Double => self.double(number, value.as_f64().unwrap_or_default()),
            Keyword::Any => self.message(number, &any(value)),
            Keyword::Anys => items().fold(self, |message, item| message.message(number, &any(item))),
        }
    }

    fn message(self, number: u32, message: &Self) -> Self {
        self.bytes(number, &message.0)
    }

    fn text(self, number: u32, text: &Value) -> Self {
        self.bytes(number, text.as_str().unwrap_or_default().as_bytes())
    }

    fn bytes(mut self, number: u32, bytes: &[u8]) -> Self {
        self.key(number, 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn integer(mut self, number: u32, value: u64) -> Self {
        self.key(number, 0);
        self.varint(value);
        self
    }

    fn double(mut self, number: u32, value: f64) -> Self {
        self.key(number, 1);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    fn key(&mut self, number: u32, wire_type: u32) {
        self.varint(u64::from(number << 3 | wire_type));
    }

    /// Seven bits a byte, the lowest first; all but the last byte say that more follow.
    fn varint(&mut self, mut value: u64) {
        loop {
            let [low, ..] = value.to_le_bytes();
            value >>= 7;
            if value == 0 {
                return self.0.push(low & 0x7f);
            }
            self.0.push(low | 0x80);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Message, encode};
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

    #[test]
    fn long_lengths_take_more_bytes() {
        let message = Message::default().bytes(1, &[7; 300]);
        assert_eq!(message.0[..4], [0x0a, 0xac, 0x02, 7]);
    }
}
