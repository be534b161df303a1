//! Why there is nothing to prove who is calling.

use std::path::PathBuf;

/// Why there is nothing to prove who is calling. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CredentialError {
    /// No token could be read, and there is none from before.
    #[error("no token in {}: {reason}", path.display())]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The credential plugin gave nothing that can be used.
    #[error("the credential plugin {} {reason}", command.display())]
    Exec {
        /// The program.
        command: PathBuf,
        /// What it did, or why it was not run.
        reason: String,
    },
}
