//! From a [`Request`] to an answer: rate limit, attempts, timeouts, errors and tracing.

use std::future::Future;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, ACCEPT_ENCODING};
use http::{HeaderMap, HeaderValue, StatusCode};
use k8s_openapi::{List, ListableResource};
use reqwest::Url;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::error::{BoxError, Error, answer_error};
use crate::list::ListStream;
use crate::metrics::{Metrics, RequestLabels};
use crate::request::Request;
use crate::retry::{Attempts, Purpose};
use crate::transport::TransportError;
use crate::warnings;

/// How much of an unwanted answer is read so that its connection can be used again.
const DRAIN: usize = 2 << 10;
/// How much of a refusal is read: a `Status` can name thousands of causes, but not more than this.
const MAX_REFUSAL: usize = 1 << 20;
/// The most memory that is reserved on the word of a `Content-Length` header.
const MAX_RESERVED: usize = 16 << 20;

/// An answer that was read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// How often the request was sent for it.
    pub(crate) attempts: u32,
}

/// Sends `request` and reads its whole answer, which may be a refusal.
pub(crate) async fn exchange(request: &Request) -> Result<Answer, Error> {
    let call = Call::new(request, Purpose::Unary)?;
    let span = call.span();
    async {
        call.wait_for_turn().await;
        let mut attempts = Attempts::new(request.retries());
        let outcome = call
            .within_time_limit(async {
                let response = call.attempt(&mut attempts).await?;
                call.read(response, attempts.sent()).await
            })
            .await;
        if let Ok(answer) = &outcome {
            warnings::report(&answer.headers, request.warnings());
        }
        outcome.map_err(|error| attempts.finish(error))
    }
    .instrument(span)
    .await
}

/// Sends `request` and reads its answer as a list, item by item.
pub(crate) async fn list<K>(request: &Request) -> Result<List<K>, Error>
where
    K: DeserializeOwned + ListableResource + Send,
{
    let call = Call::new(request, Purpose::Unary)?;
    let span = call.span();
    async {
        call.wait_for_turn().await;
        let mut attempts = Attempts::new(request.retries());
        let outcome = call
            .within_time_limit(async {
                let response = call.attempt(&mut attempts).await?;
                warnings::report(response.headers(), request.warnings());
                if response.status().is_success() {
                    return ListStream::new(request.clone(), response, None)?.collect().await;
                }
                let refusal = call.read(response, attempts.sent()).await?;
                Err(answer_error(request.method(), refusal.code, &refusal.headers, &refusal.body))
            })
            .await;
        outcome.map_err(|error| match error {
            // The attempts before did not make it so.
            Error::Decode { .. } => error,
            Error::Api(_) => error.after(attempts.sent(), None),
            other => attempts.finish(other),
        })
    }
    .instrument(span)
    .await
}

/// Sends `request` and hands over its answer when the head has come. A refusal is an error.
pub(crate) async fn open(request: &Request, purpose: Purpose) -> Result<reqwest::Response, Error> {
    let call = Call::new(request, purpose)?;
    let span = call.span();
    async {
        // A watch is one request in minutes: client-go lets its first attempt pass, and so do we.
        if purpose != Purpose::Watch {
            call.wait_for_turn().await;
        }
        let mut attempts = Attempts::new(request.retries());
        let outcome = call
            .within_time_limit(async {
                let response = call.attempt(&mut attempts).await?;
                if response.status().is_success() { Ok(response) } else { Err(call.refusal(response).await) }
            })
            .await;
        if let Ok(response) = &outcome {
            warnings::report(response.headers(), request.warnings());
        }
        outcome.map_err(|error| attempts.finish(error))
    }
    .instrument(span)
    .await
}

/// One call: a request, its URL, and what its answer is for.
struct Call<'a> {
    request: &'a Request,
    url: Url,
    purpose: Purpose,
    /// The path with placeholders; empty if nobody will see it.
    path_template: String,
}

impl<'a> Call<'a> {
    fn new(request: &'a Request, purpose: Purpose) -> Result<Self, Error> {
        let seen = request.client().shared().metrics.is_some()
            || tracing::enabled!(target: "kubeset::rest", tracing::Level::DEBUG);
        let path_template = if seen { request.path_template() } else { String::new() };
        Ok(Self { url: request.url()?, request, purpose, path_template })
    }

    /// One span per call: verb and path template, never names, queries, headers or bodies.
    fn span(&self) -> tracing::Span {
        tracing::debug_span!(
            target: "kubeset::rest",
            "request",
            http.request.method = %self.request.method(),
            url.template = self.path_template,
            http.response.status_code = tracing::field::Empty,
            http.request.resend_count = tracing::field::Empty,
        )
    }

    /// Hands numbers to whoever takes them.
    fn measure(&self, number: impl FnOnce(&dyn Metrics, RequestLabels<'_>)) {
        if let Some(metrics) = &self.request.client().shared().metrics {
            let (method, host) = (self.request.method(), self.host());
            number(&**metrics, RequestLabels { method, host, path_template: &self.path_template });
        }
    }

    async fn wait_for_turn(&self) {
        let Some(limiter) = &self.request.client().shared().limiter else {
            return;
        };
        if limiter.try_acquire() {
            return;
        }
        let begin = Instant::now();
        limiter.wait().await;
        let waited = begin.elapsed();
        self.measure(|metrics, labels| metrics.rate_limiter_wait(labels, waited));
        tracing::debug!(target: "kubeset::rest", ?waited, "the client's own rate limiter held the request back");
    }

    async fn within_time_limit<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let Some(timeout) = self.request.time_limit() else {
            return work.await;
        };
        tokio::time::timeout(timeout, work).await.unwrap_or_else(|_| Err(self.request.timeout_error(timeout)))
    }

    /// Sends the request until an answer comes that is not to be repeated.
    async fn attempt(&self, attempts: &mut Attempts) -> Result<reqwest::Response, Error> {
        self.wait(self.backoff_delay()).await;
        loop {
            attempts.begin();
            let begin = Instant::now();
            let outcome = self.send_once().await;
            self.record(&outcome, attempts.sent(), begin.elapsed());
            let delay = match &outcome {
                Ok(response) => attempts.after_answer(response.status(), response.headers()),
                Err(error) => attempts.after_failure(self.purpose, self.request.method(), error),
            };
            let Some(delay) = delay else { return outcome };
            tracing::debug!(target: "kubeset::rest", attempt = attempts.sent(), ?delay, "will be repeated");
            match outcome {
                Ok(response) => drain(response).await,
                Err(error) => attempts.remember(error),
            }
            self.wait(delay.max(self.backoff_delay())).await;
            self.wait_for_turn().await;
        }
    }

    async fn send_once(&self) -> Result<reqwest::Response, Error> {
        let shared = self.request.client().shared();
        let mut sent = reqwest::Request::new(self.request.method().clone(), self.url.clone());
        *sent.headers_mut() = self.headers();
        *sent.body_mut() = self.request.body_bytes().map(|body| body.clone().into());
        let answer = shared.http.execute(sent).await;
        answer.map_err(|error| match error {
            TransportError::Http(error) => self.transport_error(error),
            other => self.transport_error(other),
        })
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = self.request.headers().clone();
        headers.entry(ACCEPT).or_insert_with(|| self.request.accept());
        if self.purpose != Purpose::Unary {
            // Servers from 1.37 on compress each watch event as a gzip member of its own, and common decoders
            // stop after the first; of a log, a compressed part would also come late.
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        headers
    }

    /// Reads a whole answer; of a refusal, no more than a `Status` can need.
    async fn read(&self, response: reqwest::Response, attempts: u32) -> Result<Answer, Error> {
        let code = response.status();
        let headers = response.headers().clone();
        let limit = self.request.client().shared().content.max_response_bytes;
        let body = match code.is_success() {
            true => self.read_body(response, limit).await?,
            false => read_start(response, MAX_REFUSAL.min(limit)).await,
        };
        self.measure(|metrics, labels| metrics.response_size(labels, body.len()));
        Ok(Answer { code, headers, body, attempts })
    }

    async fn read_body(&self, mut response: reqwest::Response, limit: usize) -> Result<Bytes, Error> {
        let expected = response.content_length().and_then(|length| usize::try_from(length).ok());
        let Some(first) = self.chunk(&mut response).await? else {
            return Ok(Bytes::new());
        };
        let Some(second) = self.chunk(&mut response).await? else {
            return self.bounded(first, limit);
        };
        let mut body = BytesMut::with_capacity(expected.unwrap_or_default().min(MAX_RESERVED));
        body.extend_from_slice(&first);
        drop(first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            if body.len().saturating_add(chunk.len()) > limit {
                return Err(self.request.too_large_error(limit));
            }
            body.extend_from_slice(&chunk);
            next = self.chunk(&mut response).await?;
        }
        Ok(body.freeze())
    }

    fn bounded(&self, body: Bytes, limit: usize) -> Result<Bytes, Error> {
        if body.len() > limit { Err(self.request.too_large_error(limit)) } else { Ok(body) }
    }

    async fn chunk(&self, response: &mut reqwest::Response) -> Result<Option<Bytes>, Error> {
        response.chunk().await.map_err(|error| self.transport_error(error.without_url()))
    }

    /// The error of a refused call whose answer is not read otherwise.
    async fn refusal(&self, response: reqwest::Response) -> Error {
        let (code, headers) = (response.status(), response.headers().clone());
        let body = read_start(response, MAX_REFUSAL).await;
        answer_error(self.request.method(), code, &headers, &body)
    }

    fn transport_error(&self, source: impl Into<BoxError>) -> Error {
        Error::Transport {
            method: self.request.method().clone(),
            url: shown(&self.url),
            source: source.into(),
        }
    }

    fn host(&self) -> &str {
        self.url.authority()
    }

    fn backoff_delay(&self) -> Duration {
        let backoff = self.request.client().shared().backoff.as_ref();
        backoff.map_or(Duration::ZERO, |backoff| backoff.delay(self.host()))
    }

    fn record(&self, outcome: &Result<reqwest::Response, Error>, sent: u32, latency: Duration) {
        let code = outcome.as_ref().ok().map(reqwest::Response::status);
        self.measure(|metrics, labels| {
            metrics.request(labels, code, latency);
            metrics.request_size(labels, self.request.body_bytes().map_or(0, Bytes::len));
            if sent > 1 {
                metrics.retry(labels, sent);
            }
        });
        if let Some(backoff) = &self.request.client().shared().backoff {
            backoff.record(self.host(), code);
        }
        let span = tracing::Span::current();
        if let Some(code) = code {
            span.record("http.response.status_code", code.as_u16());
        }
        if sent > 1 {
            span.record("http.request.resend_count", sent - 1);
        }
    }

    async fn wait(&self, delay: Duration) {
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }
}

/// Hands on how large an answer was that was read whole.
pub(crate) fn measure_response(request: &Request, bytes: usize) {
    if request.client().shared().metrics.is_some()
        && let Ok(call) = Call::new(request, Purpose::Unary)
    {
        call.measure(|metrics, labels| metrics.response_size(labels, bytes));
    }
}

/// A URL as errors show it: without its query, which can hold a selector or a token.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.into()
}

/// Reads a little of an answer that nobody wants: only a connection whose answer was read is used again.
async fn drain(response: reqwest::Response) {
    let _ = read_start(response, DRAIN).await;
}

/// The first `limit` bytes of a body, or fewer if it ends or breaks off before.
async fn read_start(mut response: reqwest::Response, limit: usize) -> Bytes {
    let mut start = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = limit - start.len();
        start.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if start.len() == limit {
            break;
        }
    }
    start.freeze()
}
