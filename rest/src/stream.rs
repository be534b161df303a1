//! Answers that are handed on as they arrive.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::Method;
use http_body::Body as _;

use crate::error::Error;
use crate::request::Request;
use crate::retry::Purpose;
use crate::send;

/// The body of an answer, in the chunks in which it arrives. Dropping it ends the request.
#[must_use = "an answer is read only as it is polled"]
pub struct ByteStream {
    body: reqwest::Body,
    method: Method,
    url: String,
}

impl Request {
    /// Sends the request and hands over the body of the answer as it arrives.
    ///
    /// The timeout covers the time until the answer begins.
    ///
    /// # Errors
    ///
    /// If the request is not valid, no answer comes, or the server refuses.
    pub async fn send_for_bytes(self) -> Result<ByteStream, Error> {
        let response = send::open(&self, Purpose::Stream).await?;
        Ok(ByteStream::new(&self, response))
    }
}

impl ByteStream {
    pub(crate) fn new(request: &Request, response: reqwest::Response) -> Self {
        let url = send::shown(response.url());
        Self { body: response.into(), method: request.method().clone(), url }
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return match std::task::ready!(Pin::new(&mut self.body).poll_frame(context)) {
                None => Poll::Ready(None),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => Poll::Ready(Some(Ok(data))),
                    // Trailers say nothing that Kubernetes uses.
                    Err(_) => continue,
                },
                Some(Err(error)) => Poll::Ready(Some(Err(Error::Transport {
                    method: self.method.clone(),
                    url: self.url.clone(),
                    source: error.without_url().into(),
                }))),
            };
        }
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ByteStream")
            .field("method", &self.method)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
