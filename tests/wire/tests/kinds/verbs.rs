//! A real API server that is asked for protobuf alone: what is not an object or a list of them.

use futures_util::TryStreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kubeset_rest::{Config, Deleted, Endpoint, RestClient, WatchEvent};
use serde_json::{Value, json};

use crate::server::{PROTOBUF, config};

/// A configuration that takes and sends nothing but protobuf.
fn protobuf_alone() -> Config {
    let mut config = config();
    config.content.accept = Some(PROTOBUF.to_owned());
    config.content.content_type = Some(PROTOBUF.to_owned());
    config
}

fn config_maps() -> Endpoint<ConfigMap> {
    let client = RestClient::for_group_version(&protobuf_alone(), "", "v1").unwrap();
    Endpoint::new(&client, "configmaps").namespace("default")
}

fn config_map(value: &str) -> ConfigMap {
    let metadata = ObjectMeta { generate_name: Some("wire-".to_owned()), ..ObjectMeta::default() };
    let data = [("key".to_owned(), value.to_owned()), ("empty".to_owned(), String::new())];
    ConfigMap { metadata, data: Some(data.into()), immutable: Some(false), ..ConfigMap::default() }
}

#[tokio::test]
#[ignore = "needs a real API server: cargo xtask e2e"]
async fn an_object_is_watched_from_its_creation_to_its_deletion_with_preconditions() {
    let config_maps = config_maps();
    let since = config_maps.list().limit(1).await.unwrap().metadata.resource_version.unwrap();
    let mut made = config_maps.create(&config_map("first")).await.unwrap();
    let name = made.metadata.name.clone().unwrap();
    assert_eq!((made.data.clone(), made.immutable), (config_map("first").data, Some(false)));
    assert_eq!(config_maps.get(&name).await.unwrap(), made);
    let first = made.clone();
    made.data = config_map("second").data;
    let second = config_maps.replace(&name, &made).await.unwrap();

    let stale = config_maps.replace(&name, &first).await.unwrap_err();
    assert!(stale.is_conflict(), "{stale}");
    let details = config_maps.get("none").await.unwrap_err();
    assert!(
        details.is_not_found() && details.details().unwrap().name.as_deref() == Some("none"),
        "{details:?}"
    );

    let other = config_maps.delete(&name).uid("another").await.unwrap_err();
    assert!(other.is_conflict() && other.to_string().contains("another"), "{other}");
    let uid = second.metadata.uid.clone().unwrap();
    let version = second.metadata.resource_version.clone().unwrap();
    let deleted = config_maps.delete(&name).uid(&uid).resource_version(&version).await.unwrap();
    let Deleted::Status(status) = deleted else { panic!("a Status answers: {deleted:?}") };
    assert_eq!(status.details.unwrap().uid, Some(uid));

    let mut events =
        config_maps.watch().fields(&format!("metadata.name={name}")).resource_version(&since).await.unwrap();
    let mut next = async || events.try_next().await.unwrap().expect("another event");
    let WatchEvent::Added(added) = next().await else { panic!("it is added first") };
    let WatchEvent::Modified(modified) = next().await else { panic!("then it is modified") };
    let WatchEvent::Deleted(mut gone) = next().await else { panic!("then it is gone") };
    gone.metadata.resource_version = second.metadata.resource_version.clone();
    assert_eq!((added, modified, gone), (first, second.clone(), second));
}

#[tokio::test]
#[ignore = "needs a real API server: cargo xtask e2e"]
async fn metadata_alone_is_the_same_in_both_formats() {
    let client = RestClient::unversioned(&config()).unwrap();
    let system = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
    for (path, kind) in [
        (system, "PartialObjectMetadata"),
        ("/api/v1/namespaces", "PartialObjectMetadataList"),
        ("/apis/rbac.authorization.k8s.io/v1/clusterroles", "PartialObjectMetadataList"),
    ] {
        let get = async |media_type: &str| {
            let accept = format!("{media_type};as={kind};g=meta.k8s.io;v=v1");
            client.get().abs_path(path).header("accept", accept).send_raw().await.unwrap().body
        };
        let json: Value = serde_json::from_slice(&get("application/json").await).unwrap();
        let protobuf: Value = kubeset_protobuf::from_slice(&get(PROTOBUF).await).unwrap();
        assert_eq!((&json["apiVersion"], &json["kind"]), (&json!("meta.k8s.io/v1"), &json!(kind)));
        assert_eq!(without_type_meta(protobuf), without_type_meta(json), "{path}");
    }
}

/// The items of a list do not say in protobuf what they are.
fn without_type_meta(mut list: Value) -> Value {
    for item in list["items"].as_array_mut().into_iter().flatten() {
        item.as_object_mut().unwrap().retain(|name, _| name != "apiVersion" && name != "kind");
    }
    list
}
