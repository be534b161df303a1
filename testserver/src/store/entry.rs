//! A stored object: its bytes, and what is asked of it often.

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
