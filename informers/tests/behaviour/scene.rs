//! What the tests have in common: a server with ConfigMaps, and informers on it.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kubeset::Clientset;
use kubeset_informers::{InformerBuilder, InformerFactory, SharedInformer};
use kubeset_testserver::TestServer;
use serde_json::json;

/// How long anything may take that should take no time.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) struct Scene {
    pub(crate) server: TestServer,
    pub(crate) clientset: Clientset,
    pub(crate) factory: InformerFactory,
}

impl Scene {
    /// A server with the ConfigMaps `names` in the namespace `prod`.
    pub(crate) async fn with(names: &[&str]) -> Self {
        let server = TestServer::start().await.expect("the server starts");
        server
            .put(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}}))
            .expect("the namespace is one");
        let scene = Self { clientset: server.clientset(), server, factory: InformerFactory::new() };
        for name in names {
            scene.put(name, "1");
        }
        scene
    }

    /// Creates or changes a ConfigMap, without HTTP.
    pub(crate) fn put(&self, name: &str, value: &str) {
        let object = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "prod", "labels": {"app": name}},
            "data": {"value": value},
        });
        self.server.put(&object).expect("the object is one");
    }

    pub(crate) async fn delete(&self, name: &str) {
        self.clientset
            .core_v1()
            .config_maps()
            .namespace("prod")
            .delete(name)
            .await
            .expect("the object can be deleted");
    }

    /// The ConfigMaps of the namespace `prod`, not yet started.
    pub(crate) fn config_maps(&self) -> InformerBuilder<ConfigMap> {
        self.factory.select(&self.clientset.endpoint::<ConfigMap>()).namespace("prod")
    }

    /// A running informer that has read everything.
    pub(crate) async fn synced(&self) -> SharedInformer<ConfigMap> {
        let informer = self.config_maps().informer();
        informer.start().expect("there is a runtime");
        informer.wait_for_sync(SOON).await.expect("the objects can be read");
        informer
    }
}

/// The value of a ConfigMap.
pub(crate) fn value(object: &ConfigMap) -> &str {
    object.data.as_ref().and_then(|data| data.get("value")).map_or("", String::as_str)
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(SOON, waiting).await.is_ok(), "it does not come to pass: {what}");
}
