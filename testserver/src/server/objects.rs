//! What is stored, without HTTP: to set the scene of a test, and to look at the end of it.

use super::{Server, TestServer};
use crate::answer::stored_object;
use crate::catalog::Resource;
use crate::object::{self, new_uid};
use crate::store::{Entry, Index, ObjectKey, Range};
use crate::time::now;
use crate::{convert, crd};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// An object that cannot be stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PutError {
    /// It is no JSON object with `apiVersion`, `kind` and `metadata.name`.
    #[error("an object has apiVersion, kind and metadata.name; this one does not: {shown}")]
    NoObject {
        /// What it is.
        shown: String,
    },
    /// It cannot be written as JSON.
    #[error("this cannot be written as JSON")]
    Json {
        /// Why not.
        #[from]
        source: serde_json::Error,
    },
    /// The server has no such resource.
    #[error("the server has no {kind} of {api_version}: does its CustomResourceDefinition exist?")]
    NoSuchKind {
        /// The group and version.
        api_version: String,
        /// The kind.
        kind: String,
    },
}

/// What is stored, without HTTP.
impl TestServer {
    /// Stores an object as it is, status included, in place of the one of its name or as a new one; gives it back with
    /// its version.
    ///
    /// Nobody asks whether it is valid, nothing is set by default, its namespace need not exist (without one, it is in
    /// `default`), and no fault or reactor is in the way. Watches are told.
    ///
    /// # Errors
    ///
    /// If it is no object, or of a kind that the server does not have.
    ///
    /// ```
    /// # use kubeset_testserver::{PutError, TestServer};
    /// # use serde_json::json;
    /// # fn example(server: &TestServer) -> Result<(), PutError> {
    /// server.put(&json!({
    ///     "apiVersion": "v1",
    ///     "kind": "Node",
    ///     "metadata": {"name": "node-1"},
    ///     "status": {"conditions": [{"type": "Ready", "status": "False"}]},
    /// }))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn put(&self, object: &impl Serialize) -> Result<Value, PutError> {
        let mut object = serde_json::to_value(object)?;
        let (api_version, kind) = (text(&object, "apiVersion"), text(&object, "kind"));
        if api_version.is_empty() || kind.is_empty() || object::meta(&object, "name").is_empty() {
            return Err(PutError::NoObject { shown: object.to_string() });
        }
        let Some(resource) = self.server.resource(&api_version, &kind) else {
            return Err(PutError::NoSuchKind { api_version, kind });
        };
        if !resource.namespaced {
            object::meta_mut(&mut object).remove("namespace");
        } else if object::meta(&object, "namespace").is_empty() {
            object::set_meta(&mut object, "namespace", "default");
        }
        let entry = self.server.put(&resource, object);
        Ok(stored_object(&entry, &resource))
    }

    /// A stored object; none if there is none. The namespace of what is in none is `""`.
    pub fn object(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let resource = self.server.resource(api_version, kind)?;
        let entry = self.server.store.get(&resource.storage_key(), &ObjectKey::new(namespace, name))?;
        Some(stored_object(&entry, &resource))
    }

    /// All stored objects of a kind, by namespace and name; none, if the server does not have the kind.
    ///
    /// ```
    /// # use kubeset_testserver::TestServer;
    /// # fn example(server: &TestServer) {
    /// let replica_sets = server.objects("apps/v1", "ReplicaSet");
    /// assert!(replica_sets.iter().all(|set| set["metadata"]["ownerReferences"][0]["kind"] == "Deployment"));
    /// # }
    /// ```
    pub fn objects(&self, api_version: &str, kind: &str) -> Vec<Value> {
        let Some(resource) = self.server.resource(api_version, kind) else { return Vec::new() };
        let all = self.server.store.list(&resource.storage_key(), &Range::default(), usize::MAX, |_| true);
        // The latest version is never forgotten.
        let entries = all.unwrap_or_default().entries;
        entries.iter().map(|entry| stored_object(entry, &resource)).collect()
    }

    /// Removes a stored object at once, whatever its finalizers say; gives its last state, or none if there was none.
    pub fn remove(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let resource = self.server.resource(api_version, kind)?;
        let (storage, key) = (resource.storage_key(), ObjectKey::new(namespace, name));
        loop {
            let entry = self.server.store.get(&storage, &key)?;
            // Who was quicker with a change, has made it another object: that is removed then.
            if let Ok(removed) = self.server.store.remove(&storage, entry.revision, entry.value()) {
                crd::after_removal(&self.server, &storage, &removed);
                return Some(stored_object(&removed, &resource));
            }
        }
    }
}

impl Server {
    /// A resource by the kind of its objects.
    fn resource(&self, api_version: &str, kind: &str) -> Option<Arc<Resource>> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        self.catalog.snapshot().kind(group, version, kind).cloned()
    }

    fn put(&self, resource: &Resource, mut object: Value) -> Arc<Entry> {
        let (storage, key) = (resource.storage_key(), ObjectKey::of(&object));
        let index = Index::new(&object, resource.selectable.of(&object));
        loop {
            let old = self.store.get(&storage, &key);
            for (name, make) in [("uid", new_uid as fn() -> String), ("creationTimestamp", now)] {
                if object::meta(&object, name).is_empty() {
                    let old = old.as_ref().map(|old| old.value());
                    let kept = old.as_ref().map(|old| object::meta(old, name).to_owned());
                    object::set_meta(&mut object, name, kept.unwrap_or_else(make));
                }
            }
            let stored = convert::to_stored(object.clone(), resource);
            let put = match old {
                Some(old) => self.store.replace(&storage, old.revision, stored, index.clone()),
                None => self.store.create(&storage, stored, index.clone()),
            };
            // Somebody else may have been quicker.
            if let Ok(entry) = put {
                crd::after_change(self, &storage, &entry);
                return entry;
            }
        }
    }
}

fn text(object: &Value, key: &str) -> String {
    object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
