//! What a server says about itself: its API groups and resources, its version, and whether it is well.

mod about;
mod aggregated;
mod groups;
mod health;
mod resources;
mod wanted;

use crate::accept::Encoding;
use crate::answer::{Answer, Content};
use crate::catalog::Snapshot;
use crate::failure::Failure;
use crate::openapi;
use crate::query::Query;
use crate::server::Server;
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;
use wanted::{Form, ListForm};

pub(crate) use groups::{is_better, is_built_in};

/// Answers a request that is not about a resource; `None` for a path that is not served here.
///
/// # Errors
///
/// If the method is not allowed, or nothing that the client accepts can be written.
pub(crate) fn respond(
    server: &Server,
    request: &Request<Bytes>,
    query: &Query,
) -> Option<Result<Answer, Failure>> {
    let path = request.uri().path();
    if let Some(answer) = health::respond(path, query) {
        return Some(Ok(answer));
    }
    if let Some(answer) = openapi::respond(&server.catalog.snapshot(), request, query) {
        return Some(answer);
    }
    let trimmed = path.trim_end_matches('/');
    let segments: Vec<&str> = trimmed.split('/').skip(1).collect();
    let snapshot = server.catalog.snapshot();
    let headers = request.headers();
    let make = match *segments.as_slice() {
        [] => return Some(Ok(Answer::value(StatusCode::OK, &about::paths(&snapshot)))),
        ["version"] => {
            wanted::form(headers, Form::Json).map(|_| Answer::value(StatusCode::OK, &about::version()))
        }
        ["openid", "v1", "jwks"] => wanted::form(headers, Form::Keys).map(|_| about::keys()),
        [".well-known", "openid-configuration"] => {
            wanted::form(headers, Form::Json).map(|_| about::openid(server))
        }
        ["api"] => core(server, &snapshot, headers),
        ["apis"] => named(&snapshot, headers),
        ["api", version] => list(&snapshot, "", version, headers)?,
        ["apis", group] => {
            let versions = snapshot.groups.get(group).filter(|_| !group.is_empty())?;
            let answer = |encoding| written(&groups::group(group, versions, true), encoding);
            wanted::form(headers, Form::Aggregator).map(answer)
        }
        ["apis", group, version] => list(&snapshot, group, version, headers)?,
        _ => return None,
    };
    // Those of kube-apiserver do not answer to HEAD either.
    Some(if request.method() == Method::GET { make } else { Err(Failure::method_not_allowed()) })
}

/// The answer to a path that leads nowhere.
///
/// # Errors
///
/// Below a group of the server's own there is a `Status`.
pub(crate) fn nowhere(snapshot: &Snapshot, path: &str) -> Result<Answer, Failure> {
    let mut segments = path.trim_start_matches('/').split('/');
    let own = match segments.next() {
        Some("api" | "version") => true,
        Some("apis") => segments.next().is_some_and(|group| is_built_in(snapshot, group)),
        _ => false,
    };
    if own { Err(Failure::no_such_path()) } else { Ok(not_found()) }
}

fn not_found() -> Answer {
    let answer = Answer::text(StatusCode::NOT_FOUND, "404 page not found\n");
    answer.header(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"))
}

/// Where the API of the core group is: by versions, or all at once.
fn core(server: &Server, snapshot: &Snapshot, headers: &HeaderMap) -> Result<Answer, Failure> {
    match wanted::list(headers, Form::Object)? {
        ListForm::Plain(encoding) => Ok(written(&groups::core(&server.address), encoding)),
        ListForm::Aggregated(encoding) => {
            Ok(aggregated::answer(aggregated::core(snapshot), encoding, headers))
        }
    }
}

/// The named groups: by names and versions, or all at once.
fn named(snapshot: &Snapshot, headers: &HeaderMap) -> Result<Answer, Failure> {
    match wanted::list(headers, Form::Aggregator)? {
        ListForm::Plain(encoding) => Ok(written(&groups::list(snapshot), encoding)),
        ListForm::Aggregated(encoding) => {
            Ok(aggregated::answer(aggregated::groups(snapshot), encoding, headers))
        }
    }
}

/// The resources of a version of a group; none if there is no such version.
fn list(
    snapshot: &Snapshot,
    group: &str,
    version: &str,
    headers: &HeaderMap,
) -> Option<Result<Answer, Failure>> {
    let list = resources::list(snapshot, group, version)?;
    Some(wanted::form(headers, Form::Object).map(|encoding| written(&list, encoding)))
}

fn written(value: &Value, encoding: Encoding) -> Answer {
    Answer { encoding, ..Answer::value(StatusCode::OK, value) }
}

/// JSON of another media type.
fn json_as(content_type: &'static str, value: &Value) -> Answer {
    let answer = Answer::new(StatusCode::OK, Content::Json(Bytes::from(value.to_string())));
    answer.header(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type))
}

#[cfg(test)]
mod tests;
