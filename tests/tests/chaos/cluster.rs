//! The API server: how it is reached, and what must be there before anything is written.

use std::time::Duration;

use futures_util::future::join_all;
use kubeset::api::core::v1::Namespace;
use kubeset::api::flowcontrol::v1::PriorityLevelConfiguration;
use kubeset::api::rbac::v1::ClusterRoleBinding;
use kubeset::rest::RestClient;
use kubeset::{Clientset, Config, Error, KubeconfigOverrides, RateLimit};
use serde_json::{Value, json};

/// How many namespaces there are.
pub(crate) const NAMESPACES: usize = 5;
/// The name of what tells the server to refuse the requests of the informers' user.
const REFUSAL: &str = "chaos";
/// How many requests keep the server busy: one that it does and some that wait for their turn.
const CROWD: usize = 3;
/// How long one of them waits when it was refused.
const REFUSED: Duration = Duration::from_millis(5);
/// After so long a request of the run itself has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// An object of any kind, from JSON.
macro_rules! object {
    ($($json:tt)+) => {
        serde_json::from_value(serde_json::json!($($json)+)).expect("the object is of its kind")
    };
}
pub(crate) use object;

/// The API server, with nothing but the loopback network in between.
#[derive(Clone)]
pub(crate) struct Cluster {
    /// Speaks JSON, and as somebody whom the server never puts off.
    pub(crate) admin: Clientset,
    /// The informers' user.
    crowd: RestClient,
    etcd: RestClient,
    port: u16,
}

impl Cluster {
    /// The server that `KUBECONFIG` leads to, and its store.
    pub(crate) fn new(etcd: &str) -> Result<Self, String> {
        let mut config = config("admin")?;
        config.content.accept = Some("application/json".to_owned());
        config.content.content_type = Some("application/json".to_owned());
        config.timeout = Some(PATIENCE);
        let port = config.host.rsplit_once(':').and_then(|(_, port)| port.trim_matches('/').parse().ok());
        let port = port.ok_or_else(|| format!("{} names no port", config.host))?;
        let admin = Clientset::new(&config).map_err(told)?;
        let crowd = RestClient::unversioned(&self::config("joe")?).map_err(told)?;
        let etcd = RestClient::unversioned(&Config::new(etcd)).map_err(told)?;
        Ok(Self { admin, crowd, etcd, port })
    }

    /// The port of the API server.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Makes the namespaces, and what is needed to refuse requests.
    pub(crate) async fn prepare(&self) -> Result<(), Error> {
        for number in 0..NAMESPACES {
            let object: Namespace = object!({"metadata": {"name": namespace(number)}});
            self.admin.core_v1().namespaces().create(&object).await?;
        }
        // Not a member of the group of administrators, whose requests are never put off.
        let binding: ClusterRoleBinding = object!({
            "metadata": {"name": REFUSAL},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "joe"}],
        });
        self.admin.rbac_v1().cluster_role_bindings().create(&binding).await?;
        let nothing: PriorityLevelConfiguration = object!({
            "metadata": {"name": REFUSAL},
            "spec": {"type": "Limited", "limited": {
                "nominalConcurrencyShares": 0, "lendablePercent": 0, "borrowingLimitPercent": 0,
                "limitResponse": {"type": "Reject"},
            }},
        });
        self.admin.flowcontrol_v1().priority_level_configurations().create(&nothing).await?;
        Ok(())
    }

    /// From now on the server does one request of the informers' user at a time, and answers others with 429.
    pub(crate) async fn refuse(&self) -> Result<(), Error> {
        let all = json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": true});
        let schema = object!({
            "metadata": {"name": REFUSAL},
            "spec": {
                "priorityLevelConfiguration": {"name": REFUSAL},
                "matchingPrecedence": 2,
                "rules": [{"subjects": [{"kind": "User", "user": {"name": "joe"}}], "resourceRules": [all]}],
            },
        });
        self.admin.flowcontrol_v1().flow_schemas().create(&schema).await.map(drop)
    }

    /// Keeps the server busy in the name of the informers' user.
    pub(crate) async fn crowd(&self, time: Duration) {
        let crowd = join_all((0..CROWD).map(async |_| {
            loop {
                let all = self.crowd.get().abs_path("/api/v1/configmaps").max_retries(0);
                if all.send_raw().await.is_err() {
                    tokio::time::sleep(REFUSED).await;
                }
            }
        }));
        drop::<Result<Vec<()>, _>>(tokio::time::timeout(time, crowd).await);
    }

    /// The server answers the informers' requests again.
    pub(crate) async fn accept(&self) -> Result<(), Error> {
        match self.admin.flowcontrol_v1().flow_schemas().delete(REFUSAL).await {
            Err(error) if error.is_not_found() => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Makes the store forget all versions before the latest.
    pub(crate) async fn compact(&self) -> Result<(), Error> {
        let latest = self.admin.core_v1().namespaces().list().limit(1).await?.metadata.resource_version;
        let compaction = json!({"revision": latest, "physical": true});
        self.etcd.post().abs_path("/v3/kv/compaction").json(&compaction).send::<Value>().await.map(drop)
    }
}

/// The name of a namespace.
pub(crate) fn namespace(number: usize) -> String {
    format!("chaos-{}", number % NAMESPACES)
}

/// The configuration of a context of the server's kubeconfig, without a rate limit.
pub(crate) fn config(context: &str) -> Result<Config, String> {
    let mut overrides = KubeconfigOverrides::default();
    overrides.context = Some(context.to_owned());
    let mut config = Config::from_kubeconfig(None, &overrides).map_err(told)?;
    config.rate_limit = RateLimit::Unlimited;
    Ok(config)
}

/// An error with its causes.
pub(crate) fn told(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
