//! The objects of a list, as they arrive.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::StatusCode;
use k8s_openapi::ListableResource;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, Sleep};

use super::turn::Turn;
use super::{Cutter, Expected, MAX_ITEM, Problem};
use crate::codec::Format;
use crate::encoded::ReadObject;
use crate::error::Error;
use crate::request::Request;
use crate::retry::Purpose;
use crate::send;
use crate::stream::ByteStream;

/// The objects of a list, each decoded as soon as it has arrived. Made by [`List::stream`](crate::List::stream).
///
/// Neither the list nor its text is ever in memory as a whole, so that a program that keeps little of each object needs
/// little. [`metadata`](Self::metadata) has the version of the list and its continue token.
///
/// What is wrong comes out as an error, which ends the stream. **The objects before it are then not the whole list**, and
/// neither are they if the stream is left before its end.
///
/// Dropping the stream ends the request.
#[must_use = "a list is read only as the stream is polled"]
pub struct ListStream<K> {
    request: Request,
    code: StatusCode,
    /// None once the list is over.
    body: Option<ByteStream>,
    cutter: Cutter,
    /// How many bytes of the body have come, after decompression.
    read: usize,
    turn: Turn,
    patience: Option<Patience>,
    kind: PhantomData<fn() -> K>,
}

impl Request {
    /// Sends the request and reads the answer as a list.
    ///
    /// The objects are decoded while the answer arrives. Other tasks of the same thread have their turn meanwhile.
    ///
    /// # Errors
    ///
    /// If the request is not valid, no complete answer comes, the server refuses (also with a `Status` of failure in a
    /// 2xx answer), or the answer is not a list of `K`.
    pub async fn send_for_list<K>(self) -> Result<k8s_openapi::List<K>, Error>
    where
        K: DeserializeOwned + ListableResource + Send,
    {
        send::list(&self).await
    }

    /// Sends the request and reads the answer as a list, of which the objects are handed over as they arrive.
    ///
    /// The timeout covers the time until the answer begins, and then, anew, all the time in which the server lets the
    /// caller wait for its bytes. What the caller does between two objects does not count.
    ///
    /// # Errors
    ///
    /// If the request is not valid, no answer comes, the server refuses, or the answer is in a format that cannot be read.
    pub async fn send_for_items<K>(self) -> Result<ListStream<K>, Error>
    where
        K: ReadObject + ListableResource,
    {
        let response = send::open(&self, Purpose::Unary).await?;
        let patience = self.time_limit().map(Patience::new);
        ListStream::new(self, response, patience)
    }
}

impl<K> ListStream<K> {
    /// The list's version, its continue token and how many objects remain, once they were read.
    ///
    /// Servers send them before the objects: they are there with the first one. At the end of the stream they always are.
    pub fn metadata(&self) -> Option<&ListMeta> {
        self.cutter.metadata()
    }
}

impl<K: ReadObject + ListableResource> ListStream<K> {
    pub(crate) fn new(
        request: Request,
        response: reqwest::Response,
        patience: Option<Patience>,
    ) -> Result<Self, Error> {
        let format = match Format::of(response.headers()) {
            Ok(format) => format,
            Err(problem) => return Err(request.decode_error(K::LIST_KIND, problem)),
        };
        let limit = MAX_ITEM.min(request.max_response_bytes());
        let cutter = Cutter::new(format, Expected::list_of::<K>(), limit, request.keeps());
        Ok(Self {
            code: response.status(),
            body: Some(ByteStream::new(&request, response)),
            request,
            cutter,
            read: 0,
            turn: Turn::default(),
            patience,
            kind: PhantomData,
        })
    }

    /// Reads the whole list.
    pub(crate) async fn collect(mut self) -> Result<k8s_openapi::List<K>, Error> {
        let mut items = Vec::new();
        while let Some(item) = poll_fn(|context| Pin::new(&mut self).poll_next(context)).await {
            push(&mut items, item?);
        }
        items.shrink_to_fit();
        let metadata = self.metadata().cloned().unwrap_or_default();
        Ok(k8s_openapi::List { items, metadata })
    }

    /// Adds the next chunk of the body, unless there is too much of it.
    fn push(&mut self, chunk: Bytes) -> Result<(), Error> {
        let limit = self.request.max_response_bytes();
        self.read = self.read.saturating_add(chunk.len());
        if self.read > limit {
            return Err(self.request.too_large_error(limit));
        }
        self.cutter.push(chunk);
        Ok(())
    }

    /// The body has ended.
    fn end(&mut self) -> Result<(), Error> {
        send::measure_response(&self.request, self.read);
        if self.read == 0 {
            return Err(self.error(format!("the answer with status {} has no body", self.code.as_u16())));
        }
        self.cutter.end().map_err(|problem| self.error(problem))?;
        self.cutter.failure().map_or(Ok(()), Err)
    }

    /// The error of a body that is not the list. It may be a `Status` instead.
    fn error(&self, problem: Problem) -> Error {
        self.cutter.failure().unwrap_or_else(|| self.request.decode_error(K::LIST_KIND, problem))
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<K, Error>>> {
        loop {
            ready!(self.turn.poll(context));
            match self.cutter.decode_next() {
                Ok(Some(item)) => return Poll::Ready(Some(Ok(item))),
                Ok(None) => {}
                Err(problem) => return Poll::Ready(Some(Err(self.error(problem)))),
            }
            let Some(body) = &mut self.body else { return Poll::Ready(None) };
            let Poll::Ready(chunk) = Pin::new(body).poll_next(context) else {
                self.turn.end();
                return self.poll_patience(context).map(|error| Some(Err(error)));
            };
            if let Some(patience) = &mut self.patience {
                patience.end_wait();
            }
            let outcome = match chunk {
                Some(Ok(chunk)) => self.push(chunk),
                Some(Err(error)) => Err(error),
                None => {
                    self.body = None;
                    self.end()
                }
            };
            if let Err(error) = outcome {
                return Poll::Ready(Some(Err(error)));
            }
        }
    }

    /// Whether the server has let us wait for too long.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        let Some(patience) = &mut self.patience else { return Poll::Pending };
        ready!(patience.poll_wait(context));
        Poll::Ready(self.request.timeout_error(patience.limit))
    }
}

/// Adds an item. A vector that is full is replaced by a larger one, and not enlarged where it lies.
///
/// That is the only large memory that is given back while a list is read, and glibc's `malloc` learns from it: until it
/// does, it returns every 128 KiB at the end of the heap to the kernel, to ask for them again for the next item. With
/// `managedFields`, that was half of all the time.
fn push<K>(items: &mut Vec<K>, item: K) {
    if items.len() == items.capacity() {
        let mut larger = Vec::with_capacity(items.len().saturating_mul(2).max(16));
        larger.append(items);
        *items = larger;
    }
    items.push(item);
}

impl<K: ReadObject + ListableResource> Stream for ListStream<K> {
    type Item = Result<K, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.body.is_none() && !this.cutter.has_more() {
            return Poll::Ready(None);
        }
        let item = ready!(this.poll_item(context));
        if matches!(item, Some(Err(_))) {
            this.body = None;
        }
        Poll::Ready(item)
    }
}

impl<K> fmt::Debug for ListStream<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ListStream")
            .field("request", &self.request)
            .field("open", &self.body.is_some())
            .finish_non_exhaustive()
    }
}

/// How long the server may let us wait for its bytes, all in all.
pub(crate) struct Patience {
    limit: Duration,
    left: Duration,
    waiting_since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(limit: Duration) -> Self {
        Self { limit, left: limit, waiting_since: None, alarm: None }
    }

    fn end_wait(&mut self) {
        if let Some(since) = self.waiting_since.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
    }

    /// Ready when the time is over.
    fn poll_wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.left)));
        if self.waiting_since.is_none() {
            let now = Instant::now();
            self.waiting_since = Some(now);
            // A time limit beyond all clocks is none.
            if let Some(end) = now.checked_add(self.left) {
                alarm.as_mut().reset(end);
            }
        }
        alarm.as_mut().poll(context)
    }
}
