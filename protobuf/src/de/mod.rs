//! From messages to types: a serde `Deserializer` over the wire.
//!
//! It is as if the object's JSON were read: fields come by their names in JSON, zeros that JSON would omit do not come, and what
//! JSON writes in a way of its own (times, quantities, numbers or texts) comes in that way. Lists say exactly how long they are.

mod members;
mod special;
mod value;

use serde::de::DeserializeOwned;

use self::value::Value;
use crate::{Envelope, Error, Message, canonical};

/// How deep messages may lie in each other.
const DEPTH: u8 = 100;

/// What of an object is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    without_managed_fields: bool,
}

impl Options {
    /// Leaves out the object's `metadata.managedFields`, which are often half of it; of a list, those of each item.
    #[must_use]
    pub fn without_managed_fields(mut self, leave_out: bool) -> Self {
        self.without_managed_fields = leave_out;
        self
    }
}

impl Message {
    /// Reads the bytes of a message, such as an item of a list, without an envelope.
    ///
    /// # Errors
    ///
    /// If the bytes are not such a message, or it is not a `T`.
    pub fn decode<T: DeserializeOwned>(&'static self, bytes: &[u8], options: Options) -> Result<T, Error> {
        self.decode_object(None, bytes, options)
    }

    /// Reads an object, which may say what it is.
    ///
    /// Servers write each field once, and the items of a list in a row, which lets them be read one by one. Others need not:
    /// what they write is put in order first.
    pub(crate) fn decode_object<T: DeserializeOwned>(
        &'static self,
        envelope: Option<Envelope<'_>>,
        bytes: &[u8],
        options: Options,
    ) -> Result<T, Error> {
        let read = |bytes| T::deserialize(Value::object(Scope::new(options), self, envelope, bytes));
        match read(bytes) {
            Err(error) if error.is_disordered() => read(&canonical::ordered(self, bytes, DEPTH)?),
            outcome => outcome,
        }
    }
}

/// Where in an object something is, and how it is to be read.
#[derive(Clone, Copy, Debug)]
struct Scope {
    options: Options,
    /// How many more messages may lie in it.
    depth: u8,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It is an object or a list of them.
    Object,
    /// It is the metadata of an object.
    Metadata,
    /// It is somewhere deeper.
    Within,
}

impl Scope {
    fn new(options: Options) -> Self {
        Self { options, depth: DEPTH, place: Place::Object }
    }

    #[inline]
    fn deeper(mut self) -> Result<Self, Error> {
        self.depth =
            self.depth.checked_sub(1).ok_or_else(|| Error::wire("messages lie too deep in each other"))?;
        Ok(self)
    }
}
