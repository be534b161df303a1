//! A stored object: its bytes, and what is asked of it often.

use crate::deletion::{FOREGROUND, ORPHAN};
use crate::object::{self, as_map};
use crate::selector::Fields;
use bytes::Bytes;
use serde_json::Value;
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

impl Entry {
    /// Encodes an object as of a revision, which it gets as its version.
    pub(super) fn new(mut object: Value, index: Index, revision: u64) -> Arc<Self> {
        object::set_meta(&mut object, "resourceVersion", revision.to_string());
        let map = as_map(&mut object);
        map.remove("apiVersion");
        map.remove("kind");
        Arc::new(Self {
            key: ObjectKey::of(&object),
            uid: object::meta(&object, "uid").to_owned(),
            revision,
            index,
            ties: Ties::of(&object),
            bare: Bytes::from(object.to_string()),
        })
    }

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
        // These bytes were written by `new`.
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
