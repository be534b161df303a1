//! A token in a file that somebody else rotates, as the kubelet does for service accounts.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::HeaderValue;
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{CredentialError, Proof};

/// How long a token that was read is used before the file is read again: client-go's minute, minus its leeway.
const FRESH: Duration = Duration::from_secs(60 - 10);

/// The longest token that is read.
const MAX_BYTES: u64 = 1 << 20;

/// A token in a file, read again about once a minute.
///
/// If the file cannot be read then, the last good token stays in use and every request tries again.
pub(crate) struct TokenFile {
    path: PathBuf,
    /// Held while the file is read, so that many requests at once read it once.
    last: Mutex<Last>,
}

struct Last {
    header: Option<HeaderValue>,
    read_at: Option<Instant>,
    /// Grows with each change, so that a refused request knows whether there is a newer token.
    serial: u64,
}

impl TokenFile {
    /// A token file, with the header to send until the file was first read.
    pub(super) fn new(path: PathBuf, until_read: Option<HeaderValue>) -> Self {
        Self { path, last: Mutex::new(Last { header: until_read, read_at: None, serial: 0 }) }
    }

    /// The newest token known.
    pub(super) async fn proof(&self) -> Result<Proof, CredentialError> {
        let mut last = self.last.lock().await;
        let is_fresh = last.read_at.is_some_and(|read_at| read_at.elapsed() < FRESH);
        if !is_fresh {
            self.update(&mut last).await?;
        }
        Ok(Proof { header: last.header.clone(), serial: last.serial })
    }

    /// Whether the file has another token than the one that was refused to a request that `began` then.
    pub(super) async fn renewed(&self, refused: &Proof, began: Instant) -> Result<bool, CredentialError> {
        let mut last = self.last.lock().await;
        if last.serial == refused.serial && last.read_at.is_none_or(|read_at| read_at < began) {
            self.update(&mut last).await?;
        }
        Ok(last.serial != refused.serial)
    }

    /// Reads the file, or keeps the last good token.
    async fn update(&self, last: &mut Last) -> Result<(), CredentialError> {
        match read(&self.path).await {
            Ok(header) => {
                let header = Some(header);
                let changed = u64::from(header != last.header);
                *last = Last { header, read_at: Some(Instant::now()), serial: last.serial + changed };
                Ok(())
            }
            Err(reason) if last.header.is_some() => {
                tracing::warn!(path = %self.path.display(), reason, "the token cannot be read, the last one is used");
                Ok(())
            }
            Err(reason) => Err(CredentialError::TokenFile { path: self.path.clone(), reason }),
        }
    }
}

impl fmt::Debug for TokenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Reads the file without holding up the runtime. The reason of a failure never quotes the file.
async fn read(path: &Path) -> Result<HeaderValue, String> {
    let path = path.to_owned();
    let text = tokio::task::spawn_blocking(move || read_text(&path))
        .await
        .map_err(|_| "the runtime is shutting down".to_owned())?
        .map_err(|cause| cause.to_string())?;
    let token = text.trim();
    if token.is_empty() {
        return Err("the file is empty".to_owned());
    }
    super::bearer(&SecretString::from(token)).ok_or_else(|| {
        "the token holds a line break or another character that no header can carry".to_owned()
    })
}

fn read_text(path: &Path) -> io::Result<String> {
    use io::Read;

    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}
