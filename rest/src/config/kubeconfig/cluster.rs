//! A cluster entry: its address, the way there and its trust.

use secrecy::ExposeSecret;

use super::super::{BaseUrl, Compression, Config, ConfigError, ProxyConfig, ProxyUrl};
use super::entry::Entry;
use super::load::Located;
use super::model::Cluster;

/// A configuration without credentials for the cluster, and whether it is reached over TLS.
pub(super) fn config(name: &str, cluster: &Located<Cluster>) -> Result<(Config, bool), Vec<ConfigError>> {
    let mut entry = Entry::new("cluster", name, &cluster.file);
    let cluster = &cluster.value;
    if cluster.server.is_none() {
        entry.invalid("server is missing");
    }

    let mut config = Config::new(cluster.server.as_deref().unwrap_or_default());
    if let Some(url) = &cluster.proxy_url {
        if let Err(reason) = ProxyUrl::parse(url.expose_secret()) {
            entry.invalid(format!("proxy-url cannot be used: {reason}"));
        }
        config.proxy = ProxyConfig::Url(url.clone());
    }
    config.compression = Compression::unless_disabled(cluster.disable_compression);
    config.tls.server_name = cluster.tls_server_name.clone();
    config.tls.insecure = cluster.insecure_skip_tls_verify.unwrap_or_default();
    let (path, data) =
        (cluster.certificate_authority.as_deref(), cluster.certificate_authority_data.as_ref());
    config.tls.ca = entry.pem("certificate-authority", path, data);
    if config.tls.insecure && (path.is_some() || data.is_some()) {
        entry.invalid("insecure-skip-tls-verify does not go with a certificate-authority: remove one");
    }

    let address = BaseUrl::parse(&config.host, config.tls.asks_for_tls());
    if let Err(problem) = &address {
        entry.invalid(format!("server: {problem}"));
    }
    let tls = address.is_ok_and(|address| address.is_tls());
    entry.finish((config, tls))
}
