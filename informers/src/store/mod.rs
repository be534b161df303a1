//! Objects in memory, for many readers and one informer that writes.

mod index;
mod objects;
mod staging;
mod table;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub use self::index::Index;
use self::objects::Objects;
pub(crate) use self::staging::Staging;
pub use self::table::IndexValues;
use self::table::{Function, IndexTable, Values};
use crate::event::{Deleted, Event};
use crate::key::ObjectKey;
use crate::object::CacheObject;

/// The objects of an informer, as of the last thing that its watch told.
///
/// Reads may be stale: by the moment that news travel, and for longer while the API server cannot be reached. Objects are
/// shared, and never change: a change puts another object in their place. Clones are the same store.
pub struct Store<T> {
    shared: Arc<RwLock<Contents<T>>>,
    /// What keeps the informer running.
    keeper: Option<Arc<dyn Any + Send + Sync>>,
}

struct Contents<T> {
    objects: Objects<T>,
    resource_version: String,
    /// What indexes the store has, to be taken along when objects are prepared without the lock.
    functions: Arc<[Function<T>]>,
}

/// What happened to an object, before the store has it.
#[derive(Debug)]
pub(crate) enum Change<T> {
    Put(Arc<T>),
    Remove(Arc<T>),
}

impl<T: CacheObject> Store<T> {
    pub(crate) fn new() -> Self {
        let (objects, functions) = (Objects::default(), Arc::default());
        let contents = Contents { objects, resource_version: String::new(), functions };
        Self { shared: Arc::new(RwLock::new(contents)), keeper: None }
    }

    /// The same store, which keeps something else alive.
    pub(crate) fn kept_by(&self, keeper: Arc<dyn Any + Send + Sync>) -> Self {
        Self { keeper: Some(keeper), ..self.clone() }
    }

    /// The object of this key.
    pub fn get(&self, key: &ObjectKey) -> Option<Arc<T>> {
        self.get_named(key.namespace().unwrap_or_default(), key.name())
    }

    pub(crate) fn get_named(&self, namespace: &str, name: &str) -> Option<Arc<T>> {
        self.read().objects.get(namespace, name).cloned()
    }

    /// All objects, in no order.
    pub fn list(&self) -> Vec<Arc<T>> {
        self.read().objects.iter().cloned().collect()
    }

    pub(crate) fn list_namespace(&self, namespace: &str) -> Vec<Arc<T>> {
        self.read().objects.in_namespace(namespace).cloned().collect()
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.read().objects.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The objects for which `condition` holds.
    ///
    /// The condition is asked about every object while the store is locked: it should be quick, and must not touch the store.
    /// An [`Index`] needs no search.
    pub fn filter(&self, mut condition: impl FnMut(&T) -> bool) -> Vec<Arc<T>> {
        self.read().objects.iter().filter(|object| condition(object)).cloned().collect()
    }

    pub(crate) fn filter_namespace(&self, namespace: &str, condition: impl Fn(&T) -> bool) -> Vec<Arc<T>> {
        let contents = self.read();
        contents.objects.in_namespace(namespace).filter(|object| condition(object)).cloned().collect()
    }

    /// The version of the resource that the store is at: that of the last list, event or bookmark in it. Empty before the
    /// first.
    pub fn resource_version(&self) -> String {
        self.read().resource_version.clone()
    }

    /// Finds objects by values of the program's own, such as the node that a Pod is on.
    ///
    /// `values_of` names the values of an object, and is asked once about each state of each object. It must say the same
    /// each time, and must not touch the store. Objects that are there already are indexed now.
    pub fn add_index(
        &self,
        name: &str,
        values_of: impl Fn(&T, &mut IndexValues) + Send + Sync + 'static,
    ) -> Index<T> {
        let function = Function::new(name, values_of);
        let mut contents = self.write();
        let number = contents.objects.add_index(IndexTable::new(function.clone()));
        contents.functions = contents.functions.iter().cloned().chain([function]).collect();
        drop(contents);
        Index::new(self.clone(), number)
    }

    /// Takes over what happened, in this order. What handlers are to hear of it.
    pub(crate) fn apply(&self, changes: Vec<Change<T>>, resource_version: &str) -> Vec<Event<T>> {
        let functions = Arc::clone(&self.read().functions);
        let changes: Vec<_> = changes.into_iter().map(|change| Prepared::new(change, &functions)).collect();
        let mut contents = self.write();
        let contents = &mut *contents;
        resource_version.clone_into(&mut contents.resource_version);
        changes.into_iter().filter_map(|prepared| prepared.apply(&mut contents.objects)).collect()
    }

    /// Makes the store hold exactly what was staged. What handlers are to hear of it: deletions come first, and an object
    /// of which the same state is there already is nothing new.
    pub(crate) fn replace(&self, staged: Staging<T>, resource_version: &str, initial: bool) -> Vec<Event<T>> {
        let gone: Vec<Arc<T>> = self.filter(|object| !staged.contains(object));
        let functions = Arc::clone(&self.read().functions);
        let changes: Vec<_> =
            staged.into_objects().map(|object| Prepared::new(Change::Put(object), &functions)).collect();
        let mut contents = self.write();
        let contents = &mut *contents;
        resource_version.clone_into(&mut contents.resource_version);
        let removed = gone.into_iter().filter_map(|object| {
            let last = contents.objects.remove(object.namespace().unwrap_or_default(), object.name())?;
            Some(Event::Deleted(Deleted::FinalStateUnknown(last)))
        });
        let mut events: Vec<_> = removed.collect();
        let put = changes.into_iter().filter_map(|prepared| prepared.apply(&mut contents.objects));
        events.extend(put.map(|event| event.in_initial_list(initial)));
        events
    }

    /// Notes that everything up to this version has been told.
    pub(crate) fn bookmark(&self, resource_version: &str) {
        resource_version.clone_into(&mut self.write().resource_version);
    }

    /// The state of the object that the store has, if it is this one.
    pub(crate) fn same_state(&self, object: &T) -> Option<Arc<T>> {
        let contents = self.read();
        let known = contents.objects.get(object.namespace().unwrap_or_default(), object.name())?;
        is_same_state(&**known, object).then(|| Arc::clone(known))
    }

    fn read(&self) -> RwLockReadGuard<'_, Contents<T>> {
        self.shared.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Contents<T>> {
        self.shared.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether both are the same object at the same version.
fn is_same_state<T: CacheObject>(one: &T, other: &T) -> bool {
    let version = one.resource_version();
    !version.is_empty() && version == other.resource_version() && one.uid() == other.uid()
}

/// A change with the object's values in the indexes, which are found out without the lock.
struct Prepared<T> {
    change: Change<T>,
    values: Vec<Values>,
}

impl<T: CacheObject> Prepared<T> {
    fn new(change: Change<T>, functions: &[Function<T>]) -> Self {
        let values = match &change {
            Change::Put(object) => functions.iter().map(|function| function.values(object)).collect(),
            Change::Remove(_) => Vec::new(),
        };
        Self { change, values }
    }

    fn apply(self, objects: &mut Objects<T>) -> Option<Event<T>> {
        match self.change {
            Change::Put(object) => match objects.put(Arc::clone(&object), self.values) {
                Some(old) if is_same_state(&*old, &*object) => None,
                Some(old) => Some(Event::Updated { old, new: object }),
                None => Some(Event::Added { object, initial: false }),
            },
            Change::Remove(object) => {
                objects.remove(object.namespace().unwrap_or_default(), object.name())?;
                Some(Event::Deleted(Deleted::Final(object)))
            }
        }
    }
}

impl<T> Clone for Store<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), keeper: self.keeper.clone() }
    }
}

impl<T: CacheObject> fmt::Debug for Store<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contents = self.read();
        let indexes: Vec<_> =
            contents.objects.indexes().iter().map(|index| index.function().name()).collect();
        formatter
            .debug_struct("Store")
            .field("objects", &contents.objects.len())
            .field("indexes", &indexes)
            .field("resource_version", &contents.resource_version)
            .finish_non_exhaustive()
    }
}
