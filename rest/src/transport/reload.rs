//! Certificates in files that somebody else rotates, as cert-manager and the kubelet do.
//!
//! The files are looked at again on the way of a request, at most every [`PERIOD`]. What cannot be read or used
//! changes nothing: the last good certificates stay.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use tokio::time::Instant;

use super::identity::Identity;
use super::pool::Pool;
use super::tls::{self, Peers};
use crate::config::{ConfigError, PemSource, TlsConfig};

/// How long files are trusted to be unchanged, as in client-go.
const PERIOD: Duration = Duration::from_secs(5 * 60);

/// Looks at the files of a TLS configuration again and again.
#[derive(Clone, Debug)]
pub(super) struct Reload {
    files: Arc<Files>,
}

#[derive(Debug)]
struct Files {
    settings: TlsConfig,
    peers: Peers,
    provider: Arc<CryptoProvider>,
    identity: Identity,
    pool: Pool,
    /// None if it is time to look, however long ago the last look was.
    looked_at: Mutex<Option<Instant>>,
    /// The CA's certificates that are trusted now.
    trusted: Mutex<Vec<CertificateDer<'static>>>,
}

impl Reload {
    /// What to look at again for `settings`, which `pool` and `identity` were made from; none if nothing is in files.
    pub(super) fn new(
        settings: &TlsConfig,
        peers: &Peers,
        provider: &Arc<CryptoProvider>,
        identity: &Identity,
        pool: &Pool,
    ) -> Result<Option<Self>, ConfigError> {
        if !has_ca_file(settings) && !has_identity_files(settings) {
            return Ok(None);
        }
        let trusted = settings.ca.as_ref().map(tls::ca_certificates).transpose()?.unwrap_or_default();
        Ok(Some(Self {
            files: Arc::new(Files {
                settings: settings.clone(),
                peers: peers.clone(),
                provider: Arc::clone(provider),
                identity: identity.clone(),
                pool: pool.clone(),
                looked_at: Mutex::new(Some(Instant::now())),
                trusted: Mutex::new(trusted),
            }),
        }))
    }

    /// Makes it time to look. Moving the clock instead would make the pings of connections look unanswered.
    #[cfg(test)]
    pub(super) fn make_due(&self) {
        *lock(&self.files.looked_at) = None;
    }

    /// Looks at the files if it is time. Other requests do not wait for it.
    pub(super) async fn if_due(&self) {
        if self.files.is_due() {
            let files = Arc::clone(&self.files);
            // Reading may take long on a network file system. Without a runtime, there is no request to serve.
            let _ = tokio::task::spawn_blocking(move || files.read()).await;
        }
    }
}

impl Files {
    fn is_due(&self) -> bool {
        let mut looked_at = lock(&self.looked_at);
        let due = looked_at.is_none_or(|at| at.elapsed() >= PERIOD);
        if due {
            *looked_at = Some(Instant::now());
        }
        due
    }

    fn read(&self) {
        if has_ca_file(&self.settings)
            && let Err(error) = self.read_ca()
        {
            tracing::warn!(%error, "the CA cannot be read again, the last one is used");
        }
        if has_identity_files(&self.settings)
            && let Err(error) = self.read_identity()
        {
            tracing::warn!(%error, "the client certificate cannot be read again, the last one is used");
        }
    }

    fn read_ca(&self) -> Result<(), ConfigError> {
        let Some(ca) = &self.settings.ca else { return Ok(()) };
        let certificates = tls::ca_certificates(ca)?;
        if *lock(&self.trusted) != certificates {
            self.pool.trust(tls::trust_in(ca, certificates.clone(), &self.peers, &self.provider)?);
            *lock(&self.trusted) = certificates;
            tracing::info!(?ca, "the CA has changed");
        }
        Ok(())
    }

    fn read_identity(&self) -> Result<(), ConfigError> {
        if self.identity.replace(tls::certified_key(&self.settings, &self.provider)?) {
            self.pool.renew();
            let certificate = self.settings.client_certificate.as_ref();
            tracing::info!(?certificate, "the client certificate has changed, connections are made anew");
        }
        Ok(())
    }
}

fn has_ca_file(settings: &TlsConfig) -> bool {
    matches!(settings.ca, Some(PemSource::File(_)))
}

/// Only a pair of files can be rotated: with one half in memory, the halves would no longer belong together.
pub(super) fn has_identity_files(settings: &TlsConfig) -> bool {
    matches!(
        (&settings.client_certificate, &settings.client_key),
        (Some(PemSource::File(_)), Some(PemSource::File(_)))
    )
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::{PipeReader, Read, pipe};
    use std::path::Path;

    use super::*;
    use crate::config::Config;
    use crate::transport::HttpClient;
    use crate::transport::tests::Authority;

    fn logged(work: impl FnOnce()) -> String {
        let (reader, writer): (PipeReader, _) = pipe().expect("a pipe");
        let make = move || writer.try_clone().expect("the pipe");
        let log = tracing_subscriber::fmt().with_writer(make).with_ansi(false).finish();
        tracing::subscriber::with_default(log, work);
        let mut text = String::new();
        (&reader).read_to_string(&mut text).expect("text");
        text
    }

    fn client(folder: &Path) -> HttpClient {
        let authority = Authority::new();
        let me = authority.issue(&["anna"]);
        let mut config = Config::new("https://cluster.example");
        config.tls.ca = Some(file(folder, "ca.crt", &authority.pem));
        config.tls.client_certificate = Some(file(folder, "me.crt", &me.certificate));
        config.tls.client_key = Some(file(folder, "me.key", &me.key));
        HttpClient::new(&config).expect("a client")
    }

    fn file(folder: &Path, name: &str, text: &str) -> PemSource {
        std::fs::write(folder.join(name), text).expect("a file");
        PemSource::file(folder.join(name))
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_used_is_named_in_the_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let reload = client(folder.path()).shared.reload.clone().expect("files");
        assert_eq!(logged(|| reload.files.read()), "", "nothing has changed");
        file(folder.path(), "ca.crt", "");
        file(folder.path(), "me.key", "hunter2");
        let log = logged(|| reload.files.read());
        for part in ["WARN", "ca.crt", "me.key", "the last one is used"] {
            assert!(log.contains(part), "{part} is missing in {log}");
        }
        assert!(!log.contains("hunter2"), "{log}");
    }

    #[tokio::test(start_paused = true)]
    async fn files_are_looked_at_every_five_minutes_by_one_request() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = client(folder.path()).shared.reload.clone().expect("files").files;
        for _ in 0..2 {
            assert!(!files.is_due());
            tokio::time::advance(PERIOD - Duration::from_secs(1)).await;
            assert!(!files.is_due());
            tokio::time::advance(Duration::from_secs(1)).await;
            assert!(files.is_due());
        }
    }

    #[test]
    fn without_files_nothing_is_looked_at() {
        let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
        let me = authority.issue(&["anna"]);
        let mut config = Config::new("https://cluster.example");
        config.tls.ca = Some(PemSource::data(authority.pem));
        config.tls.client_certificate = Some(file(folder.path(), "me.crt", &me.certificate));
        config.tls.client_key = Some(PemSource::data(me.key));
        assert!(HttpClient::new(&config).expect("a client").shared.reload.is_none());
    }
}
