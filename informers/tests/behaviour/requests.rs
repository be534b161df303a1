//! Which lists and watches an informer asks for.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kubeset_informers::SharedInformer;
use kubeset_testserver::{Matcher, Reply, Request};
use serde_json::json;

use crate::scene::{SOON, Scene, told, until};

/// Starts an informer that reads lists, and waits until it has its objects and a watch.
async fn with_lists(scene: &Scene) -> SharedInformer<ConfigMap> {
    let informer = scene.config_maps().without_streaming_lists().informer();
    informer.start().unwrap();
    informer.wait_for_sync(SOON).await.unwrap();
    watching(scene).await;
    informer
}

async fn watching(scene: &Scene) {
    until("a watch runs", || scene.server.faults().running_watches(&Scene::matching("watch")) == 1).await;
}

#[tokio::test]
async fn one_stream_brings_what_is_there_and_what_happens() {
    let scene = Scene::with(&["a"]).await;
    let events = told(&scene.synced().await);
    scene.put("a", "2");
    until("the change is told of", || events.words().len() == 2).await;
    assert_eq!(scene.reads(), ["stream -"]);
    let stream = scene.server.requests_like(&Scene::matching("watch")).remove(0);
    assert_eq!(stream.parameter("resourceVersionMatch"), Some("NotOlderThan"));
    assert_eq!(stream.parameter("allowWatchBookmarks"), Some("true"));
    let timeout: u64 = stream.parameter("timeoutSeconds").unwrap().parse().unwrap();
    assert!((300..=600).contains(&timeout), "{timeout}");
}

#[tokio::test]
async fn a_list_of_any_version_comes_before_a_watch_from_its_version() {
    let scene = Scene::with(&["a"]).await;
    let version = with_lists(&scene).await.store().resource_version();
    assert_eq!(scene.reads(), ["list 0 500".to_owned(), format!("watch {version}")]);
}

#[tokio::test]
async fn a_watch_that_ends_or_breaks_is_followed_by_one_from_the_last_version_and_no_list() {
    let scene = Scene::with(&["a"]).await;
    let informer = with_lists(&scene).await;
    let events = told(&informer);
    for (value, ends) in [("2", true), ("3", false)] {
        let reads = scene.reads().len();
        scene.put("a", value);
        until("the change is told of", || events.words().len() == value.parse::<usize>().unwrap()).await;
        let faults = scene.server.faults();
        let watches = Scene::matching("watch");
        assert_eq!(if ends { faults.end_watches(&watches) } else { faults.break_watches(&watches) }, 1);
        until("it watches again", || scene.reads().len() == reads + 1).await;
        watching(&scene).await;
    }
    let version = |index: usize| {
        let object = events.events()[index].object().metadata.resource_version.clone().unwrap();
        format!("watch {object}")
    };
    assert_eq!(scene.reads()[2..], [version(1), version(2)]);
    assert_eq!(events.words(), ["initial a 1", "updated a 1 2", "updated a 2 3"]);
}

#[tokio::test]
async fn the_version_of_a_bookmark_is_where_the_next_watch_begins() {
    let scene = Scene::with(&["a"]).await;
    let informer = with_lists(&scene).await;
    let version = scene.version();
    let bookmark = json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"resourceVersion": version}});
    scene.server.inject_event(&Scene::matching("watch"), "BOOKMARK", &bookmark);
    until("the bookmark arrives", || informer.store().resource_version() == version).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    scene.server.faults().end_watches(&Scene::matching("watch"));
    until("it watches again", || scene.reads().len() == 3).await;
    assert_eq!(scene.reads().last(), Some(&format!("watch {version}")));
}

#[tokio::test]
async fn a_refused_version_leads_to_a_list_of_no_less_than_it_whatever_form_the_refusal_has() {
    let expired = || Reply::status(410, "Expired", "too old resource version: 1 (9)");
    for as_status in [true, false] {
        let scene = Scene::with(&["a"]).await;
        let informer = with_lists(&scene).await;
        let version = informer.store().resource_version();
        let faults = scene.server.faults();
        if as_status {
            faults.on(Scene::matching("watch")).once().answer(expired());
            tokio::time::sleep(Duration::from_millis(1_100)).await;
            faults.end_watches(&Scene::matching("watch"));
        } else {
            faults.fail_watches(&Scene::matching("watch"), expired());
        }
        let list = format!("list {version} -");
        until("it lists again", || scene.reads().contains(&list)).await;
        watching(&scene).await;
    }
}

#[tokio::test]
async fn a_server_that_does_not_have_the_version_is_asked_for_its_latest() {
    let scene = Scene::with(&["a"]).await;
    let informer = with_lists(&scene).await;
    let too_large = Reply::status(504, "Timeout", "Too large resource version: 99, current: 9").details(
        json!({"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]}),
    );
    let faults = scene.server.faults();
    let version = informer.store().resource_version();
    faults.on(Scene::matching("list")).once().answer(too_large);
    faults.fail_watches(&Scene::matching("watch"), Reply::status(410, "Expired", "too old"));
    until("it watches again", || scene.reads().len() == 5).await;
    assert_eq!(scene.reads()[2..4], [format!("list {version} -"), "list - 500".to_owned()]);
}

#[tokio::test]
async fn an_expired_page_makes_it_one_list_with_every_object_once() {
    let names: Vec<String> = (0..7).map(|number| format!("m{number}")).collect();
    let scene = Scene::with(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let informer = scene.config_maps().without_streaming_lists().page_size(3).informer();
    let events = told(&informer);
    let faults = scene.server.faults();
    // Only a list of the latest version comes in pages.
    faults.on(Scene::matching("list")).once().answer(Reply::status(410, "Expired", "too old"));
    let pages = Scene::matching("list").filter(|request: &Request| request.parameter("continue").is_some());
    faults.on(pages).after(1).once().answer(Reply::status(410, "Expired", "the token is too old"));
    informer.start().unwrap();
    informer.wait_for_sync(SOON).await.unwrap();
    watching(&scene).await;
    assert_eq!(scene.reads()[..5], ["list 0 3", "list - 3", "page - 3", "page - 3", "list - -"]);
    assert!(events.registration.synced().await);
    assert_eq!(events.values().len(), 7);
}

#[tokio::test]
async fn a_server_without_streaming_lists_gets_lists_from_then_on() {
    let scene = Scene::with(&["a"]).await;
    let streams =
        Scene::matching("watch").filter(|request: &Request| request.parameter("sendInitialEvents").is_some());
    let message = "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch";
    scene.server.faults().on(streams).answer(Reply::status(422, "Invalid", message));
    let _informer = scene.synced().await;
    watching(&scene).await;
    scene.server.faults().fail_watches(&Scene::matching("watch"), Reply::status(410, "Expired", "too old"));
    until("it lists again", || scene.reads().len() == 5).await;
    let words: Vec<_> = scene.reads().iter().map(|read| read.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(words, ["stream", "list", "watch", "list", "watch"]);
}

#[tokio::test]
async fn a_stream_that_is_cut_before_its_end_is_no_list() {
    let scene = Scene::with(&["a", "b", "c"]).await;
    scene.server.faults().on(Scene::matching("watch")).once().break_watch(2);
    let informer = scene.config_maps().informer();
    let events = told(&informer);
    informer.start().unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!informer.has_synced() && informer.store().is_empty() && events.words().is_empty());
    informer.wait_for_sync(SOON).await.unwrap();
    assert_eq!(scene.reads(), ["stream -", "stream -"]);
}

#[tokio::test]
async fn too_many_requests_within_a_watch_ask_for_patience_and_not_for_a_list() {
    let scene = Scene::with(&["a"]).await;
    let informer = with_lists(&scene).await;
    let events = told(&informer);
    for reads in [3, 4] {
        scene.server.faults().fail_watches(&Scene::matching("watch"), Reply::error(429));
        until("it watches again", || scene.reads().len() == reads).await;
        watching(&scene).await;
    }
    scene.put("a", "2");
    until("the change is told of", || events.words().len() == 2).await;
    let lists = scene.server.requests_like(&Matcher::verb("list").resource("configmaps"));
    assert_eq!(lists.len(), 1);
}

#[tokio::test]
async fn selectors_are_sent_with_lists_and_watches() {
    let scene = Scene::with(&["a", "b"]).await;
    for streaming in [true, false] {
        let builder =
            scene.config_maps().labels("app").labels("app=a").fields("metadata.name=a").shard_selector("x");
        let builder = if streaming { builder } else { builder.labels("app!=z").without_streaming_lists() };
        let informer = builder.informer();
        informer.start().unwrap();
        until("it has asked", || scene.reads().len() == if streaming { 1 } else { 3 }).await;
        let reads = scene.server.requests_like(&Matcher::verbs(["list", "watch"]).resource("configmaps"));
        let last = reads.last().unwrap();
        let labels = if streaming { "app,app=a" } else { "app,app=a,app!=z" };
        assert_eq!(last.parameter("labelSelector"), Some(labels));
        assert_eq!(last.parameter("fieldSelector"), Some("metadata.name=a"));
        assert_eq!(last.parameter("shardSelector"), Some("x"));
        informer.shut_down().await;
    }
}
