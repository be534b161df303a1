//! Answers that a test makes up.

use crate::accept::{self, Encoding};
use crate::body::Body;
use crate::protobuf;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

const JSON: &str = "application/json";

/// An answer that a test makes up, for a fault or a reactor.
///
/// ```
/// use kubeset_testserver::Reply;
/// use serde_json::json;
///
/// let busy = Reply::status(429, "TooManyRequests", "too many requests, please try again later").retry_after(1);
/// let unusual = Reply::json(418, &json!({"tea": true})).header("x-tea", "earl grey");
/// # let _ = (busy, unusual);
/// ```
#[derive(Clone, Debug)]
pub struct Reply {
    code: StatusCode,
    headers: HeaderMap,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// A `Status`, so that it can say more before it is sent.
    Status(Value),
    Bytes(Bytes),
}

impl Reply {
    /// A refusal: a `Status` with a reason, such as `Conflict`, and a message for people.
    ///
    /// A code that HTTP does not have (it has 100 to 999) becomes 500.
    pub fn status(code: u16, reason: &str, message: &str) -> Self {
        let mut status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "code": code,
        });
        if !reason.is_empty() {
            status["reason"] = reason.into();
        }
        Self::new(code, JSON, Content::Status(status))
    }

    /// A refusal with the reason and the message that Kubernetes has for the code.
    pub fn error(code: u16) -> Self {
        let (reason, message) = known(code);
        Self::status(code, reason, message)
    }

    /// An object, or whatever else is JSON. The code is not changed by what it says.
    pub fn json(code: u16, value: &Value) -> Self {
        Self::bytes(code, JSON, value.to_string())
    }

    /// Anything at all.
    pub fn bytes(code: u16, content_type: &str, bytes: impl Into<Bytes>) -> Self {
        Self::new(code, content_type, Content::Bytes(bytes.into()))
    }

    fn new(code: u16, content_type: &str, content: Content) -> Self {
        let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reply = Self { code, headers: HeaderMap::new(), content };
        reply.header(CONTENT_TYPE.as_str(), content_type)
    }

    /// Says after how many seconds to try again: in the `Retry-After` header, and in a `Status` too.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        if let Content::Status(status) = &mut self.content {
            status["details"]["retryAfterSeconds"] = seconds.into();
        }
        self.headers.insert(RETRY_AFTER, seconds.into());
        self
    }

    /// Sets the details of a `Status`; does nothing for another answer.
    pub fn details(mut self, details: Value) -> Self {
        if let Content::Status(status) = &mut self.content {
            status["details"] = details;
        }
        self
    }

    /// Sets a header. One that HTTP cannot have is left out.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.insert(name, value);
        }
        self
    }

    /// What is sent.
    pub(crate) fn into_bytes(self) -> Bytes {
        match self.content {
            Content::Status(status) => status.to_string().into(),
            Content::Bytes(bytes) => bytes,
        }
    }

    /// The response to a request with these headers. A `Status` is protobuf for those who prefer that, as any refusal.
    pub(crate) fn into_response(mut self, request: &HeaderMap) -> Response<Body> {
        if let Content::Status(status) = &self.content
            && self.headers.get(CONTENT_TYPE).is_some_and(|media_type| media_type == JSON)
            && accept::plain(request) == Some(Encoding::Protobuf)
            && let Ok(bytes) = protobuf::write_value(status)
        {
            self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(protobuf::MEDIA_TYPE));
            self.content = Content::Bytes(bytes);
        }
        let (code, headers) = (self.code, self.headers.clone());
        let mut response = Response::new(Body::Whole(Some(self.into_bytes())));
        *response.status_mut() = code;
        *response.headers_mut() = headers;
        response
    }
}

/// The reason and the message that Kubernetes has for a code.
fn known(code: u16) -> (&'static str, &'static str) {
    match code {
        400 => ("BadRequest", "the server rejected our request for an unknown reason"),
        401 => ("Unauthorized", "Unauthorized"),
        403 => ("Forbidden", "forbidden"),
        404 => ("NotFound", "the server could not find the requested resource"),
        405 => ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
        406 => {
            ("NotAcceptable", "the server was unable to respond with a content type that the client supports")
        }
        409 => ("Conflict", "the server reported a conflict"),
        410 => ("Expired", "The resourceVersion for the provided list is too old."),
        413 => ("RequestEntityTooLarge", "Request entity too large"),
        415 => ("UnsupportedMediaType", "the body of the request was in an unknown format"),
        422 => ("Invalid", "the server rejected our request due to an error in our request"),
        429 => ("TooManyRequests", "Too many requests, please try again later."),
        500 => (
            "InternalError",
            "an error on the server (\"unknown\") has prevented the request from succeeding",
        ),
        503 => ("ServiceUnavailable", "the server is currently unable to handle the request"),
        504 => ("Timeout", "the server was unable to return a response in the time allotted"),
        _ => ("", "unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::Reply;
    use http::HeaderMap;
    use serde_json::Value;

    #[test]
    fn a_refusal_says_when_to_try_again_in_both_places() {
        let response = Reply::error(429).retry_after(3).into_response(&HeaderMap::new());
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (429, &"3".parse().unwrap())
        );
        let body: Value = serde_json::from_slice(&Reply::error(429).retry_after(3).into_bytes()).unwrap();
        assert_eq!(
            (&body["reason"], &body["details"]["retryAfterSeconds"]),
            (&"TooManyRequests".into(), &3.into())
        );
    }

    #[test]
    fn a_code_that_http_does_not_have_is_an_error_of_the_server() {
        assert_eq!(Reply::error(7).into_response(&HeaderMap::new()).status().as_u16(), 500);
    }
}
