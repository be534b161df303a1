//! The objects of a store and what they can be found by. No locks.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;
use hashbrown::hash_table::{Entry, HashTable};
use slab::Slab;

use super::table::{Id, Ids, IndexTable, Values, add, take_out};
use crate::key::ObjectKey;
use crate::object::CacheObject;

/// Objects by key and by index.
///
/// Keys stand beside the objects, although these have them too: so that a search need not look at objects, which are far
/// apart in memory.
pub(super) struct Objects<T> {
    slots: Slab<Slot<T>>,
    by_key: HashTable<Id>,
    hasher: DefaultHashBuilder,
    /// The objects of each namespace, which an object never leaves.
    namespaces: Ids<Box<str>>,
    indexes: Vec<IndexTable<T>>,
}

/// An object, and its value in each index.
struct Slot<T> {
    key: ObjectKey,
    object: Arc<T>,
    values: Box<[Values]>,
}

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self {
            slots: Slab::new(),
            by_key: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            namespaces: Ids::default(),
            indexes: Vec::new(),
        }
    }
}

impl<T: CacheObject> Objects<T> {
    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.slots.iter().map(|(_, slot)| &slot.object)
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = Arc<T>> {
        self.slots.into_iter().map(|(_, slot)| slot.object)
    }

    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<&Arc<T>> {
        self.id(namespace, name).and_then(|id| self.object(id))
    }

    pub(super) fn in_namespace(&self, namespace: &str) -> impl Iterator<Item = &Arc<T>> {
        self.namespaces.get(namespace).into_iter().flatten().filter_map(|id| self.object(*id))
    }

    /// The objects with this value in an index.
    pub(super) fn by_index(&self, index: usize, value: &str) -> impl Iterator<Item = &Arc<T>> {
        let ids = self.indexes.get(index).and_then(|index| index.ids(value));
        ids.into_iter().flatten().filter_map(|id| self.object(*id))
    }

    /// How many objects have this value in an index.
    pub(super) fn count_by_index(&self, index: usize, value: &str) -> usize {
        self.indexes.get(index).and_then(|index| index.ids(value)).map_or(0, |ids| ids.len())
    }

    pub(super) fn indexes(&self) -> &[IndexTable<T>] {
        &self.indexes
    }

    /// Adds an index over all objects. Its number.
    pub(super) fn add_index(&mut self, mut index: IndexTable<T>) -> usize {
        for (id, slot) in &mut self.slots {
            let values = index.function().values(&slot.object);
            let values = index.replace(id, &Values::None, values);
            slot.values = slot.values.iter().cloned().chain([values]).collect();
        }
        self.indexes.push(index);
        self.indexes.len() - 1
    }

    /// Puts an object in. `values` are those of the indexes there were when it was prepared. The object that was there.
    pub(super) fn put(&mut self, object: Arc<T>, mut values: Vec<Values>) -> Option<Arc<T>> {
        for index in self.indexes.iter().skip(values.len()) {
            values.push(index.function().values(&object));
        }
        let hash = hash(&self.hasher, object.namespace().unwrap_or_default(), object.name());
        let (slots, hasher) = (&self.slots, &self.hasher);
        let same = |id: &Id| is_called(slots, *id, object.namespace().unwrap_or_default(), object.name());
        match self.by_key.entry(hash, same, |id| hash_of(hasher, slots, *id)) {
            Entry::Occupied(entry) => {
                let id = *entry.get();
                Some(self.exchange(id, object, values))
            }
            Entry::Vacant(entry) => {
                entry.insert(self.slots.vacant_key());
                self.insert(object, values);
                None
            }
        }
    }

    fn insert(&mut self, object: Arc<T>, values: Vec<Values>) {
        let id = self.slots.vacant_key();
        let indexes = self.indexes.iter_mut();
        let values = indexes.zip(values).map(|(index, new)| index.replace(id, &Values::None, new)).collect();
        if let Some(namespace) = object.namespace() {
            add(&mut self.namespaces, namespace, id);
        }
        self.slots.insert(Slot { key: object.key(), object, values });
    }

    fn exchange(&mut self, id: Id, object: Arc<T>, values: Vec<Values>) -> Arc<T> {
        let Some(slot) = self.slots.get_mut(id) else { return object };
        for ((index, old), new) in self.indexes.iter_mut().zip(&mut slot.values).zip(values) {
            if *old != new {
                *old = index.replace(id, old, new);
            }
        }
        std::mem::replace(&mut slot.object, object)
    }

    /// Takes an object out.
    pub(super) fn remove(&mut self, namespace: &str, name: &str) -> Option<Arc<T>> {
        let hash = hash(&self.hasher, namespace, name);
        let slots = &self.slots;
        let entry = self.by_key.find_entry(hash, |id| is_called(slots, *id, namespace, name)).ok()?;
        let (id, _) = entry.remove();
        let slot = self.slots.try_remove(id)?;
        take_out(&mut self.namespaces, namespace, id);
        for (index, old) in self.indexes.iter_mut().zip(&slot.values) {
            index.replace(id, old, Values::None);
        }
        Some(slot.object)
    }

    fn id(&self, namespace: &str, name: &str) -> Option<Id> {
        let hash = hash(&self.hasher, namespace, name);
        self.by_key.find(hash, |id| is_called(&self.slots, *id, namespace, name)).copied()
    }

    fn object(&self, id: Id) -> Option<&Arc<T>> {
        self.slots.get(id).map(|slot| &slot.object)
    }
}

fn hash(hasher: &impl BuildHasher, namespace: &str, name: &str) -> u64 {
    hasher.hash_one((namespace, name))
}

fn hash_of<T>(hasher: &impl BuildHasher, slots: &Slab<Slot<T>>, id: Id) -> u64 {
    slots.get(id).map_or(0, |slot| hash(hasher, slot.key.namespace().unwrap_or_default(), slot.key.name()))
}

fn is_called<T>(slots: &Slab<Slot<T>>, id: Id, namespace: &str, name: &str) -> bool {
    slots.get(id).is_some_and(|slot| slot.key.is(namespace, name))
}
