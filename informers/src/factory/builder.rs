//! Which objects an informer keeps, and how.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::{ListableResource, NamespaceResourceScope};
use kubeset_rest::Endpoint;
use serde::de::DeserializeOwned;

use super::{Identity, InformerFactory};
use crate::compact::Compact;
use crate::informer::SharedInformer;
use crate::lister::Lister;
use crate::object::CacheObject;
use crate::reflector::{CompactResource, ReflectorOptions, Resource, Selection, Source, Transform};

/// Which objects of a resource an informer keeps, and how. Made by [`InformerFactory::select`].
///
/// [`informer`](Self::informer) and [`lister`](Self::lister) lead to the same informer if the objects are the same: their type,
/// the resource, namespace and selectors, and whether they have `managedFields`. The first to ask says how they are kept:
/// the other setters do nothing to an informer that is there.
#[must_use = "a selection does nothing until it is asked for its informer"]
pub struct InformerBuilder<K> {
    factory: InformerFactory,
    endpoint: Endpoint<K>,
    selection: Selection,
    options: ReflectorOptions,
    resync: Option<Duration>,
}

impl<K> InformerBuilder<K> {
    pub(super) fn new(factory: InformerFactory, endpoint: Endpoint<K>) -> Self {
        Self {
            factory,
            endpoint,
            selection: Selection::default(),
            options: ReflectorOptions::default(),
            resync: None,
        }
    }

    /// Only objects whose labels match, such as `app=web,tier in (a, b)`. Called twice, both must match.
    pub fn labels(mut self, selector: &str) -> Self {
        add_selector(&mut self.selection.labels, selector);
        self
    }

    /// Only objects whose fields match, such as `spec.nodeName=node-1`. Each kind has few such fields. Called twice, both must
    /// match.
    pub fn fields(mut self, selector: &str) -> Self {
        add_selector(&mut self.selection.fields, selector);
        self
    }

    /// Only objects of one shard of the collection, in the server's shard selector syntax. Servers know it since Kubernetes
    /// 1.36, behind a feature gate; those that do not know it send all objects.
    pub fn shard_selector(mut self, selector: &str) -> Self {
        self.selection.shard = Some(selector.to_owned());
        self
    }

    /// Keeps `metadata.managedFields`, which say who owns which field. They are half of a typical object, and by default
    /// never get into memory.
    pub fn with_managed_fields(mut self) -> Self {
        self.selection.managed_fields = true;
        self
    }

    /// Reminds handlers of every object each time that `period` has passed, unless they ask for a period of their own.
    pub fn resync(mut self, period: Duration) -> Self {
        self.resync = Some(period);
        self
    }

    /// How many objects the server is asked for at once when they are listed. By default 500 at a time, and all at once where
    /// that spares the server more: when it can answer from memory.
    pub fn page_size(mut self, objects: u32) -> Self {
        self.options.page_size = Some(objects);
        self
    }

    /// Reads the objects with a list, also where the server could stream them as events of a watch.
    pub fn without_streaming_lists(mut self) -> Self {
        self.options.streaming_lists = false;
        self
    }

    /// How long a watch goes on at least before the server ends it and another one takes its place: 5 minutes unless set. Each
    /// takes up to twice as long, by chance, so that not all clients come back at once.
    pub fn min_watch_timeout(mut self, timeout: Duration) -> Self {
        self.options.min_watch_timeout = timeout;
        self
    }
}

impl<K: k8s_openapi::Resource<Scope = NamespaceResourceScope>> InformerBuilder<K> {
    /// Only objects of one namespace.
    pub fn namespace(mut self, namespace: &str) -> Self {
        self.selection.namespace = Some(namespace.to_owned());
        self
    }
}

impl<K> InformerBuilder<K>
where
    K: CacheObject + ListableResource + DeserializeOwned,
{
    /// The informer of these objects. It is started with its factory, or by itself.
    pub fn informer(self) -> SharedInformer<K> {
        let resource = Resource::new(&self.endpoint, &self.selection);
        self.informer_on(resource, None)
    }

    /// The informer of these objects, each of which is changed once before the store and the handlers have it: to leave out
    /// what nobody reads, say.
    ///
    /// What says who the object is (name, namespace, version) must stay. A type with fewer fields saves more than a change:
    /// what it does not have is not even decoded.
    pub fn informer_with_transform(self, change: impl FnMut(&mut K) + Send + 'static) -> SharedInformer<K> {
        let resource = Resource::new(&self.endpoint, &self.selection);
        self.informer_on(resource, Some(Box::new(change)))
    }

    /// The objects in memory, by namespace, name and labels.
    pub fn lister(self) -> Lister<K> {
        self.informer().lister()
    }
}

impl<K: ListableResource + 'static> InformerBuilder<K> {
    /// An informer that keeps these objects as the server sent them, and decodes them when they are read: for many objects that
    /// are rarely read whole. Names, versions and labels are at hand, and so are values of indexes, for which each state of an
    /// object is decoded once.
    pub fn compact_informer(self) -> SharedInformer<Compact<K>> {
        let resource = CompactResource::new(&self.endpoint, &self.selection);
        self.informer_on(resource, None)
    }

    fn informer_on<T: CacheObject>(
        self,
        source: impl Source<T>,
        transform: Option<Transform<T>>,
    ) -> SharedInformer<T> {
        let path = self.endpoint.list().as_ref().path().unwrap_or_else(|error| error.to_string());
        let identity = Identity { objects: TypeId::of::<T>(), path, selection: self.selection };
        let (options, resync) = (self.options, self.resync);
        let make = || SharedInformer::new(Arc::new(source), options, transform, resync);
        self.factory.get_or_make(identity, make)
    }
}

fn add_selector(all: &mut Option<String>, selector: &str) {
    match all {
        Some(all) => {
            all.push(',');
            all.push_str(selector);
        }
        None => *all = Some(selector.to_owned()),
    }
}

impl<K> Clone for InformerBuilder<K> {
    fn clone(&self) -> Self {
        Self {
            factory: self.factory.clone(),
            endpoint: self.endpoint.clone(),
            selection: self.selection.clone(),
            options: self.options,
            resync: self.resync,
        }
    }
}

impl<K> fmt::Debug for InformerBuilder<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("InformerBuilder")
            .field("endpoint", &self.endpoint)
            .field("selection", &self.selection)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
