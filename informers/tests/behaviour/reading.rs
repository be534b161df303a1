//! Stores, indexes and listers.

use k8s_openapi::api::core::v1::ConfigMap;
use kubeset_informers::{Compact, LabelSelector};

use crate::scene::{SOON, Scene, until, value};

#[tokio::test]
async fn a_lister_has_what_the_server_has_and_follows_it() {
    let scene = Scene::with(&["a", "b"]).await;
    let informer = scene.synced().await;
    let prod = informer.lister().namespace("prod");
    assert_eq!(value(&prod.get("a").unwrap()), "1");
    assert!(prod.get("c").is_none() && informer.lister().namespace("test").get("a").is_none());

    scene.put("a", "2");
    scene.put("c", "1");
    scene.delete("b").await;
    until("the changes arrive", || {
        prod.get("a").is_some_and(|a| value(&a) == "2") && prod.get("b").is_none() && prod.get("c").is_some()
    })
    .await;
}

#[tokio::test]
async fn a_lister_selects_by_labels() {
    let scene = Scene::with(&["a", "b", "c"]).await;
    let informer = scene.synced().await;
    let selector = LabelSelector::parse("app in (a, c)").unwrap();
    let names = |objects: Vec<std::sync::Arc<ConfigMap>>| {
        let mut names: Vec<_> = objects.iter().filter_map(|object| object.metadata.name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(names(informer.lister().list(&selector)), ["a", "c"]);
    assert_eq!(names(informer.lister().namespace("prod").list(&selector)), ["a", "c"]);
    assert_eq!(names(informer.lister().namespace("prod").all()), ["a", "b", "c"]);
}

#[tokio::test]
async fn an_index_follows_changes_whenever_it_was_added() {
    let scene = Scene::with(&["a", "b"]).await;
    let informer = scene.config_maps().informer();
    let early = informer.add_index("value", |object, values| values.insert(value(object)));
    informer.start().unwrap();
    informer.wait_for_sync(SOON).await.unwrap();
    let late = informer.add_index("value again", |object, values| values.insert(value(object)));
    for index in [&early, &late] {
        assert_eq!((index.count("1"), index.get("1").len(), index.count("2")), (2, 2, 0));
    }
    scene.put("a", "2");
    for index in [&early, &late] {
        until("the index follows", || index.count("2") == 1).await;
        assert_eq!(index.get("1").len(), 1);
    }
    scene.delete("a").await;
    for index in [&early, &late] {
        until("the index forgets", || index.get("2").is_empty()).await;
        assert_eq!(index.values().len(), 1);
    }
}

#[tokio::test]
async fn managed_fields_do_not_get_into_memory_unless_they_are_asked_for() {
    let scene = Scene::with(&[]).await;
    let config_maps = scene.clientset.core_v1().config_maps().namespace("prod");
    let object = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"value": "1"}});
    config_maps.apply("a", &object, "tests").await.unwrap();
    let without = scene.synced().await;
    let with = scene.config_maps().with_managed_fields().informer();
    with.start().unwrap();
    with.wait_for_sync(SOON).await.unwrap();
    let has = |informer: &kubeset_informers::SharedInformer<_>| {
        let object: std::sync::Arc<ConfigMap> = informer.lister().namespace("prod").get("a").unwrap();
        object.metadata.managed_fields.is_some()
    };
    assert!(has(&with) && !has(&without));
}

#[tokio::test]
async fn a_compact_cache_decodes_what_is_read_and_has_names_and_labels_at_hand() {
    let scene = Scene::with(&["a", "b"]).await;
    let informer = scene.config_maps().compact_informer();
    let index = informer.add_index("value", |object: &Compact<ConfigMap>, values| {
        values.extend(object.decode().ok().as_ref().map(value));
    });
    informer.start().unwrap();
    informer.wait_for_sync(SOON).await.unwrap();
    let prod = informer.lister().namespace("prod");
    let full = scene.synced().await.lister().namespace("prod").get("a").unwrap();
    assert_eq!(prod.get("a").unwrap().decode().unwrap(), *full);
    let selector = LabelSelector::parse("app=b").unwrap();
    assert_eq!(prod.list(&selector).len(), 1);
    assert_eq!(prod.get("a").unwrap().labels().collect::<Vec<_>>(), [("app", "a")]);

    scene.put("a", "2");
    scene.delete("b").await;
    until("the changes arrive", || index.count("2") == 1 && prod.get("b").is_none()).await;
    assert_eq!(value(&prod.get("a").unwrap().decode().unwrap()), "2");
}

#[tokio::test]
async fn who_has_written_can_wait_until_the_cache_has_it() {
    let scene = Scene::with(&["a"]).await;
    let informer = scene.synced().await;
    let config_maps = scene.clientset.core_v1().config_maps().namespace("prod");
    for round in 0..20 {
        let mut object = config_maps.get("a").await.unwrap();
        object.data.get_or_insert_default().insert("value".to_owned(), round.to_string());
        let written = config_maps.replace("a", &object).await.unwrap().metadata.resource_version.unwrap();
        informer.wait_for_version(&written, SOON).await.unwrap();
        let cached = informer.lister().namespace("prod").get("a").unwrap();
        assert_eq!(
            (value(&cached), cached.metadata.resource_version.as_deref()),
            (&*round.to_string(), Some(&*written))
        );
    }
    let soon = std::time::Duration::from_millis(50);
    let error = informer.wait_for_version("99999999999999999999", soon).await.unwrap_err();
    assert!(error.to_string().starts_with("core/v1 configmaps in prod are at version"), "{error}");
    assert!(informer.wait_for_version("new", SOON).await.is_err());
    informer.shut_down().await;
    assert!(informer.is_stopped() && informer.wait_for_version("99999", SOON).await.is_err());
}
