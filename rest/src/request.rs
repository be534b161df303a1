//! A request before it is sent: verb, checked path segments, query, headers and body. No I/O.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method};
use reqwest::Url;
use serde::Serialize;

use crate::client::RestClient;
use crate::codec::{Format, Keeps};
use crate::error::Error;
use crate::path::{BuildError, Part, Segment, Segments};
use crate::retry::DEFAULT_MAX_RETRIES;
use crate::warnings::WarningHandler;

/// What is asked for about built-in kinds. Servers take the first that they have.
const ACCEPT_PROTOBUF: &str = "application/vnd.kubernetes.protobuf, application/json";
/// What is asked for otherwise.
const ACCEPT_JSON: &str = "application/json, */*";

/// A request to an API server, made by [`RestClient::verb`] and its kin.
///
/// Setters take what they are given and never fail: the first thing that is wrong is kept, and comes out as
/// [`Error::Build`] when the request is sent. Nothing is sent then. A name is wrong if it is empty, `.`,
/// `..`, or holds `/` or `%`; everything else is escaped.
///
/// Dropping the future that sends a request cancels it. The server may have done the work all the same.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    client: RestClient,
    method: Method,
    absolute: Option<Segments>,
    namespace: Option<Segment>,
    resource: Option<Segment>,
    name: Option<Segment>,
    subresource: Option<Segment>,
    suffix: Segments,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<Bytes>,
    timeout: Option<Duration>,
    announces_timeout: bool,
    negotiates: bool,
    max_retries: u32,
    warnings: Option<Arc<dyn WarningHandler>>,
    keeps: Keeps,
    error: Option<BuildError>,
}

impl Request {
    pub(crate) fn new(client: RestClient, method: Method) -> Self {
        Self {
            timeout: client.shared().timeout,
            client,
            method,
            absolute: None,
            namespace: None,
            resource: None,
            name: None,
            subresource: None,
            suffix: Segments::default(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: None,
            announces_timeout: true,
            negotiates: false,
            max_retries: DEFAULT_MAX_RETRIES,
            warnings: None,
            keeps: Keeps::Everything,
            error: None,
        }
    }

    /// The namespace of the object or the list.
    pub fn namespace(self, namespace: &str) -> Self {
        self.set(Part::Namespace, namespace, |request| &mut request.namespace)
    }

    /// The resource in lower-case plural, such as `pods`.
    pub fn resource(self, resource: &str) -> Self {
        self.set(Part::Resource, &resource.to_lowercase(), |request| &mut request.resource)
    }

    /// The name of the object.
    pub fn name(self, name: &str) -> Self {
        self.set(Part::Name, name, |request| &mut request.name)
    }

    /// The subresource of the object, such as `status`.
    pub fn subresource(self, subresource: &str) -> Self {
        self.set(Part::Subresource, subresource, |request| &mut request.subresource)
    }

    /// What follows at the end of the path; a `/` at its end is kept.
    pub fn suffix(self, path: &str) -> Self {
        self.checked(Segments::new(path), |request, path| request.suffix.extend(path))
    }

    /// The path from the server's root (or from the path in the configured address), in place of that of
    /// the client's group version. A `/` at its end is kept.
    pub fn abs_path(self, path: &str) -> Self {
        self.checked(Segments::new(path), |request, path| request.absolute = Some(path))
    }

    /// Adds a query parameter. The same name may come more than once.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets a query parameter, in place of one of the same name.
    pub(crate) fn set_query(mut self, name: &str, value: impl Into<String>) -> Self {
        self = self.without_query(name);
        self.query(name, value)
    }

    /// Takes a query parameter out.
    pub(crate) fn without_query(mut self, name: &str) -> Self {
        self.query.retain(|(other, _)| other != name);
        self
    }

    pub(crate) fn has_query(&self, name: &str) -> bool {
        self.query.iter().any(|(other, _)| other == name)
    }

    /// Adds a requirement to a selector: all of them must be met.
    pub(crate) fn add_selector(mut self, name: &str, selector: &str) -> Self {
        match self.query.iter_mut().find(|(other, _)| other == name) {
            Some((_, selectors)) => {
                selectors.push(',');
                selectors.push_str(selector);
                self
            }
            None => self.query(name, selector),
        }
    }

    /// Sets a header, in place of one of the same name.
    pub fn header<N, V>(self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName> + fmt::Debug + Clone,
        V: TryInto<HeaderValue>,
    {
        let pair = match (name.clone().try_into(), value.try_into()) {
            (Ok(name), Ok(value)) => Ok((name, value)),
            _ => Err(BuildError::Header { name: format!("{name:?}").trim_matches('"').to_owned() }),
        };
        self.checked(pair, |request, (name, value)| {
            request.headers.insert(name, value);
        })
    }

    /// The body as it goes over the wire. Unless the request has a `Content-Type`, it is sent with the one in
    /// the configuration, or as JSON.
    ///
    /// The bytes are shared, not copied, and are sent again if the request is repeated.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        let configured = self.client.shared().content.content_type.as_ref();
        self.headers.entry(CONTENT_TYPE).or_insert_with(|| {
            configured.map_or_else(|| Format::Json.content_type(), |(_, content_type)| content_type.clone())
        });
        self
    }

    /// The body, written as JSON now.
    pub fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        self.encoded(Format::Json, body)
    }

    /// The body, which is an object, written now: in the configured format, else as protobuf if the server reads
    /// that of this group and version and the object has it, else as JSON.
    pub(crate) fn object<T: Serialize + ?Sized>(self, body: &T) -> Self {
        if let Some((format, _)) = self.client.shared().content.content_type {
            return self.encoded(format, body);
        }
        #[cfg(feature = "protobuf")]
        if self.client.shared().has_protobuf
            && let Ok(bytes) = Format::Protobuf.encode(body)
        {
            return self.written(Format::Protobuf, bytes);
        }
        self.encoded(Format::Json, body)
    }

    fn encoded<T: Serialize + ?Sized>(self, format: Format, body: &T) -> Self {
        match format.encode(body) {
            Ok(bytes) => self.written(format, bytes),
            Err(problem) => self.fail(BuildError::Body { problem }),
        }
    }

    /// The body in this format. Its type is the configured one if that says the same format; a patch keeps its own.
    fn written(mut self, format: Format, body: Vec<u8>) -> Self {
        let configured = self.client.shared().content.content_type.as_ref();
        let content_type = match configured {
            Some((configured, content_type)) if *configured == format => content_type.clone(),
            _ => format.content_type(),
        };
        self.body = Some(body.into());
        self.headers.entry(CONTENT_TYPE).or_insert(content_type);
        self
    }

    /// How long the call may take, attempts and answer included; `None` for as long as it takes.
    ///
    /// The server is told (`?timeout=`). Waiting for the client's own rate limiter does not count. A stream
    /// or a watch must have begun within this time, and then lasts as long as it lasts.
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self.announces_timeout = true;
        self
    }

    /// Keeps the timeout that comes from the configuration to the client: the server is not told.
    pub(crate) fn without_announced_timeout(mut self) -> Self {
        self.announces_timeout = false;
        self
    }

    /// How often the request may be repeated; 10 unless set.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// The handler of warnings in this request's answer, in place of the client's.
    pub fn warning_handler(mut self, handler: Arc<dyn WarningHandler>) -> Self {
        self.warnings = Some(handler);
        self
    }

    /// Leaves `metadata.managedFields` out of the objects of the answer while they are decoded.
    ///
    /// They are half of a typical object and are never built then, which saves more than half of the time and the
    /// memory of decoding. They come over the wire all the same. This counts for answers that are an object, a list
    /// ([`send_for_list`](Request::send_for_list), [`send_for_items`](Request::send_for_items)) or a watch.
    pub fn without_managed_fields(mut self) -> Self {
        self.keeps = Keeps::AllButManagedFields;
        self
    }

    /// Asks for protobuf where the server has it: the answer is an object, which is read by its type.
    pub(crate) fn negotiated(mut self) -> Self {
        self.negotiates = true;
        self
    }

    /// What the request asks for, unless its headers say that.
    pub(crate) fn accept(&self) -> HeaderValue {
        let shared = self.client.shared();
        match &shared.content.accept {
            Some(accept) => accept.clone(),
            None if self.negotiates && shared.has_protobuf => HeaderValue::from_static(ACCEPT_PROTOBUF),
            None => HeaderValue::from_static(ACCEPT_JSON),
        }
    }

    pub(crate) fn with_method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The HTTP method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path as it goes over the wire: escaped, without the query.
    ///
    /// # Errors
    ///
    /// What a setter was given that is not valid.
    pub fn path(&self) -> Result<String, Error> {
        Ok(self.url()?.path().to_owned())
    }

    /// The query parameters in the order in which they go over the wire, not escaped.
    ///
    /// # Errors
    ///
    /// What a setter was given that is not valid.
    pub fn query_pairs(&self) -> Result<Vec<(String, String)>, Error> {
        Ok(self.url()?.query_pairs().into_owned().collect())
    }

    /// The headers that the request brings itself. The client adds `Accept`, the user agent and the
    /// credentials.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body_bytes(&self) -> Option<&Bytes> {
        self.body.as_ref()
    }

    pub(crate) fn client(&self) -> &RestClient {
        &self.client
    }

    /// What of the objects in the answer is kept when they are read.
    pub(crate) fn keeps(&self) -> Keeps {
        self.keeps
    }

    /// The largest answer that is read, in bytes after decompression.
    pub(crate) fn max_response_bytes(&self) -> usize {
        self.client.shared().content.max_response_bytes
    }

    pub(crate) fn time_limit(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn retries(&self) -> u32 {
        self.max_retries
    }

    pub(crate) fn warnings(&self) -> &dyn WarningHandler {
        self.warnings.as_deref().unwrap_or(&*self.client.shared().warnings)
    }

    /// The URL, unless one of the parts is wrong.
    pub(crate) fn url(&self) -> Result<Url, BuildError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        self.check_complete()?;
        if let (None, Err(error)) = (&self.absolute, &self.client.shared().versioned_path) {
            return Err(error.clone());
        }
        let mut url = self.client.shared().base.url(&self.own_path(), None);
        let timeout = self.timeout.filter(|_| self.announces_timeout).map(duration_text);
        let mut query: Vec<(&str, &str)> =
            self.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        query.extend(timeout.as_deref().map(|timeout| ("timeout", timeout)));
        if !query.is_empty() {
            query.sort_by_key(|(name, _)| *name);
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// The path with placeholders for what differs from call to call, for spans and metrics.
    pub(crate) fn path_template(&self) -> String {
        let mut path = self.root();
        if self.namespace.is_some() {
            path.push_str("/namespaces/{namespace}");
        }
        if let Some(resource) = &self.resource {
            resource.append_to(&mut path);
        }
        if self.name.is_some() {
            path.push_str("/{name}");
        }
        if let Some(subresource) = &self.subresource {
            subresource.append_to(&mut path);
        }
        if !self.suffix.is_empty() {
            path.push_str("/{path}");
        }
        path
    }

    fn own_path(&self) -> String {
        let mut path = self.root();
        if let Some(namespace) = &self.namespace {
            path.push_str("/namespaces");
            namespace.append_to(&mut path);
        }
        for segment in [&self.resource, &self.name, &self.subresource].into_iter().flatten() {
            segment.append_to(&mut path);
        }
        self.suffix.append_to(&mut path);
        path
    }

    fn root(&self) -> String {
        let mut path = String::new();
        match (&self.absolute, &self.client.shared().versioned_path) {
            (Some(root), _) | (None, Ok(root)) => root.append_to(&mut path),
            // Sending fails with this error before the path is used.
            (None, Err(_)) => {}
        }
        path
    }

    /// A part alone could name another resource than it seems to.
    fn check_complete(&self) -> Result<(), BuildError> {
        let needs = |part, needs| Err(BuildError::Incomplete { part, needs });
        match (&self.resource, &self.name, &self.subresource) {
            (None, Some(_), _) => needs(Part::Name, Part::Resource),
            (_, None, Some(_)) => needs(Part::Subresource, Part::Name),
            _ => Ok(()),
        }
    }

    fn set(self, part: Part, value: &str, place: impl FnOnce(&mut Self) -> &mut Option<Segment>) -> Self {
        let mut request = self;
        let (first, second) = match (place(&mut request), Segment::new(part, value)) {
            (Some(first), Ok(second)) => (first.as_str().to_owned(), second.as_str().to_owned()),
            (empty, Ok(segment)) => {
                *empty = Some(segment);
                return request;
            }
            (_, Err(error)) => return request.fail(error),
        };
        request.fail(BuildError::SetTwice { part, first, second })
    }

    fn checked<T>(mut self, value: Result<T, BuildError>, apply: impl FnOnce(&mut Self, T)) -> Self {
        match value {
            Ok(value) => {
                apply(&mut self, value);
                self
            }
            Err(error) => self.fail(error),
        }
    }

    /// Keeps the first error.
    fn fail(mut self, error: BuildError) -> Self {
        self.error.get_or_insert(error);
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.own_path())
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// A duration as the server reads it in `?timeout=`: whole seconds if they are, else milliseconds, rounded up.
fn duration_text(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("{}s", duration.as_secs())
    } else {
        format!("{}ms", duration.as_micros().div_ceil(1_000))
    }
}
