//! From an answer that was read whole to the type that the caller asked for.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::codec::Format;
use crate::error::{BoxError, Error, answer_error, failure_in_success};
use crate::request::Request;
use crate::send::{self, Answer};

/// An answer as it came over the wire, after decompression.
///
/// `Debug` shows the size of the body, not its content, which may be a secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct RawResponse {
    /// The HTTP status code: always a success.
    pub code: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl std::fmt::Debug for RawResponse {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = format_args!("{} bytes", self.body.len());
        formatter
            .debug_struct("RawResponse")
            .field("code", &self.code)
            .field("body", &body)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// Sends the request and reads the answer as a `T`.
    ///
    /// # Errors
    ///
    /// If the request is not valid, no complete answer comes, the server refuses (also with a `Status` of
    /// failure in a 2xx answer), or the answer is empty or not a `T`.
    pub async fn send<T: DeserializeOwned>(self) -> Result<T, Error> {
        let answer = send::exchange(&self).await?;
        check(&self, &answer)?;
        decode(&self, &answer)
    }

    /// Sends the request and returns the body of the answer as it came.
    ///
    /// # Errors
    ///
    /// If the request is not valid, no complete answer comes, or the server refuses.
    pub async fn send_raw(self) -> Result<RawResponse, Error> {
        let answer = send::exchange(&self).await?;
        check_code(&self, &answer)?;
        Ok(RawResponse { code: answer.code, headers: answer.headers, body: answer.body })
    }

    /// Sends the request and returns only the HTTP status code of a success.
    ///
    /// # Errors
    ///
    /// If the request is not valid, no complete answer comes, or the server refuses.
    pub async fn send_for_status(self) -> Result<StatusCode, Error> {
        let answer = send::exchange(&self).await?;
        check(&self, &answer)?;
        Ok(answer.code)
    }

    /// The error of an answer to this request that cannot be read.
    pub(crate) fn decode_error(&self, expected: &'static str, source: impl Into<BoxError>) -> Error {
        Error::Decode {
            method: self.method().clone(),
            url: self.shown_url(),
            expected,
            source: source.into(),
        }
    }

    /// The error of an answer to this request that has more bytes than the client reads.
    pub(crate) fn too_large_error(&self, limit: usize) -> Error {
        Error::TooLarge { method: self.method().clone(), url: self.shown_url(), limit }
    }

    /// The error when the time for this request is over.
    pub(crate) fn timeout_error(&self, timeout: Duration) -> Error {
        Error::Timeout { method: self.method().clone(), url: self.shown_url(), timeout }
    }

    fn shown_url(&self) -> String {
        self.url().map(|url| send::shown(&url)).unwrap_or_default()
    }
}

/// Passes an answer that says success in its code and does not say failure in its body.
pub(crate) fn check(request: &Request, answer: &Answer) -> Result<(), Error> {
    check_code(request, answer)?;
    failure_in_success(&answer.body).map_or(Ok(()), |error| Err(error.after(answer.attempts, None)))
}

fn check_code(request: &Request, answer: &Answer) -> Result<(), Error> {
    if answer.code.is_success() {
        return Ok(());
    }
    let error = answer_error(request.method(), answer.code, &answer.headers, &answer.body);
    Err(error.after(answer.attempts, None))
}

/// Reads the body of a success.
pub(crate) fn decode<T: DeserializeOwned>(request: &Request, answer: &Answer) -> Result<T, Error> {
    let expected = short_type_name::<T>();
    if answer.body.is_empty() {
        let problem = format!("the answer with status {} has no body", answer.code.as_u16());
        return Err(request.decode_error(expected, problem));
    }
    let format = Format::of(&answer.headers);
    format
        .and_then(|format| format.decode(&answer.body, request.keeps()))
        .map_err(|problem| request.decode_error(expected, problem))
}

/// `Pod` rather than its path in the crate that defines it.
fn short_type_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let end = name.find('<').unwrap_or(name.len());
    let start = name[..end].rfind("::").map_or(0, |at| at + 2);
    &name[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_without_its_path() {
        assert_eq!(short_type_name::<k8s_openapi::api::core::v1::Pod>(), "Pod");
        assert!(short_type_name::<Option<String>>().starts_with("Option<"));
    }
}
