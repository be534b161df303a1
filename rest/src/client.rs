//! The client of one group version: where requests go, how many, and what is common to all of them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::CONTENT_TYPE;

use crate::backoff::{Backoff, ExponentialBackoff};
use crate::codec::has_protobuf;
use crate::config::{BaseUrl, Config};
use crate::content::Content;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::patch::PatchType;
use crate::path::{BuildError, Part, Segment, Segments};
use crate::rate_limiter::{RateLimit, RateLimiter};
use crate::read::{Read, ReadRaw};
use crate::request::Request;
use crate::transport::HttpClient;
use crate::warnings::{LogWarnings, WarningHandler};

/// A client of one group version of the Kubernetes API, or of the server as a whole.
///
/// It knows the server's address and the path of its group version; it holds the connection pool, the rate
/// limiter and the warning handler. Clones share all of them and cost one reference count.
///
/// ```no_run
/// # async fn example() -> Result<(), kubeset_rest::Error> {
/// use k8s_openapi::api::apps::v1::Deployment;
/// use kubeset_rest::{Config, RestClient};
///
/// let client = RestClient::for_group_version(&Config::infer().await?, "apps", "v1")?;
/// let web: Deployment = client.get().namespace("prod").resource("deployments").name("web").send().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RestClient {
    shared: Arc<Shared>,
}

/// What all clones of a client have in common.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) http: HttpClient,
    pub(crate) base: BaseUrl,
    pub(crate) content: Content,
    pub(crate) limiter: Option<Arc<dyn RateLimiter>>,
    pub(crate) backoff: Option<Arc<dyn Backoff>>,
    pub(crate) warnings: Arc<dyn WarningHandler>,
    pub(crate) metrics: Option<Arc<dyn Metrics>>,
    pub(crate) timeout: Option<Duration>,
    /// Whether servers speak protobuf about this group and version.
    pub(crate) has_protobuf: bool,
    /// The path before `namespaces` or the resource, such as `/apis/apps/v1`.
    pub(crate) versioned_path: Result<Segments, BuildError>,
    group_version: Option<(String, String)>,
    api_path: Option<String>,
    rate_limit: RateLimit,
}

impl RestClient {
    /// The client of one group version. The core group is `""`.
    ///
    /// # Errors
    ///
    /// If the configuration or the group version is not valid. Nothing is sent.
    pub fn for_group_version(config: &Config, group: &str, version: &str) -> Result<Self, Error> {
        Self::with_http_client(config, group, version, HttpClient::new(config)?)
    }

    /// The client of the server as a whole: requests name their whole path.
    ///
    /// # Errors
    ///
    /// If the configuration is not valid. Nothing is sent.
    pub fn unversioned(config: &Config) -> Result<Self, Error> {
        Self::unversioned_with_http_client(config, HttpClient::new(config)?)
    }

    /// The client of one group version, on a ready HTTP client: clients that share one share its connections.
    ///
    /// Of `config`, what `http` was made from (TLS, credentials, compression) is not read again.
    ///
    /// # Errors
    ///
    /// If the address in the configuration or the group version is not valid. Nothing is sent.
    pub fn with_http_client(
        config: &Config,
        group: &str,
        version: &str,
        http: HttpClient,
    ) -> Result<Self, Error> {
        let client = Self::unversioned_with_http_client(config, http)?.group_version(group, version);
        match &client.shared.versioned_path {
            Ok(_) => Ok(client),
            Err(error) => Err(error.clone().into()),
        }
    }

    /// The client of the server as a whole, on a ready HTTP client.
    ///
    /// # Errors
    ///
    /// If the address in the configuration is not valid. Nothing is sent.
    pub fn unversioned_with_http_client(config: &Config, http: HttpClient) -> Result<Self, Error> {
        Ok(Self { shared: Arc::new(Shared::new(config, http)?) })
    }

    /// A client of another group version, on the same connections. The core group is `""`.
    ///
    /// It gets a rate limiter of its own if the configuration says so, and this client's otherwise. A group
    /// or version that is not valid comes out when a request is sent.
    #[must_use]
    pub fn group_version(&self, group: &str, version: &str) -> Self {
        self.clone().with(|shared| {
            shared.versioned_path = versioned_path(shared.api_path.as_deref(), group, version);
            shared.has_protobuf = has_protobuf(group, version);
            shared.group_version = Some((group.to_owned(), version.to_owned()));
            if matches!(shared.rate_limit, RateLimit::PerGroupVersion) {
                shared.limiter = shared.rate_limit.limiter();
            }
        })
    }

    /// The same client with another rate limiter; `None` for no limit on the client's side.
    #[must_use]
    pub fn with_rate_limiter(self, limiter: Option<Arc<dyn RateLimiter>>) -> Self {
        self.with(|shared| shared.limiter = limiter)
    }

    /// The same client with a say in when requests are sent. By default only the server has one, unless the
    /// environment asks for [`ExponentialBackoff`].
    #[must_use]
    pub fn with_backoff(self, backoff: Arc<dyn Backoff>) -> Self {
        self.with(|shared| shared.backoff = Some(backoff))
    }

    /// The same client with another handler of the server's warnings.
    #[must_use]
    pub fn with_warning_handler(self, warnings: Arc<dyn WarningHandler>) -> Self {
        self.with(|shared| shared.warnings = warnings)
    }

    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        change(Arc::make_mut(&mut self.shared));
        self
    }

    /// A request with any HTTP method.
    pub fn verb(&self, method: Method) -> Request {
        Request::new(self.clone(), method)
    }

    /// A `GET` request.
    pub fn get(&self) -> Request {
        self.verb(Method::GET)
    }

    /// A `POST` request.
    pub fn post(&self) -> Request {
        self.verb(Method::POST)
    }

    /// A `PUT` request.
    pub fn put(&self) -> Request {
        self.verb(Method::PUT)
    }

    /// A `PATCH` request, whose body will be of the type `patch`.
    pub fn patch(&self, patch: PatchType) -> Request {
        self.verb(Method::PATCH).header(CONTENT_TYPE, patch.media_type())
    }

    /// A `DELETE` request.
    pub fn delete(&self) -> Request {
        self.verb(Method::DELETE)
    }

    /// The group and version that this client is for, as in an object's `apiVersion`; empty for the server
    /// as a whole.
    pub fn api_version(&self) -> String {
        match &self.shared.group_version {
            None => String::new(),
            Some((group, version)) if group.is_empty() => version.clone(),
            Some((group, version)) => format!("{group}/{version}"),
        }
    }

    /// Reads what the server has at an absolute path, such as `/version/`.
    pub fn read<T>(&self, path: &str) -> Read<T> {
        Read::new(self.get().abs_path(path))
    }

    /// Reads what the server has at an absolute path, as it comes, such as `/metrics`.
    pub fn read_raw(&self, path: &str) -> ReadRaw {
        ReadRaw::new(self.get().abs_path(path))
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }
}

impl fmt::Debug for RestClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RestClient")
            .field("server", &self.shared.base.origin())
            .field("api_version", &self.api_version())
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn new(config: &Config, http: HttpClient) -> Result<Self, Error> {
        Ok(Self {
            base: http.base_url(config)?,
            content: Content::new(&config.content)?,
            limiter: config.rate_limit.limiter(),
            backoff: ExponentialBackoff::from_environment()
                .map(|backoff| Arc::new(backoff) as Arc<dyn Backoff>),
            metrics: config.metrics.clone(),
            warnings: config.warning_handler.clone().unwrap_or_else(|| Arc::new(LogWarnings)),
            timeout: config.timeout,
            has_protobuf: false,
            versioned_path: Ok(Segments::default()),
            group_version: None,
            api_path: config.api_path.clone(),
            rate_limit: config.rate_limit.clone(),
            http,
        })
    }
}

/// `/api/v1` for the core group, `/apis/{group}/{version}` for others, or under the configured API path.
fn versioned_path(api_path: Option<&str>, group: &str, version: &str) -> Result<Segments, BuildError> {
    let root = api_path.unwrap_or(if group.is_empty() { "/api" } else { "/apis" });
    let mut path = Segments::new(root)?;
    if !group.is_empty() {
        path.push(Segment::new(Part::Path, group)?);
    }
    path.push(Segment::new(Part::Path, version)?);
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    /// Whether clients of two group versions, made from one configuration, have the same rate limiter.
    fn is_shared(limit: RateLimit) -> bool {
        let mut config = Config::new("https://k");
        config.rate_limit = limit;
        let core = RestClient::for_group_version(&config, "", "v1").unwrap();
        let apps = core.group_version("apps", "v1");
        match (&core.shared.limiter, &apps.shared.limiter) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => panic!("there are limiters"),
        }
    }

    #[test]
    fn each_group_version_has_a_rate_limiter_of_its_own_unless_one_is_shared() {
        let shared = RateLimit::Shared { qps: 1.0, burst: NonZeroU32::MIN };
        assert!(!is_shared(RateLimit::PerGroupVersion));
        assert!(is_shared(shared.clone()));
        assert!(is_shared(shared.into_shared()));
    }
}
