//! The clientset against an API server: the one in memory, or, with `cargo xtask e2e`, a real one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod apiserver;
mod credentials;
mod delegation;
mod errors;
mod formats;
mod history;
mod informers;
mod lists;
mod objects;
mod openapi;
mod paging;
mod patches;
mod server;
mod subresources;
mod watches;

use apiserver::SERVER;
use kubeset::api::core::v1::Namespace;
use kubeset::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kubeset::{Clientset, Config, KubeconfigOverrides, RateLimit};
use tokio::sync::RwLock;

/// The configuration of one context of the server's kubeconfig, without a rate limit.
fn config(context: &str) -> Config {
    let mut overrides = KubeconfigOverrides::default();
    overrides.context = Some(context.to_owned());
    let mut config = Config::from_kubeconfig(SERVER.kubeconfig(), &overrides).unwrap();
    config.rate_limit = RateLimit::Unlimited;
    config
}

/// Held by tests that need the server's history, and alone by the one that takes it away.
static HISTORY: RwLock<()> = RwLock::const_new(());

/// A clientset as the cluster's administrator.
fn admin() -> Clientset {
    Clientset::new(&config("admin")).unwrap()
}

/// Makes a namespace for one test, and returns its name.
async fn namespace(clientset: &Clientset) -> String {
    let metadata = ObjectMeta { generate_name: Some("e2e-".to_owned()), ..ObjectMeta::default() };
    let namespace = Namespace { metadata, ..Namespace::default() };
    let made = clientset.core_v1().namespaces().create(&namespace).await.unwrap();
    made.metadata.name.unwrap()
}

/// An object of any kind, from JSON.
macro_rules! object {
    ($($json:tt)+) => {
        serde_json::from_value(serde_json::json!($($json)+)).expect("the object is of its kind")
    };
}
pub(crate) use object;

/// A pod that nothing will ever run.
fn pod(name: &str) -> kubeset::api::core::v1::Pod {
    object!({
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [{"name": "app", "image": "example.invalid/app"}]},
    })
}

/// A ConfigMap with one entry.
fn config_map(name: &str) -> kubeset::api::core::v1::ConfigMap {
    object!({"metadata": {"name": name, "labels": {"app": "e2e"}}, "data": {"key": "value"}})
}
