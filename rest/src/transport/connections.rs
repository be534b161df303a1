//! How connections are made: their timeouts, sizes and pings, and the way to the server.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use super::http2::Http2;
use super::pool::Pool;
use super::reload;
use super::resolver::PinnedHost;
use crate::config::{BaseUrl, Config, ConfigError, ProxyUrl};

/// How long it may take to connect, TLS handshake included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How often the operating system probes a connection that carries nothing.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);
/// How long an unused connection is kept.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(90);
/// How many unused connections are kept.
const POOL_MAX_IDLE: usize = 25;
/// How much of one answer may be under way unread. Large lists need a window that keeps the line busy.
pub(super) const STREAM_WINDOW: u32 = 4 << 20;
/// The same for all answers of a connection together: so large that a slow watch never holds up its neighbours.
const CONNECTION_WINDOW: u32 = 1 << 30;

/// How much of an answer comes in one piece. Each piece wakes whoever reads it: with the 16 KiB that HTTP/2 has by itself, a
/// list of 100 MB spends as much time on that as on decoding.
const FRAME: u32 = 256 << 10;

/// How connections are made.
pub(super) struct Connections {
    gzip: bool,
    http2: Http2,
    proxy: Option<reqwest::Proxy>,
    pinned: Option<Arc<PinnedHost>>,
    /// Whether the client's certificate can change, which ends what is under way with the old one.
    ends: bool,
}

impl Connections {
    /// Connections to `server`, which requests address as `connection`, through `proxy`.
    pub(super) fn new(
        config: &Config,
        http2: Http2,
        proxy: Option<&ProxyUrl>,
        connection: &BaseUrl,
        server: &BaseUrl,
    ) -> Result<Self, ConfigError> {
        let pinned = (connection != server).then(|| PinnedHost::new(connection.host(), server.host()));
        Ok(Self {
            gzip: config.compression.of(server, proxy.is_some()),
            http2,
            proxy: proxy.map(|proxy| reqwest::Proxy::all(proxy.url().clone())).transpose().map_err(refuse)?,
            pinned: pinned.map(Arc::new),
            ends: reload::has_identity_files(&config.tls) || config.exec.is_some(),
        })
    }

    /// The connections with this TLS configuration.
    pub(super) fn pool(self, mut tls: ClientConfig) -> Result<Pool, ConfigError> {
        tls.alpn_protocols = self.http2.protocols();
        Pool::new(tls, self.ends, move |tls| self.client(tls)).map_err(refuse)
    }

    fn client(&self, tls: ClientConfig) -> Result<reqwest::Client, reqwest::Error> {
        let mut builder = compressed(reqwest::Client::builder(), self.gzip)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_keepalive(TCP_KEEPALIVE)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .pool_max_idle_per_host(POOL_MAX_IDLE)
            .http2_max_frame_size(FRAME)
            .http2_initial_stream_window_size(STREAM_WINDOW)
            .http2_initial_connection_window_size(CONNECTION_WINDOW)
            .http2_keep_alive_interval(self.http2.ping_interval)
            .http2_keep_alive_timeout(self.http2.ping_timeout)
            .http2_keep_alive_while_idle(true)
            .tls_backend_preconfigured(tls);
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        if let Some(pinned) = &self.pinned {
            builder = builder.dns_resolver(Arc::clone(pinned));
        }
        builder.build()
    }
}

#[cfg(feature = "gzip")]
fn compressed(builder: reqwest::ClientBuilder, gzip: bool) -> reqwest::ClientBuilder {
    builder.gzip(gzip)
}

/// Without the feature there is nothing to turn off: no compressed answer is asked for.
#[cfg(not(feature = "gzip"))]
fn compressed(builder: reqwest::ClientBuilder, _: bool) -> reqwest::ClientBuilder {
    builder
}

/// The error of an HTTP client that cannot be made.
pub(super) fn refuse(error: reqwest::Error) -> ConfigError {
    // A URL in it could be the proxy's, with its password.
    ConfigError::Client { source: Box::new(error.without_url()) }
}
