//! Objects made from their schemas.

use serde_json::{Map, Value, json};

use crate::document::Document;

/// How often a definition may lie in itself.
const RECURSION: usize = 2;

/// Which fields an object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// All, each with another value.
    Values,
    /// Those that must be there, each with another value.
    Required,
    /// All, each with the zero of its type.
    Zeros,
}

/// Makes objects. Each value is another one, so that none can stand in for another.
pub(crate) struct Samples<'a> {
    document: &'a Document,
    fill: Fill,
    count: u32,
    /// The definitions on the way to what is being made.
    path: Vec<&'a str>,
}

impl<'a> Samples<'a> {
    pub(crate) fn new(document: &'a Document, fill: Fill) -> Self {
        Self { document, fill, count: 0, path: Vec::new() }
    }

    /// An object of a kind.
    pub(crate) fn object(&mut self, definition: &'a str) -> Value {
        let mut object = self.definition(definition).unwrap();
        let (version, kind) = self.document.type_meta(definition).remove(0);
        object["apiVersion"] = version.into();
        object["kind"] = kind.into();
        object
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        if self.fill == Fill::Zeros { 0 } else { self.count }
    }

    /// A value of a definition; none where it lies too often in itself.
    fn definition(&mut self, definition: &'a str) -> Option<Value> {
        if self.path.iter().filter(|outer| **outer == definition).count() >= RECURSION {
            return None;
        }
        self.path.push(definition);
        let value = self.special(definition).or_else(|| self.schema(self.document.schema(definition)));
        self.path.pop();
        self.say_what_it_is(definition, value)
    }

    /// An object within another says what it is in JSON, because its type does; protobuf does not have it.
    fn say_what_it_is(&self, definition: &str, value: Option<Value>) -> Option<Value> {
        let mut value = value?;
        let Value::Object(members) = &mut value else { return Some(value) };
        match &self.document.type_meta(definition)[..] {
            [(version, kind)] => {
                members.insert("apiVersion".to_owned(), version.as_str().into());
                members.insert("kind".to_owned(), kind.as_str().into());
            }
            [] => {}
            // Options, which are of all groups, need not say it.
            _ => members.retain(|name, _| name != "apiVersion" && name != "kind"),
        }
        Some(value)
    }

    /// What JSON has in a way of its own.
    fn special(&mut self, definition: &str) -> Option<Value> {
        let number = self.next();
        Some(match definition.rsplit('.').next().unwrap() {
            "Time" => json!(format!("2001-02-03T{:02}:{:02}:{:02}Z", number % 24, number % 59, number % 58)),
            "MicroTime" => json!(format!("2001-02-03T04:05:06.{:06}Z", number * 1_001)),
            "Quantity" => json!(format!("{number}Mi")),
            "IntOrString" if number % 2 == 1 => json!(format!("{number}%")),
            "IntOrString" => json!(number),
            "FieldsV1" => json!({format!("f:{number}"): {"k:{\"a\":1}": {}}}),
            "RawExtension" => json!({"any": [number, null, {"text": "\u{e4}"}]}),
            "JSON" => [json!({"any": number}), json!([number]), json!(number), json!(false), json!("text")]
                [number as usize % 5]
                .clone(),
            name @ ("JSONSchemaPropsOrArray" | "JSONSchemaPropsOrBool" | "JSONSchemaPropsOrStringArray") => {
                return self.alternative(name);
            }
            _ => return None,
        })
    }

    /// A schema, or what may stand in its place, in turn.
    fn alternative(&mut self, name: &str) -> Option<Value> {
        let schema = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
        let schema = self.definition(schema).unwrap_or_else(|| json!({"title": "the last"}));
        Some(match (name, self.next() % 2) {
            ("JSONSchemaPropsOrArray", 0) => json!([schema, {"title": "another"}]),
            ("JSONSchemaPropsOrBool", 0) => json!(self.count % 4 < 2),
            ("JSONSchemaPropsOrStringArray", 0) => json!(["one", "two"]),
            _ => schema,
        })
    }

    fn schema(&mut self, schema: &'a Value) -> Option<Value> {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.definition(reference.strip_prefix("#/definitions/").unwrap());
        }
        let number = self.next();
        let is_zero = self.fill == Fill::Zeros;
        Some(match (schema["type"].as_str().unwrap(), schema["format"].as_str()) {
            ("string", None) if is_zero => json!(""),
            ("string", None) => json!(format!("text {number} \u{e4}\"")),
            ("string", Some("byte")) if is_zero => json!(""),
            // Base64 of three bytes.
            ("string", Some("byte")) => json!(format!("{:04}", number % 10_000)),
            ("integer", Some("int32")) => json!(i64::from(number) - if is_zero { 0 } else { 50 }),
            ("integer", Some("int64")) => json!(u64::from(number) << 33),
            ("boolean", None) => json!(!is_zero),
            ("number", Some("double")) => json!(f64::from(number) + if is_zero { 0.0 } else { 0.5 }),
            ("array", None) => return self.list(&schema["items"]),
            ("object", None) => return self.members(schema),
            other => panic!("a new type: {other:?}"),
        })
    }

    /// A list; none if it would be empty, which protobuf does not have.
    fn list(&mut self, items: &'a Value) -> Option<Value> {
        let items: Vec<Value> = (0..2).filter_map(|_| self.schema(items)).collect();
        (!items.is_empty()).then_some(Value::Array(items))
    }

    fn members(&mut self, schema: &'a Value) -> Option<Value> {
        if let Some(values) = schema.get("additionalProperties") {
            let entries = (0..2).filter_map(|index| Some((format!("key-{index}"), self.schema(values)?)));
            let entries: Map<String, Value> = entries.collect();
            return (!entries.is_empty()).then_some(Value::Object(entries));
        }
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        let mut members = Map::new();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if self.fill == Fill::Required && !required.iter().any(|required| required == name) {
                continue;
            }
            if let Some(value) = self.schema(schema) {
                members.insert(name.clone(), value);
            }
        }
        Some(Value::Object(members))
    }
}
