//! Which redirects are followed: those that stay on the server and ask the same thing again.
//!
//! Credentials never travel to another server, and a write never turns into a read.

use http::header::LOCATION;
use http::{Method, StatusCode};
use reqwest::{Request, Response, Url};

use super::TransportError;
use crate::config::same_origin;

/// How many redirects in a row are followed.
pub(super) const MAX: usize = 10;

/// What to do after an answer.
#[derive(Debug)]
pub(super) enum Next {
    /// Hand it to the caller.
    Answer,
    /// Send this instead.
    Request(Box<Request>),
}

/// Decides on an answer to a request to `asked`, of which `copy` is a copy if it has a body that can be sent again.
pub(super) fn next(answer: &Response, asked: &Url, copy: Option<Request>) -> Result<Next, TransportError> {
    let Some(target) = target(answer, asked) else {
        return Ok(Next::Answer);
    };
    let refuse = |reason| TransportError::Redirect { target: target.origin().ascii_serialization(), reason };
    if !same_origin(asked, &target) {
        return Err(refuse("another server is not followed to"));
    }
    let mut request = copy.ok_or_else(|| refuse("the request's body cannot be sent again"))?;
    if !keeps_method(answer.status()) && !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(refuse("following would turn the write into a read"));
    }
    *request.url_mut() = target;
    Ok(Next::Request(Box::new(request)))
}

/// Where the answer sends the client, if it is a redirect at all.
fn target(answer: &Response, asked: &Url) -> Option<Url> {
    let redirects = matches!(
        answer.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let location = answer.headers().get(LOCATION).filter(|_| redirects)?;
    asked.join(location.to_str().ok()?).ok()
}

fn keeps_method(status: StatusCode) -> bool {
    matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
}
