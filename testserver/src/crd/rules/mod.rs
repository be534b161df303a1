//! What a CustomResourceDefinition's schema says about values, prepared to be checked often.
//!
//! `x-kubernetes-validations`, whose expressions are a language of their own, is not checked.

mod check;
mod finding;
mod formats;
mod numbers;

pub(crate) use formats::is_known as is_known_format;

use regex_lite::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What is said about the values in one place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    types: Vec<Type>,
    nullable: bool,
    format: String,
    one_of_values: Vec<Value>,
    numbers: numbers::Limits,
    least_length: Option<u64>,
    most_length: Option<u64>,
    pattern: Option<Pattern>,
    least_items: Option<u64>,
    most_items: Option<u64>,
    unique: bool,
    items: Option<Box<Self>>,
    /// The properties that tell items apart.
    keys: Vec<String>,
    least_properties: Option<u64>,
    most_properties: Option<u64>,
    required: Vec<String>,
    properties: BTreeMap<String, Self>,
    additional: Additional,
    all: Vec<Self>,
    any: Vec<Self>,
    one: Vec<Self>,
    not: Option<Box<Self>>,
}

/// A type of JSON, as schemas call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Array,
    Boolean,
    Integer,
    Number,
    Object,
    String,
}

/// What properties there may be besides those with a name.
#[derive(Clone, Debug, Default)]
enum Additional {
    /// Any.
    #[default]
    Any,
    /// None.
    None,
    /// Such as these rules allow.
    Like(Box<Rules>),
}

/// A regular expression.
#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    /// None if it cannot be read; what it is about then matches anything.
    regex: Option<Regex>,
}

impl Type {
    const ALL: [Self; 6] =
        [Self::Array, Self::Boolean, Self::Integer, Self::Number, Self::Object, Self::String];

    fn name(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }
}

impl Rules {
    /// Reads a JSON schema.
    pub(crate) fn read(schema: &Value) -> Self {
        let Some(keys) = schema.as_object() else { return Self::default() };
        let types = if truth(keys, "x-kubernetes-int-or-string") {
            vec![Type::Integer, Type::String]
        } else {
            keys.get("type").and_then(Value::as_str).and_then(Type::named).into_iter().collect()
        };
        let format = keys.get("format").and_then(Value::as_str).unwrap_or_default();
        let items = keys.get("items").filter(|items| items.is_object());
        Self {
            format: if formats::applies(format, &types) { format.to_owned() } else { String::new() },
            types,
            nullable: truth(keys, "nullable"),
            one_of_values: keys.get("enum").and_then(Value::as_array).cloned().unwrap_or_default(),
            numbers: numbers::Limits::read(keys),
            least_length: count(keys, "minLength"),
            most_length: count(keys, "maxLength"),
            pattern: keys
                .get("pattern")
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(Pattern::new),
            least_items: count(keys, "minItems"),
            most_items: count(keys, "maxItems"),
            unique: truth(keys, "uniqueItems"),
            items: items.map(|items| Box::new(Self::read(items))),
            keys: strings(keys.get("x-kubernetes-list-map-keys")),
            least_properties: count(keys, "minProperties"),
            most_properties: count(keys, "maxProperties"),
            required: strings(keys.get("required")),
            properties: properties(keys),
            additional: match keys.get("additionalProperties") {
                Some(Value::Bool(false)) => Additional::None,
                Some(schema @ Value::Object(_)) => Additional::Like(Box::new(Self::read(schema))),
                _ => Additional::Any,
            },
            all: schemas(keys, "allOf"),
            any: schemas(keys, "anyOf"),
            one: schemas(keys, "oneOf"),
            not: keys.get("not").filter(|not| not.is_object()).map(|not| Box::new(Self::read(not))),
        }
    }

    /// The rules of a property that has a name.
    pub(crate) fn property(&self, name: &str) -> Option<&Self> {
        self.properties.get(name)
    }
}

impl Pattern {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), regex: Regex::new(text).ok() }
    }

    fn matches(&self, value: &str) -> bool {
        self.regex.as_ref().is_none_or(|regex| regex.is_match(value))
    }
}

fn truth(keys: &Map<String, Value>, key: &str) -> bool {
    keys.get(key).and_then(Value::as_bool).unwrap_or_default()
}

fn count(keys: &Map<String, Value>, key: &str) -> Option<u64> {
    keys.get(key).and_then(Value::as_u64)
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn schemas(keys: &Map<String, Value>, key: &str) -> Vec<Rules> {
    keys.get(key).and_then(Value::as_array).into_iter().flatten().map(Rules::read).collect()
}

fn properties(keys: &Map<String, Value>) -> BTreeMap<String, Rules> {
    let properties = keys.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.map(|(name, schema)| (name.clone(), Rules::read(schema))).collect()
}

#[cfg(test)]
mod tests;
