//! What handlers and stores have after something went wrong.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kubeset_informers::{Attempt, SharedInformer, WatchFailure};
use kubeset_testserver::Reply;

use crate::scene::{SOON, Scene, Told, told, until, value};

/// An informer whose watch breaks off, and which can read nothing until the fault is removed. Then it must read all anew.
async fn cut_off(scene: &Scene, informer: &SharedInformer<ConfigMap>) -> kubeset_testserver::Fault {
    until("a watch runs", || scene.server.faults().running_watches(&Scene::matching("watch")) == 1).await;
    let faults = scene.server.faults();
    let fault = faults.on(Scene::matching("watch")).answer(Reply::error(503));
    faults.break_watches(&Scene::matching("watch"));
    until("it is told that it cannot watch", || informer.last_failure().is_some()).await;
    fault
}

fn back(scene: &Scene, fault: &kubeset_testserver::Fault) {
    scene.server.expire_history();
    fault.remove();
}

async fn started(scene: &Scene, streaming: bool) -> (SharedInformer<ConfigMap>, Told) {
    let builder = scene.config_maps();
    let builder = if streaming { builder } else { builder.without_streaming_lists() };
    let informer = builder.informer();
    let events = told(&informer);
    informer.start().unwrap();
    informer.wait_for_sync(SOON).await.unwrap();
    assert!(events.registration.synced().await);
    (informer, events)
}

#[tokio::test]
async fn what_vanished_while_the_server_was_away_is_told_of_before_what_is_new() {
    for streaming in [true, false] {
        let scene = Scene::with(&["a", "b", "c"]).await;
        let (informer, events) = started(&scene, streaming).await;
        let fault = cut_off(&scene, &informer).await;
        scene.delete("a").await;
        scene.put("b", "2");
        scene.put("d", "1");
        back(&scene, &fault);
        until("all is told", || events.words().len() == 6).await;
        assert_eq!(events.words()[3], "vanished a 1");
        let mut rest = events.words()[4..].to_vec();
        rest.sort();
        assert_eq!(rest, ["added d 1", "updated b 1 2"]);
        assert_eq!(informer.store().len(), 3);
    }
}

#[tokio::test]
async fn an_object_that_was_created_anew_meanwhile_is_a_change_of_its_uid() {
    let scene = Scene::with(&["a"]).await;
    let (informer, events) = started(&scene, true).await;
    let fault = cut_off(&scene, &informer).await;
    scene.delete("a").await;
    scene.put("a", "2");
    back(&scene, &fault);
    until("it is told", || events.words().len() == 2).await;
    assert_eq!(events.words()[1], "updated a 1 2");
    let uids: Vec<_> = events.events().iter().map(|event| event.object().metadata.uid.clone()).collect();
    assert_ne!(uids[0], uids[1]);
}

#[tokio::test]
async fn objects_that_did_not_change_are_the_same_in_memory_after_a_new_list_and_nobody_hears_of_them() {
    for streaming in [true, false] {
        let scene = Scene::with(&["a", "b"]).await;
        let (informer, events) = started(&scene, streaming).await;
        let before = informer.lister().namespace("prod").get("a").unwrap();
        let fault = cut_off(&scene, &informer).await;
        scene.put("b", "2");
        back(&scene, &fault);
        until("it is told", || events.words().len() == 3).await;
        assert!(Arc::ptr_eq(&before, &informer.lister().namespace("prod").get("a").unwrap()));
    }
}

#[tokio::test]
async fn the_store_stays_as_it_was_until_a_new_list_is_complete() {
    let scene = Scene::with(&["a", "b", "c"]).await;
    let (informer, _events) = started(&scene, true).await;
    let fault = cut_off(&scene, &informer).await;
    scene.server.faults().on(Scene::matching("watch")).times(2).break_watch(1);
    back(&scene, &fault);
    for _ in 0..50 {
        assert_eq!(informer.store().len(), 3);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_reported_and_does_not_end_the_informer() {
    let scene = Scene::with(&["a"]).await;
    let (informer, events) = started(&scene, false).await;
    let failures = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&failures);
    informer.on_failure(move |failure: &WatchFailure| log.lock().unwrap().push(failure.clone()));
    until("a watch runs", || scene.server.faults().running_watches(&Scene::matching("watch")) == 1).await;
    let broken = serde_json::json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": 7}});
    scene.server.inject_event(&Scene::matching("watch"), "ADDED", &broken);
    until("it is reported", || !failures.lock().unwrap().is_empty()).await;
    let failure = failures.lock().unwrap()[0].clone();
    assert_eq!((failure.attempt, &*failure.description), (Attempt::Watch, "core/v1 configmaps in prod"));
    assert!(failure.error.is_some() && !failure.retry_in.is_zero());
    scene.put("a", "2");
    until("it goes on", || events.words().last().is_some_and(|words| words == "updated a 1 2")).await;
}

#[tokio::test]
async fn all_connections_may_break_at_any_time_and_nothing_is_lost() {
    let scene = Scene::with(&["a"]).await;
    let (informer, events) = started(&scene, true).await;
    for round in 2..12 {
        scene.put("a", &round.to_string());
        scene.put(&format!("m{round}"), "1");
        if round % 3 == 0 {
            scene.server.faults().disconnect_all();
        }
        if round % 4 == 0 {
            scene.server.expire_history();
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    until("the store is as the server", || {
        let a = informer.lister().namespace("prod").get("a");
        informer.store().len() == 11 && a.is_some_and(|a| value(&a) == "11")
    })
    .await;
    until("the handler has seen all", || events.values().len() == 11 && events.values()["a"] == "11").await;
}
