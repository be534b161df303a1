//! Reading one object.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::builder;
use super::options::options;
use crate::error::Error;
use crate::request::Request;

/// Reads one object. Made by the `get` method of a typed client.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Get<K> {
    request: Request,
    kind: PhantomData<fn() -> K>,
}

builder!(Get<K>: DeserializeOwned => K, |request| request.send());
options!(Get: timeout, managed_fields);

impl<K> Get<K> {
    pub(crate) fn new(request: Request) -> Self {
        Self { request, kind: PhantomData }
    }

    /// Allows an answer from the server's cache that is at least as new as `version`; `"0"` allows any.
    ///
    /// Such an answer may be stale, and is cheaper for the server. By default it is the latest.
    pub fn at_least(mut self, version: &str) -> Self {
        self.request = self.request.set_query("resourceVersion", version);
        self
    }

    /// Answers `None`, and not with an error, if there is no such object.
    ///
    /// ```no_run
    /// # use kubeset_rest::{Endpoint, Error};
    /// # use k8s_openapi::api::core::v1::Pod;
    /// # async fn example(pods: Endpoint<Pod>) -> Result<(), Error> {
    /// if let Some(pod) = pods.get("web-0").optional().await? {
    ///     println!("{:?}", pod.metadata.uid);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn optional(self) -> GetOptional<K> {
        GetOptional { request: self.request, kind: PhantomData }
    }
}

/// Reads one object if it exists. Made by [`Get::optional`].
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct GetOptional<K> {
    request: Request,
    kind: PhantomData<fn() -> K>,
}

builder!(GetOptional<K>: DeserializeOwned => Option<K>, |request| async {
    match request.send().await {
        Ok(object) => Ok(Some(object)),
        Err(error) if is_missing_object(&error) => Ok(None),
        Err(error) => Err(error),
    }
});

/// Whether the server itself says that the object is missing. A 404 of a proxy, or for a resource that the
/// server does not have, says nothing about the object.
fn is_missing_object(error: &Error) -> bool {
    error.is_not_found() && error.details().is_some_and(|details| details.name.is_some())
}
