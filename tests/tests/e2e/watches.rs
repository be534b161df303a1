//! Watches: from the start, from a version, and what ends them.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use kubeset::{MergePatch, WatchEvent};
use serde_json::json;

use super::{admin, config_map, namespace};

#[tokio::test]
async fn a_watch_goes_on_where_the_one_before_left_off() {
    let _kept = super::HISTORY.read().await;
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    let list = config_maps.list().labels("app=e2e").await.unwrap();
    let version = list.metadata.resource_version.unwrap();

    let mut first = config_maps.watch().labels("app=e2e").resource_version(&version).await.unwrap();
    config_maps.create(&config_map("watched")).await.unwrap();
    let Some(WatchEvent::Added(added)) = first.try_next().await.unwrap() else {
        panic!("an addition comes first")
    };
    assert_eq!(added.metadata.name.as_deref(), Some("watched"));
    drop(first);

    config_maps.patch("watched", MergePatch(json!({"data": {"key": "changed"}}))).await.unwrap();
    config_maps.delete("watched").await.unwrap();
    let version = added.metadata.resource_version.unwrap();
    let mut second = config_maps.watch().labels("app=e2e").resource_version(&version).await.unwrap();
    let Some(WatchEvent::Modified(modified)) = second.try_next().await.unwrap() else {
        panic!("then the change")
    };
    assert_eq!(modified.data.unwrap()["key"], "changed");
    let Some(WatchEvent::Deleted(deleted)) = second.try_next().await.unwrap() else { panic!("then the end") };
    assert_eq!(deleted.metadata.name.as_deref(), Some("watched"));
}

#[tokio::test]
async fn an_object_that_leaves_the_selector_is_deleted_for_the_watch() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    config_maps.create(&config_map("leaving")).await.unwrap();
    let mut watch = config_maps.watch().labels("app=e2e").await.unwrap();
    assert!(matches!(watch.try_next().await.unwrap(), Some(WatchEvent::Added(_))));
    config_maps
        .patch("leaving", MergePatch(json!({"metadata": {"labels": {"app": "other"}}})))
        .await
        .unwrap();
    assert!(matches!(watch.try_next().await.unwrap(), Some(WatchEvent::Deleted(_))));
}

#[tokio::test]
async fn initial_events_end_with_a_bookmark() {
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    for number in 0..3 {
        config_maps.create(&config_map(&format!("initial-{number}"))).await.unwrap();
    }
    let mut watch = config_maps.watch().labels("app=e2e").send_initial_events().await.unwrap();
    let mut added = 0;
    let bookmark = loop {
        match watch.try_next().await.unwrap().expect("the watch goes on") {
            WatchEvent::Added(_) => added += 1,
            WatchEvent::Bookmark(bookmark) if bookmark.ends_initial_events() => break bookmark,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(added, 3);
    assert!(!bookmark.resource_version.is_empty());
}

#[tokio::test]
async fn a_watch_ends_without_an_error_when_its_time_is_up() {
    let clientset = admin();
    let watch = clientset
        .core_v1()
        .config_maps()
        .watch()
        .fields("metadata.name=none")
        .timeout(Duration::from_secs(1));
    let events: Vec<_> = watch.await.unwrap().try_collect().await.unwrap();
    assert!(events.is_empty());
}

#[tokio::test]
async fn watches_of_all_namespaces_and_of_cluster_scoped_kinds_work() {
    let clientset = admin();
    let mut watch = clientset.core_v1().namespaces().watch().await.unwrap();
    assert!(matches!(watch.try_next().await.unwrap(), Some(WatchEvent::Added(_))));
    let mut watch = clientset.core_v1().services().watch().fields("metadata.name=kubernetes").await.unwrap();
    assert!(matches!(watch.try_next().await.unwrap(), Some(WatchEvent::Added(_))));
}
