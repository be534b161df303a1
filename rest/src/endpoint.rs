//! One resource of one group version: what every generated client is made of.

use std::fmt;
use std::marker::PhantomData;

use http::Method;
use serde::Serialize;

use crate::client::RestClient;
use crate::encoded::Encoded;
use crate::logs::Logs;
use crate::patch::{PatchDocument, PatchType};
use crate::proxy::Proxy;
use crate::request::Request;
use crate::verbs::{Apply, Create, Delete, DeleteCollection, Get, List, Patch, Replace, Watch};

/// A resource, or a subresource, of which `K` is the kind: all verbs, offered or not by the server.
///
/// Generated clients hold one and show only what the server has. Use it for a resource that has no generated
/// client: `K` is any type that serde can read.
pub struct Endpoint<K> {
    client: RestClient,
    resource: &'static str,
    namespace: Option<String>,
    subresource: Option<&'static str>,
    kind: PhantomData<fn() -> K>,
}

impl<K> Endpoint<K> {
    /// The resource with this lower-case plural name, in all namespaces or in none.
    pub fn new(client: &RestClient, resource: &'static str) -> Self {
        Self { client: client.clone(), resource, namespace: None, subresource: None, kind: PhantomData }
    }

    /// The same resource in one namespace.
    #[must_use]
    pub fn namespace(&self, namespace: &str) -> Self {
        Self { namespace: Some(namespace.to_owned()), ..self.clone() }
    }

    /// A subresource, such as `status`, of which `S` is the kind.
    pub fn subresource<S>(&self, subresource: &'static str) -> Endpoint<S> {
        Endpoint {
            client: self.client.clone(),
            resource: self.resource,
            namespace: self.namespace.clone(),
            subresource: Some(subresource),
            kind: PhantomData,
        }
    }

    /// The same resource, of which lists and watches hand out objects as the server sent them, to be decoded later.
    pub fn encoded(&self) -> Endpoint<Encoded<K>> {
        Endpoint {
            client: self.client.clone(),
            resource: self.resource,
            namespace: self.namespace.clone(),
            subresource: self.subresource,
            kind: PhantomData,
        }
    }

    /// Reads the object `name`.
    pub fn get(&self, name: &str) -> Get<K> {
        Get::new(self.object(self.client.get(), name))
    }

    /// Reads all objects.
    pub fn list(&self) -> List<K> {
        List::new(self.collection(Method::GET))
    }

    /// Follows what happens to all objects.
    pub fn watch(&self) -> Watch<K> {
        Watch::new(self.collection(Method::GET))
    }

    /// Creates an object.
    pub fn create(&self, object: &K) -> Create<K>
    where
        K: Serialize,
    {
        Create::new(self.collection(Method::POST).object(object))
    }

    /// Creates an object that belongs to the object `name`, such as an eviction of a pod.
    pub fn create_for(&self, name: &str, object: &K) -> Create<K>
    where
        K: Serialize,
    {
        Create::new(self.object(self.client.post(), name).object(object))
    }

    /// Replaces the object `name` whole.
    pub fn replace(&self, name: &str, object: &K) -> Replace<K>
    where
        K: Serialize,
    {
        Replace::new(self.object(self.client.put(), name).object(object))
    }

    /// Changes a part of the object `name`.
    pub fn patch<P: PatchDocument>(&self, name: &str, patch: P) -> Patch<K> {
        Patch::new(self.object(self.client.patch(P::PATCH_TYPE), name).json(patch.content()))
    }

    /// Applies the fields that `field_manager` wants the object `name` to have.
    pub fn apply<T: Serialize + ?Sized>(&self, name: &str, object: &T, field_manager: &str) -> Apply<K> {
        Apply::new(self.object(self.client.patch(PatchType::Apply), name).json(object), field_manager)
    }

    /// Deletes the object `name`.
    pub fn delete(&self, name: &str) -> Delete<K> {
        Delete::new(self.object(self.client.delete(), name))
    }

    /// Deletes all objects.
    pub fn delete_collection(&self) -> DeleteCollection<K> {
        DeleteCollection::new(self.collection(Method::DELETE))
    }

    /// Reads the log of the object `name`.
    pub fn logs(&self, name: &str) -> Logs {
        Logs::new(self.subresource::<K>("log").named(self.client.get(), name))
    }

    /// Talks HTTP with what stands behind the object `name`, through the API server.
    pub fn proxy(&self, name: &str) -> Proxy {
        Proxy::new(self.subresource::<K>("proxy").named(self.client.get(), name))
    }

    /// A request about all objects, whose answer is read by its type.
    fn collection(&self, method: Method) -> Request {
        self.request(self.client.verb(method)).negotiated()
    }

    /// A request about one object, whose answer is read by its type.
    fn object(&self, request: Request, name: &str) -> Request {
        self.named(request, name).negotiated()
    }

    fn named(&self, request: Request, name: &str) -> Request {
        let request = self.request(request).name(name);
        match self.subresource {
            Some(subresource) => request.subresource(subresource),
            None => request,
        }
    }

    fn request(&self, request: Request) -> Request {
        let request = match &self.namespace {
            Some(namespace) => request.namespace(namespace),
            None => request,
        };
        request.resource(self.resource)
    }
}

impl<K> Clone for Endpoint<K> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            resource: self.resource,
            namespace: self.namespace.clone(),
            subresource: self.subresource,
            kind: PhantomData,
        }
    }
}

impl<K> fmt::Debug for Endpoint<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Endpoint")
            .field("api_version", &self.client.api_version())
            .field("resource", &self.resource)
            .field("namespace", &self.namespace)
            .field("subresource", &self.subresource)
            .finish_non_exhaustive()
    }
}
