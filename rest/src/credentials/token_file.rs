//! A token in a file that somebody else rotates, as the kubelet does for service accounts.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::HeaderValue;
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

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
}

/// No token could be read, and there is none from before.
#[derive(Debug, thiserror::Error)]
#[error("no token in {}: {reason}", path.display())]
pub(crate) struct TokenFileError {
    path: PathBuf,
    reason: String,
}

impl TokenFile {
    /// A token file, with the header to send until the file was first read.
    pub(super) fn new(path: PathBuf, until_read: Option<HeaderValue>) -> Self {
        Self { path, last: Mutex::new(Last { header: until_read, read_at: None }) }
    }

    /// The header with the newest token known.
    pub(super) async fn authorization(&self) -> Result<HeaderValue, TokenFileError> {
        let mut last = self.last.lock().await;
        if let (Some(header), Some(read_at)) = (&last.header, last.read_at)
            && read_at.elapsed() < FRESH
        {
            return Ok(header.clone());
        }
        match (read(&self.path).await, &last.header) {
            (Ok(header), _) => {
                *last = Last { header: Some(header.clone()), read_at: Some(Instant::now()) };
                Ok(header)
            }
            (Err(reason), Some(old)) => {
                tracing::warn!(path = %self.path.display(), reason, "the token cannot be read, the last one is used");
                Ok(old.clone())
            }
            (Err(reason), None) => Err(TokenFileError { path: self.path.clone(), reason }),
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
