//! From a request to its answer.

use super::Server;
use crate::accept::{self, Encoding, Representation, Source};
use crate::answer::Answer;
use crate::body::Body;
use crate::call::Call;
use crate::catalog::Resource;
use crate::failure::Failure;
use crate::query::Query;
use crate::route::{self, ResourceRoute, Route};
use crate::user::User;
use crate::{deprecation, discovery, verbs};
use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use std::sync::Arc;

/// The largest body that is read, in bytes: what kube-apiserver reads.
const LARGEST_BODY: usize = 3 << 20;

/// Answers a request.
pub(super) async fn handle(server: Arc<Server>, request: Request<Bytes>, user: User) -> Response<Body> {
    let accept = request.headers().get(ACCEPT).cloned();
    let mut answer = respond(server, request, user).await.unwrap_or_else(Answer::from);
    if answer.code.is_client_error() || answer.code.is_server_error() {
        let headers = HeaderMap::from_iter(accept.map(|accept| (ACCEPT, accept)));
        answer.encoding = accept::plain(&headers).unwrap_or_default();
    }
    answer.into_response()
}

/// Reads the body of a request. One that cannot be read is empty, and there is a refusal.
pub(super) async fn read(request: Request<Incoming>) -> (Request<Bytes>, Option<Failure>) {
    let (parts, body) = request.into_parts();
    match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => (Request::from_parts(parts, body.to_bytes()), None),
        Err(error) => {
            let failure = if error.is::<LengthLimitError>() {
                let message = format!("Request entity too large: limit is {LARGEST_BODY}");
                Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message)
            } else {
                Failure::bad_request(format!("cannot read the body of the request: {error}"))
            };
            (Request::from_parts(parts, Bytes::new()), Some(failure))
        }
    }
}

async fn respond(server: Arc<Server>, request: Request<Bytes>, user: User) -> Result<Answer, Failure> {
    let query = Query::parse(request.uri().query().unwrap_or_default());
    let snapshot = server.catalog.snapshot();
    let path = request.uri().path();
    let Route::Resource(route) = Route::parse(path) else {
        let answer = discovery::respond(&server, &request, &query);
        return answer.unwrap_or_else(|| discovery::nowhere(&snapshot, path));
    };
    let Some(resource) = snapshot.resource(&route.group, &route.version, &route.plural) else {
        return discovery::nowhere(&snapshot, path);
    };
    let resource = resource.clone();
    let warnings = resource.custom.as_ref().map(|custom| custom.warnings.clone()).unwrap_or_default();
    let deprecated = deprecation::warning(&resource);
    let mut answer = match misplaced(&resource, &route, request.method(), &query) {
        Some(true) => discovery::nowhere(&snapshot, path),
        Some(false) => Err(Failure::not_found(resource.named(), &route.name)),
        None => match call(server, request, user, route, query, resource) {
            Ok(call) => {
                let encoding = call.encoding;
                verbs::run(call).await.map(|answer| Answer { encoding, ..answer })
            }
            Err(failure) => Err(failure),
        },
    }
    .unwrap_or_else(Answer::from);
    answer.warnings.splice(..0, deprecated);
    answer.warnings.extend(warnings);
    Ok(answer)
}

/// Whether a path of a custom resource leads nowhere: as a whole (true), or below an object (false).
fn misplaced(resource: &Resource, route: &ResourceRoute, method: &Method, query: &Query) -> Option<bool> {
    resource.custom.as_ref()?;
    let verb = route::verb(method, route, query.flag("watch"));
    let in_namespace = !route.namespace.is_empty();
    let across = resource.namespaced && matches!(verb, "list" | "watch" | "deletecollection");
    if resource.namespaced != in_namespace && !across {
        return Some(true);
    }
    let is_known = route.subresource.is_empty() || resource.subresource(&route.subresource).is_some();
    (!is_known).then_some(false)
}

/// Finds out what a request to a resource wants.
fn call(
    server: Arc<Server>,
    request: Request<Bytes>,
    user: User,
    route: ResourceRoute,
    query: Query,
    resource: Arc<Resource>,
) -> Result<Call, Failure> {
    let verb = route::verb(request.method(), &route, query.flag("watch"));
    let everywhere = resource.namespaced && route.name.is_empty();
    if resource.namespaced == route.namespace.is_empty() && !everywhere {
        return Err(Failure::no_such_path());
    }
    let has_objects = ["get", "update", "patch", "delete"].iter().any(|verb| resource.has_verb(verb));
    if !has_objects && !route.name.is_empty() {
        return Err(Failure::no_such_path());
    }
    let offered = if route.subresource.is_empty() {
        resource.has_verb(verb) && about_one(verb).is_none_or(|one| one != route.name.is_empty())
    } else {
        let subresource = resource.subresource(&route.subresource).ok_or_else(Failure::no_such_path)?;
        subresource.verbs.contains(&verb)
    };
    if !offered && verb == "watch" && resource.has_verb("list") && route.name.is_empty() {
        return Err(Failure::watch_not_supported(&resource.plural));
    }
    if !offered && resource.custom.is_some() {
        return Err(Failure::verb_not_allowed(resource.named(), verb));
    }
    let all_namespaces = resource.namespaced && route.namespace.is_empty();
    let has_objects = ["get", "update", "patch", "delete"].iter().any(|verb| resource.has_verb(verb));
    if !route.name.is_empty() && route.subresource.is_empty() && !has_objects {
        return Err(Failure::no_such_path());
    }
    let is_head = request.method() == Method::HEAD;
    if is_head || !offered || (all_namespaces && !matches!(verb, "list" | "watch")) {
        return Err(Failure::method_not_allowed());
    }
    let (parts, body) = request.into_parts();
    let source = if resource.custom.is_some() { Source::Custom } else { Source::BuiltIn };
    let Representation { view, encoding } = match accept::representation(&parts.headers, source, verb) {
        // A log is text, and only failures are not.
        Err(_) if route.subresource == "log" && accept::is_text(&parts.headers) => Representation::default(),
        picked => picked?,
    };
    if verb == "watch" && encoding == Encoding::Yaml {
        return Err(Failure::not_acceptable(accept::STREAMS));
    }
    let view = accept::fitting(view, verb, &resource)?;
    Ok(Call { server, verb, route, resource, query, headers: parts.headers, body, user, view, encoding })
}

/// Whether a verb is for one object that the path names; none if it may be for one or all.
fn about_one(verb: &str) -> Option<bool> {
    match verb {
        "get" | "update" | "patch" | "delete" => Some(true),
        "create" | "list" | "deletecollection" => Some(false),
        _ => None,
    }
}
