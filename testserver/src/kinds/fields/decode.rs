//! A visitor of JSON that knows what it expects.

use super::Decoded;
use super::place::{Place, Step};
use super::scalars::{self, Misfit};
use crate::schema::{Scalar, Schema, Shape};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// How many findings are told.
const FINDINGS_MAX: usize = 100;
const EMBEDDED: &str = "x-kubernetes-embedded-resource";

/// Reads one object.
#[derive(Debug)]
pub(super) struct Decoder {
    /// Whether types are checked elsewhere, because the object is a custom one.
    is_custom: bool,
    findings: Vec<String>,
    /// The first value of a wrong type.
    mismatch: Option<String>,
    /// What ended the reading.
    fatal: Option<String>,
}

impl Decoder {
    pub(super) const fn new(is_custom: bool) -> Self {
        Self { is_custom, findings: Vec::new(), mismatch: None, fatal: None }
    }

    /// Reads the object; an error is one of syntax, unless [`Self::fatal`] tells another.
    pub(super) fn read<'de, D: Deserializer<'de>>(
        &mut self,
        deserializer: D,
        schema: &Schema,
        kind: &str,
    ) -> Result<Value, D::Error> {
        let root = Place { parent: None, step: Step::Root(kind), schema: Some(schema) };
        Seed { decoder: self, place: &root }.deserialize(deserializer)
    }

    pub(super) fn fatal(&mut self) -> Option<String> {
        self.fatal.take()
    }

    /// What was read, or the first value of a wrong type.
    pub(super) fn finish(self, value: Value) -> Result<Decoded, String> {
        match self.mismatch {
            Some(mismatch) => Err(mismatch),
            None => Ok(Decoded { value, findings: self.findings }),
        }
    }

    fn find(&mut self, what: &str, place: &Place<'_>) {
        let finding = format!("{what} field \"{}\"", place.path());
        if self.findings.len() < FINDINGS_MAX && !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn mismatch(&mut self, place: &Place<'_>, found: &str) {
        if self.mismatch.is_none() {
            self.mismatch = Some(place.mismatch(found, &place.go_type()));
        }
    }

    /// A value without parts, against what is expected of it.
    fn scalar<E: Error>(&mut self, place: &Place<'_>, value: Value) -> Result<Value, E> {
        let is_free = self.is_custom && !place.is_in_definition();
        let Some(schema) = place.schema.filter(|_| !is_free) else { return Ok(value) };
        match scalars::check(&value, place, schema) {
            Ok(()) => {}
            Err(Misfit::Type(found)) => self.mismatch(place, &found),
            Err(Misfit::Told(why)) => {
                self.mismatch.get_or_insert(why);
            }
            Err(Misfit::Fatal(why)) => {
                self.fatal = Some(why);
                return Err(E::custom("unfit"));
            }
        }
        Ok(value)
    }
}

/// A value at a place.
struct Seed<'d, 'p> {
    decoder: &'d mut Decoder,
    place: &'p Place<'p>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.decoder.scalar(self.place, value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.decoder.scalar(self.place, value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.decoder.scalar(self.place, value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.decoder.scalar(self.place, value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.decoder.scalar(self.place, value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        self.decoder.scalar(self.place, value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let item_schema = match self.place.schema.map(|schema| &schema.resolved().shape) {
            None | Some(Shape::Any) => None,
            Some(Shape::List(items)) => Some(&**items),
            Some(_) if self.is_free() => None,
            Some(_) => {
                let refused = self.decoder.scalar(self.place, Value::Array(Vec::new()));
                while items.next_element::<IgnoredAny>()?.is_some() {}
                return refused;
            }
        };
        let mut list = Vec::new();
        loop {
            let place = self.place.below(Step::Item(list.len()), item_schema);
            match items.next_element_seed(Seed { decoder: self.decoder, place: &place })? {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let shape = self.place.schema.map(|schema| &schema.resolved().shape);
        let fits = match shape {
            None | Some(Shape::Any | Shape::Object { .. }) => true,
            Some(_) => self.is_free(),
        };
        if !fits {
            let refused = self.decoder.scalar(self.place, Value::Object(Map::new()));
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return refused;
        }
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let place = self.field(&key);
            if map.contains_key(&key) && shape.is_some() {
                self.decoder.find("duplicate", &place);
            } else if place.schema.is_none() && self.rejects_unknown() {
                self.decoder.find("unknown", &place);
            }
            let value = entries.next_value_seed(Seed { decoder: self.decoder, place: &place })?;
            match map.get_mut(&key) {
                Some(told) if !self.decoder.is_custom => tell_again(told, value),
                _ => drop(map.insert(key, value)),
            }
        }
        Ok(Value::Object(map))
    }
}

/// Go reads what is told twice into the same place: objects grow, all else is replaced.
fn tell_again(told: &mut Value, again: Value) {
    match (told, again) {
        (Value::Object(told), Value::Object(again)) => {
            for (key, value) in again {
                match told.get_mut(&key) {
                    Some(told) => tell_again(told, value),
                    None => drop(told.insert(key, value)),
                }
            }
        }
        (told, again) => *told = again,
    }
}

impl<'p> Seed<'_, 'p> {
    /// The place of a field or an entry.
    fn field<'k>(&self, key: &'k str) -> Place<'k>
    where
        'p: 'k,
    {
        let Some(schema) = self.place.schema else { return self.place.below(Step::Entry(key), None) };
        match &schema.resolved().shape {
            Shape::Object { properties, additional } => match properties.get(key) {
                None if properties.is_empty() && additional.is_some() => {
                    self.place.below(Step::Entry(key), additional.as_deref())
                }
                None => self.place.below(Step::Entry(key), self.embedded(schema, key)),
                property => {
                    let step = Step::Field { owner: self.place.type_name(), name: key };
                    self.place.below(step, property)
                }
            },
            _ => self.place.below(Step::Entry(key), None),
        }
    }

    /// What an object within an object has, though its schema may not say so.
    fn embedded(&self, schema: &Schema, key: &str) -> Option<&'static Schema> {
        let is_object = matches!(self.place.step, Step::Root(_))
            || schema.rules.as_deref().is_some_and(|rules| rules[EMBEDDED] == true);
        (is_object && ["apiVersion", "kind", "metadata"].contains(&key)).then(Schema::any)
    }

    /// Whether types are checked elsewhere.
    fn is_free(&self) -> bool {
        self.decoder.is_custom && !self.place.is_in_definition()
    }

    fn rejects_unknown(&self) -> bool {
        let schema = self.place.schema.map(Schema::resolved);
        schema.is_some_and(|schema| match &schema.shape {
            Shape::Object { additional, .. } => additional.is_none() && !schema.preserve_unknown,
            // Nothing in a custom resource is below what is no object, and stays.
            Shape::Scalar(_) | Shape::List(_) => self.is_free(),
            Shape::Any => self.is_free() && !schema.preserve_unknown && self.place.parent.is_some(),
            Shape::Reference(_) => false,
        })
    }
}

/// Whether a scalar is text that is written in one of several ways.
pub(super) fn is_int_or_string(schema: &Schema) -> bool {
    matches!(schema.resolved().shape, Shape::Scalar(Scalar::IntOrString))
}
