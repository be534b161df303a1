//! One request and its answer, with all that a test has to do with them.

use super::{Connection, Server, handler};
use crate::answer::Answer;
use crate::auth;
use crate::body::Body;
use crate::faults::{Action, Interfered};
use crate::protobuf;
use crate::reactors::Verdict;
use crate::record::Log;
use crate::request::Seen;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, Version};
use hyper::body::Incoming;
use std::sync::Arc;

/// There is no answer: the connection is closed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection was closed, as it was asked to")]
pub(super) struct Disconnected;

/// Answers a request, unless a fault closes the connection.
pub(super) async fn answer(
    server: Arc<Server>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Disconnected> {
    let head = request.method() == Method::HEAD;
    let version = request.version();
    let (request, refused) = handler::read(request).await;
    let refused = refused.map(|failure| Answer::refusal(failure, request.headers()));
    let seen = Arc::new(Seen::new(&request));
    let recording = Log::begin(&server.log, seen.clone());
    let mut late = None;
    let mut made_up = None;
    for action in server.faults.plan(&seen) {
        match action {
            Action::Delay(delay) => tokio::time::sleep(delay).await,
            Action::ExpireHistory => server.store.compact(),
            Action::Disconnect => {
                connection.cut().await;
                return Err(Disconnected);
            }
            Action::Answer(reply) => made_up = Some(reply.into_response(request.headers())),
            other => late = Some(other),
        }
    }
    let mut response = match (made_up, refused) {
        (Some(response), _) => response,
        (None, Some(refusal)) => refusal.into_response(),
        (None, None) => handle(&server, &connection, request, &seen).await,
    };
    if matches!(late, Some(Action::DisconnectAfter)) {
        connection.cut().await;
        return Err(Disconnected);
    }
    if head {
        *response.body_mut() = Body::Whole(None);
    }
    let response = interfere(&server, connection, version, &seen, late, response);
    recording.answered(response.status());
    Ok(response)
}

/// Lets reactors see the request, and then the server.
async fn handle(
    server: &Arc<Server>,
    connection: &Arc<Connection>,
    mut request: Request<bytes::Bytes>,
    seen: &Arc<Seen>,
) -> Response<Body> {
    let user = match auth::admit(server, connection.peer(), request.headers(), seen) {
        Ok(user) => user,
        Err(failure) => return Answer::refusal(failure, request.headers()).into_response(),
    };
    seen.set_user(&user.name);
    match server.reactors.ask(seen) {
        Verdict::Pass => {}
        Verdict::Answer(reply) => return reply.into_response(request.headers()),
        Verdict::Replace(body) => replace(&mut request, body),
    }
    handler::handle(server.clone(), request, user).await
}

/// Gives a request a body that is JSON, which another encoding becomes too. A patch keeps its kind.
fn replace(request: &mut Request<bytes::Bytes>, body: bytes::Bytes) {
    *request.body_mut() = body;
    let media_type = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if media_type.is_some_and(|media_type| media_type.starts_with(protobuf::MEDIA_TYPE.as_bytes())) {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
}

/// Wraps the body of an answer that something is to happen to: by a fault, or later by the test.
fn interfere(
    server: &Server,
    connection: Arc<Connection>,
    version: Version,
    seen: &Arc<Seen>,
    late: Option<Action>,
    response: Response<Body>,
) -> Response<Body> {
    let watch = seen.verb == "watch" && matches!(response.body(), Body::Pieces(_));
    if late.is_none() && !watch {
        return response;
    }
    let media_type = response.headers().get(CONTENT_TYPE);
    let is_framed = media_type.is_some_and(|media_type| media_type == protobuf::WATCH_MEDIA_TYPE);
    response.map(|body| {
        let mut interfered = Interfered::new(body, connection, version).framed(is_framed);
        if watch {
            interfered = interfered.controlled_by(server.watches.add(seen.clone()));
        }
        let interfered = match late {
            Some(Action::Cut(limit, ending)) => interfered.cut(limit, ending),
            Some(Action::Garble(garbled)) => interfered.garble(garbled),
            _ => interfered,
        };
        Body::Interfered(Box::new(interfered))
    })
}
