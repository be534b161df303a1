//! The client's certificate where it can change while the client lives.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

/// The certificate to show in the next handshake. Clones share it.
///
/// Connections made before a change still carry the old one: their pool must be renewed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    current: Arc<RwLock<Option<Arc<CertifiedKey>>>>,
}

impl Identity {
    /// Shows another certificate, or none, from now on. Answers whether that is a change.
    pub(crate) fn replace(&self, next: Option<Arc<CertifiedKey>>) -> bool {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let chain = |identity: &Option<Arc<CertifiedKey>>| identity.as_ref().map(|key| key.cert.clone());
        let changed = chain(&current) != chain(&next);
        *current = next;
        changed
    }

    fn current(&self) -> Option<Arc<CertifiedKey>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.current()
    }

    fn has_certs(&self) -> bool {
        self.current().is_some()
    }
}
