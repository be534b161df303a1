//! What is particular to server-side apply and to field validation.

use kubeset::{FieldValidation, MergePatch};
use serde_json::json;

use super::{admin, config_map, namespace};

#[tokio::test]
async fn apply_creates_and_names_the_field_that_another_manager_owns() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    let wanted = |value: &str| {
        json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "applied"}, "data": {"key": value}})
    };
    let made = config_maps.apply("applied", &wanted("one"), "first").await.unwrap();
    assert_eq!(made.data.unwrap()["key"], "one");

    let conflict = config_maps.apply("applied", &wanted("two"), "second").await.unwrap_err();
    assert!(conflict.is_conflict());
    assert!(
        conflict.causes().iter().any(|cause| cause.field.as_deref() == Some(".data.key")),
        "{conflict:?}"
    );
    let forced = config_maps.apply("applied", &wanted("two"), "second").force().await.unwrap();
    assert_eq!(forced.data.unwrap()["key"], "two");
}

#[tokio::test]
async fn a_field_that_a_manager_no_longer_wants_goes_away() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    let wanted = |data| {
        json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "applied"}, "data": data})
    };
    config_maps.apply("applied", &wanted(json!({"a": "1", "b": "2"})), "me").await.unwrap();
    let less = config_maps.apply("applied", &wanted(json!({"a": "1"})), "me").await.unwrap();
    assert_eq!(less.data.unwrap().into_keys().collect::<Vec<_>>(), ["a"]);
}

#[tokio::test]
async fn strict_validation_refuses_an_unknown_field_that_is_else_dropped() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    config_maps.create(&config_map("strict")).await.unwrap();
    let patch = || config_maps.patch("strict", MergePatch(json!({"date": {"key": "typo"}})));
    let error = patch().field_validation(FieldValidation::Strict).await.unwrap_err();
    assert!(error.is_bad_request() || error.is_invalid(), "{error:?}");
    patch().field_validation(FieldValidation::Ignore).await.unwrap();
}
