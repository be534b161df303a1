//! Finding objects by values of the program's own.

use std::fmt;
use std::sync::Arc;

use super::Store;
use crate::object::CacheObject;

/// Finds the objects of a [`Store`] by a value that a function of the program's names. Made by [`Store::add_index`].
///
/// A lookup takes the same time however many objects there are, beside that for what it finds. Reads may be stale as those
/// of the store.
pub struct Index<T> {
    store: Store<T>,
    number: usize,
}

impl<T: CacheObject> Index<T> {
    pub(super) fn new(store: Store<T>, number: usize) -> Self {
        Self { store, number }
    }

    /// The objects with this value, in no order.
    pub fn get(&self, value: &str) -> Vec<Arc<T>> {
        self.store.read().objects.by_index(self.number, value).cloned().collect()
    }

    /// How many objects have this value.
    pub fn count(&self, value: &str) -> usize {
        self.store.read().objects.count_by_index(self.number, value)
    }

    /// Calls `visit` with each object that has this value, and keeps none of them.
    ///
    /// The store is locked meanwhile: `visit` should be quick, and must not touch the store.
    pub fn for_each(&self, value: &str, mut visit: impl FnMut(&Arc<T>)) {
        self.store.read().objects.by_index(self.number, value).for_each(&mut visit);
    }

    /// All values that some object has, in no order.
    pub fn values(&self) -> Vec<Arc<str>> {
        let contents = self.store.read();
        contents
            .objects
            .indexes()
            .get(self.number)
            .map_or_else(Vec::new, |index| index.values().cloned().collect())
    }
}

impl<T> Clone for Index<T> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), number: self.number }
    }
}

impl<T: CacheObject> fmt::Debug for Index<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Index").field("number", &self.number).field("store", &self.store).finish()
    }
}
