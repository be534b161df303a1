//! Deleting all objects of a resource that match.

use std::marker::PhantomData;
use std::time::Duration;

use k8s_openapi::ListableResource;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::DeleteOptions;
use serde::de::DeserializeOwned;

use super::builder;
use super::delete::{Deleted, delete_options, no_delete_options, send_deletion};
use super::options::options;
use crate::request::Request;

/// Deletes all objects of a resource that match, one after the other: if it fails, some may be gone. Made by
/// the `delete_collection` method of a typed client.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct DeleteCollection<K> {
    request: Request,
    options: DeleteOptions,
    kind: PhantomData<fn() -> K>,
}

builder!(
    DeleteCollection<K>: DeserializeOwned, ListableResource => Deleted<k8s_openapi::List<K>>,
    |request| send_deletion(request)
);
options!(DeleteCollection: selectors, paging, versions, server_timeout);
delete_options!(DeleteCollection);

impl<K> DeleteCollection<K> {
    pub(crate) fn new(request: Request) -> Self {
        let request = request.without_announced_timeout();
        Self { request, options: no_delete_options(), kind: PhantomData }.with_options(|_| {})
    }
}
