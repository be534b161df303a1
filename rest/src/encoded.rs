//! Objects that stay as the server sent them until somebody wants to look.

use std::fmt;
use std::marker::PhantomData;

use k8s_openapi::{ListableResource, Resource};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

#[cfg(feature = "protobuf")]
use crate::codec::Protobuf;
use crate::codec::{Codec as _, Json, Keeps};
use crate::json::{self, Kept, ObjectPlace, without_managed_fields};
use crate::watch::{Frame, FrameKind};

/// What the objects of lists and watches are read into: every type that serde can read, and [`Encoded`] ones.
pub trait ReadObject: Read {}

impl<T: Read> ReadObject for T {}

/// How it is read, for each format. Only this crate knows them.
pub trait Read: Sized {
    /// Reads an object in JSON.
    #[doc(hidden)]
    fn from_json(text: &[u8]) -> Result<Self, String>;

    #[doc(hidden)]
    fn event_from_json(event: &[u8], keeps: Keeps) -> Result<Frame<Self>, String>;

    #[doc(hidden)]
    #[cfg(feature = "protobuf")]
    fn from_protobuf(
        message: &'static kubeset_protobuf::Message,
        bytes: &[u8],
        keeps: Keeps,
    ) -> Result<Self, kubeset_protobuf::Error>;

    #[doc(hidden)]
    #[cfg(feature = "protobuf")]
    fn event_from_protobuf(frame: &[u8], keeps: Keeps) -> Result<Frame<Self>, String>;

    /// Reads the object that begins at a place, and says where it ends.
    #[doc(hidden)]
    #[cfg(feature = "cbor")]
    fn from_cbor(body: &[u8], begin: usize, keeps: Keeps) -> Result<(Self, usize), String>;

    #[doc(hidden)]
    #[cfg(feature = "cbor")]
    fn event_from_cbor(event: &[u8], keeps: Keeps) -> Result<Frame<Self>, String>;
}

impl<T: DeserializeOwned> Read for T {
    fn from_json(text: &[u8]) -> Result<Self, String> {
        Json::decode(text, Keeps::Everything)
    }

    fn event_from_json(event: &[u8], keeps: Keeps) -> Result<Frame<Self>, String> {
        Json::decode_event(event, keeps)
    }

    #[cfg(feature = "protobuf")]
    fn from_protobuf(
        message: &'static kubeset_protobuf::Message,
        bytes: &[u8],
        keeps: Keeps,
    ) -> Result<Self, kubeset_protobuf::Error> {
        message.decode(bytes, keeps.into())
    }

    #[cfg(feature = "protobuf")]
    fn event_from_protobuf(frame: &[u8], keeps: Keeps) -> Result<Frame<Self>, String> {
        let message =
            kubeset_protobuf::Message::of_kind("v1", "WatchEvent").ok_or("watch events are not known")?;
        message.decode(frame, keeps.into()).map_err(|error| error.to_string())
    }

    #[cfg(feature = "cbor")]
    fn from_cbor(body: &[u8], begin: usize, keeps: Keeps) -> Result<(Self, usize), String> {
        crate::cbor::decode_item(body, begin, keeps)
    }

    #[cfg(feature = "cbor")]
    fn event_from_cbor(event: &[u8], keeps: Keeps) -> Result<Frame<Self>, String> {
        crate::cbor::decode_event(event, keeps)
    }
}

/// An object as the server sent it, to be decoded when it is needed.
///
/// It takes a fraction of the memory of the decoded object: what its text or its protobuf takes. Lists and watches of
/// `Encoded<K>` hand such objects out (see [`Endpoint::encoded`](crate::Endpoint::encoded)); with
/// `without_managed_fields()`, these are cut out of the bytes. That the bytes are a `K` is only found out when they are decoded.
pub struct Encoded<K> {
    bytes: Box<[u8]>,
    encoding: Encoding,
    kind: PhantomData<fn() -> K>,
}

/// What the bytes are.
#[derive(Clone, Copy)]
enum Encoding {
    Json,
    #[cfg(feature = "protobuf")]
    Protobuf(&'static kubeset_protobuf::Message),
}

/// Why the bytes of an [`Encoded`] object are not what they should be. It repeats nothing of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the object is not a {kind}: {problem}")]
pub struct InvalidObject {
    kind: &'static str,
    problem: String,
}

impl<K> Encoded<K> {
    fn new(bytes: &[u8], encoding: Encoding) -> Self {
        Self { bytes: bytes.into(), encoding, kind: PhantomData }
    }

    /// How many bytes the object takes as it is.
    pub fn encoded_len(&self) -> usize {
        self.bytes.len()
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        match self.encoding {
            Encoding::Json => Json::decode(&self.bytes, Keeps::Everything),
            #[cfg(feature = "protobuf")]
            Encoding::Protobuf(message) => {
                message.decode(&self.bytes, Keeps::Everything.into()).map_err(|error| error.to_string())
            }
        }
    }
}

impl<K: Resource> Encoded<K> {
    /// Decodes the object.
    ///
    /// # Errors
    ///
    /// If the server sent something else than a `K`.
    pub fn decode(&self) -> Result<K, InvalidObject>
    where
        K: DeserializeOwned,
    {
        self.decode_as()
    }

    /// Decodes a part of the object: into a type that has fewer fields than `K`. What it does not have costs little.
    ///
    /// # Errors
    ///
    /// If the server sent something else than a `T`.
    pub fn decode_as<T: DeserializeOwned>(&self) -> Result<T, InvalidObject> {
        self.read().map_err(|problem| InvalidObject { kind: K::KIND, problem })
    }
}

impl<K> Read for Encoded<K> {
    fn from_json(text: &[u8]) -> Result<Self, String> {
        Ok(Self::new(text, Encoding::Json))
    }

    fn event_from_json(event: &[u8], keeps: Keeps) -> Result<Frame<Self>, String> {
        #[derive(Deserialize)]
        struct Event<'a> {
            r#type: FrameKind,
            #[serde(borrow)]
            object: &'a RawValue,
        }
        let mut kept = Kept::default();
        let text = match keeps {
            Keeps::Everything => event,
            Keeps::AllButManagedFields => without_managed_fields(event, ObjectPlace::Event, &mut kept)
                .map_err(|invalid| invalid.to_string())?,
        };
        let event: Event<'_> = serde_json::from_slice(text).map_err(|error| json::problem(&error))?;
        let object = event.object.get();
        match event.r#type.event() {
            Some(event_of) => Ok(Frame::Event(event_of(Self::new(object.as_bytes(), Encoding::Json)))),
            None => {
                let mut object = serde_json::Deserializer::from_str(object);
                event.r#type.read_message(&mut object).map_err(|error| json::problem(&error))
            }
        }
    }

    #[cfg(feature = "protobuf")]
    fn from_protobuf(
        message: &'static kubeset_protobuf::Message,
        bytes: &[u8],
        keeps: Keeps,
    ) -> Result<Self, kubeset_protobuf::Error> {
        let encoding = Encoding::Protobuf(message);
        Ok(match keeps {
            Keeps::Everything => Self::new(bytes, encoding),
            // Copied once more: a vector that is made shorter leaves holes in the heap that nothing fits into.
            Keeps::AllButManagedFields => Self::new(&message.without_managed_fields(bytes)?, encoding),
        })
    }

    #[cfg(feature = "protobuf")]
    fn event_from_protobuf(frame: &[u8], keeps: Keeps) -> Result<Frame<Self>, String> {
        let problem = |error: kubeset_protobuf::Error| error.to_string();
        let (kind, body) = kubeset_protobuf::Envelope::of_watch_event(frame).map_err(problem)?;
        let kind = FrameKind::named(kind).ok_or("it is of a type that is not known")?;
        let is_protobuf = body.starts_with(kubeset_protobuf::MAGIC);
        let Some(event_of) = kind.event() else {
            let message: serde_json::Value =
                if is_protobuf { Protobuf::decode(body, keeps)? } else { Json::decode(body, keeps)? };
            return kind.read_message(message).map_err(|error| json::problem(&error));
        };
        let object = if is_protobuf {
            let object = kubeset_protobuf::Envelope::read(body).map_err(problem)?;
            let message = object.message().map_err(problem)?;
            Self::from_protobuf(message, object.raw, keeps).map_err(problem)?
        } else {
            Self::new(Json::decode::<Box<RawValue>>(body, keeps)?.get().as_bytes(), Encoding::Json)
        };
        Ok(Frame::Event(event_of(object)))
    }

    #[cfg(feature = "cbor")]
    fn from_cbor(body: &[u8], begin: usize, keeps: Keeps) -> Result<(Self, usize), String> {
        let (value, end) = crate::cbor::decode_item(body, begin, keeps)?;
        Ok((Self::from_value(&value), end))
    }

    #[cfg(feature = "cbor")]
    fn event_from_cbor(event: &[u8], keeps: Keeps) -> Result<Frame<Self>, String> {
        Ok(match crate::cbor::decode_event::<Frame<serde_json::Value>>(event, keeps)? {
            Frame::Event(event) => {
                Frame::Event(event.try_map(|value| Ok::<_, String>(Self::from_value(&value)))?)
            }
            Frame::Failure(status) => Frame::Failure(status),
        })
    }
}

impl<K> Encoded<K> {
    /// CBOR does not say where its parts are, so such objects are kept as JSON.
    #[cfg(feature = "cbor")]
    fn from_value(value: &serde_json::Value) -> Self {
        Self::new(value.to_string().as_bytes(), Encoding::Json)
    }
}

impl<K: Resource> Resource for Encoded<K> {
    const API_VERSION: &'static str = K::API_VERSION;
    const GROUP: &'static str = K::GROUP;
    const KIND: &'static str = K::KIND;
    const VERSION: &'static str = K::VERSION;
    const URL_PATH_SEGMENT: &'static str = K::URL_PATH_SEGMENT;
    type Scope = K::Scope;
}

impl<K: ListableResource> ListableResource for Encoded<K> {
    const LIST_KIND: &'static str = K::LIST_KIND;
}

impl<K> fmt::Debug for Encoded<K> {
    /// Without the object, which may be a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Encoded").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use serde_json::{Value, json};

    use super::*;
    use crate::watch::WatchEvent;

    fn object() -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "data": {"k": "v"},
            "metadata": {"name": "a", "resourceVersion": "7", "managedFields": [{"manager": "m"}]},
        })
    }

    fn event(kind: &str, object: &Value) -> String {
        json!({"object": object, "type": kind}).to_string()
    }

    /// What an event is, its object, and whether the object still has its managed fields.
    fn words(frame: Frame<Encoded<ConfigMap>>) -> (String, bool) {
        let (word, object) = match frame {
            Frame::Event(WatchEvent::Added(object)) => ("added", object),
            Frame::Event(WatchEvent::Modified(object)) => ("modified", object),
            Frame::Event(WatchEvent::Deleted(object)) => ("deleted", object),
            Frame::Event(WatchEvent::Bookmark(bookmark)) => {
                return (format!("bookmark {}", bookmark.resource_version), false);
            }
            Frame::Failure(status) => return (format!("failure {:?}", status.code), false),
        };
        let object = object.decode().unwrap();
        let value = object.data.unwrap_or_default().remove("k").unwrap_or_default();
        (format!("{word} {value}"), object.metadata.managed_fields.is_some())
    }

    #[test]
    fn the_object_of_an_event_in_json_stays_as_it_is() {
        for keeps in [Keeps::Everything, Keeps::AllButManagedFields] {
            let kept = keeps == Keeps::Everything;
            for (kind, expected) in
                [("ADDED", "added v"), ("MODIFIED", "modified v"), ("DELETED", "deleted v")]
            {
                let frame = Encoded::event_from_json(event(kind, &object()).as_bytes(), keeps).unwrap();
                assert_eq!(words(frame), (expected.to_owned(), kept));
            }
        }
    }

    #[test]
    fn what_a_server_says_beside_its_objects_is_read_at_once() {
        let keeps = Keeps::AllButManagedFields;
        let bookmark = Encoded::event_from_json(event("BOOKMARK", &object()).as_bytes(), keeps).unwrap();
        assert_eq!(words(bookmark).0, "bookmark 7");
        let status = json!({"kind": "Status", "apiVersion": "v1", "code": 410});
        let failure = Encoded::event_from_json(event("ERROR", &status).as_bytes(), keeps).unwrap();
        assert_eq!(words(failure).0, "failure Some(410)");
        for broken in [
            "{}",
            "[]",
            "{\"type\":\"ADDED\"}",
            "{\"type\":\"MOVED\",\"object\":{}}",
            "{\"type\":\"ERROR\",\"object\":1}",
        ] {
            assert!(Encoded::<ConfigMap>::event_from_json(broken.as_bytes(), keeps).is_err(), "{broken}");
        }
    }

    #[cfg(feature = "protobuf")]
    #[test]
    fn the_object_of_an_event_in_protobuf_stays_as_it_is() {
        // The frame of a server: the object in protobuf, within the bytes of another message.
        let frame = |kind: &str, object: &Value| {
            let body = kubeset_protobuf::to_vec(object).unwrap();
            let field = |number: u8, bytes: &[u8]| {
                let length = u8::try_from(bytes.len()).unwrap();
                [&[number << 3 | 2, length & 0x7f | 0x80, length >> 7], bytes].concat()
            };
            [field(1, kind.as_bytes()), field(2, &field(1, &body))].concat()
        };
        for keeps in [Keeps::Everything, Keeps::AllButManagedFields] {
            let kept = keeps == Keeps::Everything;
            let read = |kind: &str, object: &Value| {
                words(Encoded::event_from_protobuf(&frame(kind, object), keeps).unwrap())
            };
            assert_eq!(read("DELETED", &object()), ("deleted v".to_owned(), kept));
            assert_eq!(read("BOOKMARK", &object()).0, "bookmark 7");
            let status = json!({"kind": "Status", "apiVersion": "v1", "code": 410});
            assert_eq!(read("ERROR", &status).0, "failure Some(410)");
        }
        let field = |number: u8, bytes: &[u8]| {
            [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
        };
        let text = br#"{"metadata":{"resourceVersion":"9"},"data":{"k":"w"}}"#;
        for (kind, expected) in [("ADDED", "added w"), ("BOOKMARK", "bookmark 9")] {
            let frame = [field(1, kind.as_bytes()), field(2, &field(1, text))].concat();
            assert_eq!(words(Encoded::event_from_protobuf(&frame, Keeps::Everything).unwrap()).0, expected);
        }
        assert!(
            Encoded::<ConfigMap>::event_from_protobuf(&frame("MOVED", &object()), Keeps::Everything).is_err()
        );
        assert!(Encoded::<ConfigMap>::event_from_protobuf(b"\x0a\x05ADDED", Keeps::Everything).is_err());
    }

    #[test]
    fn an_object_can_be_decoded_in_part_and_tells_when_it_is_none() {
        #[derive(Deserialize)]
        struct Named {
            metadata: Name,
        }
        #[derive(Deserialize)]
        struct Name {
            name: String,
        }
        let encoded = Encoded::<ConfigMap>::from_json(object().to_string().as_bytes()).unwrap();
        assert_eq!(encoded.decode_as::<Named>().unwrap().metadata.name, "a");
        let broken = Encoded::<ConfigMap>::from_json(br#"{"data":"hunter2"}"#).unwrap();
        let problem = broken.decode().unwrap_err().to_string();
        assert!(
            problem.starts_with("the object is not a ConfigMap: ") && !problem.contains("hunter2"),
            "{problem}"
        );
        assert!(!format!("{broken:?}").contains("hunter2"));
    }

    #[cfg(feature = "cbor")]
    #[test]
    fn objects_that_come_in_cbor_are_kept_as_json() {
        use crate::cbor::Cbor;

        let body = Cbor::encode(&object()).unwrap();
        let (item, end) = Encoded::<ConfigMap>::from_cbor(&body, 0, Keeps::AllButManagedFields).unwrap();
        assert_eq!((item.decode().unwrap().metadata.managed_fields, end), (None, body.len()));
        let event = Cbor::encode(&json!({"type": "MODIFIED", "object": object()})).unwrap();
        let frame = Encoded::event_from_cbor(&event, Keeps::Everything).unwrap();
        assert_eq!(words(frame), ("modified v".to_owned(), true));
    }
}
