//! Reading what is not an object of a resource: the server's version, what it offers, its keys.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::request::Request;
use crate::response::RawResponse;
use crate::verbs::{SendFuture, builder};

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

impl IntoFuture for ReadRaw {
    type Output = Result<RawResponse, Error>;
    type IntoFuture = SendFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.request.send_raw())
    }
}

impl AsRef<Request> for ReadRaw {
    fn as_ref(&self) -> &Request {
        &self.request
    }
}

impl fmt::Debug for ReadRaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ReadRaw").field(&self.request).finish()
    }
}
