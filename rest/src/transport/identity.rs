//! The certificate that the client shows, which may change while the client lives.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

/// The certificate and key of the next handshake. Clones are the same identity.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    current: Arc<RwLock<Option<Arc<CertifiedKey>>>>,
}

impl Identity {
    /// Shows this certificate from the next handshake on. Says whether it is another than before.
    ///
    /// Connections that stand keep the old one: whoever replaces it must see to them.
    pub(crate) fn replace(&self, next: Option<Arc<CertifiedKey>>) -> bool {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // A certificate holds its public key, so another key is another certificate.
        let changed = current.as_ref().map(|key| &key.cert) != next.as_ref().map(|key| &key.cert);
        *current = next;
        changed
    }

    fn current(&self) -> Option<Arc<CertifiedKey>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.current()
    }

    fn has_certs(&self) -> bool {
        self.current().is_some()
    }
}
