//! The life of an object, for a dozen and more kinds.

use std::time::Duration;

use kubeset::{JsonPatch, MergePatch, PropagationPolicy, StrategicMergePatch};
use serde_json::json;

use super::{admin, namespace, object};

/// Creates, reads, replaces, patches in every way, applies, lists and deletes one object.
macro_rules! live {
    ($client:expr, $name:literal, $object:expr) => {{
        let client = $client;
        let label = |name: &str| json!({"metadata": {"labels": {name: "yes"}}});
        let made = client.create(&$object).field_manager("e2e").await.expect("create");
        assert!(made.metadata.uid.is_some());
        let mut read = client.get($name).await.expect("get");
        assert_eq!(read.metadata.uid, made.metadata.uid);

        read.metadata.labels.get_or_insert_default().insert("replace".into(), "yes".into());
        client.replace($name, &read).await.expect("replace");
        client.patch($name, MergePatch(label("merge"))).await.expect("merge patch");
        client.patch($name, StrategicMergePatch(label("strategic"))).await.expect("strategic merge patch");
        let operation = json!([{"op": "add", "path": "/metadata/labels/json", "value": "yes"}]);
        client.patch($name, JsonPatch(operation)).await.expect("json patch");
        let mut applied = serde_json::to_value(&made).expect("an object is JSON");
        applied = json!({"apiVersion": applied["apiVersion"], "kind": applied["kind"],
            "metadata": {"name": $name, "labels": {"apply": "yes"}}});
        let all = client.apply($name, &applied, "e2e-apply").force().await.expect("apply");
        let labels = all.metadata.labels.unwrap_or_default();
        for label in ["replace", "merge", "strategic", "json", "apply"] {
            assert!(labels.contains_key(label), "{label} is not in {labels:?}");
        }

        let found = client.list().labels("apply=yes").fields(concat!("metadata.name=", $name)).await.expect("list");
        assert_eq!(found.items.len(), 1);
        let delete = client.delete($name).grace_period(Duration::ZERO);
        delete.propagation_policy(PropagationPolicy::Background).await.expect("delete");
        assert!(client.get($name).optional().await.expect("get").is_none());
    }};
}

#[tokio::test]
async fn core_objects_live_and_die() {
    let clientset = admin();
    let namespace = &namespace(&clientset).await;
    let core = clientset.core_v1();
    live!(core.config_maps().namespace(namespace), "live", super::config_map("live"));
    live!(core.pods().namespace(namespace), "live", super::pod("live"));
    live!(
        core.secrets().namespace(namespace),
        "live",
        object!({"metadata": {"name": "live"}, "stringData": {"password": "hunter2"}})
    );
    live!(
        core.services().namespace(namespace),
        "live",
        object!({"metadata": {"name": "live"}, "spec": {"ports": [{"port": 80}], "selector": {"app": "live"}}})
    );
    live!(core.service_accounts().namespace(namespace), "live", object!({"metadata": {"name": "live"}}));
    live!(
        core.resource_quotas().namespace(namespace),
        "live",
        object!({"metadata": {"name": "live"}, "spec": {"hard": {"count/jobs.batch": "100"}}})
    );
}

#[tokio::test]
async fn workloads_live_and_die() {
    let clientset = admin();
    let namespace = &namespace(&clientset).await;
    let template = json!({"metadata": {"labels": {"app": "live"}},
        "spec": {"containers": [{"name": "app", "image": "example.invalid/app"}]}});
    let selector = json!({"matchLabels": {"app": "live"}});
    live!(
        clientset.apps_v1().deployments().namespace(namespace),
        "live",
        object!({"metadata": {"name": "live"}, "spec": {"selector": selector, "template": template}})
    );
    live!(
        clientset.apps_v1().stateful_sets().namespace(namespace),
        "live",
        object!({"metadata": {"name": "live"},
            "spec": {"selector": selector, "template": template, "serviceName": "live"}})
    );
    let mut job = template.clone();
    job["spec"]["restartPolicy"] = "Never".into();
    live!(
        clientset.batch_v1().jobs().namespace(namespace),
        "live",
        object!({"metadata": {"name": "live"}, "spec": {"template": job}})
    );
}

#[tokio::test]
async fn policies_and_leases_live_and_die() {
    let clientset = admin();
    let namespace = &namespace(&clientset).await;
    live!(
        clientset.coordination_v1().leases().namespace(namespace),
        "live",
        object!({"metadata": {"name": "live"}, "spec": {"holderIdentity": "me", "leaseDurationSeconds": 15}})
    );
    live!(
        clientset.rbac_v1().roles().namespace(namespace),
        "live",
        object!({"metadata": {"name": "live"}, "rules": []})
    );
    live!(
        clientset.networking_v1().network_policies().namespace(namespace),
        "live",
        object!({"metadata": {"name": "live"}, "spec": {"podSelector": {}}})
    );
    live!(
        clientset.policy_v1().pod_disruption_budgets().namespace(namespace),
        "live",
        object!({"metadata": {"name": "live"}, "spec": {"minAvailable": "50%"}})
    );
}

#[tokio::test]
async fn cluster_scoped_objects_live_and_die() {
    let clientset = admin();
    live!(clientset.core_v1().nodes(), "live-node", object!({"metadata": {"name": "live-node"}}));
    live!(
        clientset.rbac_v1().cluster_roles(),
        "live:role",
        object!({"metadata": {"name": "live:role"}, "rules": []})
    );
    live!(
        clientset.scheduling_v1().priority_classes(),
        "live-priority",
        object!({"metadata": {"name": "live-priority"}, "value": 7})
    );
    live!(
        clientset.storage_v1().storage_classes(),
        "live-storage",
        object!({"metadata": {"name": "live-storage"}, "provisioner": "example.invalid/none"})
    );
}

#[tokio::test]
async fn a_collection_is_deleted_as_far_as_its_selector_reaches() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    for number in 0..5 {
        let mut object = super::config_map(&format!("c-{number}"));
        object.metadata.labels = Some([("even".to_owned(), (number % 2 == 0).to_string())].into());
        config_maps.create(&object).await.unwrap();
    }
    config_maps.delete_collection().labels("even=true").dry_run().await.unwrap();
    assert_eq!(config_maps.list().labels("even").await.unwrap().items.len(), 5, "a dry run deletes nothing");
    config_maps.delete_collection().labels("even=true").await.unwrap();
    assert_eq!(config_maps.list().labels("even").await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn a_dry_run_answers_like_the_real_call_and_changes_nothing() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    let made = config_maps.create(&super::config_map("dry")).dry_run().await.unwrap();
    assert!(made.metadata.uid.is_some());
    assert!(config_maps.get("dry").optional().await.unwrap().is_none());
}
