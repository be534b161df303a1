//! The clientset: one set of connections, and the clients of all group versions on it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use k8s_openapi::Resource;
use kubeset_rest::{Config, Endpoint, Error, HttpClient, RestClient};

/// The clients of all group versions of a Kubernetes API server.
///
/// Clones are cheap, and share connections, credentials and rate limits. Clients of group versions are made
/// when they are first asked for; making a clientset sends nothing.
#[derive(Clone)]
pub struct Clientset {
    shared: Arc<Shared>,
}

struct Shared {
    /// The client of the server as a whole, from which those of the group versions are made.
    server: RestClient,
    default_namespace: String,
    /// Kept, so that all uses of a group version have one rate limit.
    group_versions: Mutex<BTreeMap<(&'static str, &'static str), RestClient>>,
}

impl Clientset {
    /// The clientset of the cluster that the kubeconfig names (`KUBECONFIG`, else `~/.kube/config`), or, if
    /// there is none, of the cluster that the program runs in.
    ///
    /// # Errors
    ///
    /// If neither is there, or what is there cannot be used. The server is not asked.
    pub async fn infer() -> Result<Self, Error> {
        Self::new(&Config::infer().await?)
    }

    /// The clientset of the server that `config` names.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be used. The server is not asked.
    pub fn new(config: &Config) -> Result<Self, Error> {
        Self::with_http_client(config, HttpClient::new(config)?)
    }

    /// A clientset on a ready HTTP client: clientsets that share one share its connections.
    ///
    /// Of `config`, what `http` was made from (TLS, credentials, compression) is not read again.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be used. The server is not asked.
    pub fn with_http_client(config: &Config, http: HttpClient) -> Result<Self, Error> {
        let mut config = config.clone();
        config.rate_limit = config.rate_limit.into_shared();
        let server = RestClient::unversioned_with_http_client(&config, http)?;
        let group_versions = Mutex::default();
        let default_namespace = config.default_namespace;
        Ok(Self { shared: Arc::new(Shared { server, default_namespace, group_versions }) })
    }

    /// The namespace of the configuration: the context's, the pod's own, or `default`.
    pub fn default_namespace(&self) -> &str {
        &self.shared.default_namespace
    }

    /// The endpoint of any type that says which resource it is: a custom resource, or a slimmer built-in kind.
    ///
    /// It offers every verb; whether the server has them is for the caller to know.
    ///
    /// A custom resource says it by k8s-openapi's `Resource`, as below; a type that is slimmer than a built-in kind by
    /// [`slim!`](crate::slim).
    ///
    /// ```no_run
    /// use kubeset::Clientset;
    /// use kubeset::k8s_openapi::{NamespaceResourceScope, Resource};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Widget {
    ///     spec: WidgetSpec,
    /// }
    ///
    /// #[derive(serde::Deserialize)]
    /// struct WidgetSpec {
    ///     size: i32,
    /// }
    ///
    /// impl Resource for Widget {
    ///     const API_VERSION: &'static str = "example.com/v1";
    ///     const GROUP: &'static str = "example.com";
    ///     const KIND: &'static str = "Widget";
    ///     const VERSION: &'static str = "v1";
    ///     const URL_PATH_SEGMENT: &'static str = "widgets";
    ///     type Scope = NamespaceResourceScope;
    /// }
    ///
    /// # async fn example(clientset: Clientset) -> Result<(), kubeset::Error> {
    /// let widget = clientset.endpoint::<Widget>().namespace("prod").get("gear").await?;
    /// println!("{}", widget.spec.size);
    /// # Ok(())
    /// # }
    /// ```
    pub fn endpoint<K: Resource>(&self) -> Endpoint<K> {
        Endpoint::new(&self.rest_client(K::GROUP, K::VERSION), K::URL_PATH_SEGMENT)
    }

    /// The client of one group version, for calls that no typed client has. The core group is `""`.
    pub fn rest_client(&self, group: &'static str, version: &'static str) -> RestClient {
        // The map is whole at every moment, so a panic elsewhere does not make it useless.
        let mut clients = self.shared.group_versions.lock().unwrap_or_else(PoisonError::into_inner);
        let client = clients
            .entry((group, version))
            .or_insert_with(|| self.shared.server.group_version(group, version));
        client.clone()
    }

    /// The client of the server as a whole, for paths outside the group versions.
    pub fn server(&self) -> &RestClient {
        &self.shared.server
    }
}

impl fmt::Debug for Clientset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Clientset")
            .field("server", &self.shared.server)
            .field("default_namespace", &self.shared.default_namespace)
            .finish_non_exhaustive()
    }
}
