//! Reading what is not an object of a resource: the server's version, what it offers, its keys.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::request::Request;
use crate::response::RawResponse;
use crate::verbs::{builder, sendable};

/// Reads what the server has at one path. Made by [`RestClient::read`](crate::RestClient::read).
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Read<T> {
    request: Request,
    answer: PhantomData<fn() -> T>,
}

impl<T> Read<T> {
    pub(crate) fn new(request: Request) -> Self {
        Self { request, answer: PhantomData }
    }
}

builder!(Read<T>: DeserializeOwned => T, |request| request.send());

/// Reads what the server has at one path, as it comes. Made by
/// [`RestClient::read_raw`](crate::RestClient::read_raw).
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct ReadRaw {
    request: Request,
}

sendable!(ReadRaw => RawResponse, |request| request.send_raw());

impl ReadRaw {
    pub(crate) fn new(request: Request) -> Self {
        Self { request }
    }

    /// What follows at the end of the path; a `/` at its end is kept.
    pub fn suffix(mut self, path: &str) -> Self {
        self.request = self.request.suffix(path);
        self
    }
}
