//! One value, as serde hands it over.

use serde::Serialize;
use serde::ser::{Impossible, Serializer};

use super::members::Members;
use super::{Others, plain};
use crate::message::{Field, FieldForm, Kind, MessageForm};
use crate::wire::{finish_message, start_message};
use crate::{Error, Message};

/// Where a value goes.
///
/// There is one type for all places, so that a type that is written is compiled once.
pub(super) struct Value<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) target: Target,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    /// The fields of a message.
    Object(&'static Message, Others),
    /// A field with its number.
    Field(Slot),
    /// JSON within a message.
    Json,
    /// Text as it is: the key of a map.
    Text,
}

/// A field, as far as it matters for what is written into it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) number: u32,
    pub(super) form: FieldForm,
    pub(super) kind: Kind,
    /// What becomes of members that a message in this field does not have.
    pub(super) others: Others,
}

impl Slot {
    pub(super) fn of(field: &Field) -> Self {
        Self { number: field.number, form: field.form, kind: field.kind, others: Others::Refused }
    }
}

impl<'a> Value<'a> {
    /// Begins what is an object in JSON.
    fn object(self) -> Result<Members<'a>, Error> {
        let out = self.out;
        let slot = match self.target {
            Target::Object(message, others) => return Ok(Members::object(out, message, others)),
            Target::Json => return Ok(Members::json(out, b'{')),
            Target::Field(slot) => slot,
            Target::Text => return Err(mismatch("an object")),
        };
        let message = match (slot.form, slot.kind) {
            (FieldForm::Map, _) => return Ok(Members::entries(out, slot)),
            (FieldForm::Once | FieldForm::Inline, Kind::Message(index)) => index.message(),
            _ => return Err(mismatch("an object")),
        };
        let start = start_message(out, slot.number);
        match message.form() {
            MessageForm::Object => Ok(Members::object(out, message, slot.others).opened(&[start])),
            MessageForm::Json => {
                let raw = start_message(out, 1);
                Ok(Members::json(out, b'{').opened(&[start, raw]))
            }
            MessageForm::Either => {
                let (number, inner) = plain::alternative_object(message)?;
                let inner_start = start_message(out, number);
                Ok(Members::object(out, inner, Others::Refused).opened(&[start, inner_start]))
            }
            _ => Err(mismatch("an object")),
        }
    }

    /// Begins what is a list in JSON.
    fn list(self) -> Result<Members<'a>, Error> {
        let out = self.out;
        let slot = match self.target {
            Target::Json => return Ok(Members::json(out, b'[')),
            Target::Field(slot) => slot,
            Target::Object(..) | Target::Text => return Err(mismatch("a list")),
        };
        let message = match (slot.form, slot.kind) {
            (FieldForm::List, _) => return Ok(Members::items(out, slot)),
            (FieldForm::Once, Kind::Message(index)) => index.message(),
            _ => return Err(mismatch("a list")),
        };
        let start = start_message(out, slot.number);
        match message.form() {
            MessageForm::List | MessageForm::Either => {
                Ok(Members::items(out, plain::list_field(message)?).opened(&[start]))
            }
            MessageForm::Json => {
                let raw = start_message(out, 1);
                Ok(Members::json(out, b'[').opened(&[start, raw]))
            }
            _ => Err(mismatch("a list")),
        }
    }

    fn plain(self, value: plain::Plain<'_>) -> Result<(), Error> {
        match self.target {
            Target::Field(slot) if matches!(slot.form, FieldForm::Once | FieldForm::Inline) => {
                plain::put(self.out, slot, value)
            }
            Target::Json => value.put_json(self.out),
            Target::Text => value.put_text(self.out),
            _ => Err(mismatch(value.shape())),
        }
    }

    /// JSON's `null`: nothing, but in JSON itself.
    fn nothing(self) -> Result<(), Error> {
        match self.target {
            Target::Json => {
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            Target::Field(_) => Ok(()),
            Target::Object(..) | Target::Text => Err(mismatch("nothing")),
        }
    }
}

/// The error of a value of another shape than its field.
#[cold]
pub(super) fn mismatch(found: &str) -> Error {
    Error::wire(format!("{found} does not fit here"))
}

/// Hands a plain value over.
macro_rules! plain {
    ($($method:ident($type:ty) => |$value:ident| $plain:expr;)*) => {
        $(fn $method(self, $value: $type) -> Result<(), Error> {
            self.plain($plain)
        })*
    };
}

impl<'a> Serializer for Value<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Members<'a>;
    type SerializeTuple = Members<'a>;
    type SerializeTupleStruct = Members<'a>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Impossible<(), Error>;

    plain! {
        serialize_bool(bool) => |value| plain::Plain::Flag(value);
        serialize_i8(i8) => |value| plain::Plain::Int(value.into());
        serialize_i16(i16) => |value| plain::Plain::Int(value.into());
        serialize_i32(i32) => |value| plain::Plain::Int(value.into());
        serialize_i64(i64) => |value| plain::Plain::Int(value);
        serialize_u8(u8) => |value| plain::Plain::Int(value.into());
        serialize_u16(u16) => |value| plain::Plain::Int(value.into());
        serialize_u32(u32) => |value| plain::Plain::Int(value.into());
        serialize_u64(u64) => |value| plain::Plain::Uint(value);
        serialize_f32(f32) => |value| plain::Plain::Double(value.into());
        serialize_f64(f64) => |value| plain::Plain::Double(value);
        serialize_str(&str) => |value| plain::Plain::Text(value);
        serialize_char(char) => |value| plain::Plain::Text(value.encode_utf8(&mut [0; 4]));
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        Err(mismatch("bytes that are not written as base64"))
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.nothing()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.nothing()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.nothing()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut object = self.object()?;
        object.member(variant, value)?;
        object.finish()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'a>, Error> {
        self.list()
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'a>, Error> {
        self.list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Error> {
        self.list()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Err(mismatch("a variant with several values"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, Error> {
        self.object()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Error> {
        self.object()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        Err(mismatch("a variant with fields"))
    }
}

impl Members<'_> {
    /// Ends all messages that were begun for this value.
    pub(super) fn close(out: &mut Vec<u8>, opened: &[usize]) {
        for start in opened.iter().rev() {
            finish_message(out, *start);
        }
    }
}
