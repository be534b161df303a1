//! How informers begin and end, and who shares them.

use std::time::Duration;

use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Node, Pod, Service};
use kubeset_informers::{CacheObject as _, SharedInformer, StartError};
use kubeset_testserver::Reply;

use crate::scene::{SOON, Scene, told, until};

fn watches(scene: &Scene) -> usize {
    scene.server.faults().running_watches(&Scene::matching("watch"))
}

#[tokio::test]
async fn those_who_ask_for_the_same_objects_share_one_watch() {
    let scene = Scene::with(&["a"]).await;
    let one = scene.config_maps().labels("app").informer();
    let same = scene.config_maps().labels("app").lister();
    let other = scene.config_maps().labels("app=a").informer();
    scene.factory.start().unwrap();
    scene.factory.wait_for_sync(SOON).await.unwrap();
    until("both watch", || watches(&scene) == 2).await;
    assert_eq!((one.store().len(), same.all().len(), other.store().len()), (1, 1, 1));
    assert_eq!(scene.reads().len(), 2);

    let late = scene.config_maps().informer();
    scene.factory.start().unwrap();
    scene.factory.wait_for_sync(SOON).await.unwrap();
    assert_eq!(late.store().len(), 1);
}

#[tokio::test]
async fn a_shutdown_ends_the_watch_the_handlers_and_the_streams() {
    let scene = Scene::with(&["a"]).await;
    let informer = scene.synced().await;
    let events = told(&informer);
    let mut stream = informer.events();
    assert!(stream.next().await.is_some() && events.registration.synced().await);
    scene.factory.shut_down().await;
    assert!(stream.next().await.is_none() && !events.registration.is_active());
    until("the watch ends", || watches(&scene) == 0).await;
    assert_eq!(informer.store().len(), 1);
    assert_eq!(informer.start(), Err(StartError::ShutDown));
    assert!(!informer.add_handler(|_: &_| {}).is_active());
}

#[tokio::test]
async fn an_informer_that_nobody_holds_ends() {
    let scene = Scene::with(&["a"]).await;
    let endpoint = scene.clientset.endpoint::<ConfigMap>();
    let factory = kubeset_informers::InformerFactory::new();
    let lister = factory.select(&endpoint).namespace("prod").lister();
    factory.start().unwrap();
    factory.wait_for_sync(SOON).await.unwrap();
    until("it watches", || watches(&scene) == 1).await;
    drop(factory);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(watches(&scene), 1);
    drop(lister);
    until("the watch ends", || watches(&scene) == 0).await;
}

#[tokio::test]
async fn who_waits_in_vain_is_told_for_what_and_why() {
    let scene = Scene::with(&[]).await;
    let forbidden = "configmaps is forbidden: User \"eve\" cannot list resource \"configmaps\"";
    for verb in ["list", "watch"] {
        scene.server.faults().on(Scene::matching(verb)).answer(Reply::status(403, "Forbidden", forbidden));
    }
    let _refused = scene.config_maps().informer();
    scene.factory.start().unwrap();
    let _forgotten = scene.factory.select(&scene.clientset.endpoint::<Node>()).informer();
    let error = scene.factory.wait_for_sync(Duration::from_millis(500)).await.unwrap_err();
    assert_eq!(error.informers.len(), 2);
    let text = error.to_string();
    for part in [
        "not all objects were read within 500ms",
        "core/v1 configmaps in prod: cannot list core/v1 configmaps in prod",
        "cannot list resource",
        "core/v1 nodes: the informer was not started",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn who_waits_is_told_at_once_when_the_informer_is_shut_down() {
    let scene = Scene::with(&[]).await;
    scene.server.faults().on(Scene::matching("watch")).delay(SOON);
    let informer: SharedInformer<ConfigMap> = scene.config_maps().informer();
    informer.start().unwrap();
    let other = informer.clone();
    let waiting = tokio::spawn(async move { other.wait_for_sync(SOON * 10).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    informer.shut_down().await;
    assert!(waiting.await.unwrap().is_err());
}

#[test]
fn an_informer_needs_a_runtime_to_start_and_not_to_be_made() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let scene = runtime.block_on(Scene::with(&["a"]));
    let informer = scene.config_maps().informer();
    let events = told(&informer);
    assert_eq!(informer.start(), Err(StartError::NoRuntime));
    runtime.block_on(async {
        informer.start().unwrap();
        assert!(events.registration.synced().await);
    });
}

#[tokio::test]
async fn an_informer_that_panics_ends_for_all_who_wait_for_it() {
    let scene = Scene::with(&["a"]).await;
    let informer = scene.synced().await;
    let mut stream = informer.events();
    assert!(stream.next().await.is_some());
    informer.add_index("broken", |object: &ConfigMap, _| assert_ne!(crate::scene::value(object), "2"));
    scene.put("a", "2");
    assert!(stream.next().await.is_none());
    assert_eq!(informer.store().len(), 1);
    until("the watch ends", || watches(&scene) == 0).await;
}

#[tokio::test]
async fn the_objects_that_select_a_pod_are_those_of_its_namespace() {
    let scene = Scene::with(&[]).await;
    for (namespace, name, app) in [("prod", "web", "web"), ("prod", "db", "db"), ("default", "web", "web")] {
        let service = serde_json::json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": {"app": app}, "ports": [{"port": 80}]},
        });
        scene.server.put(&service).unwrap();
    }
    let services = scene.factory.select(&scene.clientset.endpoint::<Service>()).lister();
    scene.factory.start().unwrap();
    scene.factory.wait_for_sync(SOON).await.unwrap();
    let pod = serde_json::json!({"metadata": {"name": "a", "namespace": "prod", "labels": {"app": "web"}}});
    let pod: Pod = serde_json::from_value(pod).unwrap();
    let keys: Vec<_> = services.selecting(&pod).iter().map(|service| service.key().to_string()).collect();
    assert_eq!(keys, ["prod/web"]);
}
