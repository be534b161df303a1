//! Requests, as tests see them: to match, to answer, to look at afterwards.

use crate::protobuf;
use crate::query::Query;
use crate::route::{self, ResourceRoute, Route};
use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
use serde_json::Value;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

/// Headers that prove who asks. They are recorded as [`REDACTED`].
const SECRET: [HeaderName; 2] = [AUTHORIZATION, COOKIE];

/// What stands for a credential.
const REDACTED: HeaderValue = HeaderValue::from_static("(redacted)");

/// One request that the server has got.
///
/// Reactors get it while it is under way; [`TestServer::requests`](crate::TestServer::requests) gives those so far.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// What is asked for in the words of RBAC, such as `list` or `deletecollection`. For what is not about a resource,
    /// the method in lower case.
    pub verb: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path, without the query.
    pub path: String,
    /// The parameters of the query in their order, decoded.
    pub query: Vec<(String, String)>,
    /// The API group; empty for core, and for what is not about a resource.
    pub group: String,
    /// The version of the group.
    pub version: String,
    /// The plural of the resource; empty for what is not about a resource.
    pub resource: String,
    /// The subresource; empty for the object itself.
    pub subresource: String,
    /// The namespace; empty for all, and for a cluster-scoped resource.
    pub namespace: String,
    /// The object that the path names; empty for all, and when one is created.
    pub name: String,
    /// The headers. Credentials are replaced by `(redacted)`.
    pub headers: HeaderMap,
    /// What was sent.
    pub body: Bytes,
    /// Who asked, if that is known: a fault comes before the question, and a wrong token is nobody's.
    pub user: String,
    /// The version of HTTP.
    pub http_version: Version,
    /// When it came.
    pub received: SystemTime,
    /// The status code of the answer; none while there is none, and for a request that was never answered.
    pub code: Option<u16>,
    /// How long the answer took, until its head was sent.
    pub took: Option<Duration>,
}

impl Request {
    /// The body as JSON, which it is or which is made of it if it is protobuf; none if it is something else.
    ///
    /// Clients of built-in kinds send protobuf where they may. Of that, zeros that JSON leaves out are left out too.
    pub fn json(&self) -> Option<Value> {
        protobuf::document(&self.body)
    }

    /// The first value of a parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The text of a header; none if it is not there, or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What the client calls itself; empty if it does not say.
    pub fn user_agent(&self) -> &str {
        self.header(USER_AGENT.as_str()).unwrap_or_default()
    }
}

/// A request under way, or one that was.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) verb: &'static str,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    http_version: Version,
    /// None for what is not about a resource.
    pub(crate) route: Option<ResourceRoute>,
    headers: HeaderMap,
    body: Bytes,
    user: OnceLock<String>,
    received: SystemTime,
    began: Instant,
    /// None within if it will never be answered.
    answer: OnceLock<Option<(StatusCode, Duration)>>,
}

impl Seen {
    /// A request that has just come, with its body.
    pub(crate) fn new(request: &http::Request<Bytes>) -> Self {
        let uri = request.uri();
        let mut headers = request.headers().clone();
        for name in SECRET {
            if headers.contains_key(&name) {
                headers.insert(name, REDACTED);
            }
        }
        let (verb, route) = match Route::parse(uri.path()) {
            Route::Resource(route) => {
                let watches = uri.query().is_some_and(|query| Query::parse(query).flag("watch"));
                (route::verb(request.method(), &route, watches), Some(route))
            }
            Route::Other(_) => (lower(request.method()), None),
        };
        Self {
            verb,
            method: request.method().clone(),
            uri: uri.clone(),
            http_version: request.version(),
            route,
            headers,
            body: request.body().clone(),
            user: OnceLock::new(),
            received: SystemTime::now(),
            began: Instant::now(),
            answer: OnceLock::new(),
        }
    }

    /// Says who asks.
    pub(crate) fn set_user(&self, user: &str) {
        let _ = self.user.set(user.to_owned());
    }

    /// Says how it was answered.
    pub(crate) fn answered(&self, code: StatusCode) {
        let _ = self.answer.set(Some((code, self.began.elapsed())));
    }

    /// Says that nobody will get an answer.
    pub(crate) fn abandoned(&self) {
        let _ = self.answer.set(None);
    }

    /// Whether it is answered, or never will be.
    pub(crate) fn is_over(&self) -> bool {
        self.answer.get().is_some()
    }

    /// The one name that a list, watch or deletion selects by `metadata.name`.
    pub(crate) fn only_name(&self) -> Option<String> {
        let query = Query::parse(self.uri.query()?);
        let selector = query.text("fieldSelector")?;
        let names = selector.split(',').filter_map(|part| {
            let name = part.strip_prefix("metadata.name=")?;
            Some(name.strip_prefix('=').unwrap_or(name))
        });
        let mut names: Vec<&str> = names.collect();
        let name = names.pop().filter(|name| !name.is_empty() && names.is_empty())?;
        Some(name.to_owned())
    }

    /// What was sent with it.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// Who asks, once that is known.
    pub(crate) fn user(&self) -> Option<&String> {
        self.user.get()
    }

    /// What the client calls itself.
    pub(crate) fn user_agent(&self) -> &str {
        self.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// As tests see it.
    pub(crate) fn to_request(&self) -> Request {
        let route = self.route.clone().unwrap_or_default();
        let answer = self.answer.get().copied().flatten();
        Request {
            verb: self.verb,
            method: self.method.clone(),
            path: self.uri.path().to_owned(),
            query: Query::parse(self.uri.query().unwrap_or_default()).into_pairs(),
            group: route.group,
            version: route.version,
            resource: route.plural,
            subresource: route.subresource,
            namespace: route.namespace,
            name: route.name,
            headers: self.headers.clone(),
            body: self.body.clone(),
            user: self.user.get().cloned().unwrap_or_default(),
            http_version: self.http_version,
            received: self.received,
            code: answer.map(|(code, _)| code.as_u16()),
            took: answer.map(|(_, took)| took),
        }
    }
}

/// The verb of what is not about a resource.
fn lower(method: &Method) -> &'static str {
    match *method {
        Method::GET => "get",
        Method::HEAD => "head",
        Method::POST => "post",
        Method::PUT => "put",
        Method::PATCH => "patch",
        Method::DELETE => "delete",
        Method::OPTIONS => "options",
        Method::CONNECT => "connect",
        Method::TRACE => "trace",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;
    use bytes::Bytes;

    fn seen(method: &str, uri: &str) -> Seen {
        let request =
            http::Request::builder().method(method).uri(uri).header("authorization", "Bearer secret");
        Seen::new(&request.header("user-agent", "tester/1").body(Bytes::from_static(b"{\"a\":1}")).unwrap())
    }

    #[test]
    fn a_request_is_told_in_the_words_of_rbac() {
        let request =
            seen("GET", "/apis/apps/v1/namespaces/prod/deployments?watch=1&labelSelector=a%3Db").to_request();
        assert_eq!(
            (request.verb, request.group.as_str(), request.resource.as_str()),
            ("watch", "apps", "deployments")
        );
        assert_eq!((request.namespace.as_str(), request.name.as_str()), ("prod", ""));
        assert_eq!(request.parameter("labelSelector"), Some("a=b"));
        assert_eq!(request.user_agent(), "tester/1");
        assert_eq!(request.json().unwrap()["a"], 1);
        assert_eq!(seen("GET", "/version").to_request().verb, "get");
    }

    #[test]
    fn credentials_are_not_told() {
        let seen = seen("GET", "/api/v1/pods");
        assert_eq!(seen.to_request().header("authorization"), Some("(redacted)"));
        assert!(!format!("{:?}", seen.to_request()).contains("secret"));
    }
}
