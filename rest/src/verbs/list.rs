//! Reading the objects of a resource.

use std::marker::PhantomData;

use k8s_openapi::ListableResource;
use serde::de::DeserializeOwned;

use super::builder;
use super::options::options;
use super::pages::Pages;
use crate::encoded::ReadObject;
use crate::list::ListStream;
use crate::request::Request;

/// Reads the objects of a resource. Made by the `list` method of a typed client.
///
/// ```no_run
/// # use kubeset_rest::{Endpoint, Error};
/// # use k8s_openapi::api::core::v1::Pod;
/// # async fn example(pods: Endpoint<Pod>) -> Result<(), Error> {
/// let page = pods.list().labels("app=web").fields("status.phase=Running").limit(500).await?;
/// println!("{} pods at version {:?}", page.items.len(), page.metadata.resource_version);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct List<K> {
    request: Request,
    kind: PhantomData<fn() -> K>,
}

builder!(List<K>: DeserializeOwned, ListableResource, Send => k8s_openapi::List<K>, |request| request.send_for_list());
options!(List: selectors, paging, versions, server_timeout, managed_fields);

impl<K> List<K> {
    pub(crate) fn new(request: Request) -> Self {
        Self { request: request.without_announced_timeout(), kind: PhantomData }
    }

    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    /// The same list. (Deriving `Clone` would ask it of the kind.)
    pub(crate) fn same(&self) -> Self {
        Self { request: self.request.clone(), kind: PhantomData }
    }

    /// The same list after the page that had `token`, which stands for the version.
    pub(crate) fn continued(&self, token: &str) -> Self {
        let request =
            self.request.clone().without_query("resourceVersion").without_query("resourceVersionMatch");
        Self { request, kind: PhantomData }.continue_from(token)
    }

    /// The same list in one piece.
    pub(crate) fn unlimited(&self) -> Self {
        Self { request: self.request.clone().without_query("limit"), kind: PhantomData }
    }
}

impl<K: ListableResource> List<K> {
    /// The same objects as a stream of pages, so that neither side must hold all of them at once.
    ///
    /// Pages have 500 objects unless [`limit`](List::limit) says otherwise.
    pub fn pages(self) -> Pages<K> {
        Pages::new(self)
    }
    /// The same objects as a stream, each handed over as soon as it has arrived.
    ///
    /// The list is never in memory as a whole. Choose it for a program that keeps little of each object, and
    /// [`pages`](List::pages) where the server should not have to make the whole list at once either.
    ///
    /// ```no_run
    /// # use futures_util::TryStreamExt as _;
    /// # use kubeset_rest::{Endpoint, Error};
    /// # use k8s_openapi::api::core::v1::Pod;
    /// # async fn example(pods: Endpoint<Pod>) -> Result<(), Error> {
    /// let mut stream = pods.list().at_least("0").without_managed_fields().stream().await?;
    /// let mut names = Vec::new();
    /// while let Some(pod) = stream.try_next().await? {
    ///     names.extend(pod.metadata.name);
    /// }
    /// let version = stream.metadata().and_then(|metadata| metadata.resource_version.as_deref());
    /// println!("{} pods at version {version:?}", names.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A [timeout](List::timeout) covers the time until the answer begins, and then, anew, all the time in which the
    /// server lets the program wait for its bytes. What the program does between two objects does not count.
    pub fn stream(self) -> StreamList<K> {
        StreamList { request: self.request, kind: PhantomData }
    }
}

/// Reads the objects of a resource and hands them over as they arrive. Made by [`List::stream`].
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct StreamList<K> {
    request: Request,
    kind: PhantomData<fn() -> K>,
}

builder!(StreamList<K>: ReadObject, ListableResource => ListStream<K>, |request| request.send_for_items());
