//! Each format says the same about objects.

use futures_util::TryStreamExt as _;
use kubeset::api::core::v1::{ConfigMap, Pod};
use kubeset::{Clientset, Config, WatchEvent};

use super::apiserver::{ApiServer, SERVER};
use super::{config, namespace, object, pod};

/// A clientset that asks for nothing but this, and sends this.
fn speaking(media_type: &str) -> Clientset {
    let mut config: Config = config("admin");
    config.content.accept = Some(media_type.to_owned());
    config.content.content_type = Some(media_type.to_owned());
    Clientset::new(&config).unwrap()
}

/// A clientset for each format that the server speaks.
pub(crate) fn formats() -> Vec<Clientset> {
    let mut formats = vec!["application/json"];
    if let ApiServer::Real { .. } = *SERVER {
        formats.extend(["application/vnd.kubernetes.protobuf", "application/cbor"]);
    }
    formats.into_iter().map(speaking).collect()
}

#[tokio::test]
async fn what_is_created_in_one_format_is_read_as_the_same_in_all() {
    let formats = formats();
    let namespace = namespace(&formats[0]).await;
    for (number, clientset) in formats.iter().enumerate() {
        let name = format!("web-{number}");
        let pods = clientset.core_v1().pods().namespace(&namespace);
        let made = pods.create(&pod(&name)).await.unwrap();
        for other in &formats {
            let pods = other.core_v1().pods().namespace(&namespace);
            assert_eq!(pods.get(&name).await.unwrap(), made);
            let without = pods.get(&name).without_managed_fields().await.unwrap();
            assert_eq!((without.metadata.managed_fields, without.spec), (None, made.spec.clone()));
        }
        let map: ConfigMap = object!({
            "metadata": {"name": name, "annotations": {"empty": "", "text": "ä \" \\ \u{1}"}},
            "data": {"key": ""}, "binaryData": {"bytes": "AP8=", "none": ""}, "immutable": false,
        });
        let maps = clientset.core_v1().config_maps().namespace(&namespace);
        let made = maps.create(&map).await.unwrap();
        assert_eq!((&made.data, &made.binary_data), (&map.data, &map.binary_data));
    }
}

#[tokio::test]
async fn lists_and_watches_are_the_same_in_all_formats() {
    let formats = formats();
    let namespace = namespace(&formats[0]).await;
    let pods = |clientset: &Clientset| clientset.core_v1().pods().namespace(&namespace);
    for number in 0..20 {
        pods(&formats[0]).create(&pod(&format!("web-{number}"))).await.unwrap();
    }
    let list = pods(&formats[0]).list().await.unwrap();
    assert_eq!(list.items.len(), 20);
    let version = list.metadata.resource_version.clone().unwrap();
    pods(&formats[0]).delete("web-0").await.unwrap();
    for clientset in &formats {
        let same = pods(clientset).list().exactly(&version).await.unwrap();
        assert_eq!(same.items, list.items);
        let mut stream =
            pods(clientset).list().exactly(&version).without_managed_fields().stream().await.unwrap();
        let streamed: Vec<Pod> = (&mut stream).try_collect().await.unwrap();
        assert_eq!(stream.metadata().unwrap().resource_version, list.metadata.resource_version);
        assert!(streamed.iter().all(|pod| pod.metadata.managed_fields.is_none()));
        assert_eq!(streamed.len(), 20);
        let mut watch = pods(clientset).watch().resource_version(&version).await.unwrap();
        let Some(event) = watch.try_next().await.unwrap() else { panic!("the deletion is told") };
        let (WatchEvent::Modified(gone) | WatchEvent::Deleted(gone)) = event else { panic!("{event:?}") };
        assert_eq!(
            (gone.metadata.name.as_deref(), gone.spec.as_ref()),
            (Some("web-0"), list.items[0].spec.as_ref())
        );
    }
}

#[tokio::test]
async fn refusals_are_the_same_in_all_formats() {
    let formats = formats();
    let namespace = namespace(&formats[0]).await;
    let mut messages = Vec::new();
    for clientset in &formats {
        let pods = clientset.core_v1().pods().namespace(&namespace);
        let missing = pods.get("nobody").await.unwrap_err();
        assert!(missing.is_not_found());
        let wrong =
            pods.create(&object!({"metadata": {"name": "A"}, "spec": {"containers": []}})).await.unwrap_err();
        assert!(wrong.is_invalid());
        messages.push((missing.to_string(), wrong.to_string()));
        let gone = pods.delete("nobody").uid("1").await.unwrap_err();
        assert!(gone.is_not_found());
    }
    assert!(messages.iter().all(|message| *message == messages[0]), "{messages:#?}");
}
