//! Where the cluster is, whom to trust there and who is calling: everything a client is made from.
//!
//! A [`Config`] is plain data. It comes from a kubeconfig, from the service account of the pod that the
//! program runs in, or from the caller's own hands; nothing is read from it until a client is made.

mod compression;
mod environment;
mod error;
mod exec;
mod host;
mod impersonation;
mod in_cluster;
mod infer;
mod kubeconfig;
mod no_proxy;
mod oidc;
mod proxy;
mod tls;
mod user_agent;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

pub use self::compression::Compression;
pub(crate) use self::environment::Environment;
pub use self::error::ConfigError;
pub use self::exec::{ExecConfig, ExecPolicy, ExecVersion, InteractiveMode};
pub(crate) use self::host::{BaseUrl, same_origin};
pub use self::impersonation::Impersonation;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use self::kubeconfig::exercise as exercise_kubeconfig;
pub use self::kubeconfig::{
    Kubeconfig, KubeconfigAuthProvider, KubeconfigCluster, KubeconfigContext, KubeconfigEdit,
    KubeconfigEditError, KubeconfigEntry, KubeconfigExec, KubeconfigExecEnv, KubeconfigExtensions,
    KubeconfigOverrides, KubeconfigUser,
};
pub use self::oidc::{OidcConfig, TokenSink};
pub use self::proxy::ProxyConfig;
pub(crate) use self::proxy::ProxyUrl;
pub use self::tls::{PemSource, TlsConfig};
use crate::content::ContentConfig;
use crate::metrics::Metrics;
use crate::rate_limiter::RateLimit;
use crate::warnings::WarningHandler;

/// The namespace of a configuration that names none.
const DEFAULT_NAMESPACE: &str = "default";

/// Everything a client is made from: the server, the trust, the credentials and the client's manners.
///
/// `Debug` shows no token, no password and no key.
///
/// ```
/// use kubeset_rest::Config;
///
/// let mut config = Config::new("https://cluster.example:6443");
/// config.bearer_token = Some("a-token".into());
/// assert!(!format!("{config:?}").contains("a-token"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// The server: a URL, `host:port` or a bare host.
    ///
    /// Empty means `localhost`. Without a scheme it is `https` if [`tls`](Self::tls) holds a CA, a client
    /// certificate or `insecure`, else `http`. The path of a URL is put in front of every request's path;
    /// its query and fragment are dropped.
    pub host: String,
    /// The path under which API groups are found. By default `/api` for the core group and `/apis` for others.
    pub api_path: Option<String>,
    /// Which media types to send and to ask for.
    pub content: ContentConfig,
    /// Whom to trust, and the client's own certificate.
    pub tls: TlsConfig,
    /// The proxy to reach the server through. By default the environment's.
    pub proxy: ProxyConfig,
    /// A token to send as `Authorization: Bearer`.
    pub bearer_token: Option<SecretString>,
    /// A file with a token, read again about every 50 seconds. It wins over
    /// [`bearer_token`](Self::bearer_token), which serves until the file was first read.
    pub bearer_token_file: Option<PathBuf>,
    /// The user name for basic authentication, which cannot be combined with a token.
    pub username: Option<String>,
    /// The password for basic authentication.
    pub password: Option<SecretString>,
    /// A program that gives the token or the client certificate. It is not run if one of the fields above, or
    /// a client certificate in [`tls`](Self::tls), says who is calling.
    pub exec: Option<ExecConfig>,
    /// Which programs [`exec`](Self::exec) may name.
    pub exec_policy: ExecPolicy,
    /// An ID token that is renewed at its provider. It is not sent if one of the fields above says who is calling.
    pub oidc: Option<OidcConfig>,
    /// Whom to act as, instead of the user whose credentials are sent.
    pub impersonate: Option<Impersonation>,
    /// The `User-Agent` header. By default it names the program, the platform and kubeset.
    pub user_agent: Option<String>,
    /// Whether to ask the server for compressed answers. By default only a server on another machine.
    pub compression: Compression,
    /// How many requests the client may send per second.
    pub rate_limit: RateLimit,
    /// What to do with the warnings that the server sends along with answers.
    pub warning_handler: Option<Arc<dyn WarningHandler>>,
    /// Who takes the numbers about requests.
    pub metrics: Option<Arc<dyn Metrics>>,
    /// How long a whole call may take, attempts and answer included. Watches and log streams are not cut.
    pub timeout: Option<Duration>,
    /// The namespace to use where the caller names none: the context's, the pod's own, or `default`.
    pub default_namespace: String,
}

impl Config {
    /// A configuration for the server at `host`, with defaults for everything else and no credentials.
    #[must_use]
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            api_path: None,
            content: ContentConfig::default(),
            tls: TlsConfig::default(),
            proxy: ProxyConfig::default(),
            bearer_token: None,
            bearer_token_file: None,
            username: None,
            password: None,
            exec: None,
            exec_policy: ExecPolicy::default(),
            oidc: None,
            impersonate: None,
            user_agent: None,
            compression: Compression::Auto,
            rate_limit: RateLimit::default(),
            warning_handler: None,
            metrics: None,
            timeout: None,
            default_namespace: DEFAULT_NAMESPACE.to_owned(),
        }
    }

    /// The kubeconfig if there is one, else the service account of the pod.
    ///
    /// A kubeconfig that exists but is broken is an error: only an absent or empty one makes this look further.
    ///
    /// # Errors
    ///
    /// The kubeconfig's error if one is there and cannot be used; if there is none, an error that says
    /// both where a kubeconfig was looked for and why the program is not in a cluster.
    pub async fn infer() -> Result<Self, ConfigError> {
        // Home directories and token volumes may be on a slow network file system.
        match tokio::task::spawn_blocking(|| infer::infer(&Environment::of_the_process())).await {
            Ok(answer) => answer,
            Err(failure) => match failure.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(ConfigError::Interrupted),
            },
        }
    }

    /// The cluster and user that a kubeconfig names.
    ///
    /// With a `path`, that one file is read and must exist. Without, the files that the variable `KUBECONFIG`
    /// lists are merged (the first file that has an entry wins, missing files are skipped), or, if that
    /// is unset or empty, `~/.kube/config` is read. Relative paths inside a file start at its own folder.
    ///
    /// Credentials for a server that is not reached over TLS are left out, and a warning is logged.
    ///
    /// # Errors
    ///
    /// If nothing is configured, a file cannot be read or parsed, entries are contradictory or missing, or
    /// the user needs something that kubeset does not offer. Problems are collected, so that one attempt
    /// shows all of them.
    pub fn from_kubeconfig(
        path: Option<&Path>,
        overrides: &KubeconfigOverrides,
    ) -> Result<Self, ConfigError> {
        kubeconfig::config(&Environment::of_the_process(), path, overrides)
    }

    /// The API server of the cluster that this program runs in, as the pod's service account.
    ///
    /// # Errors
    ///
    /// If the program does not run in a pod (`KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` are set
    /// there), or the token or the CA certificate cannot be read. client-go only logs an unreadable CA
    /// and goes on with the system's roots, which cannot have signed a cluster's certificate.
    pub fn in_cluster() -> Result<Self, ConfigError> {
        in_cluster::config(&Environment::of_the_process())
    }

    /// The same configuration without credentials: no token, no user, no client certificate, no plugin
    /// or provider that gives one, nobody to impersonate.
    ///
    /// What is trusted (CA, server name, `insecure`) and the proxy stay.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self {
            bearer_token: None,
            bearer_token_file: None,
            username: None,
            password: None,
            exec: None,
            oidc: None,
            impersonate: None,
            tls: self.tls.without_identity(),
            ..self.clone()
        }
    }

    /// Appends `/suffix` to the user agent, so that the server's audit log can tell parts of a program apart.
    pub fn add_user_agent(&mut self, suffix: &str) {
        self.user_agent = Some(format!("{}/{suffix}", self.effective_user_agent()));
    }

    /// What the `User-Agent` header will say.
    pub(crate) fn effective_user_agent(&self) -> String {
        self.user_agent.clone().unwrap_or_else(user_agent::of_the_process)
    }

    /// The server's address after the rules of [`host`](Self::host).
    pub(crate) fn base_url(&self) -> Result<BaseUrl, ConfigError> {
        BaseUrl::parse(&self.host, self.tls.asks_for_tls())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("host", &host::without_user_info(&self.host))
            .field("api_path", &self.api_path)
            .field("content", &self.content)
            .field("tls", &self.tls)
            .field("proxy", &self.proxy)
            .field("bearer_token", &self.bearer_token)
            .field("bearer_token_file", &self.bearer_token_file)
            .field("username", &self.username)
            .field("password", &self.password)
            .field("exec", &self.exec)
            .field("exec_policy", &self.exec_policy)
            .field("oidc", &self.oidc)
            .field("impersonate", &self.impersonate)
            .field("user_agent", &self.user_agent)
            .field("compression", &self.compression)
            .field("rate_limit", &self.rate_limit)
            .field("warning_handler", &self.warning_handler)
            .field("metrics", &self.metrics)
            .field("timeout", &self.timeout)
            .field("default_namespace", &self.default_namespace)
            .finish()
    }
}
