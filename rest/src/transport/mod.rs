//! Bytes on the wire: one connection pool with its TLS, its credentials and its timeouts.
//!
//! A request goes out as it is given, plus `Authorization`, `User-Agent` and whom to act as. Retries, rate limits
//! and the meaning of answers belong to the layers above.

mod connections;
mod error;
mod http2;
mod identity;
mod middleware;
mod pem;
mod pool;
mod provider;
mod redirect;
mod reload;
mod resolver;
mod tls;
mod verifier;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::Instant;
use tower::util::{BoxCloneSyncService, ServiceExt as _};
use tower::{Layer, Service};

use self::connections::Connections;
pub(crate) use self::error::TransportError;
use self::http2::Http2;
use self::identity::Identity;
pub use self::middleware::{HttpService, ResponseBody};
use self::pool::Pool;
pub(crate) use self::provider::provider_client;
use self::redirect::Next;
use self::reload::Reload;
use self::tls::Peers;
pub(crate) use self::tls::provider as crypto_provider;
use crate::config::{BaseUrl, Config, ConfigError, Environment};
use crate::credentials::{Credentials, IMPERSONATE_USER, Proof, impersonation_headers};
use crate::error::BoxError;

/// A connection pool for one server, with that server's credentials. Clones share the pool.
///
/// Two clients that are made from equal configurations do not find each other, as they would in client-go: to share
/// connections, credentials and reloaded certificates, make one and hand clones of it to
/// [`RestClient::with_http_client`](crate::RestClient::with_http_client).
#[derive(Clone)]
pub struct HttpClient {
    pool: Pool,
    /// The layers around the pool, if there are any.
    service: Option<HttpService>,
    shared: Arc<Shared>,
}

/// What a client adds to requests, and where it may go. Nothing for a ready-made client.
#[derive(Default)]
struct Shared {
    /// The server that this client is for.
    server: Option<BaseUrl>,
    /// The same server under the name that its certificate is expected to have.
    connection: Option<BaseUrl>,
    credentials: Credentials,
    user_agent: Option<HeaderValue>,
    impersonation: HeaderMap,
    /// The certificates in files, which may change.
    reload: Option<Reload>,
}

impl HttpClient {
    /// A client for the server and the user of `config`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the address, the proxy, the credentials or the TLS settings contradict each other or cannot be used,
    /// or a certificate or key file cannot be read.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Self::in_environment(config, &Environment::of_the_process())
    }

    fn in_environment(config: &Config, environment: &Environment) -> Result<Self, ConfigError> {
        let server = config.base_url()?;
        let proxy = config.proxy.to_reach(&server, environment)?;
        let impersonation = impersonation_headers(config.impersonate.as_ref())?;
        let user_agent = config.effective_user_agent().try_into().map_err(|_| ConfigError::UserAgent)?;
        let peers = Peers::new(config.tls.server_name.as_deref(), &server, proxy.as_ref())?;
        let provider = tls::provider();
        let identity = Identity::default();
        let tls = tls::client_config(&config.tls, server.is_tls(), &peers, &identity, &provider)?;
        identity.replace(tls::certified_key(&config.tls, &provider)?);
        let connection = peers.connection(&server)?;
        let pool = Connections::new(config, Http2::new(environment), proxy.as_ref(), &connection, &server)?
            .pool(tls)?;
        let reload = Reload::new(&config.tls, &peers, &provider, &identity, &pool)?;
        let renewable = pool.clone();
        let credentials = Credentials::new(config, move |certificate| {
            if identity.replace(certificate) {
                renewable.renew();
            }
        })?;
        let (server, connection, user_agent) = (Some(server), Some(connection), Some(user_agent));
        let shared = Shared { server, connection, credentials, user_agent, impersonation, reload };
        Ok(Self { pool, service: None, shared: Arc::new(shared) })
    }

    /// A client around a ready connection pool, used as it is.
    ///
    /// Nothing of a configuration but its address counts then: TLS, credentials, user agent and
    /// connection settings are the given client's. Give it no overall timeout, which would cut watches.
    #[must_use]
    pub fn from_reqwest(client: reqwest::Client) -> Self {
        Self { pool: Pool::ready(client), service: None, shared: Arc::default() }
    }

    /// The same client with a tower layer around its connections: the counterpart of client-go's `WrapTransport`.
    ///
    /// The layer sees every attempt, with all its headers (the credentials too, so take care what it logs), and every
    /// answer. A layer that is added later is further out. Connections stay shared with the client without it. A layer may
    /// also leave what it wraps alone and send by its own means, through a dialer of the program's own for instance.
    ///
    /// ```
    /// use kubeset_rest::{Config, HttpClient};
    /// use tower::util::MapRequestLayer;
    ///
    /// # fn example(config: &Config) -> Result<(), kubeset_rest::Error> {
    /// let http = HttpClient::new(config)?.layer(MapRequestLayer::new(|mut request: http::Request<_>| {
    ///     request.headers_mut().insert("x-team", http::HeaderValue::from_static("platform"));
    ///     request
    /// }));
    /// # drop(http);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<HttpService>,
        L::Service: Clone + Send + Sync + 'static,
        L::Service: Service<http::Request<Bytes>, Response = http::Response<ResponseBody>>,
        <L::Service as Service<http::Request<Bytes>>>::Error: Into<BoxError>,
        <L::Service as Service<http::Request<Bytes>>>::Future: Send,
    {
        let inner = self.service.take().unwrap_or_else(|| middleware::innermost(self.pool.clone()));
        self.service = Some(BoxCloneSyncService::new(layer.layer(inner).map_err(Into::into)));
        self
    }

    /// The address to build the requests of `config` on.
    ///
    /// Refuses the address of another server than the one whose credentials this client holds.
    pub(crate) fn base_url(&self, config: &Config) -> Result<BaseUrl, ConfigError> {
        let wanted = config.base_url()?;
        match (&self.shared.server, &self.shared.connection) {
            (Some(server), Some(connection)) if server.is_same_server(&wanted) => {
                Ok(wanted.clone().with_host(connection.host_in_url()).unwrap_or(wanted))
            }
            (Some(server), _) => {
                Err(ConfigError::OtherServer { client: server.origin(), config: wanted.origin() })
            }
            (None, _) => Ok(wanted),
        }
    }

    /// Sends a request and returns the answer as soon as its head is there.
    ///
    /// `Authorization`, `User-Agent` and the impersonated user are added unless the request has them. Redirects
    /// are followed within the same scheme, host and port only. If the server refuses credentials that can be
    /// renewed, they are, and the request is sent once more.
    pub(crate) async fn execute(
        &self,
        mut request: reqwest::Request,
    ) -> Result<reqwest::Response, TransportError> {
        if let Some(reload) = &self.shared.reload {
            reload.if_due().await;
        }
        let began = Instant::now();
        self.add_headers(&mut request)?;
        let own_credentials = request.headers().contains_key(AUTHORIZATION);
        if own_credentials || !self.shared.credentials.can_change() {
            self.authorize(&mut request).await?;
            return self.follow(request).await;
        }
        let copy = request.try_clone();
        let proof = self.authorize(&mut request).await?;
        let answer = self.follow(request).await?;
        if answer.status() != StatusCode::UNAUTHORIZED || !self.renewed(&proof, began).await {
            return Ok(answer);
        }
        let Some(mut again) = copy else { return Ok(answer) };
        drop(answer);
        self.authorize(&mut again).await?;
        self.follow(again).await
    }

    /// Sends a request and what the server redirects it to.
    async fn follow(&self, mut request: reqwest::Request) -> Result<reqwest::Response, TransportError> {
        if self.shared.connection.is_none() {
            return self.send(request).await;
        }
        for _ in 0..=redirect::MAX {
            let copy = request.try_clone();
            let origin = request.url().clone();
            let answer = self.send(request).await?;
            match redirect::next(&answer, &origin, copy)? {
                Next::Answer => return Ok(answer),
                Next::Request(next) => request = *next,
            }
        }
        Err(TransportError::TooManyRedirects)
    }

    async fn send(&self, request: reqwest::Request) -> Result<reqwest::Response, TransportError> {
        match &self.service {
            None => self.pool.execute(request).await,
            Some(service) => middleware::call(service.clone(), request).await,
        }
    }

    /// Adds what is the same in every request.
    fn add_headers(&self, request: &mut reqwest::Request) -> Result<(), TransportError> {
        if let Some(connection) = &self.shared.connection
            && !connection.serves(request.url())
        {
            return Err(TransportError::OtherServer { url: request.url().origin().ascii_serialization() });
        }
        if let Some(user_agent) = &self.shared.user_agent {
            request.headers_mut().entry(USER_AGENT).or_insert_with(|| user_agent.clone());
        }
        if !request.headers().contains_key(IMPERSONATE_USER) {
            for (name, value) in &self.shared.impersonation {
                request.headers_mut().append(name, value.clone());
            }
        }
        Ok(())
    }

    /// Adds the credentials that are good now. A client certificate among them is shown in the next handshake.
    async fn authorize(&self, request: &mut reqwest::Request) -> Result<Proof, TransportError> {
        if request.headers().contains_key(AUTHORIZATION) {
            return Ok(Proof::default());
        }
        let proof = self.shared.credentials.proof().await?;
        if let Some(header) = &proof.header {
            request.headers_mut().insert(AUTHORIZATION, header.clone());
        }
        Ok(proof)
    }

    /// Whether there are other credentials than those that the server refused. A failure leaves the refusal
    /// to be the answer.
    async fn renewed(&self, refused: &Proof, began: Instant) -> bool {
        match self.shared.credentials.renewed(refused, began).await {
            Ok(renewed) => renewed,
            Err(error) => {
                tracing::warn!(
                    target: "kubeset::rest",
                    error = &error as &dyn std::error::Error,
                    "the server refuses the credentials, and they cannot be renewed"
                );
                false
            }
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("server", &self.shared.server.as_ref().map(BaseUrl::origin))
            .field("credentials", &self.shared.credentials)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
