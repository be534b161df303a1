//! A plain client for the identity provider: no credentials of the cluster go there.

use std::time::Duration;

use super::Identity;
use super::tls::{self, Peers};
use crate::config::{BaseUrl, ConfigError, PemSource, TlsConfig};

/// How long an exchange with the provider may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client that trusts `ca`, or what the system trusts. Reads files.
pub(crate) fn provider_client(ca: Option<PemSource>, issuer: &str) -> Result<reqwest::Client, ConfigError> {
    let settings = TlsConfig { ca, ..TlsConfig::default() };
    let server = BaseUrl::parse(issuer, true)?;
    let peers = Peers::new(None, &server, None)?;
    let config =
        tls::client_config(&settings, server.is_tls(), &peers, &Identity::default(), &tls::provider())?;
    reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .build()
        .map_err(|source| ConfigError::Client { source: Box::new(source) })
}
