//! The events of a watch, and how they are read.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor};
#[cfg(feature = "protobuf")]
use serde::de::{IntoDeserializer as _, value};
use serde::{Deserialize, Deserializer};

/// The annotation of the bookmark that ends the initial events.
const INITIAL_EVENTS_END: &str = "k8s.io/initial-events-end";

/// What happened to an object, in the order in which it happened.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the watch protocol has these events, and users match on them")]
pub enum WatchEvent<K> {
    /// The object came to be, or came to match the watch's selectors.
    Added(K),
    /// The object changed.
    Modified(K),
    /// The object is gone, or no longer matches. This is its last state.
    Deleted(K),
    /// Nothing happened up to this version. Only watches that ask for bookmarks get them.
    Bookmark(Bookmark),
}

impl<K> WatchEvent<K> {
    /// The same event of what `change` makes of the object.
    ///
    /// # Errors
    ///
    /// If `change` fails. It is not called about a bookmark.
    pub fn try_map<L, E>(self, change: impl FnOnce(K) -> Result<L, E>) -> Result<WatchEvent<L>, E> {
        Ok(match self {
            Self::Added(object) => WatchEvent::Added(change(object)?),
            Self::Modified(object) => WatchEvent::Modified(change(object)?),
            Self::Deleted(object) => WatchEvent::Deleted(change(object)?),
            Self::Bookmark(bookmark) => WatchEvent::Bookmark(bookmark),
        })
    }
}

/// A version up to which a watch has told everything: a later watch can start there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bookmark {
    /// The resource version.
    pub resource_version: String,
    /// The bookmark's annotations.
    pub annotations: BTreeMap<String, String>,
}

impl Bookmark {
    /// Whether this bookmark ends the initial events of a watch that asked for them.
    pub fn ends_initial_events(&self) -> bool {
        self.annotations.get(INITIAL_EVENTS_END).is_some_and(|value| value == "true")
    }
}

/// One line of a watch: an event, or the error with which the server ends the watch.
#[derive(Debug)]
pub enum Frame<K> {
    Event(WatchEvent<K>),
    Failure(Box<Status>),
}

/// The object of a bookmark: of the watched kind, but only its metadata is filled.
#[derive(Deserialize)]
struct BookmarkObject {
    metadata: BookmarkMetadata,
}

#[derive(Deserialize)]
struct BookmarkMetadata {
    #[serde(rename = "resourceVersion")]
    resource_version: String,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

/// What a frame is about, by its `type`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum FrameKind {
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}

impl FrameKind {
    /// The kind with this name.
    #[cfg(feature = "protobuf")]
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::deserialize(name.into_deserializer()).map_err(|_: value::Error| ()).ok()
    }

    /// The event of an object, if the frame has one.
    pub(crate) fn event<K>(self) -> Option<fn(K) -> WatchEvent<K>> {
        match self {
            Self::Added => Some(WatchEvent::Added),
            Self::Modified => Some(WatchEvent::Modified),
            Self::Deleted => Some(WatchEvent::Deleted),
            Self::Bookmark | Self::Error => None,
        }
    }

    /// Reads the object of an event of this kind.
    fn read<'de, K, D>(self, object: D) -> Result<Frame<K>, D::Error>
    where
        K: DeserializeOwned,
        D: Deserializer<'de>,
    {
        match self.event() {
            Some(event_of) => Ok(Frame::Event(event_of(K::deserialize(object)?))),
            None => self.read_message(object),
        }
    }

    /// Reads what the server says beside its objects.
    pub(crate) fn read_message<'de, K, D: Deserializer<'de>>(self, object: D) -> Result<Frame<K>, D::Error> {
        match self {
            Self::Error => Ok(Frame::Failure(Box::new(Status::deserialize(object)?))),
            _ => Ok(Frame::Event(WatchEvent::Bookmark(BookmarkObject::deserialize(object)?.into()))),
        }
    }
}

impl From<BookmarkObject> for Bookmark {
    fn from(object: BookmarkObject) -> Self {
        Self {
            resource_version: object.metadata.resource_version,
            annotations: object.metadata.annotations.unwrap_or_default(),
        }
    }
}

/// Servers send the type before the object, which is then read straight into its type.
impl<'de, K: DeserializeOwned> Deserialize<'de> for Frame<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FrameVisitor(PhantomData))
    }
}

struct FrameVisitor<K>(PhantomData<fn() -> K>);

impl<'de, K: DeserializeOwned> Visitor<'de> for FrameVisitor<K> {
    type Value = Frame<K>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a watch event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut kind = None;
        let mut early = None;
        let mut frame = None;
        while let Some(field) = map.next_key::<Field>()? {
            match (field, kind) {
                (Field::Type, _) => kind = Some(map.next_value::<FrameKind>()?),
                (Field::Object, Some(kind)) => frame = Some(map.next_value_seed(ObjectOf::<K>::new(kind))?),
                (Field::Object, None) => early = Some(map.next_value::<serde_json::Value>()?),
                (Field::Other, _) => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match (frame, kind, early) {
            (Some(frame), ..) => Ok(frame),
            (None, Some(kind), Some(object)) => kind.read(object).map_err(A::Error::custom),
            (None, None, _) => Err(A::Error::missing_field("type")),
            (None, Some(_), None) => Err(A::Error::missing_field("object")),
        }
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Type,
    Object,
    #[serde(other)]
    Other,
}

/// The object of an event whose kind is known.
struct ObjectOf<K> {
    kind: FrameKind,
    object: PhantomData<fn() -> K>,
}

impl<K> ObjectOf<K> {
    fn new(kind: FrameKind) -> Self {
        Self { kind, object: PhantomData }
    }
}

impl<'de, K: DeserializeOwned> serde::de::DeserializeSeed<'de> for ObjectOf<K> {
    type Value = Frame<K>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.kind.read(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    fn read(line: &str) -> Result<Frame<ConfigMap>, serde_json::Error> {
        serde_json::from_str(line)
    }

    const OBJECT: &str =
        r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"7"}}"#;

    #[test]
    fn each_type_becomes_its_event() {
        for kind in ["ADDED", "MODIFIED", "DELETED"] {
            let line = format!(r#"{{"type":"{kind}","object":{OBJECT}}}"#);
            let event = match read(&line).unwrap() {
                Frame::Event(event) => event,
                Frame::Failure(_) => panic!("{kind} is no failure"),
            };
            let (name, object) = match event {
                WatchEvent::Added(object) => ("ADDED", object),
                WatchEvent::Modified(object) => ("MODIFIED", object),
                WatchEvent::Deleted(object) => ("DELETED", object),
                WatchEvent::Bookmark(_) => panic!("{kind} is no bookmark"),
            };
            assert_eq!((name, object.metadata.name.as_deref()), (kind, Some("a")));
        }
    }

    #[test]
    fn the_object_may_come_before_its_type() {
        let line = format!(r#"{{"object":{OBJECT},"extra":[1],"type":"DELETED"}}"#);
        assert!(matches!(read(&line).unwrap(), Frame::Event(WatchEvent::Deleted(_))));
    }

    #[test]
    fn a_bookmark_needs_only_its_metadata() {
        let line = r#"{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":
            {"resourceVersion":"12","annotations":{"k8s.io/initial-events-end":"true"}}}}"#;
        let Frame::Event(WatchEvent::Bookmark(bookmark)) = read(line).unwrap() else { panic!("a bookmark") };
        assert_eq!(bookmark.resource_version, "12");
        assert!(bookmark.ends_initial_events());
    }

    #[test]
    fn an_unknown_type_and_a_missing_part_are_errors() {
        for line in [r#"{"type":"MOVED","object":{}}"#, r#"{"type":"ADDED"}"#, r#"{"object":{}}"#, "{}", "[]"]
        {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
