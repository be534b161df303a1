//! What every body begins with: four bytes, and a message that says what the object is and holds it.

use serde::de::DeserializeOwned;

use crate::de::Options;
use crate::wire::{Content, Wire, put_field};
use crate::{Error, Message};

/// The bytes that a body begins with.
pub const MAGIC: &[u8] = b"k8s\0";

/// A body as it is sent: the object's version and kind, and its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope<'a> {
    /// The group and version, such as `apps/v1`.
    pub api_version: &'a str,
    /// The kind.
    pub kind: &'a str,
    /// The object's message.
    pub raw: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Takes a body apart. Nothing is copied.
    ///
    /// # Errors
    ///
    /// If it does not begin as a body does, is cut, or holds the object in another encoding.
    pub fn read(body: &'a [u8]) -> Result<Self, Error> {
        let unknown = body
            .strip_prefix(MAGIC)
            .ok_or_else(|| Error::wire("it does not begin as Kubernetes' protobuf does"))?;
        let mut envelope = Self::default();
        let mut wire = Wire::new(unknown);
        while let Some(field) = wire.field()? {
            match field {
                (1, Content::Bytes(type_meta)) => envelope.read_type_meta(type_meta)?,
                (2, Content::Bytes(raw)) => envelope.raw = raw,
                (3, Content::Bytes([_, ..])) => {
                    return Err(Error::wire("its object is encoded a second time"));
                }
                _ => {}
            }
        }
        Ok(envelope)
    }

    /// Takes an event of a watch apart: its type, such as `ADDED`, and the body that the object is, which is not always in
    /// protobuf. Nothing is copied.
    ///
    /// # Errors
    ///
    /// If it is no such event.
    pub fn of_watch_event(event: &'a [u8]) -> Result<(&'a str, &'a [u8]), Error> {
        let (mut kind, mut object) = ("", None);
        let mut wire = Wire::new(event);
        while let Some(field) = wire.field()? {
            match field {
                (1, Content::Bytes(text)) => kind = utf8(text)?,
                (2, Content::Bytes(extension)) => {
                    let mut wire = Wire::new(extension);
                    while let Some(field) = wire.field()? {
                        if let (1, Content::Bytes(body)) = field {
                            object = Some(body);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok((kind, object.ok_or_else(|| Error::wire("it has no object"))?))
    }

    pub(crate) fn read_type_meta(&mut self, type_meta: &'a [u8]) -> Result<(), Error> {
        let mut wire = Wire::new(type_meta);
        while let Some(field) = wire.field()? {
            match field {
                (1, Content::Bytes(text)) => self.api_version = utf8(text)?,
                (2, Content::Bytes(text)) => self.kind = utf8(text)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The message that the object is.
    ///
    /// # Errors
    ///
    /// If there is none that this crate knows.
    pub fn message(&self) -> Result<&'static Message, Error> {
        Message::of_kind(self.api_version, self.kind).ok_or_else(|| {
            let Self { api_version, kind, .. } = self;
            Error::wire(format!(
                "the protobuf of kind {kind:?} of {api_version:?} is not known: ask for JSON"
            ))
        })
    }

    /// A body with the same version and kind around another message.
    pub(crate) fn with_raw(&self, raw: &[u8]) -> Vec<u8> {
        let mut type_meta = Vec::new();
        put_field(&mut type_meta, 1, Content::Bytes(self.api_version.as_bytes()));
        put_field(&mut type_meta, 2, Content::Bytes(self.kind.as_bytes()));
        let mut body = MAGIC.to_vec();
        put_field(&mut body, 1, Content::Bytes(&type_meta));
        put_field(&mut body, 2, Content::Bytes(raw));
        body
    }

    /// Reads the object.
    ///
    /// # Errors
    ///
    /// If the kind has no protobuf form, or it is not a `T`.
    pub fn decode<T: DeserializeOwned>(&self, options: Options) -> Result<T, Error> {
        self.message()?.decode_object(Some(*self), self.raw, options)
    }
}

pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    str::from_utf8(bytes).map_err(|_| Error::wire("it has a text that is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(fields: &[(u32, &[u8])]) -> Vec<u8> {
        let mut body = MAGIC.to_vec();
        for (number, bytes) in fields {
            put_field(&mut body, *number, Content::Bytes(bytes));
        }
        body
    }

    #[test]
    fn version_kind_and_object_are_taken_out() {
        let body = body(&[(1, b"\x0a\x02v1\x12\x03Pod"), (2, b"raw"), (3, b""), (4, b"")]);
        let envelope = Envelope::read(&body).unwrap();
        assert_eq!(envelope, Envelope { api_version: "v1", kind: "Pod", raw: b"raw" });
        assert_eq!(envelope.message().unwrap().name(), "api.core.v1.Pod");
    }

    #[test]
    fn what_is_no_body_is_refused() {
        let encoded = body(&[(3, b"gzip")]);
        for body in [&b""[..], b"k8s", b"{}", b"k8s\0\x0a\x7f", &encoded] {
            assert!(Envelope::read(body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn a_kind_without_protobuf_is_named() {
        let body = body(&[(1, b"\x0a\x10example.com/v1\x12")]);
        assert!(Envelope::read(&body).is_err());
        let error =
            Envelope { api_version: "example.com/v1", kind: "Widget", raw: b"" }.message().unwrap_err();
        assert!(error.to_string().contains("Widget"), "{error}");
    }
}
