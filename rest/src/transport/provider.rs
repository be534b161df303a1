//! A plain client for the identity provider: no credentials of the cluster go there.

use std::time::Duration;

use super::Identity;
use super::connections::refuse;
use super::tls::{self, Peers};
use crate::config::{BaseUrl, ConfigError, Environment, PemSource, ProxyConfig, TlsConfig};

/// How long an exchange with the provider may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client that trusts `ca`, or what the system trusts, and goes through the proxy of the environment. Reads files.
pub(crate) fn provider_client(ca: Option<PemSource>, issuer: &str) -> Result<reqwest::Client, ConfigError> {
    let settings = TlsConfig { ca, ..TlsConfig::default() };
    let server = BaseUrl::parse(issuer, true)?;
    let proxy = ProxyConfig::Environment.to_reach(&server, &Environment::of_the_process())?;
    let peers = Peers::new(None, &server, proxy.as_ref())?;
    let config =
        tls::client_config(&settings, server.is_tls(), &peers, &Identity::default(), &tls::provider())?;
    let mut builder = reqwest::Client::builder().no_proxy();
    if let Some(proxy) = &proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy.url().clone()).map_err(refuse)?);
    }
    builder
        .tls_backend_preconfigured(config)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .build()
        .map_err(refuse)
}
