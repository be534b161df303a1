//! Changing a part of an object.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::builder;
use super::options::options;
use crate::request::Request;

/// Changes a part of an object, and answers with the whole. Made by the `patch` method of a typed client.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Patch<K> {
    request: Request,
    kind: PhantomData<fn() -> K>,
}

builder!(Patch<K>: DeserializeOwned => K, |request| request.send());
options!(Patch: dry_run, field_manager, field_validation, timeout, managed_fields);

impl<K> Patch<K> {
    pub(crate) fn new(request: Request) -> Self {
        Self { request, kind: PhantomData }
    }
}

/// Applies the fields that one manager wants (server-side apply), and answers with the whole object, which is
/// created if it does not exist. Made by the `apply` method of a typed client.
///
/// Fields that the manager applied before and leaves out now are removed. A field that another manager owns
/// is a [conflict](crate::Error::is_conflict) that names it, unless [`force`](Apply::force) takes it over.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Apply<K> {
    request: Request,
    kind: PhantomData<fn() -> K>,
}

builder!(Apply<K>: DeserializeOwned => K, |request| request.send());
options!(Apply: dry_run, field_validation, timeout, managed_fields);

impl<K> Apply<K> {
    pub(crate) fn new(request: Request, field_manager: &str) -> Self {
        Self { request: request.set_query("fieldManager", field_manager), kind: PhantomData }
    }

    /// Takes over fields that other managers own.
    pub fn force(mut self) -> Self {
        self.request = self.request.set_query("force", "true");
        self
    }
}
