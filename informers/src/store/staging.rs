//! Objects of which not all are there yet.

use std::sync::Arc;

use super::objects::Objects;
use crate::object::CacheObject;

/// A set of objects that is being read, and will take the place of a store's when it is whole.
pub(crate) struct Staging<T> {
    objects: Objects<T>,
}

impl<T: CacheObject> Staging<T> {
    pub(crate) fn put(&mut self, object: Arc<T>) {
        self.objects.put(object, Vec::new());
    }

    pub(crate) fn remove(&mut self, object: &T) {
        self.objects.remove(object.namespace().unwrap_or_default(), object.name());
    }

    pub(super) fn contains(&self, object: &T) -> bool {
        self.objects.get(object.namespace().unwrap_or_default(), object.name()).is_some()
    }

    pub(super) fn into_objects(self) -> impl Iterator<Item = Arc<T>> {
        self.objects.into_iter()
    }
}

impl<T> Default for Staging<T> {
    fn default() -> Self {
        Self { objects: Objects::default() }
    }
}
