//! Writing a whole object: a new one, or in place of one that exists.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::builder;
use super::options::options;
use crate::request::Request;

/// Creates an object, and answers with what the server made of it. Made by the `create` method of a typed
/// client.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Create<K> {
    request: Request,
    kind: PhantomData<fn() -> K>,
}

builder!(Create<K>: DeserializeOwned => K, |request| request.send());
options!(Create: dry_run, field_manager, field_validation, timeout, managed_fields);

impl<K> Create<K> {
    pub(crate) fn new(request: Request) -> Self {
        Self { request, kind: PhantomData }
    }

    /// The same call where the server answers with something other than the object.
    pub fn answered_with<A>(self) -> Create<A> {
        Create { request: self.request, kind: PhantomData }
    }
}

/// Replaces an object whole, and answers with what the server made of it. Made by the `replace` method of a
/// typed client.
///
/// If the new object's metadata has a `resourceVersion`, the object must still be at that version:
/// else the error [`is_conflict`](crate::Error::is_conflict).
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Replace<K> {
    request: Request,
    kind: PhantomData<fn() -> K>,
}

builder!(Replace<K>: DeserializeOwned => K, |request| request.send());
options!(Replace: dry_run, field_manager, field_validation, timeout, managed_fields);

impl<K> Replace<K> {
    pub(crate) fn new(request: Request) -> Self {
        Self { request, kind: PhantomData }
    }
}
