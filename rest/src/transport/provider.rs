//! A plain client for the identity provider: no credentials of the cluster go there.

use std::time::Duration;

use super::tls::{self, Expected};
use crate::config::{ConfigError, PemSource, TlsConfig};

/// How long an exchange with the provider may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client that trusts `ca`, or what the system trusts. Reads files.
pub(crate) fn provider_client(ca: Option<PemSource>, tls: bool) -> Result<reqwest::Client, ConfigError> {
    let settings = TlsConfig { ca, ..TlsConfig::default() };
    let config = tls::client_config(&settings, tls, &Expected::Host, super::Identity::default())?;
    reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .build()
        .map_err(|source| ConfigError::Client { source: Box::new(source) })
}
