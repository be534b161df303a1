//! The server's refusals.

use super::{admin, config, config_map, namespace, object};
use kubeset::{Clientset, Error};

#[tokio::test]
async fn missing_and_existing_objects_are_told_apart() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    let error = config_maps.get("none").await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.to_string(), r#"configmaps "none" not found (NotFound, 404)"#);
    assert_eq!(error.details().unwrap().name.as_deref(), Some("none"));
    config_maps.create(&config_map("there")).await.unwrap();
    assert!(config_maps.create(&config_map("there")).await.unwrap_err().is_already_exists());
    assert!(
        clientset
            .core_v1()
            .config_maps()
            .namespace("no-such")
            .create(&config_map("a"))
            .await
            .unwrap_err()
            .is_not_found()
    );
}

#[tokio::test]
async fn a_stale_object_and_a_wrong_precondition_are_conflicts() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    let first = config_maps.create(&config_map("contended")).await.unwrap();
    let mut second = first.clone();
    second.data = Some([("key".to_owned(), "second".to_owned())].into());
    config_maps.replace("contended", &second).await.unwrap();
    assert!(config_maps.replace("contended", &first).await.unwrap_err().is_conflict());
    assert!(config_maps.delete("contended").uid("another").await.unwrap_err().is_conflict());
    let old = first.metadata.resource_version.unwrap();
    assert!(config_maps.delete("contended").resource_version(&old).await.unwrap_err().is_conflict());
    config_maps.delete("contended").uid(&first.metadata.uid.unwrap()).await.unwrap();
}

#[tokio::test]
async fn an_invalid_object_is_refused_with_its_fields() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let service = object!({"metadata": {"name": "bad"}, "spec": {"ports": [{"port": 70000}]}});
    let error = clientset.core_v1().services().namespace(&namespace).create(&service).await.unwrap_err();
    assert!(error.is_invalid(), "{error:?}");
    assert!(
        error.causes().iter().any(|cause| cause.field.as_deref() == Some("spec.ports[0].port")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_user_without_permission_is_forbidden() {
    let jane = Clientset::new(&config("jane")).unwrap();
    let error = jane.core_v1().secrets().list().await.unwrap_err();
    assert!(error.is_forbidden());
    assert!(error.to_string().contains("jane"), "{error}");
}

#[tokio::test]
async fn a_broken_continue_token_and_a_future_version_are_told_apart() {
    let clientset = admin();
    let pods = clientset.core_v1().pods();
    assert!(pods.list().limit(1).continue_from("nonsense").await.unwrap_err().is_bad_request());
    // The server waits some seconds for the version to come.
    let error = pods.list().at_least("999999999").max_retries(0).await.unwrap_err();
    assert!(error.is_resource_version_too_large(), "{error:?}");
    assert!(error.retry_after().is_some());
}

#[tokio::test]
async fn a_bad_name_is_refused_before_anything_is_sent() {
    let error = admin().core_v1().secrets().namespace("prod").delete("../../nodes/a").await.unwrap_err();
    assert!(matches!(error, Error::Build(_)));
    assert_eq!(error.attempts(), 0);
}
