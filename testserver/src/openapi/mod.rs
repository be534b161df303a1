//! OpenAPI documents of what is served: version 2 in one piece, version 3 by group and version.
//!
//! They say what there is, and hold no prose but that of custom resources.

mod definitions;
mod operation;
mod parameter;
mod paths;
mod protobuf;
mod v2;
mod v3;

use crate::answer::{Answer, Content};
use crate::catalog::{Document, Snapshot};
use crate::failure::Failure;
use crate::query::Query;
use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, LOCATION, VARY};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROTOBUF: HeaderValue =
    HeaderValue::from_static("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");

/// What the answers of version 2 depend on.
const SECOND_VARIES: &str = "Accept-Encoding, Accept";

/// Answers a request for a document; none if the path is about something else.
pub(crate) fn respond(
    snapshot: &Snapshot,
    request: &Request<Bytes>,
    query: &Query,
) -> Option<Result<Answer, Failure>> {
    let headers = request.headers();
    Some(Ok(match request.uri().path() {
        "/openapi/v2" if prefers_protobuf(headers) => answer_protobuf(snapshot, headers),
        "/openapi/v2" => answer(second(snapshot), headers, SECOND_VARIES),
        "/openapi/v3" => index(snapshot),
        path => part(snapshot, path.strip_prefix("/openapi/v3/")?, headers, query.text("hash")),
    }))
}

/// The document of version 2.
fn second(snapshot: &Snapshot) -> &Document {
    snapshot.documents.openapi_v2.get_or_init(|| (&v2::document(snapshot)).into())
}

/// The document of version 2 in protobuf, without its paths.
fn second_protobuf(snapshot: &Snapshot) -> &Bytes {
    let document = || protobuf::encode(&v2::document(snapshot)).into();
    snapshot.documents.openapi_v2_protobuf.get_or_init(document)
}

/// The documents of version 3.
fn third(snapshot: &Snapshot) -> &BTreeMap<String, Document> {
    snapshot.documents.openapi_v3.get_or_init(|| {
        let documents = v3::documents(snapshot).into_iter();
        documents.map(|(path, document)| (path, (&document).into())).collect()
    })
}

/// Where the documents of version 3 are. Their hashes let clients keep them.
fn index(snapshot: &Snapshot) -> Answer {
    let entry = |(path, document): (&String, &Document)| {
        let url = format!("/openapi/v3/{path}?hash={}", document.hash);
        (path.clone(), json!({"serverRelativeURL": url}))
    };
    let paths: Value = third(snapshot).iter().map(entry).collect();
    Answer::text(StatusCode::OK, json!({"paths": paths}).to_string())
}

fn part(snapshot: &Snapshot, path: &str, headers: &HeaderMap, hash: Option<&str>) -> Answer {
    let Some(document) = third(snapshot).get(path) else {
        return Answer::new(StatusCode::NOT_FOUND, Content::Empty);
    };
    match hash {
        None => answer(document, headers, "Accept"),
        Some(hash) if hash == document.hash => answer(document, headers, "Accept")
            .header(CACHE_CONTROL, HeaderValue::from_static("public, immutable")),
        Some(_) if !reads_json(headers) => answer(document, headers, "Accept"),
        // An old one: the client is told where the new one is.
        Some(_) => {
            let moved = Answer::new(StatusCode::MOVED_PERMANENTLY, Content::Empty)
                .header(CONTENT_TYPE, JSON)
                .header(VARY, HeaderValue::from_static("Accept"));
            match HeaderValue::from_str(&format!("/openapi/v3/{path}?hash={}", document.hash)) {
                Ok(place) => moved.header(LOCATION, place),
                Err(_) => moved,
            }
        }
    }
}

/// A document, unless the client has it, or reads no JSON.
fn answer(document: &Document, headers: &HeaderMap, varies: &'static str) -> Answer {
    if reads_json(headers) {
        return unless_known(document, headers, varies, || (document.json.clone(), JSON));
    }
    let refused = Answer::new(StatusCode::NOT_ACCEPTABLE, Content::Empty);
    marked(refused, document, varies)
}

/// The document of version 2 in protobuf. It changes when the JSON does, and has its tag.
fn answer_protobuf(snapshot: &Snapshot, headers: &HeaderMap) -> Answer {
    unless_known(second(snapshot), headers, SECOND_VARIES, || (second_protobuf(snapshot).clone(), PROTOBUF))
}

/// A document, unless the client has it.
fn unless_known(
    document: &Document,
    headers: &HeaderMap,
    varies: &'static str,
    content: impl FnOnce() -> (Bytes, HeaderValue),
) -> Answer {
    let known = headers.get(IF_NONE_MATCH);
    let answer = if known.is_some_and(|known| known.as_bytes() == tag(document).as_bytes()) {
        Answer::new(StatusCode::NOT_MODIFIED, Content::Empty)
    } else {
        let (bytes, media_type) = content();
        Answer::json(StatusCode::OK, bytes).header(CONTENT_TYPE, media_type)
    };
    marked(answer, document, varies)
}

/// An answer with what clients keep it by.
fn marked(answer: Answer, document: &Document, varies: &'static str) -> Answer {
    let answer = answer.header(VARY, HeaderValue::from_static(varies));
    match HeaderValue::from_str(&tag(document)) {
        Ok(tag) => answer.header(ETAG, tag),
        Err(_) => answer,
    }
}

fn tag(document: &Document) -> String {
    format!("\"{}\"", document.hash)
}

fn reads_json(headers: &HeaderMap) -> bool {
    let mut accepted = accepted(headers).peekable();
    accepted.peek().is_none() || accepted.any(is_json)
}

/// Whether protobuf comes before JSON. Clients do not use weights.
fn prefers_protobuf(headers: &HeaderMap) -> bool {
    accepted(headers).find(|each| is_json(each) || is_protobuf(each)).is_some_and(is_protobuf)
}

/// The media types that the client names.
fn accepted(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let clauses = Some(accept).filter(|accept| !accept.trim().is_empty()).into_iter();
    clauses.flat_map(|accept| accept.split(',')).map(|each| each.split(';').next().unwrap_or_default().trim())
}

fn is_json(media_type: &str) -> bool {
    matches!(media_type, "application/json" | "application/*" | "*/*")
}

/// Clients ask by the older name, in which `@` stands, and get the newer one.
fn is_protobuf(media_type: &str) -> bool {
    media_type == "application/com.github.proto-openapi.spec.v2@v1.0+protobuf" || PROTOBUF == media_type
}

#[cfg(test)]
mod tests;
