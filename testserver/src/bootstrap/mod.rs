//! What is there from the start, because kube-apiserver makes it itself. Roles and bindings are made elsewhere.

mod api_services;
mod flow_control;

use crate::catalog::{Snapshot, StorageKey};
use crate::collector;
use crate::object::{self, new_uid};
use crate::server::Server;
use crate::store::Index;
use crate::time::now;
use serde_json::{Value, json};

/// The namespaces that every cluster has.
const NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// The addresses that Services get.
const ADDRESSES: &str = "10.0.0.0/16";

/// The classes of Pods without which a cluster does not work: name, value, what it is for.
const PRIORITIES: [(&str, i64, &str); 2] = [
    (
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
    (
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
];

/// Makes what controllers give to the namespaces.
pub(crate) fn furnish(server: &Server) {
    let accounts = StorageKey { group: "".into(), plural: "serviceaccounts".into() };
    for name in NAMESPACES {
        // The store has none yet.
        let _ = server.store.create(&accounts, collector::account(name), Index::default());
    }
}

/// Makes the objects that every cluster has.
pub(crate) fn fill(server: &Server) {
    let snapshot = server.catalog.snapshot();
    let maker = Maker { server, snapshot: &snapshot };
    for name in NAMESPACES {
        let metadata = json!({"name": name, "labels": {"kubernetes.io/metadata.name": name}});
        let namespace = json!({
            "metadata": metadata, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
        });
        maker.add("", "v1", "namespaces", namespace);
    }
    for (name, value, description) in PRIORITIES {
        let class = json!({
            "metadata": {"name": name, "generation": 1},
            "value": value,
            "description": description,
            "preemptionPolicy": "PreemptLowerPriority",
        });
        maker.add("scheduling.k8s.io", "v1", "priorityclasses", class);
    }
    maker.add("networking.k8s.io", "v1", "servicecidrs", addresses());
    maker.add("", "v1", "services", service(&server.address));
    flow_control::fill(&maker);
    api_services::fill(&maker);
}

/// Makes objects.
struct Maker<'a> {
    server: &'a Server,
    snapshot: &'a Snapshot,
}

impl Maker<'_> {
    /// Makes an object of a resource, unless the served version of Kubernetes does not have that.
    fn add(&self, group: &str, version: &str, plural: &str, mut object: Value) {
        let Some(resource) = self.snapshot.resource(group, version, plural) else { return };
        object::set_meta(&mut object, "uid", new_uid());
        object::set_meta(&mut object, "creationTimestamp", now());
        let index = Index::new(&object, resource.selectable.of(&object));
        // The store is empty, so nothing exists yet.
        let _ = self.server.store.create(&resource.storage_key(), object, index);
    }
}

fn addresses() -> Value {
    let ready = json!({
        "type": "Ready",
        "status": "True",
        "lastTransitionTime": now(),
        "reason": "",
        "message": "Kubernetes default Service CIDR is ready",
    });
    json!({
        "metadata": {"name": "kubernetes"},
        "spec": {"cidrs": [ADDRESSES]},
        "status": {"conditions": [ready]},
    })
}

/// The Service by which Pods would find the server.
fn service(address: &str) -> Value {
    let port = address.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).unwrap_or_default();
    json!({
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {
            "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": port}],
            "clusterIP": "10.0.0.1",
            "clusterIPs": ["10.0.0.1"],
            "type": "ClusterIP",
            "sessionAffinity": "None",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
        },
        "status": {"loadBalancer": {}},
    })
}

#[cfg(test)]
mod tests {
    use crate::TestServer;
    use crate::server::testing::{Client, Protocol};
    use serde_json::Value;

    #[tokio::test]
    async fn a_server_has_what_kubernetes_makes_itself() {
        let server = TestServer::builder().without_controllers().start().await.unwrap();
        let mut client = Client::new(&server, Protocol::Http1).await;
        for (path, count) in [
            ("/api/v1/namespaces", 4),
            ("/api/v1/services", 1),
            ("/apis/scheduling.k8s.io/v1/priorityclasses", 2),
            ("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas", 11),
            ("/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations", 8),
        ] {
            let (_, list) = client.ask("GET", path, &Value::Null).await;
            assert_eq!(list["items"].as_array().map(Vec::len), Some(count), "{path}");
        }
        let (code, service) =
            client.ask("GET", "/apis/apiregistration.k8s.io/v1/apiservices/v1.apps", &Value::Null).await;
        assert_eq!((code, &service["spec"]["group"]), (200, &Value::from("apps")));
    }
}
