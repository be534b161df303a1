//! Reading a cache as one reads the API.

use std::fmt;
use std::sync::Arc;

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};
use kubeset_selectors::LabelSelector;

use crate::object::{CacheObject, Labelled};
use crate::store::Store;

/// The objects of an informer, by namespace, name and labels. Clones are the same.
///
/// It reads from memory and sends nothing. What it returns may be stale, and is shared with all other readers.
pub struct Lister<T> {
    store: Store<T>,
}

impl<T: CacheObject> Lister<T> {
    pub(crate) fn new(store: Store<T>) -> Self {
        Self { store }
    }

    /// All objects, of all namespaces that the informer has, in no order.
    pub fn all(&self) -> Vec<Arc<T>> {
        self.store.list()
    }

    /// The objects whose labels match, in no order.
    pub fn list(&self, selector: &LabelSelector) -> Vec<Arc<T>> {
        if selector.is_everything() {
            return self.all();
        }
        self.store.filter(|object| selector.matches(&Labelled(object)))
    }

    /// The store that it reads.
    pub fn store(&self) -> &Store<T> {
        &self.store
    }
}

impl<T: CacheObject<Scope = NamespaceResourceScope>> Lister<T> {
    /// The objects of one namespace.
    pub fn namespace(&self, namespace: &str) -> NamespaceLister<T> {
        NamespaceLister { store: self.store.clone(), namespace: namespace.to_owned() }
    }
}

impl<T: CacheObject<Scope = ClusterResourceScope>> Lister<T> {
    /// The object `name`, if the cache has it.
    pub fn get(&self, name: &str) -> Option<Arc<T>> {
        self.store.get_named("", name)
    }
}

impl<T> Clone for Lister<T> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone() }
    }
}

impl<T: CacheObject> fmt::Debug for Lister<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Lister").field("store", &self.store).finish()
    }
}

/// The objects of an informer that are in one namespace. Made by [`Lister::namespace`].
pub struct NamespaceLister<T> {
    store: Store<T>,
    namespace: String,
}

impl<T: CacheObject> NamespaceLister<T> {
    /// The object `name`, if the cache has it.
    pub fn get(&self, name: &str) -> Option<Arc<T>> {
        self.store.get_named(&self.namespace, name)
    }

    /// All objects of the namespace, in no order.
    pub fn all(&self) -> Vec<Arc<T>> {
        self.store.list_namespace(&self.namespace)
    }

    /// The objects of the namespace whose labels match, in no order.
    pub fn list(&self, selector: &LabelSelector) -> Vec<Arc<T>> {
        if selector.is_everything() {
            return self.all();
        }
        self.store.filter_namespace(&self.namespace, |object| selector.matches(&Labelled(object)))
    }
}

impl<T> Clone for NamespaceLister<T> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), namespace: self.namespace.clone() }
    }
}

impl<T: CacheObject> fmt::Debug for NamespaceLister<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NamespaceLister")
            .field("namespace", &self.namespace)
            .field("store", &self.store)
            .finish()
    }
}
