//! Why a kubeconfig could not be changed.

use std::io;
use std::path::PathBuf;

use super::super::super::ConfigError;

/// Why a kubeconfig could not be changed.
///
/// All but [`Write`](Self::Write) come before anything is written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KubeconfigEditError {
    /// The files cannot be read.
    #[error(transparent)]
    Read(#[from] ConfigError),
    /// There is nothing of that name to change.
    #[error("there is no {kind} {name:?} to change; {}", known_names(known))]
    Missing {
        /// `context`, `cluster` or `user`.
        kind: &'static str,
        /// The name that was given.
        name: String,
        /// The names that do exist.
        known: Vec<String>,
    },
    /// The new name is taken.
    #[error("there is a {kind} {name:?} already, in {}: remove it first, or take another name", path.display())]
    Exists {
        /// `context`, `cluster` or `user`.
        kind: &'static str,
        /// The name that is taken.
        name: String,
        /// The file that has it.
        path: PathBuf,
    },
    /// The new name is empty.
    #[error("the name of a {kind} must not be empty")]
    EmptyName {
        /// `context`, `cluster` or `user`.
        kind: &'static str,
    },
    /// The file can be read, but not changed without losing something.
    #[error("{} cannot be changed: {reason}; change it by hand", path.display())]
    Unchangeable {
        /// The file.
        path: PathBuf,
        /// What stands in the way.
        reason: &'static str,
    },
    /// Another program is changing the file, or died while it did.
    #[error(
        "{} is being changed by another program: try again, or remove {} if none is running",
        path.display(),
        lock.display()
    )]
    Locked {
        /// The kubeconfig.
        path: PathBuf,
        /// The lock.
        lock: PathBuf,
    },
    /// There is no file to write to.
    #[error("there is no file to write to: set KUBECONFIG, or HOME for ~/.kube/config")]
    NoFile,
    /// The file cannot be written. It is as it was; of several files, those before it are changed.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
}

fn known_names(names: &[String]) -> String {
    if names.is_empty() { "there are none".to_owned() } else { format!("there are {}", names.join(", ")) }
}
