//! Long lists.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{admin, config_map, namespace};

#[tokio::test]
async fn a_thousand_objects_come_in_pages_and_each_once() {
    let _kept = super::HISTORY.read().await;
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    stream::iter(0..1_000)
        .map(|number| config_maps.create(&config_map(&format!("p-{number:04}"))).into_future())
        .buffer_unordered(16)
        .try_collect::<Vec<_>>()
        .await
        .unwrap();

    let page = config_maps.list().labels("app=e2e").limit(300).await.unwrap();
    assert_eq!(page.items.len(), 300);
    let token = page.metadata.continue_.unwrap();
    let next = config_maps.list().labels("app=e2e").limit(300).continue_from(&token).await.unwrap();
    assert_eq!(next.metadata.resource_version, page.metadata.resource_version, "of the same version");

    let pages: Vec<_> = config_maps.list().labels("app=e2e").limit(300).pages().try_collect().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.list.items.len()).collect::<Vec<_>>(), [300, 300, 300, 100]);
    let names: BTreeSet<_> = pages
        .iter()
        .flat_map(|page| &page.list.items)
        .filter_map(|object| object.metadata.name.as_ref())
        .collect();
    assert_eq!(names.len(), 1_000);
    let default = config_maps.list().labels("app=e2e").pages().next().await.unwrap().unwrap();
    assert_eq!(default.list.items.len(), 500, "the size of a page");
}

#[tokio::test]
async fn versions_choose_between_the_cache_and_the_latest() {
    let _kept = super::HISTORY.read().await;
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    let before = config_maps.list().await.unwrap().metadata.resource_version.unwrap();
    config_maps.create(&config_map("new")).await.unwrap();
    let exact = config_maps.list().labels("app=e2e").exactly(&before).limit(10).await.unwrap();
    assert_eq!(exact.items.len(), 0);
    config_maps.list().at_least("0").await.unwrap();
    config_maps.get("new").at_least("0").await.unwrap();
}
