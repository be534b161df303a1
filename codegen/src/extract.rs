//! Documents without their prose: what is committed as the generator's input.
//!
//! An extract is still an OpenAPI document of the same format, with the version that it is for in `info.version`.
//! Types, formats, requirements, defaults and every `x-kubernetes-*` fact stay, because apply configurations and the
//! test server will read them; descriptions, identifiers and media types that we never choose go. A key in neither
//! table is an error: nothing is dropped that nobody looked at.

use crate::version::Version;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Keys of each kind of object: those that stay, and those that go.
struct Keys {
    kept: &'static [&'static str],
    dropped: &'static [&'static str],
}

const DOCUMENT: Keys = Keys {
    kept: &["components", "definitions", "info", "openapi", "parameters", "paths", "swagger"],
    dropped: &["security", "securityDefinitions"],
};
const INFO: Keys = Keys { kept: &["version"], dropped: &["description", "title"] };
const COMPONENTS: Keys = Keys { kept: &["schemas"], dropped: &["securitySchemes"] };
const OPERATION: Keys = Keys {
    kept: &["consumes", "parameters", "requestBody", "responses"],
    dropped: &["deprecated", "description", "operationId", "produces", "schemes", "summary", "tags"],
};
const PARAMETER: Keys = Keys {
    kept: &["$ref", "in", "name", "required", "schema", "type"],
    dropped: &["description", "uniqueItems"],
};
const CONTENT: Keys = Keys { kept: &["content", "required", "schema"], dropped: &["description"] };
const MEDIA: Keys = Keys { kept: &["schema"], dropped: &[] };
const SCHEMA: Keys = Keys {
    kept: &[
        "$ref",
        "additionalProperties",
        "allOf",
        "default",
        "enum",
        "format",
        "items",
        "maximum",
        "minimum",
        "nullable",
        "oneOf",
        "properties",
        "required",
        "type",
    ],
    dropped: &["description", "example", "externalDocs", "title", "uniqueItems"],
};
const METHODS: [&str; 7] = ["delete", "get", "head", "options", "patch", "post", "put"];
/// Objects whose entries get a line each, so that differences between versions are readable.
const LISTED: [&str; 4] = ["components", "definitions", "parameters", "paths"];

/// A document that cannot be taken apart.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not JSON.
    #[error("not JSON")]
    Json(#[from] serde_json::Error),
    /// A place holds something other than the format says.
    #[error("{place} is not {expected}")]
    Shape {
        /// Where in the document.
        place: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A key that is in neither table.
    #[error("{place} has the unknown key `{key}`")]
    Unknown {
        /// Where in the document.
        place: String,
        /// The key.
        key: String,
    },
    /// Two documents of one server define a schema differently.
    #[error("`{name}` is defined in two ways")]
    Conflict {
        /// The name of the schema.
        name: String,
    },
}

/// Takes the prose out of a document of either format.
///
/// # Errors
///
/// If the text is not such a document, or has a key that nobody has looked at yet.
pub fn extract(text: &str, version: Version) -> Result<String, Error> {
    let document = without_prose(serde_json::from_str(text)?, version)?;
    Ok(write(&document))
}

/// Takes the prose out of the OpenAPI v3 documents of one server, and makes them one.
///
/// # Errors
///
/// As [`extract`], and if the documents contradict each other.
pub fn extract_all<'a>(texts: impl IntoIterator<Item = &'a str>, version: Version) -> Result<String, Error> {
    let mut whole = Value::Null;
    for text in texts {
        join("", &mut whole, without_prose(serde_json::from_str(text)?, version)?)?;
    }
    Ok(write(&whole))
}

fn without_prose(document: Value, version: Version) -> Result<Value, Error> {
    let mut kept = keep("the document", document, &DOCUMENT)?;
    for (key, value) in &mut kept {
        let place = key.clone();
        match place.as_str() {
            "info" => *value = info(value.take(), version)?,
            "paths" => each(&place, value, path_item).map(|()| without_watch_details(value))?,
            "parameters" => each(&place, value, parameter)?,
            "definitions" => each(&place, value, schema)?,
            "components" => *value = components(value.take())?,
            _ => {}
        }
    }
    Ok(Value::Object(kept))
}

fn info(value: Value, version: Version) -> Result<Value, Error> {
    let mut kept = keep("info", value, &INFO)?;
    kept.insert("version".to_owned(), Value::String(format!("v{version}")));
    Ok(Value::Object(kept))
}

fn components(value: Value) -> Result<Value, Error> {
    let mut kept = keep("components", value, &COMPONENTS)?;
    if let Some(schemas) = kept.get_mut("schemas") {
        each("components.schemas", schemas, schema)?;
    }
    Ok(Value::Object(kept))
}

fn path_item(place: &str, value: Value) -> Result<Value, Error> {
    let mut kept = Map::new();
    for (key, mut value) in object(place, value)? {
        let inner = format!("{place} {key}");
        if key == "parameters" {
            each_of(&inner, &mut value, parameter)?;
        } else if METHODS.contains(&key.as_str()) {
            value = operation(&inner, value)?;
        } else {
            return Err(Error::Unknown { place: place.to_owned(), key });
        }
        kept.insert(key, value);
    }
    Ok(Value::Object(kept))
}

fn operation(place: &str, value: Value) -> Result<Value, Error> {
    let mut kept = keep(place, value, &OPERATION)?;
    if kept.get("consumes").is_some_and(|media| *media == serde_json::json!(["*/*"])) {
        kept.remove("consumes");
    }
    for (key, value) in &mut kept {
        let inner = format!("{place} {key}");
        match key.as_str() {
            "parameters" => each_of(&inner, value, parameter)?,
            "requestBody" => *value = content(&inner, value.take())?,
            "responses" => {
                each(&inner, value, content)?;
                without_empty(value);
            }
            _ => {}
        }
    }
    Ok(Value::Object(kept))
}

fn parameter(place: &str, value: Value) -> Result<Value, Error> {
    let mut kept = keep(place, value, &PARAMETER)?;
    if let Some(inner) = kept.get_mut("schema") {
        *inner = schema(&format!("{place} schema"), inner.take())?;
    }
    Ok(Value::Object(kept))
}

fn content(place: &str, value: Value) -> Result<Value, Error> {
    let mut kept = keep(place, value, &CONTENT)?;
    if let Some(inner) = kept.get_mut("schema") {
        *inner = schema(&format!("{place} schema"), inner.take())?;
    }
    if let Some(inner) = kept.get_mut("content") {
        each(&format!("{place} content"), inner, media)?;
    }
    Ok(Value::Object(kept))
}

fn media(place: &str, value: Value) -> Result<Value, Error> {
    let mut kept = keep(place, value, &MEDIA)?;
    if let Some(inner) = kept.get_mut("schema") {
        *inner = schema(place, inner.take())?;
    }
    Ok(Value::Object(kept))
}

fn schema(place: &str, value: Value) -> Result<Value, Error> {
    let mut kept = keep(place, value, &SCHEMA)?;
    for (key, value) in &mut kept {
        let inner = format!("{place}.{key}");
        match key.as_str() {
            "properties" => each(&inner, value, schema)?,
            "items" => *value = schema(&inner, value.take())?,
            "additionalProperties" if value.is_object() => *value = schema(&inner, value.take())?,
            "allOf" | "oneOf" => each_of(&inner, value, schema)?,
            _ => {}
        }
    }
    Ok(Value::Object(kept))
}

/// Keeps the known keys and every fact about Kubernetes.
fn keep(place: &str, value: Value, keys: &Keys) -> Result<Map<String, Value>, Error> {
    let mut kept = Map::new();
    for (key, value) in object(place, value)? {
        if keys.kept.contains(&key.as_str()) || key.starts_with("x-kubernetes-") {
            kept.insert(key, value);
        } else if !keys.dropped.contains(&key.as_str()) {
            return Err(Error::Unknown { place: place.to_owned(), key });
        }
    }
    Ok(kept)
}

fn object(place: &str, value: Value) -> Result<Map<String, Value>, Error> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(Error::Shape { place: place.to_owned(), expected: "an object" }),
    }
}

/// Applies `reduce` to every value of an object.
fn each(
    place: &str,
    value: &mut Value,
    reduce: fn(&str, Value) -> Result<Value, Error>,
) -> Result<(), Error> {
    let expected = "an object";
    let map = value.as_object_mut().ok_or_else(|| Error::Shape { place: place.to_owned(), expected })?;
    for (key, value) in map {
        *value = reduce(&format!("{place}.{key}"), value.take())?;
    }
    Ok(())
}

/// Applies `reduce` to every value of an array.
fn each_of(
    place: &str,
    value: &mut Value,
    reduce: fn(&str, Value) -> Result<Value, Error>,
) -> Result<(), Error> {
    let expected = "an array";
    let list = value.as_array_mut().ok_or_else(|| Error::Shape { place: place.to_owned(), expected })?;
    for value in list {
        *value = reduce(place, value.take())?;
    }
    Ok(())
}

/// Of the deprecated paths below `watch/` only the existence and the kind matter: they tell which lists can be watched.
fn without_watch_details(paths: &mut Value) {
    let deprecated = paths.as_object_mut().into_iter().flatten().filter(|(path, _)| path.contains("/watch/"));
    for item in deprecated.filter_map(|(_, item)| item.as_object_mut()) {
        item.remove("parameters");
        for operation in item.values_mut().filter_map(Value::as_object_mut) {
            operation.retain(|key, _| key.starts_with("x-kubernetes-"));
        }
    }
}

/// Drops answers without content: that every call can be refused with 401 is no news.
fn without_empty(responses: &mut Value) {
    if let Some(map) = responses.as_object_mut() {
        map.retain(|_, response| response.as_object().is_some_and(|response| !response.is_empty()));
    }
}

/// Adds one document to the others of its server. Lists of kinds are joined: each document has only its own.
fn join(name: &str, whole: &mut Value, part: Value) -> Result<(), Error> {
    match (whole, part) {
        (whole @ Value::Null, part) => *whole = part,
        (Value::Object(whole), Value::Object(part)) => {
            for (key, value) in part {
                join(&key, whole.entry(key.clone()).or_insert(Value::Null), value)?;
            }
        }
        (Value::Array(whole), Value::Array(part)) if name == "x-kubernetes-group-version-kind" => {
            let new: Vec<Value> = part.into_iter().filter(|kind| !whole.contains(kind)).collect();
            whole.extend(new);
        }
        (whole, part) if *whole == part => {}
        _ => {
            return Err(Error::Conflict { name: name.to_owned() });
        }
    }
    Ok(())
}

/// Writes a document with sorted keys, and a line for each path and each definition.
fn write(document: &Value) -> String {
    let mut text = String::new();
    write_lines(document, LISTED.len(), &mut text);
    text.push('\n');
    text
}

fn write_lines(value: &Value, depth: usize, text: &mut String) {
    let Value::Object(map) = value else {
        return write_value(value, text);
    };
    text.push_str("{\n");
    let sorted: BTreeMap<&String, &Value> = map.iter().collect();
    for (index, (key, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            text.push_str(",\n");
        }
        text.push_str(&Value::from(key.as_str()).to_string());
        text.push(':');
        match depth {
            0 => write_value(value, text),
            _ if key == "components" => write_lines(value, 1, text),
            1 => write_lines(value, 0, text),
            _ if LISTED.contains(&key.as_str()) => write_lines(value, 0, text),
            _ => write_value(value, text),
        }
    }
    text.push_str("\n}");
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            text.push('{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write_value(value, text);
            }
            text.push('}');
        }
        Value::Array(list) => {
            text.push('[');
            for (index, value) in list.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                write_value(value, text);
            }
            text.push(']');
        }
        _ => text.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::extract;
    use crate::version::Version;

    #[test]
    fn prose_goes_and_facts_stay() {
        let document = r##"{"swagger": "2.0", "info": {"title": "T", "version": "unversioned"}, "security": [],
            "paths": {"/a/": {"get": {"description": "prose", "operationId": "a", "consumes": ["*/*"],
                "responses": {"200": {"description": "OK", "schema": {"type": "string"}}, "401": {"description": "No"}},
                "x-kubernetes-action": "get"}}},
            "definitions": {"D": {"description": "prose", "type": "object", "x-kubernetes-fact": true,
                "properties": {"description": {"description": "prose", "type": "string"}}}}}"##;
        let expected = r##"{
"definitions":{
"D":{"properties":{"description":{"type":"string"}},"type":"object","x-kubernetes-fact":true}
},
"info":{"version":"v1.36"},
"paths":{
"/a/":{"get":{"responses":{"200":{"schema":{"type":"string"}}},"x-kubernetes-action":"get"}}
},
"swagger":"2.0"
}
"##;
        assert_eq!(extract(document, Version::new(36)).expect("nothing is unknown"), expected);
    }

    #[test]
    fn of_a_deprecated_watch_only_its_kind_stays() {
        let document = r##"{"paths": {"/api/v1/watch/pods": {"parameters": [{"name": "a", "in": "query", "type": "string"}],
            "get": {"responses": {"200": {"schema": {"type": "string"}}}, "x-kubernetes-action": "watchlist"}}}}"##;
        let expected = "{\n\"paths\":{\n\"/api/v1/watch/pods\":{\"get\":{\"x-kubernetes-action\":\"watchlist\"}}\n}\n}\n";
        assert_eq!(extract(document, Version::new(36)).expect("nothing is unknown"), expected);
    }
}
