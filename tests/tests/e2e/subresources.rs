//! Subresources: what belongs to an object and has a path of its own.

use std::time::Duration;

use kubeset::api::authentication::v1::TokenRequest;
use kubeset::api::autoscaling::v1::Scale;
use kubeset::api::core::v1::PodStatus;
use kubeset::{LogStream, MergePatch};
use serde_json::json;

use super::{admin, namespace, object, pod};

#[tokio::test]
async fn a_scale_is_read_replaced_patched_and_applied() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let deployments = clientset.apps_v1().deployments().namespace(&namespace);
    let deployment = object!({"metadata": {"name": "web"}, "spec": {"replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "app", "image": "example.invalid/app"}]}}}});
    deployments.create(&deployment).await.unwrap();
    let mut scale: Scale = deployments.get_scale("web").await.unwrap();
    scale.spec.get_or_insert_default().replicas = Some(3);
    deployments.replace_scale("web", &scale).await.unwrap();
    assert_eq!(deployments.get("web").await.unwrap().spec.replicas, Some(3));
    deployments.patch_scale("web", MergePatch(json!({"spec": {"replicas": 0}}))).await.unwrap();
    let applied = json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 5}});
    let scale = deployments.apply_scale("web", &applied, "e2e").force().await.unwrap();
    assert_eq!(scale.spec.unwrap().replicas, Some(5));
}

#[tokio::test]
async fn a_status_changes_apart_from_its_spec() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let pods = clientset.core_v1().pods().namespace(&namespace);
    let mut made = pods.create(&pod("web")).await.unwrap();
    made.status = Some(PodStatus { phase: Some("Failed".to_owned()), ..PodStatus::default() });
    made.metadata.labels = Some([("ignored".to_owned(), "yes".to_owned())].into());
    let replaced = pods.replace_status("web", &made).await.unwrap();
    assert_eq!(replaced.status.unwrap().phase.as_deref(), Some("Failed"));
    let patch = MergePatch(json!({"status": {"message": "from a patch"}}));
    assert_eq!(
        pods.patch_status("web", patch).await.unwrap().status.unwrap().message.as_deref(),
        Some("from a patch")
    );
    let read = pods.get_status("web").await.unwrap();
    assert_eq!(read.status.unwrap().phase.as_deref(), Some("Failed"));
}

#[tokio::test]
async fn an_eviction_deletes_unless_a_budget_forbids_it() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let pods = clientset.core_v1().pods().namespace(&namespace);
    pods.create(&pod("free")).await.unwrap();
    pods.evict("free").await.unwrap();
    assert!(pods.get("free").optional().await.unwrap().is_none());

    let budget = object!({"metadata": {"name": "none"},
        "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "kept"}}}});
    clientset.policy_v1().pod_disruption_budgets().namespace(&namespace).create(&budget).await.unwrap();
    pods.create(&pod("kept")).await.unwrap();
    let ready = MergePatch(
        json!({"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}),
    );
    pods.patch_status("kept", ready).await.unwrap();
    // Without a controller that looks after the budget, the server asks to come back later, again and again.
    let error = pods.evict("kept").max_retries(0).await.unwrap_err();
    assert!(error.is_too_many_requests(), "{error:?}");
    assert!(error.retry_after().is_some(), "{error:?}");
}

#[tokio::test]
async fn a_pod_is_bound_to_a_node() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let pods = clientset.core_v1().pods().namespace(&namespace);
    pods.create(&pod("bound")).await.unwrap();
    pods.bind("bound", "node-1").await.unwrap();
    assert_eq!(pods.get("bound").await.unwrap().spec.unwrap().node_name.as_deref(), Some("node-1"));
    pods.create(&pod("bound-too")).await.unwrap();
    let binding = object!({"metadata": {"name": "bound-too"}, "target": {"kind": "Node", "name": "node-1"}});
    clientset.core_v1().bindings().namespace(&namespace).create(&binding).await.unwrap();
    assert_eq!(pods.get("bound-too").await.unwrap().spec.unwrap().node_name.as_deref(), Some("node-1"));
    pods.delete_collection().grace_period(Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn containers_are_added_and_resized_in_place() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let pods = clientset.core_v1().pods().namespace(&namespace);
    pods.create(&pod("web")).await.unwrap();
    let debug =
        json!({"spec": {"ephemeralContainers": [{"name": "debug", "image": "example.invalid/debug"}]}});
    let patched = pods.patch_ephemeral_containers("web", kubeset::StrategicMergePatch(debug)).await.unwrap();
    assert_eq!(patched.spec.unwrap().ephemeral_containers.unwrap()[0].name, "debug");
    assert!(pods.get_ephemeral_containers("web").await.is_ok());
    assert!(pods.get_resize("web").await.is_ok());
}

#[tokio::test]
async fn a_service_account_gets_a_token_that_its_bearer_is_known_by() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let accounts = clientset.core_v1().service_accounts().namespace(&namespace);
    accounts.create(&object!({"metadata": {"name": "robot"}})).await.unwrap();
    let request: TokenRequest = object!({"spec": {"audiences": [], "expirationSeconds": 600}});
    let token = accounts.create_token("robot", &request).await.unwrap().status.unwrap().token.unwrap();
    let mut config = super::config("token").anonymous();
    config.bearer_token = Some(token.into());
    let robot = kubeset::Clientset::new(&config).unwrap();
    let error = robot.core_v1().secrets().list().await.unwrap_err();
    assert!(error.is_forbidden(), "{error:?}");
    assert!(error.to_string().contains("robot"), "{error}");
}

#[tokio::test]
async fn a_certificate_request_is_approved() {
    let clientset = admin();
    let requests = clientset.certificates_v1().certificate_signing_requests();
    let request = include_str!("request.pem");
    let csr = object!({"metadata": {"name": "e2e"}, "spec": {"request": base64(request.as_bytes()),
        "signerName": "example.invalid/none", "usages": ["client auth"]}});
    let mut made = requests.create(&csr).await.unwrap();
    let condition = object!({"type": "Approved", "status": "True", "reason": "E2e"});
    made.status.get_or_insert_default().conditions = Some(vec![condition]);
    let approved = requests.replace_approval("e2e", &made).await.unwrap();
    assert_eq!(approved.status.unwrap().conditions.unwrap()[0].type_, "Approved");
    assert!(requests.get_approval("e2e").await.is_ok());
    requests.delete("e2e").await.unwrap();
}

/// Base64 as the API has it for bytes in JSON.
fn base64(bytes: &[u8]) -> serde_json::Value {
    serde_json::to_value(kubeset::k8s_openapi::ByteString(bytes.to_vec())).unwrap()
}

#[tokio::test]
async fn a_namespace_ends_when_its_finalizers_are_gone() {
    let clientset = admin();
    let name = namespace(&clientset).await;
    let namespaces = clientset.core_v1().namespaces();
    namespaces.delete(&name).await.unwrap();
    let mut ending = namespaces.get(&name).await.unwrap();
    assert_eq!(ending.status.as_ref().unwrap().phase.as_deref(), Some("Terminating"));
    ending.spec.get_or_insert_default().finalizers = Some(Vec::new());
    namespaces.replace_finalize(&name, &ending).await.unwrap();
    assert!(namespaces.get(&name).optional().await.unwrap().is_none());
}

#[tokio::test]
async fn logs_and_proxies_reach_the_server_which_has_no_node_to_ask() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let pods = clientset.core_v1().pods().namespace(&namespace);
    pods.create(&pod("web")).await.unwrap();
    // A pod without a node has no log yet.
    let logs = pods.logs("web").container("app").tail_lines(1).timestamps().since(Duration::from_secs(5));
    assert_eq!(logs.await.unwrap(), "");
    let error = pods.logs("web").container("other").await.unwrap_err();
    assert!(error.is_bad_request(), "{error:?}");
    let error = pods.logs("web").stream(LogStream::Stdout).tail_lines(1).await.unwrap_err();
    assert!(error.is_invalid() || error.is_bad_request(), "{error:?}");
    let error = pods.proxy("web:80").path("/").await.unwrap_err();
    assert!(error.status().is_some(), "{error:?}");
    let error =
        clientset.core_v1().services().namespace(&namespace).proxy("none").path("x").await.unwrap_err();
    assert!(error.status().is_some(), "{error:?}");
}
