//! TLS settings to a rustls configuration: whom to trust, what to show, which name to expect.
//!
//! The crypto provider is passed along explicitly; the process-wide one is the program's own business.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore};

use super::identity::Identity;
use super::pem::Setting;
use super::verifier::{OtherName, ProxyAndServer, Unchecked};
use crate::config::{BaseUrl, ConfigError, PemSource, ProxyUrl, TlsConfig};

/// The name that the server's certificate is expected to have.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Expected {
    /// The host that is connected to.
    Host,
    /// A DNS name, which is also asked for in the handshake if there is no proxy.
    Name(String),
    /// An IP address, for which handshakes have no field.
    Address(IpAddr),
}

/// Whom handshakes are with, and under which names.
#[derive(Clone, Debug)]
pub(super) struct Peers {
    expected: Expected,
    /// Whether a proxy is between. It gets to know the host of the URL, so that must be the real one.
    proxied: bool,
    /// The proxy if it is reached over TLS too, under a name of its own.
    proxy: Option<ServerName<'static>>,
}

impl Peers {
    /// Reads the setting `server_name`, for a server behind this proxy.
    pub(super) fn new(
        server_name: Option<&str>,
        server: &BaseUrl,
        proxy: Option<&ProxyUrl>,
    ) -> Result<Self, ConfigError> {
        let host = proxy.and_then(ProxyUrl::tls_host).filter(|host| *host != server.host());
        let named = host.and_then(|host| ServerName::try_from(host.to_owned()).ok());
        Ok(Self { expected: Expected::new(server_name)?, proxied: proxy.is_some(), proxy: named })
    }

    /// The address to put into requests, so that the right name is asked for and expected.
    pub(super) fn connection(&self, server: &BaseUrl) -> Result<BaseUrl, ConfigError> {
        match &self.expected {
            Expected::Name(name) if server.is_tls() && !self.proxied => {
                // A URL also reads names like 127.1 as addresses.
                let renamed = server.clone().with_host(name).filter(|url| url.host() == name);
                renamed.ok_or_else(|| refuse("tls.server_name", format!("{name:?} cannot stand in a URL")))
            }
            _ => Ok(server.clone()),
        }
    }

    /// The name to expect where the host of the URL is not it.
    fn other_name(&self) -> Option<ServerName<'static>> {
        match &self.expected {
            Expected::Address(address) => Some(ServerName::from(*address)),
            Expected::Name(name) if self.proxied => ServerName::try_from(name.clone()).ok(),
            Expected::Host | Expected::Name(_) => None,
        }
    }

    /// Turns trust in a server into trust in these peers.
    fn verifier(
        &self,
        trust: Arc<dyn ServerCertVerifier>,
        provider: &Arc<CryptoProvider>,
    ) -> Arc<dyn ServerCertVerifier> {
        let server = match self.other_name() {
            Some(name) => Arc::new(OtherName { name, inner: Arc::clone(&trust) }),
            None => Arc::clone(&trust),
        };
        let Some(proxy) = self.proxy.clone() else {
            return server;
        };
        // The system's list may be missing. Then the proxy is trusted by the cluster's CA alone, as in client-go.
        let system = system_roots(provider).ok();
        Arc::new(ProxyAndServer { proxy, at_proxy: [Some(trust), system], server })
    }
}

impl Expected {
    fn new(server_name: Option<&str>) -> Result<Self, ConfigError> {
        let Some(name) = server_name.filter(|name| !name.is_empty()) else {
            return Ok(Self::Host);
        };
        match ServerName::try_from(name) {
            Ok(ServerName::DnsName(name)) => Ok(Self::Name(name.as_ref().to_ascii_lowercase())),
            Ok(ServerName::IpAddress(address)) => Ok(Self::Address(address.into())),
            _ => Err(refuse("tls.server_name", format!("{name:?} is neither a DNS name nor an IP address"))),
        }
    }
}

/// The cryptography that TLS here is made of. With both features on, ring wins: somebody else may want the other.
#[cfg(feature = "ring")]
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The cryptography that TLS here is made of.
#[cfg(all(feature = "aws-lc-rs", not(feature = "ring")))]
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

#[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
pub(crate) fn provider() -> Arc<CryptoProvider> {
    compile_error!(
        "TLS needs one of the features `ring` and `aws-lc-rs` of kubeset. Write, for example:\n\n    \
         kubeset = { version = \"0.1\", default-features = false, features = [\"latest\", \"ring\"] }"
    )
}

/// The configuration of the handshake. Without `tls`, the server is not reached over TLS and trusts nobody.
pub(super) fn client_config(
    settings: &TlsConfig,
    tls: bool,
    peers: &Peers,
    identity: &Identity,
    provider: &Arc<CryptoProvider>,
) -> Result<ClientConfig, ConfigError> {
    let verifier = peers.verifier(verifier(settings, tls, provider)?, provider);
    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| refuse("TLS", error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::new(identity.clone()));
    config.enable_sni = !matches!(peers.expected, Expected::Address(_));
    Ok(config)
}

/// The client's certificate and key as they are now, if it has any.
pub(super) fn certified_key(
    settings: &TlsConfig,
    provider: &CryptoProvider,
) -> Result<Option<Arc<CertifiedKey>>, ConfigError> {
    let Some((certificate, key)) = identity(settings)? else {
        return Ok(None);
    };
    let (chain, private) = (certificate.certificates()?, key.key()?);
    match CertifiedKey::from_der(chain, private, provider) {
        Ok(pair) => Ok(Some(Arc::new(pair))),
        Err(error) => Err(certificate.refuse(&format!("it cannot be used with {}: {error}", key.field))),
    }
}

/// The CA's certificates as they are now.
pub(super) fn ca_certificates(ca: &PemSource) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    ca_setting(ca).certificates()
}

/// Trust in these certificates of `ca`, for these peers.
pub(super) fn trust_in(
    ca: &PemSource,
    certificates: Vec<CertificateDer<'static>>,
    peers: &Peers,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, ConfigError> {
    Ok(peers.verifier(own_roots(ca, certificates, provider)?, provider))
}

fn ca_setting(ca: &PemSource) -> Setting<'_> {
    Setting { field: "tls.ca", source: ca }
}

fn verifier(
    settings: &TlsConfig,
    tls: bool,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, ConfigError> {
    match (&settings.ca, settings.insecure) {
        (Some(_), true) => Err(refuse("tls.insecure", "it does not go with tls.ca: choose one".to_owned())),
        (None, true) => Ok(Arc::new(Unchecked { accept: true, provider: Arc::clone(provider) })),
        (Some(ca), false) => own_roots(ca, ca_certificates(ca)?, provider),
        (None, false) if tls => system_roots(provider),
        // No handshake will happen, and containers often have no system roots to load.
        (None, false) => Ok(Arc::new(Unchecked { accept: false, provider: Arc::clone(provider) })),
    }
}

/// Trusts these certificates and no others.
fn own_roots(
    ca: &PemSource,
    certificates: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, ConfigError> {
    let setting = ca_setting(ca);
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).map_err(|error| setting.refuse(&error.to_string()))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| setting.refuse(&error.to_string()))?;
    Ok(verifier)
}

/// Trusts what the operating system trusts.
fn system_roots(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, ConfigError> {
    let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(provider)).map_err(|error| {
        refuse(
            "the system's list of trusted certificates",
            format!("{error}; set tls.ca to trust a CA of your own"),
        )
    })?;
    Ok(Arc::new(verifier))
}

/// The client's certificate and key, both or neither.
fn identity(settings: &TlsConfig) -> Result<Option<(Setting<'_>, Setting<'_>)>, ConfigError> {
    let certificate = settings
        .client_certificate
        .as_ref()
        .map(|source| Setting { field: "tls.client_certificate", source });
    let key = settings.client_key.as_ref().map(|source| Setting { field: "tls.client_key", source });
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        (Some(only), None) => Err(only.refuse("tls.client_key is not set")),
        (None, Some(only)) => Err(only.refuse("tls.client_certificate is not set")),
    }
}

fn refuse(field: &str, reason: String) -> ConfigError {
    ConfigError::Tls { field: field.to_owned(), reason }
}
