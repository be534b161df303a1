//! How the controller begins, works and ends.

use std::time::Duration;

use kubeset_testserver::{Matcher, TestServer};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::scene::{Scene, in_time, until, writes};
use crate::{fleet, fleet_controller};

#[tokio::test]
async fn a_controller_that_is_stopped_in_the_middle_leaves_the_rest_to_the_next_one() {
    let scene = Scene::new().await;
    scene.server.faults().on(writes()).delay(Duration::from_millis(20));
    scene.want(("db", 4, "db:1")).await;
    scene.want(("web", 12, "web:1")).await;
    let running = scene.start();
    until(|| (scene.pods().len() < 4).then(|| "there are few Pods".to_owned())).await;
    running.stop().await;
    // It has finished what it was at, so all that is missing is told by its own status or by the next one.
    scene.want(("db", 1, "db:2")).await;
    scene.want(("web", 8, "web:1")).await;
    let stopped = scene.requests().len();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(scene.requests().len(), stopped, "it asks for things after its end");
    let running = scene.start();
    scene.settled(&[("db", 1, "db:2"), ("web", 8, "web:1")]).await;
    assert_eq!(scene.overlaps(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test]
async fn a_controller_that_crashes_in_the_middle_leaves_the_rest_to_the_next_one() {
    let scene = Scene::new().await;
    scene.server.faults().on(writes()).delay(Duration::from_millis(10));
    scene.want(("web", 12, "web:1")).await;
    for pods in [1, 5, 9] {
        let running = scene.start();
        until(|| (scene.pods().len() < pods).then(|| "there are few Pods".to_owned())).await;
        running.crash().await;
    }
    scene.want(("web", 10, "web:2")).await;
    let running = scene.start();
    scene.settled(&[("web", 10, "web:2")]).await;
    running.stop().await;
}

#[tokio::test]
async fn a_fleet_is_never_worked_on_twice_at_a_time() {
    let scene = Scene::new().await;
    scene.server.faults().on(writes()).delay(Duration::from_millis(30));
    let running = scene.start();
    // Each change, and each Pod that comes or goes, adds the keys again and again.
    for replicas in [3, 1, 4, 2, 5] {
        for name in ["blue", "red"] {
            scene.want((name, replicas, "web:1")).await;
        }
        scene.kill("red-0");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    scene.settled(&[("blue", 5, "web:1"), ("red", 5, "web:1")]).await;
    assert_eq!(scene.overlaps(), Vec::<String>::new());
    running.stop().await;
}

/// This also shows that overlaps are found where there are some.
#[tokio::test]
async fn two_controllers_at_once_do_no_harm() {
    let scene = Scene::new().await;
    scene.server.faults().on(writes()).delay(Duration::from_millis(50));
    let running = [scene.start(), scene.start()];
    scene.want(("web", 4, "web:1")).await;
    scene.settled(&[("web", 4, "web:1")]).await;
    scene.want(("web", 2, "web:2")).await;
    scene.settled(&[("web", 2, "web:2")]).await;
    assert_ne!(scene.overlaps(), Vec::<String>::new());
    for controller in running {
        controller.stop().await;
    }
}

#[tokio::test]
async fn a_controller_writes_nothing_before_its_caches_are_full() {
    let scene = Scene::new().await;
    scene.want(("web", 2, "web:1")).await;
    let running = scene.start();
    scene.settled(&[("web", 2, "web:1")]).await;
    running.stop().await;
    let pods = Matcher::verbs(["list", "watch"]).resource("pods");
    scene.server.faults().on(pods.clone()).delay(Duration::from_millis(500));
    scene.server.clear_requests();
    let running = scene.start();
    scene.server.wait_for_request(pods).await.expect("the Pods are asked for");
    tokio::time::sleep(Duration::from_millis(500)).await;
    // There is nothing to do: it has seen all Pods before it looked.
    assert!(scene.requests().iter().all(|request| ["list", "watch"].contains(&request.verb)));
    running.stop().await;
}

#[tokio::test]
async fn a_controller_that_is_stopped_before_its_caches_are_full_ends_at_once() {
    let scene = Scene::without_definition().await;
    let running = scene.start();
    let fleets = Matcher::verbs(["list", "watch"]).resource("fleets");
    scene.server.wait_for_request(fleets).await.expect("the Fleets are asked for");
    running.stop().await;
    assert!(scene.requests().iter().all(|request| ["list", "watch"].contains(&request.verb)));
}

#[tokio::test]
async fn a_controller_needs_no_more_rights_than_it_says() {
    let scene = Scene::on(TestServer::builder().require_credentials()).await;
    fleet::define(&scene.server.clientset()).await.expect("the definition is valid");
    let rights = [
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "fleets"},
            "rules": [
                {"apiGroups": ["example.com"], "resources": ["fleets"], "verbs": ["list", "watch", "patch"]},
                {"apiGroups": ["example.com"], "resources": ["fleets/status"], "verbs": ["patch"]},
                {"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch", "create", "delete"]},
            ],
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "fleets"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "fleets"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "fleets"}],
        }),
    ];
    for right in rights {
        scene.server.put(&right).expect("the right is one");
    }
    let running = scene.start_as("fleets");
    scene.want(("web", 2, "web:1")).await;
    scene.settled(&[("web", 2, "web:1")]).await;
    scene.want(("web", 1, "web:2")).await;
    scene.settled(&[("web", 1, "web:2")]).await;
    scene.delete("web").await;
    scene.settled(&[]).await;
    running.stop().await;
    let requests = scene.requests();
    assert!(
        requests.iter().all(|request| request.user == "fleets" && request.code != Some(403)),
        "{requests:?}"
    );
}

#[test]
fn a_controller_that_has_ended_leaves_no_task() {
    let outside = Runtime::new().expect("there are threads");
    let scene = outside.block_on(Scene::new());
    outside.block_on(scene.want(("web", 2, "web:1")));

    // Nothing but the controller runs here.
    let inside = Builder::new_current_thread().enable_all().build().expect("it can be built");
    let tasks = || inside.metrics().num_alive_tasks();
    inside.block_on(async {
        let (stop, stopped) = oneshot::channel::<()>();
        let running = fleet_controller::run(scene.client(), async { drop(stopped.await) });
        let settling = async {
            scene.settled(&[("web", 2, "web:1")]).await;
            assert!(tasks() > 4, "there are {} tasks", tasks());
            drop(stop);
        };
        let (ended, ()) = in_time(async { tokio::join!(running, settling) }).await;
        ended.expect("the controller ends well");
        // What has been told to end does so as soon as it may run: tasks of connections too.
        until(|| (tasks() > 0).then(|| format!("there are {} tasks", tasks()))).await;
    });
    outside.block_on(until(|| {
        let watches = scene.server.faults().running_watches(&Matcher::any());
        (watches > 0).then(|| format!("there are {watches} watches"))
    }));
    // The end of its runtime, and of the server's, has nothing to wait for.
    drop((inside, scene));
}
