//! The credential plugin: a program that prints the user's token or client certificate.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;
use serde_json::Value;

/// A program that prints the user's token or client certificate when it is run.
///
/// It is run when the first request needs it, not before; again when what it printed has expired or when the
/// server refuses it; and once for all clones of a client. It is not run at all if the configuration holds a
/// token, a user name or a client certificate.
///
/// `Debug` shows neither arguments nor variables, which may be secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct ExecConfig {
    /// The version of the format that the plugin reads and prints.
    pub api_version: ExecVersion,
    /// The program: a path, or a name to look up in `PATH`.
    pub command: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables for it, beside those of this process.
    pub env: Vec<(String, SecretString)>,
    /// What to tell the user who does not have the program.
    pub install_hint: Option<String>,
    /// Whether it gets this process's standard input, to ask the user something.
    pub interactive: InteractiveMode,
    /// Whether it is told about the server: address, CA and [`cluster_config`](Self::cluster_config).
    pub provide_cluster_info: bool,
    /// What else the cluster's administrator wants it to know: of a kubeconfig, the cluster's extension
    /// `client.authentication.k8s.io/exec`.
    pub cluster_config: Option<Value>,
}

impl ExecConfig {
    /// The plugin `command`, without arguments and without standard input, in version `v1` of the format.
    #[must_use]
    pub fn new(command: impl Into<PathBuf>) -> Self {
        Self {
            api_version: ExecVersion::V1,
            command: command.into(),
            args: Vec::new(),
            env: Vec::new(),
            install_hint: None,
            interactive: InteractiveMode::Never,
            provide_cluster_info: false,
            cluster_config: None,
        }
    }
}

impl fmt::Debug for ExecConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecConfig")
            .field("api_version", &self.api_version)
            .field("command", &self.command)
            .field("interactive", &self.interactive)
            .field("provide_cluster_info", &self.provide_cluster_info)
            .finish_non_exhaustive()
    }
}

/// The version of `client.authentication.k8s.io` that a credential plugin speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecVersion {
    /// `client.authentication.k8s.io/v1`
    V1,
    /// `client.authentication.k8s.io/v1beta1`
    V1Beta1,
}

impl ExecVersion {
    /// The version as it stands in files and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "client.authentication.k8s.io/v1",
            Self::V1Beta1 => "client.authentication.k8s.io/v1beta1",
        }
    }
}

/// Whether a credential plugin gets this process's standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InteractiveMode {
    /// It never does.
    Never,
    /// It does if standard input is a terminal.
    IfAvailable,
    /// It must: without a terminal it is not run, and requests fail.
    Always,
}

/// Which credential plugins may be run. A kubeconfig names a program, and may come from somebody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecPolicy {
    /// All of them.
    #[default]
    AllowAll,
    /// None.
    DenyAll,
    /// These: paths, or names to look up in `PATH`. What counts is the file that is found.
    AllowList(Vec<PathBuf>),
}
