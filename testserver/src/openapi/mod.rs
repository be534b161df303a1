//! OpenAPI documents of what is served: version 2 in one piece, version 3 by group and version.
//!
//! They say what there is, and hold no prose but that of custom resources.

mod definitions;
mod operation;
mod parameter;
mod paths;
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

/// Answers a request for a document; none if the path is about something else.
pub(crate) fn respond(
    snapshot: &Snapshot,
    request: &Request<Bytes>,
    query: &Query,
) -> Option<Result<Answer, Failure>> {
    let headers = request.headers();
    Some(Ok(match request.uri().path() {
        "/openapi/v2" => answer(second(snapshot), headers, "Accept-Encoding"),
        "/openapi/v3" => index(snapshot),
        path => part(snapshot, path.strip_prefix("/openapi/v3/")?, headers, query.text("hash")),
    }))
}

/// The document of version 2.
fn second(snapshot: &Snapshot) -> &Document {
    snapshot.documents.openapi_v2.get_or_init(|| (&v2::document(snapshot)).into())
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
    let tag = format!("\"{}\"", document.hash);
    let same = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let answer = if !reads_json(headers) {
        Answer::new(StatusCode::NOT_ACCEPTABLE, Content::Empty)
    } else if same {
        Answer::new(StatusCode::NOT_MODIFIED, Content::Empty)
    } else {
        let answer = Answer::json(StatusCode::OK, document.json.clone());
        answer.header(CONTENT_TYPE, JSON)
    };
    let answer = answer.header(VARY, HeaderValue::from_static(varies));
    match HeaderValue::from_str(&tag) {
        Ok(tag) => answer.header(ETAG, tag),
        Err(_) => answer,
    }
}

fn reads_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let media_types = accept.split(',').map(|clause| clause.split(';').next().unwrap_or_default().trim());
    accept.trim().is_empty()
        || media_types.into_iter().any(|each| matches!(each, "application/json" | "application/*" | "*/*"))
}

#[cfg(test)]
mod tests;
