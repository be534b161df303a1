//! From an HTTP answer to a `Status`: the server's own, or one made from what a stranger sent instead.

use std::fmt::Write as _;

use http::{HeaderMap, Method, StatusCode};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Status, StatusCause, StatusDetails};
use serde::Deserialize as _;

use super::Error;
#[cfg(feature = "cbor")]
use crate::codec::Codec as _;
#[cfg(any(feature = "cbor", feature = "protobuf"))]
use crate::codec::Keeps;
use crate::retry::retry_after_seconds;

/// How much of a body that is not a `Status` an error keeps, in bytes.
pub(crate) const MAX_TEXT: usize = 2_048;
/// How far into a body the `kind` is looked for before the body is taken for what was asked for.
const KIND_WITHIN: usize = 256;

/// What an [`Error::Api`] shows: the server's message, its reason and the code.
pub(super) fn describe(status: &Status) -> String {
    let mut text = status
        .message
        .clone()
        .filter(|message| !message.is_empty())
        .unwrap_or_else(|| "the server refused the request without a message".to_owned());
    let reason = status.reason.as_deref().filter(|reason| !reason.is_empty());
    let code = status.code.filter(|code| *code != 0).map(|code| code.to_string());
    let known: Vec<&str> = reason.into_iter().chain(code.as_deref()).collect();
    if !known.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(text, " ({})", known.join(", "));
    }
    text
}

/// The error of an answer whose HTTP status is not a success.
pub(crate) fn answer_error(method: &Method, code: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let mut status = sent_status(body).unwrap_or_else(|| made_status(method, code, headers, body));
    if status.code.is_none_or(|sent| sent == 0) {
        status.code = Some(code.as_u16().into());
    }
    if let Some(seconds) = retry_after_seconds(headers) {
        let details = status.details.get_or_insert_default();
        if details.retry_after_seconds.is_none_or(|sent| sent == 0) {
            details.retry_after_seconds = i32::try_from(seconds).ok();
        }
    }
    Error::Api(Box::new(status))
}

/// The error of an answer that says success in its HTTP status and failure in its body.
pub(crate) fn failure_in_success(body: &[u8]) -> Option<Error> {
    let start = &body[..body.len().min(KIND_WITHIN)];
    memchr::memmem::find(start, b"Status")?;
    let status = sent_status(body)?;
    Some(Error::Api(Box::new(status)))
}

/// The server's own `Status`, if that is what the body holds and it tells of a failure.
fn sent_status(body: &[u8]) -> Option<Status> {
    let status = read_status(body)?;
    let failed = status.status.as_deref() == Some("Failure");
    // A body without `kind` decodes as anything; only the status field makes it a Status.
    failed.then_some(status)
}

/// Reads a body in whatever format it is; text may follow JSON.
fn read_status(body: &[u8]) -> Option<Status> {
    #[cfg(feature = "protobuf")]
    if body.starts_with(kubeset_protobuf::MAGIC) {
        // Another kind could be read as a Status with nothing in it.
        let envelope = kubeset_protobuf::Envelope::read(body).ok()?;
        return (envelope.kind == "Status").then(|| envelope.decode(Keeps::Everything.into()).ok())?;
    }
    #[cfg(feature = "cbor")]
    if body.starts_with(&crate::cbor::SELF_DESCRIBED) {
        return crate::cbor::Cbor::decode(body, Keeps::Everything).ok();
    }
    Status::deserialize(&mut serde_json::Deserializer::from_slice(body)).ok()
}

/// A `Status` for an answer that has none, with the text of the answer among the causes.
fn made_status(method: &Method, code: StatusCode, headers: &HeaderMap, body: &[u8]) -> Status {
    let (reason, message) = reason_and_message(method, code);
    let text = readable_text(headers, body);
    let cause = StatusCause {
        field: None,
        message: Some(text.clone().unwrap_or_else(|| "unknown".to_owned())),
        reason: Some("UnexpectedServerResponse".to_owned()),
    };
    let message = match text {
        Some(text) => format!("{message}: {}", text.trim()),
        None => message.to_owned(),
    };
    Status {
        code: Some(code.as_u16().into()),
        details: Some(StatusDetails { causes: Some(vec![cause]), ..StatusDetails::default() }),
        message: Some(message),
        reason: reason.map(str::to_owned),
        status: Some("Failure".to_owned()),
        ..Status::default()
    }
}

/// The reason and a message of ours for an HTTP status that came without a `Status`.
fn reason_and_message(method: &Method, code: StatusCode) -> (Option<&'static str>, &'static str) {
    match code.as_u16() {
        400 => (Some("BadRequest"), "the server rejected the request"),
        401 => (Some("Unauthorized"), "the server asks for other credentials"),
        403 => (Some("Forbidden"), "the server does not allow this request"),
        404 => (Some("NotFound"), "the server does not have what was asked for"),
        405 => (Some("MethodNotAllowed"), "the server does not allow this method here"),
        406 => (Some("NotAcceptable"), "the server has no answer in an accepted media type"),
        409 if *method == Method::POST => (Some("AlreadyExists"), "the server says that the object exists"),
        409 => (Some("Conflict"), "the server says that the object has changed"),
        410 => (Some("Gone"), "what was asked for is gone"),
        413 => (Some("RequestEntityTooLarge"), "the request is too large for the server"),
        415 => (Some("UnsupportedMediaType"), "the server does not read this media type"),
        422 => (Some("Invalid"), "the server calls the object invalid"),
        429 => (Some("TooManyRequests"), "the server gets too many requests"),
        500 => (Some("InternalError"), "the server failed inside"),
        503 => (Some("ServiceUnavailable"), "the server cannot answer now"),
        504 => (Some("Timeout"), "the server did not finish in time"),
        300..=399 => (None, "the server redirects elsewhere, and the client does not follow"),
        _ => (None, "the server answered in an unexpected way"),
    }
}

/// The first part of a body that says it is text, or says nothing about itself.
fn readable_text(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let media_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let readable = media_type.is_none_or(|media_type| media_type.trim_start().starts_with("text/"));
    if !readable || body.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_TEXT)]);
    let printable = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    Some(printable.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html() -> HeaderMap {
        HeaderMap::from_iter([(http::header::CONTENT_TYPE, "text/html".parse().unwrap())])
    }

    #[test]
    fn a_status_is_kept_as_it_was_sent() {
        let body =
            br#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \"x\" not found",
            "reason":"NotFound","details":{"name":"x","kind":"pods"},"code":404}"#;
        let error = answer_error(&Method::GET, StatusCode::NOT_FOUND, &HeaderMap::new(), body);
        assert!(error.is_not_found());
        assert_eq!(error.to_string(), r#"pods "x" not found (NotFound, 404)"#);
        assert_eq!(error.details().unwrap().name.as_deref(), Some("x"));
    }

    #[test]
    fn a_page_of_a_proxy_becomes_a_status_with_at_most_2_kib_of_its_text() {
        let body = "x".repeat(10_000);
        let error = answer_error(&Method::GET, StatusCode::BAD_GATEWAY, &html(), body.as_bytes());
        assert_eq!(error.code(), Some(502));
        assert!(error.is_unexpected_server_error());
        assert_eq!(error.causes()[0].message.as_ref().unwrap().len(), MAX_TEXT);
    }

    #[test]
    fn a_conflict_without_a_status_means_already_exists_only_for_a_post() {
        let error = |method| answer_error(&method, StatusCode::CONFLICT, &html(), b"no");
        assert!(error(Method::POST).is_already_exists());
        assert!(error(Method::PUT).is_conflict());
    }

    #[test]
    fn retry_after_comes_from_the_header_when_the_status_has_none() {
        let mut headers = html();
        headers.insert(http::header::RETRY_AFTER, "7".parse().unwrap());
        let error = answer_error(&Method::GET, StatusCode::SERVICE_UNAVAILABLE, &headers, b"later");
        assert_eq!(error.retry_after().unwrap().as_secs(), 7);
    }

    #[test]
    fn a_body_that_is_not_text_is_not_kept() {
        let headers =
            HeaderMap::from_iter([(http::header::CONTENT_TYPE, "application/octet-stream".parse().unwrap())]);
        let error = answer_error(&Method::GET, StatusCode::FORBIDDEN, &headers, b"\x00\x01secret");
        assert!(error.is_forbidden());
        assert!(!error.to_string().contains("secret"));
    }

    #[test]
    fn a_failure_in_a_success_is_found_and_an_object_is_not_mistaken_for_one() {
        let failure =
            br#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}"#;
        assert!(failure_in_success(failure).unwrap().is_expired());
        let success = br#"{"kind":"Status","apiVersion":"v1","status":"Success"}"#;
        assert!(failure_in_success(success).is_none());
        let pod =
            br#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"Status"},"status":{"phase":"Failed"}}"#;
        assert!(failure_in_success(pod).is_none());
    }
}
