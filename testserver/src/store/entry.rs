//! A stored object: its bytes, and what is asked of it often.

use crate::deletion::{FOREGROUND, ORPHAN};
use crate::object::{self, as_map};
use crate::selector::Fields;
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What tells objects of one resource apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjectKey {
    /// Empty for cluster-scoped objects.
    pub(crate) namespace: String,
    /// The name.
    pub(crate) name: String,
}

/// What objects can be selected by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    /// The labels.
    pub(crate) labels: Vec<(String, String)>,
    /// The fields that selectors of the kind may name, but for those of the key.
    pub(crate) fields: Fields,
}

/// An owner that an object names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// Its version and group.
    pub(crate) api_version: String,
    /// Its kind.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) name: String,
    /// Its unique identifier.
    pub(crate) uid: String,
    /// Whether it waits for the object, if it is deleted in the foreground.
    pub(crate) waits: bool,
}

/// What the collector of garbage asks of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ties {
    /// Those that it depends on.
    pub(crate) owners: Vec<Owner>,
    /// Whether it is being deleted.
    pub(crate) terminating: bool,
    /// Whether it waits until those that depend on it are gone.
    pub(crate) waits: bool,
    /// Whether it waits until those that depend on it have been told.
    pub(crate) orphans: bool,
}

/// One state of an object. It never changes.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What tells it apart.
    pub(crate) key: ObjectKey,
    /// Its unique identifier.
    pub(crate) uid: String,
    /// The revision that made this state.
    pub(crate) revision: u64,
    /// What it can be selected by.
    pub(crate) index: Index,
    /// What ties it to others.
    pub(crate) ties: Ties,
    /// The object in JSON without `apiVersion` and `kind`, which depend on who asks.
    bare: Bytes,
}

impl ObjectKey {
    /// The key of an object.
    pub(crate) fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }

    /// The key that an object has by its metadata.
    pub(crate) fn of(object: &Value) -> Self {
        Self::new(object::meta(object, "namespace"), object::meta(object, "name"))
    }
}

impl Index {
    /// The labels of an object, and `fields`.
    pub(crate) fn new(object: &Value, fields: Fields) -> Self {
        let labels = object::at(object, &["metadata", "labels"]).and_then(Value::as_object);
        let labels = labels.into_iter().flatten();
        let labels = labels.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()));
        Self { labels: labels.collect(), fields }
    }
}

impl Ties {
    /// The ties of an object.
    fn of(object: &Value) -> Self {
        let terminating = object::is_terminating(object);
        let has = |name: &str| terminating && object::finalizers(object).any(|finalizer| finalizer == name);
        let owners = object::at(object, &["metadata", "ownerReferences"]).and_then(Value::as_array);
        let text = |owner: &Value, key: &str| owner[key].as_str().unwrap_or_default().to_owned();
        let owner = |owner: &Value| Owner {
            api_version: text(owner, "apiVersion"),
            kind: text(owner, "kind"),
            name: text(owner, "name"),
            uid: text(owner, "uid"),
            waits: owner["blockOwnerDeletion"] == true,
        };
        Self {
            owners: owners.into_iter().flatten().map(owner).collect(),
            terminating,
            waits: has(FOREGROUND),
            orphans: has(ORPHAN),
        }
    }
}

/// An object that is written but for its version. Writing takes long, so it is done before the store is locked, and
/// only then there is a version.
#[derive(Debug)]
pub(super) struct Written {
    /// What tells it apart.
    pub(super) key: ObjectKey,
    uid: String,
    ties: Ties,
    /// JSON with an empty version, and where the version belongs.
    bare: Vec<u8>,
    version_at: usize,
}

impl Written {
    /// Writes an object, without `apiVersion` and `kind`.
    pub(super) fn new(mut object: Value) -> Self {
        // So that there is a place for it.
        object::set_meta(&mut object, "resourceVersion", "");
        let map = as_map(&mut object);
        map.remove("apiVersion");
        map.remove("kind");
        let (mut bare, mut version_at) = (Vec::with_capacity(1 << 10), 0);
        write_map(&mut bare, map, |bare, key, value| match value {
            Value::Object(metadata) if key == "metadata" => {
                write_map(bare, metadata, |bare, key, value| {
                    write(bare, value);
                    if key == "resourceVersion" {
                        // Before the second quote.
                        version_at = bare.len() - 1;
                    }
                });
            }
            value => write(bare, value),
        });
        Self {
            key: ObjectKey::of(&object),
            uid: object::meta(&object, "uid").to_owned(),
            ties: Ties::of(&object),
            bare,
            version_at,
        }
    }

    /// The state that a revision makes.
    pub(super) fn at(self, revision: u64, index: Index) -> Arc<Entry> {
        let Self { key, uid, ties, bare, version_at } = self;
        let version = revision.to_string();
        let (before, after) = bare.split_at(version_at);
        let bare = Bytes::from([before, version.as_bytes(), after].concat());
        Arc::new(Entry { key, uid, revision, index, ties, bare })
    }
}

fn write_map(
    bytes: &mut Vec<u8>,
    map: &Map<String, Value>,
    mut write_value: impl FnMut(&mut Vec<u8>, &str, &Value),
) {
    bytes.push(b'{');
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        write(bytes, key);
        bytes.push(b':');
        write_value(bytes, key, value);
    }
    bytes.push(b'}');
}

fn write(bytes: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    // Values can always be written, and memory takes what is written.
    let _ = serde_json::to_writer(bytes, value);
}

impl Entry {
    /// The object, as of a kind and version.
    pub(crate) fn object(&self, api_version: &str, kind: &str) -> Value {
        let mut object = self.value();
        let map = as_map(&mut object);
        map.insert("apiVersion".into(), api_version.into());
        map.insert("kind".into(), kind.into());
        object
    }

    /// The object, without `apiVersion` and `kind`.
    pub(crate) fn value(&self) -> Value {
        // `Written` has written these bytes.
        serde_json::from_slice(&self.bare).unwrap_or_default()
    }

    /// The object in JSON without `apiVersion` and `kind`.
    pub(crate) fn bare(&self) -> &Bytes {
        &self.bare
    }

    /// The object's properties in JSON, to follow others: without its opening brace.
    pub(crate) fn rest(&self) -> &[u8] {
        self.bare.get(1..).unwrap_or(b"}")
    }
}
