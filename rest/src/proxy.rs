//! Talking HTTP with a pod, a service or a node through the API server.

use std::time::Duration;

use bytes::Bytes;
use http::Method;

use crate::request::Request;
use crate::response::RawResponse;
use crate::verbs::sendable;

/// An HTTP request that the API server passes on to a pod, a service or a node. Made by the `proxy` method of
/// a typed client.
///
/// The name may say the scheme and the port: `web-0`, `web-0:8080`, `https:web:https`. `.await` answers with
/// the body as it came; an answer that is not a success is an error. Only the methods DELETE, GET, HEAD,
/// OPTIONS, PATCH, POST and PUT are passed on.
///
/// ```no_run
/// # use kubeset_rest::{Endpoint, Error};
/// # use k8s_openapi::api::core::v1::Pod;
/// # async fn example(pods: Endpoint<Pod>) -> Result<(), Error> {
/// let metrics = pods.namespace("prod").proxy("web-0:8080").path("/metrics").await?;
/// println!("{} bytes", metrics.body.len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Proxy {
    request: Request,
}

sendable!(Proxy => RawResponse, |request| request.send_raw());

impl Proxy {
    pub(crate) fn new(request: Request) -> Self {
        Self { request: request.without_announced_timeout() }
    }

    /// The method; `GET` unless set.
    pub fn method(mut self, method: Method) -> Self {
        self.request = self.request.with_method(method);
        self
    }

    /// The path at the target; a `/` at its end is kept.
    pub fn path(mut self, path: &str) -> Self {
        self.request = self.request.suffix(path);
        self
    }

    /// Adds a query parameter for the target.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.query(name, value);
        self
    }

    /// Sets a header. The API server passes most of them on, but not the credentials.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// The body. Say what it is with a `Content-Type` [`header`](Proxy::header); else it counts as JSON.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.request = self.request.body(body);
        self
    }

    /// How long the call may take. The target is not told.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.request = self.request.timeout(Some(timeout)).without_announced_timeout();
        self
    }
}
