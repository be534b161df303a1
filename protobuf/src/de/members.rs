//! What lies in a message, a list or a map, one after the other.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::value::{Data, Run, Value};
use super::{Place, Scope};
use crate::envelope::utf8;
use crate::message::{Field, FieldForm, Kind};
use crate::wire::{Content, Wire};
use crate::{Envelope, Error, Message};

/// The members of a JSON object: a message's fields, or the entries of a map.
///
/// They are one type so that a type that is read is compiled once.
pub(super) enum Members<'de> {
    Object(Object<'de>),
    Entries(Entries<'de>),
}

/// The fields of a message, with those of the messages that JSON does not show.
pub(super) struct Object<'de> {
    scope: Scope,
    level: Level<'de>,
    /// What is left of the messages around `level`, which they hold inline.
    outer: Vec<Level<'de>>,
    /// What the object says it is, until it has been told.
    version: Option<&'de str>,
    kind: Option<&'de str>,
    next: Option<(&'static str, Value<'de>)>,
}

/// A message that is being read.
struct Level<'de> {
    message: &'static Message,
    wire: Wire<'de>,
    /// The numbers of the fields that have come, as bits. The table has no higher ones.
    seen: u128,
}

impl<'de> Object<'de> {
    pub(super) fn new(
        scope: Scope,
        message: &'static Message,
        envelope: Option<Envelope<'de>>,
        bytes: &'de [u8],
    ) -> Self {
        let (version, kind) = envelope.map(|envelope| (envelope.api_version, envelope.kind)).unzip();
        let level = Level { message, wire: Wire::new(bytes), seen: 0 };
        Self { scope, level, outer: Vec::new(), version, kind, next: None }
    }

    /// Goes on to the next field that is set and known, and tells its name.
    fn advance(&mut self) -> Result<Option<&'static str>, Error> {
        if let Some(name) = self.type_meta() {
            return Ok(Some(name));
        }
        loop {
            let before = self.level.wire;
            let Some((number, content)) = self.level.wire.field()? else {
                match self.outer.pop() {
                    Some(level) => self.level = level,
                    None => return Ok(None),
                }
                continue;
            };
            // What newer servers know besides is passed over.
            let Some(field) = self.level.message.field(number) else { continue };
            self.level.see(number)?;
            if let Some(value) = self.value(field, before, content)? {
                self.next = Some((field.name, value));
                return Ok(Some(field.name));
            }
        }
    }

    /// The version and the kind, which come before the fields.
    fn type_meta(&mut self) -> Option<&'static str> {
        let (name, text) = match (self.version.take(), self.kind) {
            (Some(version), _) => ("apiVersion", version),
            (None, Some(kind)) => {
                self.kind = None;
                ("kind", kind)
            }
            (None, None) => return None,
        };
        let data = Data::One { kind: Kind::Text, content: Content::Bytes(text.as_bytes()) };
        self.next = Some((name, Value { scope: self.scope, data }));
        Some(name)
    }

    /// What a field holds; none if JSON does not have it here.
    #[inline]
    fn value(
        &mut self,
        field: &'static Field,
        before: Wire<'de>,
        content: Content<'de>,
    ) -> Result<Option<Value<'de>>, Error> {
        let kind = field.kind;
        let data = match field.form {
            FieldForm::Once if field.zero_is_unset && content.is_zero() => return Ok(None),
            FieldForm::Once => Data::One { kind, content },
            FieldForm::Inline => return self.enter(kind, content).map(|()| None),
            FieldForm::List | FieldForm::Map => {
                let run = self.level.run(before, field.number)?;
                match field.form {
                    FieldForm::List => Data::List { kind, run },
                    _ => Data::Map { kind, run },
                }
            }
        };
        if self.scope.leaves_out(field.name) {
            return Ok(None);
        }
        Ok(Some(Value { scope: self.scope.within(field.name), data }))
    }

    /// Goes on with the fields of a message whose fields are those of this one.
    fn enter(&mut self, kind: Kind, content: Content<'de>) -> Result<(), Error> {
        let (Kind::Message(index), Content::Bytes(bytes)) = (kind, content) else {
            return Err(Error::wire("the field has another wire type than this client knows it with"));
        };
        let inner = Level { message: index.message(), wire: Wire::new(bytes), seen: 0 };
        self.outer.push(std::mem::replace(&mut self.level, inner));
        Ok(())
    }
}

impl<'de> Level<'de> {
    /// Takes note of a field, which must not have come before.
    #[inline]
    fn see(&mut self, number: u32) -> Result<(), Error> {
        let bit = 1_u128.checked_shl(number).unwrap_or_default();
        if self.seen & bit != 0 {
            return Err(Error::disordered());
        }
        self.seen |= bit;
        Ok(())
    }

    /// The fields with this number, which begin `before`, and goes past them.
    fn run(&mut self, before: Wire<'de>, number: u32) -> Result<Run<'de>, Error> {
        let mut count = 1;
        while self.wire.field_numbered(number)?.is_some() {
            count += 1;
        }
        Ok(Run { wire: before.up_to(self.wire), number, count })
    }
}

/// The entries of a map, which are messages of a key and a value.
pub(super) struct Entries<'de> {
    scope: Scope,
    kind: Kind,
    run: Run<'de>,
    value: Option<Content<'de>>,
}

impl<'de> Entries<'de> {
    pub(super) fn new(scope: Scope, kind: Kind, run: Run<'de>) -> Self {
        Self { scope, kind, run, value: None }
    }

    /// Goes on to the next entry, and tells its key. A key or value that is left out is empty.
    fn advance(&mut self) -> Result<Option<&'de str>, Error> {
        let Some(entry) = self.run.next()? else { return Ok(None) };
        let Content::Bytes(entry) = entry else {
            return Err(Error::wire("an entry of a map is no message"));
        };
        let (mut key, mut value) = (&b""[..], None);
        let mut wire = Wire::new(entry);
        while let Some(field) = wire.field()? {
            match field {
                (1, Content::Bytes(text)) => key = text,
                (2, content) => value = Some(content),
                _ => {}
            }
        }
        self.value = Some(value.unwrap_or_else(|| self.kind.zero()));
        utf8(key).map(Some)
    }
}

impl<'de> Run<'de> {
    fn next(&mut self) -> Result<Option<Content<'de>>, Error> {
        self.count = self.count.saturating_sub(1);
        self.wire.field_numbered(self.number)
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let key = match self {
            Self::Object(object) => object.advance()?,
            Self::Entries(entries) => entries.advance()?,
        };
        key.map(|key| seed.deserialize(BorrowedStrDeserializer::new(key))).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let out_of_turn = || Error::wire("a value was asked for before its key");
        let (name, value) = match self {
            Self::Object(object) => object.next.take().ok_or_else(out_of_turn)?,
            Self::Entries(entries) => {
                let content = entries.value.take().ok_or_else(out_of_turn)?;
                let data = Data::One { kind: entries.kind, content };
                ("*", Value { scope: entries.scope, data })
            }
        };
        seed.deserialize(value).map_err(|error| error.within(name))
    }

    fn size_hint(&self) -> Option<usize> {
        match self {
            Self::Object(_) => None,
            Self::Entries(entries) => Some(entries.run.count),
        }
    }
}

/// The items of a list.
pub(super) struct Items<'de> {
    scope: Scope,
    kind: Kind,
    run: Run<'de>,
    /// Numbers in a row, without the field's number before each.
    packed: Wire<'de>,
}

impl<'de> Items<'de> {
    /// A list of nothing.
    pub(super) fn empty(scope: Scope) -> Self {
        Self::new(scope, Kind::Text, Run { wire: Wire::new(&[]), number: 0, count: 0 })
    }

    pub(super) fn new(scope: Scope, kind: Kind, run: Run<'de>) -> Self {
        Self { scope, kind, run, packed: Wire::new(&[]) }
    }

    fn next(&mut self) -> Result<Option<Content<'de>>, Error> {
        loop {
            if !self.packed.rest().is_empty() {
                return self.packed.packed(self.kind).map(Some);
            }
            match self.run.next()? {
                Some(Content::Bytes(row)) if self.kind.can_be_packed() => self.packed = Wire::new(row),
                other => return Ok(other),
            }
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(content) = self.next()? else { return Ok(None) };
        let value = Value { scope: self.scope, data: Data::One { kind: self.kind, content } };
        seed.deserialize(value).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.run.count)
    }
}

impl Scope {
    /// What lies in the field with this name.
    #[inline]
    fn within(mut self, field: &str) -> Self {
        self.place = match (self.place, field) {
            (Place::Object, "metadata") => Place::Metadata,
            (Place::Object, "items") => Place::Object,
            _ => Place::Within,
        };
        self
    }

    /// Whether the field with this name is to be left out.
    #[inline]
    fn leaves_out(self, field: &str) -> bool {
        self.options.without_managed_fields && self.place == Place::Metadata && field == "managedFields"
    }
}
