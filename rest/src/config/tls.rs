//! Whom to trust, and the certificate that the client shows.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretSlice};

/// Whom to trust, and the certificate that the client shows.
///
/// `Debug` shows no key.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TlsConfig {
    /// The certificates to trust, and no others. By default the system's.
    pub ca: Option<PemSource>,
    /// The certificate (and chain) that the client shows. It needs a [`client_key`](Self::client_key).
    pub client_certificate: Option<PemSource>,
    /// The private key of the client certificate: PKCS#8, PKCS#1 or SEC1.
    pub client_key: Option<PemSource>,
    /// The name to ask for and to expect in the server's certificate. By default the host's.
    ///
    /// With a DNS name here, requests also carry that name in their `Host` (or `:authority`) header:
    /// it is the name under which the server is addressed, and the host only says where to connect.
    ///
    /// Through a proxy, the name is expected and nothing else: the proxy is told the host, requests carry it, and
    /// so does the handshake.
    pub server_name: Option<String>,
    /// Accepts any server certificate. Whoever is between client and server can then read and change
    /// everything, credentials included. Cannot be combined with a CA.
    pub insecure: bool,
}

impl TlsConfig {
    /// Whether an address without a scheme means `https`.
    pub(crate) fn asks_for_tls(&self) -> bool {
        self.ca.is_some() || self.client_certificate.is_some() || self.insecure
    }

    /// The same trust without the client's certificate and key.
    pub(super) fn without_identity(&self) -> Self {
        Self { client_certificate: None, client_key: None, ..self.clone() }
    }
}

/// Where PEM text comes from.
#[derive(Clone)]
#[non_exhaustive]
pub enum PemSource {
    /// A file. A CA, and a client certificate whose key is in a file too, are read again every 5 minutes.
    File(PathBuf),
    /// The text itself.
    Data(SecretSlice<u8>),
}

impl PemSource {
    /// PEM text that is at hand.
    pub fn data(pem: impl Into<Vec<u8>>) -> Self {
        Self::Data(SecretSlice::from(pem.into()))
    }

    /// PEM text in a file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File(path.into())
    }
}

impl fmt::Debug for PemSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Data(data) => write!(f, "<{} bytes>", data.expose_secret().len()),
        }
    }
}
