//! CBOR into types.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minicbor::Decoder;
use minicbor::data::{Tag, Type};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use crate::codec::Keeps;

/// How deep arrays and maps may lie in each other.
const DEPTH: u8 = 128;

/// The tag of bytes that are base64 in JSON.
const BASE64: Tag = Tag::new(22);

/// What is wrong with CBOR, without text from it.
#[derive(Debug)]
pub(super) struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Str(_) => "a text".to_owned(),
            other => other.to_string(),
        };
        Self(format!("invalid type: {found}, expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("invalid value, expected {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(format!("unknown variant, expected one of {}", expected.join(", ")))
    }
}

impl From<minicbor::decode::Error> for Error {
    fn from(error: minicbor::decode::Error) -> Self {
        Self(error.to_string())
    }
}

/// Where in a body something is, as far as it matters for what is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is an event of a watch.
    Event,
    /// It is an object, a list, or an item of one.
    Object,
    Items,
    Metadata,
    Within,
}

impl Place {
    /// The place of the member with this name.
    fn of_member(self, name: &str) -> Self {
        match (self, name) {
            (Self::Event, "object") => Self::Object,
            (Self::Object, "metadata") => Self::Metadata,
            (Self::Object, "items") => Self::Items,
            _ => Self::Within,
        }
    }

    fn of_item(self) -> Self {
        if self == Self::Items { Self::Object } else { Self::Within }
    }
}

/// The next value of a decoder.
pub(super) struct Value<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    place: Place,
    keeps: Keeps,
    depth: u8,
}

impl<'a, 'de> Value<'a, 'de> {
    pub(super) fn new(decoder: &'a mut Decoder<'de>, place: Place, keeps: Keeps) -> Self {
        Self { decoder, place, keeps, depth: DEPTH }
    }

    /// Reads tags up to a value, and says whether it is bytes that are base64 in JSON.
    fn skip_tags(&mut self) -> Result<bool, Error> {
        let mut base64 = false;
        while self.decoder.datatype()? == Type::Tag {
            base64 = self.decoder.tag()? == BASE64;
        }
        Ok(base64)
    }

    fn members(self, length: Option<u64>) -> Result<Members<'a, 'de>, Error> {
        let rest = length.ok_or_else(|| Error("something has no length".to_owned()))?;
        let depth = self.depth.checked_sub(1).ok_or_else(|| Error("it is nested too deeply".to_owned()))?;
        Ok(Members { value: Self { depth, ..self }, rest, name: None })
    }
}

/// The number of 16 bits that comes next. minicbor reads it by a crate that takes longer to build than all of ours.
fn half(decoder: &mut Decoder<'_>) -> Result<f64, Error> {
    let begin = decoder.position();
    decoder.skip()?;
    let Some([_, high, low]) = decoder.input().get(begin..decoder.position()) else {
        return Err(Error("a number is cut".to_owned()));
    };
    let bits = u16::from_be_bytes([*high, *low]);
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1024.0) * 2_f64.powi(exponent - 25),
    };
    Ok(if bits >> 15 == 1 { -size } else { size })
}

/// The text that comes next, such as a key.
pub(super) fn text<'de>(decoder: &mut Decoder<'de>) -> Result<&'de str, Error> {
    match decoder.datatype()? {
        Type::String => Ok(decoder.str()?),
        _ => utf8(decoder.bytes()?),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    str::from_utf8(bytes).map_err(|_| Error("a text is not UTF-8".to_owned()))
}

impl<'de> Deserializer<'de> for Value<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let base64 = self.skip_tags()?;
        match self.decoder.datatype()? {
            Type::Bool => visitor.visit_bool(self.decoder.bool()?),
            Type::Null | Type::Undefined => {
                self.decoder.skip()?;
                visitor.visit_unit()
            }
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => visitor.visit_u64(self.decoder.u64()?),
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => visitor.visit_i64(self.decoder.i64()?),
            Type::F16 => visitor.visit_f64(half(self.decoder)?),
            Type::F32 => visitor.visit_f64(self.decoder.f32()?.into()),
            Type::F64 => visitor.visit_f64(self.decoder.f64()?),
            Type::Bytes if base64 => visitor.visit_string(STANDARD.encode(self.decoder.bytes()?)),
            Type::Bytes => visitor.visit_borrowed_str(utf8(self.decoder.bytes()?)?),
            Type::String => visitor.visit_borrowed_str(self.decoder.str()?),
            Type::Array => {
                let length = self.decoder.array()?;
                visitor.visit_seq(self.members(length)?)
            }
            Type::Map => {
                let length = self.decoder.map()?;
                visitor.visit_map(self.members(length)?)
            }
            other => Err(Error(format!("{other} is not expected"))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let position = self.decoder.position();
        self.skip_tags()?;
        let datatype = self.decoder.datatype()?;
        if matches!(datatype, Type::Null | Type::Undefined) {
            self.decoder.skip()?;
            return visitor.visit_none();
        }
        self.decoder.set_position(position);
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.skip_tags()?;
        match self.decoder.datatype()? {
            Type::Bytes => visitor.visit_enum(BorrowedStrDeserializer::new(utf8(self.decoder.bytes()?)?)),
            Type::String => visitor.visit_enum(BorrowedStrDeserializer::new(self.decoder.str()?)),
            Type::Map => {
                let length = self.decoder.map()?;
                let members = self.members(length)?;
                de::value::MapAccessDeserializer::new(members).deserialize_enum(name, variants, visitor)
            }
            other => Err(Error(format!("{other} is not expected"))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.decoder.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

/// What lies in an array or a map.
struct Members<'a, 'de> {
    /// The array or map: what comes next in its decoder is in it.
    value: Value<'a, 'de>,
    rest: u64,
    name: Option<&'de str>,
}

impl<'de> Members<'_, 'de> {
    fn next(&mut self, place: Place) -> Value<'_, 'de> {
        Value { decoder: self.value.decoder, place, keeps: self.value.keeps, depth: self.value.depth }
    }

    fn advance(&mut self) -> bool {
        let more = self.rest > 0;
        self.rest = self.rest.saturating_sub(1);
        more
    }

    fn leaves_out(&self, name: &str) -> bool {
        self.value.keeps == Keeps::AllButManagedFields
            && self.value.place == Place::Metadata
            && name == "managedFields"
    }
}

impl<'de> SeqAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        if !self.advance() {
            return Ok(None);
        }
        let place = self.value.place.of_item();
        seed.deserialize(self.next(place)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        usize::try_from(self.rest).ok()
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        while self.advance() {
            let name = text(self.value.decoder)?;
            if self.leaves_out(name) {
                self.value.decoder.skip()?;
                continue;
            }
            self.name = Some(name);
            return seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let place = self.value.place.of_member(self.name.take().unwrap_or_default());
        seed.deserialize(self.next(place))
    }
}
