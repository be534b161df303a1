//! Reading the objects of a resource.

use std::marker::PhantomData;

use k8s_openapi::ListableResource;
use serde::de::DeserializeOwned;

use super::builder;
use super::options::options;
use super::pages::Pages;
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

builder!(List<K>: DeserializeOwned, ListableResource => k8s_openapi::List<K>, |request| request.send());
options!(List: selectors, paging, versions, server_timeout);

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
}
