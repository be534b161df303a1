//! What the controller makes of Fleets when all is well.

use std::time::Duration;

use kubeset_testserver::Matcher;
use serde_json::json;

use crate::fleet_controller::FINALIZER;
use crate::scene::{Scene, until};

#[tokio::test]
async fn a_fleet_has_as_many_pods_as_it_wants() {
    let scene = Scene::new().await;
    scene.want(("web", 3, "web:1")).await;
    let running = scene.start();
    scene.settled(&[("web", 3, "web:1")]).await;
    scene.want(("db", 2, "db:1")).await;
    scene.want(("web", 5, "web:1")).await;
    scene.settled(&[("db", 2, "db:1"), ("web", 5, "web:1")]).await;
    scene.want(("db", 0, "db:1")).await;
    scene.want(("web", 1, "web:1")).await;
    scene.settled(&[("db", 0, "db:1"), ("web", 1, "web:1")]).await;
    running.stop().await;
}

#[tokio::test]
async fn pods_of_another_image_are_replaced_one_at_a_time() {
    let scene = Scene::new().await;
    scene.want(("web", 3, "web:1")).await;
    let running = scene.start();
    scene.settled(&[("web", 3, "web:1")]).await;
    scene.server.clear_requests();
    scene.want(("web", 3, "web:2")).await;
    scene.settled(&[("web", 3, "web:2")]).await;
    let writes =
        ["delete web-0", "create web-0", "delete web-1", "create web-1", "delete web-2", "create web-2"];
    assert_eq!(scene.pod_writes(), writes);
    running.stop().await;
}

#[tokio::test]
async fn a_pod_that_is_deleted_or_has_failed_is_replaced() {
    let scene = Scene::new().await;
    scene.want(("web", 3, "web:1")).await;
    let running = scene.start();
    scene.settled(&[("web", 3, "web:1")]).await;
    let deleted = scene.kill("web-1").expect("there is one");
    until(|| scene.pod("web-1").is_none().then(|| "there is no web-1".to_owned())).await;
    scene.settled(&[("web", 3, "web:1")]).await;
    assert_ne!(scene.pod("web-1").expect("there is one")["metadata"]["uid"], deleted["metadata"]["uid"]);

    let mut evicted = scene.pod("web-2").expect("there is one");
    let uid = evicted["metadata"]["uid"].clone();
    evicted["status"] = json!({"phase": "Failed", "reason": "Evicted"});
    scene.server.put(&evicted).expect("the Pod is one");
    let is_replaced = || scene.pod("web-2").is_some_and(|pod| pod["metadata"]["uid"] != uid);
    until(|| (!is_replaced()).then(|| "web-2 is the one that failed".to_owned())).await;
    scene.settled(&[("web", 3, "web:1")]).await;
    running.stop().await;
}

#[tokio::test]
async fn a_fleet_that_is_deleted_goes_after_its_pods() {
    let scene = Scene::new().await;
    scene.want(("other", 1, "web:1")).await;
    scene.want(("web", 2, "web:1")).await;
    let running = scene.start();
    scene.settled(&[("other", 1, "web:1"), ("web", 2, "web:1")]).await;
    let fleet = scene.server.object("example.com/v1", "Fleet", "prod", "web").expect("there is one");
    assert_eq!(fleet["metadata"]["finalizers"], json!([FINALIZER]));
    scene.server.clear_requests();
    scene.delete("web").await;
    scene.settled(&[("other", 1, "web:1")]).await;
    // The server has a garbage collector too, but nobody waited for it.
    assert_eq!(scene.pod_writes(), ["delete web-0", "delete web-1"]);
    running.stop().await;
}

#[tokio::test]
async fn a_fleet_that_is_made_anew_gets_pods_of_its_own() {
    let scene = Scene::new().await;
    scene.want(("web", 2, "web:1")).await;
    let running = scene.start();
    scene.settled(&[("web", 2, "web:1")]).await;
    scene.delete("web").await;
    // At once: the Fleet of before may be there still, or its Pods in the cache.
    until(|| {
        scene.server.object("example.com/v1", "Fleet", "prod", "web").map(|_| "there is a Fleet".to_owned())
    })
    .await;
    scene.want(("web", 3, "web:1")).await;
    scene.settled(&[("web", 3, "web:1")]).await;
    running.stop().await;
}

#[tokio::test]
async fn a_pod_of_somebody_else_is_left_alone_and_its_name_is_waited_for() {
    let scene = Scene::new().await;
    let other = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "namespace": "prod"},
        "spec": {"containers": [{"name": "main", "image": "other:1"}]},
    });
    let other = scene.server.put(&other).expect("the Pod is one");
    scene.want(("web", 2, "web:1")).await;
    let running = scene.start();
    let creation = Matcher::verb("create").resource("pods");
    let refused = creation.clone().name("web-0").filter(|request| request.code == Some(409));
    scene.server.wait_for_request(refused).await.expect("the Pod is tried to be created");
    scene.server.wait_for_request(creation.name("web-1")).await.expect("the other Pod is created");
    assert_eq!(scene.pod("web-0"), Some(other));
    // When the events of the other Pod are through, none tells the controller of this one: it sees only those with its label.
    tokio::time::sleep(Duration::from_secs(1)).await;
    scene.kill("web-0");
    scene.settled(&[("web", 2, "web:1")]).await;
    running.stop().await;
}

#[tokio::test]
async fn a_controller_that_has_nothing_to_do_sends_nothing() {
    let scene = Scene::new().await;
    scene.want(("web", 3, "web:1")).await;
    let running = scene.start();
    scene.settled(&[("web", 3, "web:1")]).await;
    // The last events of its own writes may still be on their way.
    tokio::time::sleep(Duration::from_millis(300)).await;
    scene.server.clear_requests();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let requests = scene.requests();
    assert!(requests.iter().all(|request| request.verb == "watch"), "{requests:?}");
    assert_eq!(scene.server.faults().running_watches(&Matcher::any()), 2);
    running.stop().await;
}
