//! Why a configuration could not be loaded, or no client made from it.
//!
//! Every message names the file, entry or field it is about and, where that is not plain, what to do.
//! No variant ever holds a secret.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a configuration could not be loaded, or no client made from it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The server's address cannot be understood.
    #[error("the server address {host:?} cannot be used: {reason}")]
    Host {
        /// The address, without user name and password.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A media type of the configuration cannot be used.
    #[error("content.{field} {value:?} cannot be used: {reason}")]
    Content {
        /// The field.
        field: &'static str,
        /// What it holds.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that is needed cannot be read.
    #[error("cannot read {}, {role}: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the file is for.
        role: String,
        /// What the operating system said.
        cause: io::Error,
    },
    /// A file is not a kubeconfig.
    #[error("{} is not a kubeconfig: {reason}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why, without the text found there, which may be a secret.
        reason: String,
    },
    /// No kubeconfig was found, or only empty ones.
    #[error(
        "no cluster is configured in {}: set KUBECONFIG to the path of a kubeconfig, or write ~/.kube/config",
        Paths(looked_at)
    )]
    Empty {
        /// Where a kubeconfig was looked for.
        looked_at: Vec<PathBuf>,
    },
    /// An entry that is asked for does not exist.
    #[error("there is no {kind} {name:?}, which {wanted_by} asks for; {}", Known(known))]
    Missing {
        /// `context`, `cluster` or `user`.
        kind: &'static str,
        /// The name that was asked for.
        name: String,
        /// Who asked for it.
        wanted_by: String,
        /// The names that do exist.
        known: Vec<String>,
    },
    /// The kubeconfig does not say which context to use.
    #[error(
        "no context is chosen: set current-context in the kubeconfig or pass a context; {}",
        Known(known)
    )]
    NoContext {
        /// The contexts there are.
        known: Vec<String>,
    },
    /// An entry of a kubeconfig contradicts itself, or lacks something.
    #[error("{entry} in {}: {reason}", path.display())]
    Invalid {
        /// The file that holds the entry.
        path: PathBuf,
        /// The kind and name of the entry.
        entry: String,
        /// What is wrong with it, by key.
        reason: String,
    },
    /// The program does not run in a pod.
    #[error("not in a cluster: the variable {variable} is not set, as it is in every pod")]
    NotInCluster {
        /// The variable that is not set.
        variable: &'static str,
    },
    /// There is neither a kubeconfig nor a service account.
    #[error("found no cluster to talk to: {kubeconfig}; and {in_cluster}")]
    NotInferred {
        /// Why no kubeconfig was used.
        kubeconfig: Box<ConfigError>,
        /// Why no service account was used.
        in_cluster: Box<ConfigError>,
    },
    /// The credentials contradict each other or cannot be sent.
    #[error("the credentials cannot be used: {reason}")]
    Credentials {
        /// What is wrong with them.
        reason: String,
    },
    /// The TLS settings cannot be used.
    #[error("{field} cannot be used: {reason}")]
    Tls {
        /// The setting, and where its value comes from.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The proxy cannot be used.
    #[error("the proxy of {origin} cannot be used: {reason}")]
    Proxy {
        /// The configuration, or the variable.
        origin: String,
        /// What is wrong with the URL, which is not quoted: it may hold a password.
        reason: String,
    },
    /// A header that the configuration sets cannot be sent.
    #[error("the user agent holds characters that a header cannot carry")]
    UserAgent,
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up")]
    Client {
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A ready HTTP client carries credentials for another server than this configuration's.
    #[error("the HTTP client was made for {client} and cannot serve {config}: make one for that server")]
    OtherServer {
        /// The server that the HTTP client was made for.
        client: String,
        /// The server of this configuration.
        config: String,
    },
    /// The runtime shut down while a file was being read.
    #[error("loading the configuration was cut short, as the runtime is shutting down")]
    Interrupted,
    /// More than one problem.
    #[error("{}", All(.0))]
    Several(Vec<ConfigError>),
}

impl ConfigError {
    /// One error out of a list of at least one.
    pub(super) fn all(mut problems: Vec<ConfigError>) -> Self {
        match problems.pop() {
            Some(only) if problems.is_empty() => only,
            Some(last) => {
                problems.push(last);
                Self::Several(problems)
            }
            None => Self::Several(problems),
        }
    }
}

/// Names in a sentence.
struct Known<'a>(&'a [String]);

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            f.write_str("there are none")
        } else {
            write!(f, "there are {}", self.0.join(", "))
        }
    }
}

/// Files in a sentence.
struct Paths<'a>(&'a [PathBuf]);

impl fmt::Display for Paths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<_> = self.0.iter().map(|path| path.display().to_string()).collect();
        if paths.is_empty() { f.write_str("any kubeconfig") } else { f.write_str(&paths.join(", ")) }
    }
}

/// Problems in a sentence.
struct All<'a>(&'a [ConfigError]);

impl fmt::Display for All<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} problems", self.0.len())?;
        for (at, problem) in self.0.iter().enumerate() {
            write!(f, "{} {problem}", if at == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}
