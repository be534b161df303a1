//! Who the server is: a certificate of its own, which its kubeconfig trusts.

use crate::BoxError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

/// A certificate for the loopback address, with its key.
pub(crate) struct Certificate(CertifiedKey<rcgen::KeyPair>);

impl Certificate {
    pub(crate) fn new() -> Result<Self, BoxError> {
        Ok(Self(generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])?))
    }

    /// A kubeconfig, in JSON, for the server at `port`.
    pub(crate) fn kubeconfig(&self, port: u16) -> String {
        let authority = STANDARD.encode(self.0.cert.pem());
        let cluster =
            json!({ "server": format!("https://127.0.0.1:{port}"), "certificate-authority-data": authority });
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "replay",
            "clusters": [{ "name": "replay", "cluster": cluster }],
            "users": [{ "name": "anybody", "user": {} }],
            "contexts": [{ "name": "replay", "context": { "cluster": "replay", "user": "anybody" } }],
        })
        .to_string()
    }

    /// TLS that offers HTTP/2 and HTTP/1.1.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, BoxError> {
        let key = PrivateKeyDer::try_from(self.0.signing_key.serialize_der())?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.0.cert.der().clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
