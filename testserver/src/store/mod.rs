//! All objects, and what happened to them lately.
//!
//! There is one revision counter for everything, as in etcd. What changed is remembered up to a limit, so that watches
//! and pages can go on from a revision; what is older is compacted.

mod entry;
mod table;

pub(crate) use entry::{Entry, Index, ObjectKey, Owner};
pub(crate) use table::{Change, ChangeKind};

use crate::catalog::StorageKey;
use entry::Written;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use table::Table;
use tokio::sync::watch;

/// A revision that is no longer remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Compacted {
    /// What was asked for.
    pub(crate) wanted: u64,
    /// The oldest revision that is remembered.
    pub(crate) oldest: u64,
}

/// An object is not in the state that a change was made for.
#[derive(Clone, Debug)]
pub(crate) enum Changed {
    /// It is there already.
    Exists(Arc<Entry>),
    /// It is in another state.
    Other(Arc<Entry>),
    /// It is not there.
    Gone,
}

/// Objects of a resource at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    /// The revision of the moment.
    pub(crate) revision: u64,
    /// In the order of their keys.
    pub(crate) entries: Vec<Arc<Entry>>,
    /// How many more there are after the last of them.
    pub(crate) remaining: usize,
    /// Whether there were others that are not selected.
    pub(crate) passed_over: bool,
}

/// Which objects of a resource to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Range {
    /// Only those of a namespace.
    pub(crate) namespace: Option<String>,
    /// Only those after a key.
    pub(crate) after: Option<ObjectKey>,
    /// As of a revision; none for now.
    pub(crate) revision: Option<u64>,
}

/// Somebody who is told of every change.
pub(crate) trait Observer: fmt::Debug + Send + Sync {
    /// Learns of a change. Nothing else changes meanwhile, so this is quick and does not use the store.
    fn changed(&self, resource: &StorageKey, change: &Change);
}

/// All objects.
#[derive(Debug)]
pub(crate) struct Store {
    inner: Mutex<Inner>,
    latest: watch::Sender<u64>,
    /// How many changes of each resource are remembered.
    history: usize,
    observer: OnceLock<Arc<dyn Observer>>,
}

#[derive(Debug)]
struct Inner {
    revision: u64,
    /// What was before this revision, is told to nobody who does not follow it already.
    compacted: u64,
    tables: HashMap<StorageKey, Table>,
}

impl Store {
    /// An empty store that remembers so many changes of each resource.
    pub(crate) fn new(history: usize) -> Self {
        let inner = Inner { revision: 1, compacted: 0, tables: HashMap::new() };
        Self { inner: Mutex::new(inner), latest: watch::Sender::new(1), history, observer: OnceLock::new() }
    }

    /// Tells somebody of every change from now on. There can be only one of them.
    pub(crate) fn observe(&self, observer: Arc<dyn Observer>) {
        // Only the start of a server calls this, once.
        let _ = self.observer.set(observer);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is made in one step at its end, so what a panic left behind is whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The latest revision.
    pub(crate) fn revision(&self) -> u64 {
        self.lock().revision
    }

    /// Follows the latest revision.
    pub(crate) fn revisions(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// The latest state of an object.
    pub(crate) fn get(&self, resource: &StorageKey, key: &ObjectKey) -> Option<Arc<Entry>> {
        self.lock().tables.get(resource)?.objects.get(key).cloned()
    }

    /// Adds an object, which gets a version.
    ///
    /// # Errors
    ///
    /// If it exists.
    pub(crate) fn create(
        &self,
        resource: &StorageKey,
        object: Value,
        index: Index,
    ) -> Result<Arc<Entry>, Changed> {
        let written = Written::new(object);
        self.change(resource, |table, revision| match table.objects.get(&written.key) {
            Some(entry) => Err(Changed::Exists(entry.clone())),
            None => Ok((ChangeKind::Added, written.at(revision, index))),
        })
    }

    /// Replaces an object that is in the state of revision `expected`.
    ///
    /// # Errors
    ///
    /// If it is in another one.
    pub(crate) fn replace(
        &self,
        resource: &StorageKey,
        expected: u64,
        object: Value,
        index: Index,
    ) -> Result<Arc<Entry>, Changed> {
        let written = Written::new(object);
        self.change(resource, |table, revision| {
            table.expect(&written.key, expected)?;
            Ok((ChangeKind::Modified, written.at(revision, index)))
        })
    }

    /// Removes an object that is in the state of revision `expected`; gives its last state, `object`, with the version
    /// of its removal.
    ///
    /// # Errors
    ///
    /// If it is in another one.
    pub(crate) fn remove(
        &self,
        resource: &StorageKey,
        expected: u64,
        object: Value,
    ) -> Result<Arc<Entry>, Changed> {
        let written = Written::new(object);
        self.change(resource, |table, revision| {
            let index = table.expect(&written.key, expected)?.index.clone();
            Ok((ChangeKind::Deleted, written.at(revision, index)))
        })
    }

    fn change(
        &self,
        resource: &StorageKey,
        make: impl FnOnce(&Table, u64) -> Result<(ChangeKind, Arc<Entry>), Changed>,
    ) -> Result<Arc<Entry>, Changed> {
        let mut inner = self.lock();
        let revision = inner.revision + 1;
        let table = match inner.tables.get_mut(resource) {
            Some(table) => table,
            None => inner.tables.entry(resource.clone()).or_default(),
        };
        let (kind, entry) = make(table, revision)?;
        let change = table.commit(kind, entry.clone(), self.history);
        inner.revision = revision;
        // While the lock is held, so that revisions are told in their order.
        self.latest.send_replace(revision);
        if let Some(observer) = self.observer.get() {
            observer.changed(resource, &change);
        }
        Ok(entry)
    }

    /// Objects of a resource, `limit` of them at most.
    ///
    /// # Errors
    ///
    /// If the revision is no longer remembered.
    pub(crate) fn list(
        &self,
        resource: &StorageKey,
        range: &Range,
        limit: usize,
        matches: impl Fn(&Entry) -> bool,
    ) -> Result<Listing, Compacted> {
        let inner = self.lock();
        let revision = range.revision.unwrap_or(inner.revision);
        let mut listing = Listing { revision, ..Listing::default() };
        if let Some(past) = range.revision {
            inner.check(resource, past)?;
        }
        if let Some(table) = inner.tables.get(resource) {
            table.list(range, limit, matches, &mut listing);
        }
        Ok(listing)
    }

    /// Whether one can begin to follow a resource from a revision.
    ///
    /// # Errors
    ///
    /// If the revision is no longer remembered.
    pub(crate) fn check(&self, resource: &StorageKey, revision: u64) -> Result<(), Compacted> {
        self.lock().check(resource, revision)
    }

    /// What happened to a resource after a revision, in order, for those who follow it from there.
    ///
    /// # Errors
    ///
    /// If too much has happened since to be remembered.
    pub(crate) fn changes_after(
        &self,
        resource: &StorageKey,
        revision: u64,
    ) -> Result<Vec<Arc<Change>>, Compacted> {
        let inner = self.lock();
        inner.tables.get(resource).map_or_else(|| Ok(Vec::new()), |table| table.changes_after(revision))
    }

    /// The revision that has changed a resource last; 0 if none has.
    pub(crate) fn changed(&self, resource: &StorageKey) -> u64 {
        self.lock().tables.get(resource).map_or(0, |table| *table.latest.borrow())
    }

    /// Follows the revisions that change a resource.
    pub(crate) fn subscribe(&self, resource: &StorageKey) -> watch::Receiver<u64> {
        self.lock().tables.entry(resource.clone()).or_default().latest.subscribe()
    }

    /// Forgets all states but the latest, as far as those go who do not follow them already.
    pub(crate) fn compact(&self) {
        let mut inner = self.lock();
        inner.compacted = inner.revision;
    }
}

impl Inner {
    fn check(&self, resource: &StorageKey, wanted: u64) -> Result<(), Compacted> {
        match self.tables.get(resource) {
            Some(table) => table.check(wanted, self.compacted),
            None => Table::default().check(wanted, self.compacted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ChangeKind, Changed, Index, ObjectKey, Range, Store};
    use crate::catalog::StorageKey;
    use serde_json::{Value, json};

    fn config_maps() -> StorageKey {
        StorageKey { group: "".into(), plural: "configmaps".into() }
    }

    fn object(name: &str, value: u64) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "x"}, "value": value})
    }

    fn names(store: &Store, range: &Range, limit: usize) -> (Vec<String>, usize) {
        let listing = store.list(&config_maps(), range, limit, |_| true).unwrap();
        (listing.entries.iter().map(|entry| entry.key.name.clone()).collect(), listing.remaining)
    }

    #[test]
    fn each_change_has_a_higher_revision() {
        let store = Store::new(10);
        let made = store.create(&config_maps(), object("a", 1), Index::default()).unwrap();
        assert_eq!(made.object("v1", "ConfigMap")["metadata"]["resourceVersion"], made.revision.to_string());
        let again = store.create(&config_maps(), object("a", 1), Index::default());
        assert!(matches!(again, Err(Changed::Exists(_))));
        let changed = store.replace(&config_maps(), made.revision, object("a", 2), Index::default()).unwrap();
        assert_eq!(changed.revision, made.revision + 1);
        let stale = store.replace(&config_maps(), made.revision, object("a", 3), Index::default());
        assert!(matches!(stale, Err(Changed::Other(_))));
        let removed = store.remove(&config_maps(), changed.revision, object("a", 2)).unwrap();
        assert!(store.get(&config_maps(), &ObjectKey::new("x", "a")).is_none());
        let kinds: Vec<ChangeKind> = store
            .changes_after(&config_maps(), made.revision)
            .unwrap()
            .iter()
            .map(|change| change.kind)
            .collect();
        assert_eq!(kinds, [ChangeKind::Modified, ChangeKind::Deleted]);
        assert_eq!(store.revision(), removed.revision);
    }

    #[test]
    fn an_object_is_written_with_its_version_in_its_metadata_only() {
        let mut object = object("a", 1);
        object["metadata"]["annotations"] =
            json!({"quoted": "\"resourceVersion\":\"\"", "resourceVersion": ""});
        object["involvedObject"] = json!({"metadata": {"resourceVersion": ""}, "resourceVersion": ""});
        let made = Store::new(10).create(&config_maps(), object.clone(), Index::default()).unwrap();
        object["metadata"]["resourceVersion"] = made.revision.to_string().into();
        assert_eq!(made.object("v1", "ConfigMap"), object);
    }

    #[test]
    fn the_past_is_listed_as_it_was() {
        let store = Store::new(10);
        let a = store.create(&config_maps(), object("a", 1), Index::default()).unwrap();
        let b = store.create(&config_maps(), object("b", 1), Index::default()).unwrap();
        store.remove(&config_maps(), a.revision, object("a", 1)).unwrap();
        store.create(&config_maps(), object("c", 1), Index::default()).unwrap();
        let past = Range { revision: Some(b.revision), ..Range::default() };
        assert_eq!(names(&store, &past, 9), (vec!["a".into(), "b".into()], 0));
        assert_eq!(names(&store, &past, 1), (vec!["a".into()], 1));
        let after = Range { after: Some(ObjectKey::new("x", "a")), ..past };
        assert_eq!(names(&store, &after, 9), (vec!["b".into()], 0));
        assert_eq!(names(&store, &Range::default(), 9), (vec!["b".into(), "c".into()], 0));
    }

    #[test]
    fn what_is_compacted_cannot_be_read() {
        let store = Store::new(2);
        let first = store.create(&config_maps(), object("a", 1), Index::default()).unwrap();
        for name in ["b", "c", "d"] {
            store.create(&config_maps(), object(name, 1), Index::default()).unwrap();
        }
        let error = store.changes_after(&config_maps(), first.revision).unwrap_err();
        assert_eq!((error.wanted, error.oldest), (first.revision, first.revision + 1));
        let latest = store.revision();
        store.compact();
        assert!(store.check(&config_maps(), latest - 1).is_err());
        assert!(store.check(&config_maps(), latest).is_ok());
        let secrets = StorageKey { group: "".into(), plural: "secrets".into() };
        assert!(store.check(&secrets, latest - 1).is_err());
        assert_eq!(
            store.changes_after(&config_maps(), latest - 1).unwrap().len(),
            1,
            "for who follows already"
        );
    }
}
