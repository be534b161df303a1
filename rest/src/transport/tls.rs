//! TLS settings to a rustls configuration: whom to trust, what to show, which name to expect.
//!
//! The crypto provider is passed along explicitly; the process-wide one is the program's own business.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};

use super::identity::Identity;
use super::pem::Setting;
use super::verifier::{OtherName, Unchecked};
use crate::config::{BaseUrl, ConfigError, PemSource, TlsConfig};

/// The protocols that are offered, best first.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The name that the server's certificate is expected to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// The host that is connected to.
    Host,
    /// A DNS name, which is also asked for in the handshake.
    Name(String),
    /// An IP address, for which handshakes have no field.
    Address(IpAddr),
}

impl Expected {
    /// Reads the setting `server_name`.
    pub(super) fn new(server_name: Option<&str>) -> Result<Self, ConfigError> {
        let Some(name) = server_name.filter(|name| !name.is_empty()) else {
            return Ok(Self::Host);
        };
        match ServerName::try_from(name) {
            Ok(ServerName::DnsName(name)) => Ok(Self::Name(name.as_ref().to_ascii_lowercase())),
            Ok(ServerName::IpAddress(address)) => Ok(Self::Address(address.into())),
            _ => Err(refuse("tls.server_name", format!("{name:?} is neither a DNS name nor an IP address"))),
        }
    }

    /// The address to put into requests, so that the right name is asked for and expected.
    pub(super) fn connection(&self, server: &BaseUrl) -> Result<BaseUrl, ConfigError> {
        match self {
            Self::Name(name) if server.is_tls() => {
                // A URL also reads names like 127.1 as addresses.
                let renamed = server.clone().with_host(name).filter(|url| url.host() == name);
                renamed.ok_or_else(|| refuse("tls.server_name", format!("{name:?} cannot stand in a URL")))
            }
            _ => Ok(server.clone()),
        }
    }
}

/// The configuration of the handshake. Without a certificate in `settings`, `plugin` says which one to show. Without `tls`, the server is not reached over TLS and trusts nobody.
pub(super) fn client_config(
    settings: &TlsConfig,
    tls: bool,
    expected: &Expected,
    plugin: Identity,
) -> Result<ClientConfig, ConfigError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut verifier = verifier(settings, tls, &provider)?;
    if let Expected::Address(address) = expected {
        verifier = Arc::new(OtherName { name: ServerName::from(*address), inner: verifier });
    }
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refuse("TLS", error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity(settings)? {
        None => builder.with_client_cert_resolver(Arc::new(plugin)),
        Some((certificate, key)) => {
            let chain = certificate.certificates()?;
            builder.with_client_auth_cert(chain, key.key()?).map_err(|error| {
                certificate.refuse(&format!("it cannot be used with {}: {error}", key.field))
            })?
        }
    };
    config.enable_sni = !matches!(expected, Expected::Address(_));
    config.alpn_protocols = ALPN.map(<[u8]>::to_vec).to_vec();
    Ok(config)
}

fn verifier(
    settings: &TlsConfig,
    tls: bool,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, ConfigError> {
    match (&settings.ca, settings.insecure) {
        (Some(_), true) => Err(refuse("tls.insecure", "it does not go with tls.ca: choose one".to_owned())),
        (None, true) => Ok(Arc::new(Unchecked { accept: true, provider: Arc::clone(provider) })),
        (Some(ca), false) => own_roots(ca, provider),
        (None, false) if tls => system_roots(provider),
        // No handshake will happen, and containers often have no system roots to load.
        (None, false) => Ok(Arc::new(Unchecked { accept: false, provider: Arc::clone(provider) })),
    }
}

/// Trusts these certificates and no others.
fn own_roots(
    ca: &PemSource,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, ConfigError> {
    let setting = Setting { field: "tls.ca", source: ca };
    let mut roots = RootCertStore::empty();
    for certificate in setting.certificates()? {
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
