//! What managed fields need to know of a value's type: whether it is one field or has fields of its own.

use super::element::Element;
use crate::patch::go;
use crate::schema::{ListType, Scalar, Schema, Shape};
use serde_json::Value;
use std::collections::BTreeMap;

const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type<'a> {
    node: Node<'a>,
    /// Whether values are structs in the server's own code, not trees: then some fields are always there.
    built_in: bool,
    /// Whether unknown fields are allowed, here and below.
    preserve: bool,
}

#[derive(Clone, Copy, Debug)]
enum Node<'a> {
    Known(&'a Schema),
    /// Objects have a field for each key, all else is one field.
    Deduced,
    /// One field.
    Whole,
}

/// What a value of a type is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Atom<'a> {
    /// One field.
    Scalar(Primitive),
    /// A field for each key, unless it is atomic.
    Map(MapType<'a>),
    /// A field for each item, unless it is atomic.
    List(ListOf<'a>),
}

/// What a scalar may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    String,
    Numeric,
    Boolean,
    Untyped,
}

/// The type of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct MapType<'a> {
    /// Whether it is one field.
    pub(super) atomic: bool,
    properties: Option<&'a BTreeMap<String, Schema>>,
    required: &'a [String],
    rest: Option<Type<'a>>,
    owner: Type<'a>,
}

/// The type of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListOf<'a> {
    kind: &'a ListType,
    /// The type of its items.
    pub(super) items: Type<'a>,
}

impl<'a> Type<'a> {
    /// The type of a value about which nothing is known.
    pub(super) const UNKNOWN: Type<'static> = Type { node: Node::Deduced, built_in: false, preserve: true };

    /// The type of whole objects. Those of CustomResourceDefinitions have rules.
    pub(super) fn of(schema: &'a Schema) -> Self {
        let resolved = schema.resolved();
        let built_in = resolved.rules.is_none() && matches!(resolved.shape, Shape::Object { .. });
        Self { node: Node::Known(schema), built_in, preserve: false }
    }

    fn known(self, schema: &'a Schema) -> Self {
        Self { node: Node::Known(schema), ..self }
    }

    fn deduced(self) -> Self {
        Self { node: Node::Deduced, ..self }
    }

    /// What a value is. Null and nothing may be anything; they are taken for objects if nothing is known.
    pub(super) fn atom(self, value: Option<&Value>) -> Atom<'a> {
        match self.node {
            Node::Known(schema) => self.known_atom(schema, value),
            Node::Deduced => self.free_atom(value, false),
            Node::Whole => self.free_atom(value, true),
        }
    }

    fn known_atom(self, schema: &'a Schema, value: Option<&Value>) -> Atom<'a> {
        let resolved = schema.resolved();
        match &resolved.shape {
            Shape::Any | Shape::Reference(_) => self.free_atom(value, schema.is_atomic()),
            // In custom types it has no type in the document, so that servers take what comes.
            Shape::Scalar(Scalar::IntOrString) if !self.built_in => self.free_atom(value, false),
            Shape::Scalar(scalar) => Atom::Scalar(match scalar {
                _ if matches!(schema.shape, Shape::Reference(QUANTITY)) => Primitive::Untyped,
                Scalar::String | Scalar::Bytes => Primitive::String,
                Scalar::Integer | Scalar::Number => Primitive::Numeric,
                Scalar::Boolean => Primitive::Boolean,
                Scalar::Time | Scalar::IntOrString => Primitive::Untyped,
            }),
            Shape::List(items) => {
                let kind = if schema.list_type == ListType::Atomic {
                    &resolved.list_type
                } else {
                    &schema.list_type
                };
                Atom::List(ListOf { kind, items: self.preserving(schema).known(items) })
            }
            Shape::Object { properties, additional } => {
                let owner = self.preserving(schema).preserving(resolved);
                let rest = match additional {
                    Some(schema) => Some(owner.known(schema)),
                    None if owner.preserve || properties.is_empty() => Some(owner.deduced()),
                    None => None,
                };
                let (properties, required) = (Some(properties), resolved.required.as_slice());
                Atom::Map(MapType { atomic: schema.is_atomic(), properties, required, rest, owner })
            }
        }
    }

    fn preserving(self, schema: &Schema) -> Self {
        Self { preserve: self.preserve || schema.preserve_unknown, ..self }
    }

    fn free_atom(self, value: Option<&Value>, whole: bool) -> Atom<'a> {
        let inner = Self { node: if whole { Node::Whole } else { Node::Deduced }, ..self };
        match value {
            Some(Value::Array(_)) => {
                let items = Self { node: Node::Whole, ..self };
                Atom::List(ListOf { kind: &ListType::Atomic, items })
            }
            None | Some(Value::Null | Value::Object(_)) => Atom::Map(MapType {
                atomic: whole,
                properties: None,
                required: &[],
                rest: Some(inner),
                owner: inner,
            }),
            Some(_) => Atom::Scalar(Primitive::Untyped),
        }
    }

    /// The type at a key of an object, and whether that is a named property.
    pub(super) fn field(self, name: &str) -> (bool, Option<Self>) {
        match self.atom(None) {
            Atom::Map(map) => (map.is_named(name), map.field(name)),
            Atom::Scalar(_) | Atom::List(_) => (false, None),
        }
    }

    /// The type of a list's items.
    pub(super) fn items(self) -> Option<Self> {
        match self.atom(None) {
            Atom::List(list) => Some(list.items),
            Atom::Scalar(_) | Atom::Map(_) => None,
        }
    }

    /// Whether nothing is known, so that each key of an object is a field.
    pub(super) fn is_deduced(self) -> bool {
        match self.atom(None) {
            Atom::Map(map) => {
                map.properties.is_none_or(BTreeMap::is_empty)
                    && map.rest.is_some_and(|rest| matches!(rest.node, Node::Deduced))
            }
            Atom::Scalar(_) | Atom::List(_) => false,
        }
    }
}

impl Atom<'_> {
    /// Whether both are of the same kind.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Primitive {
    /// Whether a value is such a scalar. Null is any.
    pub(super) fn allows(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (_, Value::Null)
                | (Self::String | Self::Untyped, Value::String(_))
                | (Self::Numeric | Self::Untyped, Value::Number(_))
                | (Self::Boolean | Self::Untyped, Value::Bool(_))
        )
    }
}

impl<'a> MapType<'a> {
    /// The type at a key, if the key is allowed.
    pub(super) fn field(&self, name: &str) -> Option<Type<'a>> {
        self.property(name).map(|schema| self.owner.known(schema)).or(self.rest)
    }

    /// Whether a key is a named property.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.property(name).is_some()
    }

    fn property(&self, name: &str) -> Option<&'a Schema> {
        self.properties.and_then(|properties| properties.get(name))
    }

    /// Whether a property must be there.
    fn requires(&self, name: &str) -> bool {
        self.required.iter().any(|required| required == name)
    }

    /// What is there if a key of a list's item is not given.
    fn key_default(&self, name: &str) -> Option<Value> {
        let schema = self.property(name)?;
        let zero = || match schema.resolved().shape {
            Shape::Scalar(Scalar::String) => Some(Value::from("")),
            Shape::Scalar(Scalar::Integer) => Some(Value::from(0)),
            _ => None,
        };
        let required = self.owner.built_in && self.requires(name);
        schema.default.clone().or_else(|| if required { zero() } else { None })
    }
}

impl ListOf<'_> {
    /// Whether it is one field.
    pub(super) fn is_atomic(&self) -> bool {
        *self.kind == ListType::Atomic
    }

    /// How an item is told apart from the others.
    ///
    /// # Errors
    ///
    /// Why it cannot be.
    pub(super) fn element(&self, item: &Value) -> Result<Element, String> {
        match self.kind {
            ListType::Map(keys) => self.keyed(keys, item),
            ListType::Set | ListType::Atomic => match item {
                Value::Object(_) => {
                    Err("associative list without keys has an element that's a map type".into())
                }
                Value::Array(_) => Err("not supported: associative list with lists as elements".into()),
                Value::Null => {
                    Err("associative list without keys has an element that's an explicit null".into())
                }
                scalar => Ok(Element::Value(scalar.clone())),
            },
        }
    }

    fn keyed(&self, keys: &[String], item: &Value) -> Result<Element, String> {
        let item = match item {
            Value::Object(item) => item,
            Value::Null => return Err("associative list with keys may not have a null element".into()),
            _ => return Err("associative list with keys may not have non-map elements".into()),
        };
        let Atom::Map(map) = self.items.atom(None) else {
            return Err("associative list may not have non-map types".into());
        };
        let mut found: Vec<(Box<str>, Value)> = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(value) = item.get(key).cloned().or_else(|| map.key_default(key)) {
                found.push((key.as_str().into(), value));
            }
        }
        if found.is_empty() && !keys.is_empty() {
            let keys: Vec<String> = keys.iter().map(|key| go::quoted(key)).collect();
            return Err(format!(
                "associative list with keys has an element that omits all key fields [{}] (and doesn't have default \
                 values for any key fields)",
                keys.join(" ")
            ));
        }
        found.sort_by(|left, right| left.0.cmp(&right.0));
        Ok(Element::Key(found.into()))
    }
}
