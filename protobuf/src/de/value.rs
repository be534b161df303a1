//! One value, as serde asks for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::Scope;
use super::members::{Entries, Items, Members, Object};
use crate::envelope::utf8;
use crate::message::{Kind, MessageForm};
use crate::wire::{Content, Wire};
use crate::{Envelope, Error, Message};

/// A value that has not been read.
#[derive(Clone, Copy)]
pub(super) struct Value<'de> {
    pub(super) scope: Scope,
    pub(super) data: Data<'de>,
}

#[derive(Clone, Copy)]
pub(super) enum Data<'de> {
    /// The fields of a message, whose object says what it is if it has an envelope.
    Object { message: &'static Message, envelope: Option<Envelope<'de>>, bytes: &'de [u8] },
    /// What one field holds.
    One { kind: Kind, content: Content<'de> },
    /// Fields of one number, which are a list.
    List { kind: Kind, run: Run<'de> },
    /// Fields of one number, which are a map.
    Map { kind: Kind, run: Run<'de> },
}

/// Fields of one number, one after the other and nothing else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'de> {
    pub(super) wire: Wire<'de>,
    pub(super) number: u32,
    pub(super) count: usize,
}

impl<'de> Value<'de> {
    pub(super) fn object(
        scope: Scope,
        message: &'static Message,
        envelope: Option<Envelope<'de>>,
        bytes: &'de [u8],
    ) -> Self {
        Self { scope, data: Data::Object { message, envelope, bytes } }
    }

    /// The message that this is, if it is one.
    pub(super) fn message(&self) -> Option<(&'static Message, &'de [u8])> {
        match self.data {
            Data::Object { message, bytes, .. } => Some((message, bytes)),
            Data::One { kind: Kind::Message(index), content: Content::Bytes(bytes) } => {
                Some((index.message(), bytes))
            }
            _ => None,
        }
    }

    fn visit_one<V: Visitor<'de>>(
        self,
        kind: Kind,
        content: Content<'de>,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match (kind, content) {
            (Kind::Message(index), Content::Bytes(bytes)) => {
                self.visit_message(index.message(), None, bytes, visitor)
            }
            (Kind::Text, Content::Bytes(bytes)) => visitor.visit_borrowed_str(utf8(bytes)?),
            (Kind::Bytes, Content::Bytes(bytes)) => visitor.visit_string(STANDARD.encode(bytes)),
            (Kind::Int, Content::Varint(number)) => visitor.visit_i64(number.cast_signed()),
            (Kind::Uint, Content::Varint(number)) => visitor.visit_u64(number),
            (Kind::Flag, Content::Varint(number)) => visitor.visit_bool(number != 0),
            (Kind::Double, Content::Fixed64(bits)) => visit_number(f64::from_bits(bits), visitor),
            _ => Err(Error::wire("the field has another wire type than this client knows it with")),
        }
    }

    fn visit_message<V: Visitor<'de>>(
        self,
        message: &'static Message,
        envelope: Option<Envelope<'de>>,
        bytes: &'de [u8],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match message.form() {
            MessageForm::Object => {
                let object = Object::new(self.scope.deeper()?, message, envelope, bytes);
                visitor.visit_map(Members::Object(object))
            }
            MessageForm::Json => self.visit_json(bytes, visitor),
            MessageForm::Either => super::special::alternative(self.scope.deeper()?, message, bytes)?
                .map_or_else(
                    || Err(Error::wire("none of the alternatives is set")),
                    |value| value.deserialize_any(visitor),
                ),
            // Its only field is a list, which is not sent if it is empty.
            MessageForm::List => match super::special::alternative(self.scope.deeper()?, message, bytes)? {
                Some(items) => items.deserialize_any(visitor),
                None => visitor.visit_seq(Items::empty(self.scope)),
            },
            form => super::special::visit(form, bytes, visitor),
        }
    }

    /// Reads JSON within a message, or an object in an envelope of its own.
    fn visit_json<V: Visitor<'de>>(self, bytes: &'de [u8], visitor: V) -> Result<V::Value, Error> {
        let raw = super::special::raw(bytes)?;
        if raw.starts_with(crate::MAGIC) {
            let envelope = Envelope::read(raw)?;
            let scope = Scope { place: super::Place::Object, ..self.scope.deeper()? };
            let (message, raw) = (envelope.message()?, envelope.raw);
            return Self::object(scope, message, Some(envelope), raw).deserialize_any(visitor);
        }
        if raw.is_empty() {
            return visitor.visit_unit();
        }
        let mut json = serde_json::Deserializer::from_slice(raw);
        let value = json.deserialize_any(visitor);
        value.and_then(|value| json.end().map(|()| value)).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Error::wire(format!("the JSON in it cannot be read, from line {line}, column {column}"))
        })
    }

    /// Whether JSON would have `null` here.
    fn is_null(&self) -> Result<bool, Error> {
        let Some((message, bytes)) = self.message() else { return Ok(false) };
        Ok(match message.form() {
            MessageForm::Time { .. } => bytes.is_empty(),
            MessageForm::Json => super::special::raw(bytes)?.is_empty(),
            MessageForm::Either => super::special::alternative(self.scope, message, bytes)?.is_none(),
            _ => false,
        })
    }
}

/// JSON has whole numbers without a point.
fn visit_number<'de, V: Visitor<'de>>(number: f64, visitor: V) -> Result<V::Value, Error> {
    /// Up to here, each whole number is exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
        return visitor.visit_i64(number as i64);
    }
    visitor.visit_f64(number)
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.data {
            Data::One { kind, content } => self.visit_one(kind, content, visitor),
            Data::Object { message, envelope, bytes } => {
                self.visit_message(message, envelope, bytes, visitor)
            }
            Data::List { kind, run } => visitor.visit_seq(Items::new(self.scope, kind, run)),
            Data::Map { kind, run } => {
                visitor.visit_map(Members::Entries(Entries::new(self.scope, kind, run)))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null()? { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match (self.data, self.message()) {
            (Data::One { kind: Kind::Text, content: Content::Bytes(bytes) }, _) => {
                visitor.visit_enum(BorrowedStrDeserializer::new(utf8(bytes)?))
            }
            (_, Some((message, bytes))) if message.form() == MessageForm::Object => {
                let object = Object::new(self.scope.deeper()?, message, None, bytes);
                MapAccessDeserializer::new(Members::Object(object)).deserialize_enum(name, variants, visitor)
            }
            _ => Err(Error::wire(
                "found neither a text nor an object where one of several variants is expected",
            )),
        }
    }

    /// Costs nothing: what nobody wants is not looked at.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}
