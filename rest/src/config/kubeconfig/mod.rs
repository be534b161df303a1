//! Kubeconfig files: which ones are read, how they are merged, what they say about one context, and how they
//! are changed.
//!
//! Two models read the same text: `model` has what a configuration is made from, `entries` what programs see.
//! Changes go through neither, but through a tree that keeps what nobody here knows (`edit`).

mod auth_provider;
mod cluster;
mod edit;
mod entries;
mod entry;
mod exec;
mod load;
mod model;
mod parse;
mod resolve;
mod tokens;
mod user;
mod validate;
mod view;

use std::path::Path;

pub use self::edit::{KubeconfigEdit, KubeconfigEditError};
pub use self::entries::{
    KubeconfigAuthProvider, KubeconfigCluster, KubeconfigContext, KubeconfigEntry, KubeconfigExec,
    KubeconfigExecEnv, KubeconfigExtensions, KubeconfigUser,
};
pub use self::view::Kubeconfig;
use super::environment::Environment;
use super::{Config, ConfigError};

/// What to take instead of what the kubeconfig says.
///
/// ```
/// use kubeset_rest::KubeconfigOverrides;
///
/// let overrides = KubeconfigOverrides::default().context("staging").namespace("web");
/// assert_eq!(overrides.context.as_deref(), Some("staging"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KubeconfigOverrides {
    /// The context to use instead of `current-context`.
    pub context: Option<String>,
    /// The cluster to use instead of the context's.
    pub cluster: Option<String>,
    /// The user to use instead of the context's.
    pub user: Option<String>,
    /// The namespace to use instead of the context's.
    pub namespace: Option<String>,
}

impl KubeconfigOverrides {
    /// Uses this context instead of `current-context`.
    #[must_use]
    pub fn context(mut self, name: impl Into<String>) -> Self {
        self.context = Some(name.into());
        self
    }

    /// Uses this cluster instead of the context's.
    #[must_use]
    pub fn cluster(mut self, name: impl Into<String>) -> Self {
        self.cluster = Some(name.into());
        self
    }

    /// Uses this user instead of the context's.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>) -> Self {
        self.user = Some(name.into());
        self
    }

    /// Uses this namespace instead of the context's.
    #[must_use]
    pub fn namespace(mut self, name: impl Into<String>) -> Self {
        self.namespace = Some(name.into());
        self
    }
}

/// Loads the files, picks the context and turns it into a configuration.
pub(super) fn config(
    environment: &Environment,
    path: Option<&Path>,
    overrides: &KubeconfigOverrides,
) -> Result<Config, ConfigError> {
    let files = load::files(environment, path);
    resolve::resolve(&load::merge(&files, load::read(&files))?, overrides)
}

/// Does with a kubeconfig of a stranger all that is ever done with one.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn exercise(bytes: &[u8]) {
    let file = std::path::PathBuf::from("/config");
    let files = load::Files { paths: vec![file.clone()], explicit: true };
    let sources = vec![load::Source { file: file.clone(), bytes: Ok(bytes.to_vec()) }];
    edit::exercise(&file, bytes);
    let kubeconfig = match Kubeconfig::from_sources(files, sources) {
        Ok(kubeconfig) => kubeconfig,
        Err(error) => return drop(format!("{error} {error:?}")),
    };
    drop(format!("{kubeconfig:?} {:?}", kubeconfig.validate().map_err(|error| error.to_string())));
    for (name, _) in kubeconfig.contexts() {
        drop(format!("{:?}", kubeconfig.config(&KubeconfigOverrides::default().context(name))));
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod view_tests;
