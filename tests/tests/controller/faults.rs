//! What the controller makes of Fleets when much goes wrong.

use std::time::Duration;

use kubeset::MergePatch;
use kubeset_testserver::{Faults, Matcher, Reply};
use serde_json::json;

use crate::scene::{Running, Scene, until, writes};

#[tokio::test]
async fn writes_that_fail_are_tried_again_until_all_is_well() {
    let scene = Scene::new().await;
    let faults = scene.server.faults();
    let conflict = Reply::status(409, "Conflict", "the object has been modified");
    let failing = [
        faults.on(writes()).every(5).times(8).answer(Reply::error(500)),
        faults.on(writes()).every(7).times(4).answer(conflict),
        faults.on(writes()).every(9).times(4).answer(Reply::error(429)),
        faults.on(writes()).every(11).times(2).answer(Reply::error(429).retry_after(1)),
        faults.on(writes()).every(6).times(4).disconnect(),
    ];
    let running = scene.start();
    scene.want(("db", 6, "db:1")).await;
    scene.want(("web", 6, "web:1")).await;
    scene.settled(&[("db", 6, "db:1"), ("web", 6, "web:1")]).await;
    scene.want(("db", 2, "db:2")).await;
    scene.want(("web", 8, "web:2")).await;
    scene.settled(&[("db", 2, "db:2"), ("web", 8, "web:2")]).await;
    scene.delete("db").await;
    scene.settled(&[("web", 8, "web:2")]).await;
    assert!(failing.iter().all(|fault| fault.hits() > 0), "{failing:?}");
    assert_eq!(scene.overlaps(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test]
async fn writes_whose_answers_are_lost_are_not_done_twice() {
    let scene = Scene::new().await;
    let lost = scene.server.faults().on(writes()).every(2).disconnect_after_handling();
    let running = scene.start();
    scene.want(("web", 8, "web:1")).await;
    scene.settled(&[("web", 8, "web:1")]).await;
    scene.want(("web", 3, "web:2")).await;
    scene.settled(&[("web", 3, "web:2")]).await;
    scene.delete("web").await;
    scene.settled(&[]).await;
    assert!(lost.hits() > 5, "{}", lost.hits());
    running.stop().await;
}

#[tokio::test]
async fn what_happens_while_watches_are_broken_and_history_is_gone_is_made_up_for() {
    let scene = Scene::new().await;
    let running = scene.start();
    scene.want(("db", 2, "web:1")).await;
    scene.want(("web", 3, "web:1")).await;
    scene.settled(&[("db", 2, "web:1"), ("web", 3, "web:1")]).await;
    // No event comes, and what the watches have missed is forgotten when they break off.
    assert_eq!(scene.server.faults().freeze_watches(&Matcher::any()), 2);
    scene.kill("db-0");
    scene.delete("db").await;
    scene.kill("web-1");
    scene.want(("new", 1, "web:1")).await;
    scene.want(("web", 4, "web:2")).await;
    scene.server.expire_history();
    assert_eq!(scene.server.faults().break_watches(&Matcher::any()), 2);
    scene.settled(&[("new", 1, "web:1"), ("web", 4, "web:2")]).await;
    running.stop().await;
}

/// A Fleet with so many Pods, and a controller whose cache of Pods hears of nothing any more. The last is the watch of it.
async fn with_late_cache(replicas: u32) -> (Scene, Running, Matcher) {
    let scene = Scene::new().await;
    let running = scene.start();
    scene.want(("web", replicas, "web:1")).await;
    scene.settled(&[("web", replicas, "web:1")]).await;
    let watch = Matcher::verb("watch").resource("pods");
    assert_eq!(scene.server.faults().freeze_watches(&watch), 1);
    (scene, running, watch)
}

#[tokio::test]
async fn a_cache_that_is_late_leads_to_no_second_pod() {
    let (scene, running, watch) = with_late_cache(1).await;
    for replicas in 2..=5 {
        scene.want(("web", replicas, "web:1")).await;
        let last = format!("web-{}", replicas - 1);
        until(|| scene.pod(&last).is_none().then(|| format!("there is no {last}"))).await;
    }
    // The cache still shows one Pod, and the server has refused to create the others again.
    let creations = Matcher::verb("create").resource("pods").name("web-1");
    let codes: Vec<_> = scene.server.requests_like(&creations).iter().map(|request| request.code).collect();
    assert!(codes.len() > 1 && codes[0] == Some(201), "{codes:?}");
    assert!(codes[1..].iter().all(|code| *code == Some(409)), "{codes:?}");
    assert_eq!(scene.pods().len(), 5);
    scene.server.faults().break_watches(&watch);
    scene.settled(&[("web", 5, "web:1")]).await;
    running.stop().await;
}

#[tokio::test]
async fn a_cache_that_is_late_does_not_cost_a_pod_its_successor() {
    let (scene, running, watch) = with_late_cache(1).await;
    // Somebody is quicker with the new image.
    let mut successor = scene.kill("web-0").expect("there is one");
    successor["spec"]["containers"][0]["image"] = json!("web:2");
    successor["metadata"]["uid"] = json!("11111111-2222-3333-4444-555555555555");
    let successor = scene.server.put(&successor).expect("the Pod is one");
    scene.want(("web", 1, "web:2")).await;
    let deletion = Matcher::verb("delete").resource("pods").name("web-0");
    let deletion = scene.server.wait_for_request(deletion).await.expect("the old Pod is deleted");
    assert_eq!(deletion.code, Some(409));
    scene.server.faults().break_watches(&watch);
    scene.settled(&[("web", 1, "web:2")]).await;
    assert_eq!(scene.pod("web-0"), Some(successor));
    running.stop().await;
}

#[tokio::test]
async fn a_cache_that_is_late_does_not_cost_more_than_one_pod_at_a_time() {
    let (scene, running, watch) = with_late_cache(3).await;
    scene.want(("web", 3, "web:2")).await;
    let deletion =
        |code| Matcher::verb("delete").resource("pods").filter(move |request| request.code == Some(code));
    scene.server.wait_for_request(deletion(200)).await.expect("a Pod is deleted");
    // The Fleet is news again, and the cache still shows all Pods.
    let label = MergePatch(json!({"metadata": {"labels": {"again": "true"}}}));
    scene.fleets().patch("web", label).await.expect("the label is one");
    scene.server.wait_for_request(deletion(404)).await.expect("it is deleted again");
    assert_eq!(scene.pods(), ["web-1", "web-2"].map(str::to_owned).into());
    scene.server.faults().break_watches(&watch);
    scene.settled(&[("web", 3, "web:2")]).await;
    running.stop().await;
}

#[tokio::test]
async fn a_cache_that_is_late_does_not_let_a_fleet_go_before_its_pods() {
    let scene = Scene::new().await;
    let running = scene.start();
    scene.want(("web", 1, "web:1")).await;
    scene.settled(&[("web", 1, "web:1")]).await;
    assert_eq!(scene.server.faults().freeze_watches(&Matcher::verb("watch").resource("pods")), 1);
    scene.want(("web", 3, "web:1")).await;
    until(|| scene.pod("web-2").is_none().then(|| "there is no web-2".to_owned())).await;
    scene.server.clear_requests();
    scene.delete("web").await;
    scene.settled(&[]).await;
    assert_eq!(scene.pod_writes(), ["delete web-0", "delete web-1", "delete web-2"]);
    running.stop().await;
}

/// All at once, again and again, while Fleets come, change and go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fleets_that_change_among_all_kinds_of_faults_end_as_they_should() {
    let scene = Scene::new().await;
    let mut running = scene.start();
    for round in 0_u32..24 {
        disturb(&scene, &scene.server.faults(), round);
        let image = format!("web:{}", round / 6);
        scene.want(("blue", [3, 0, 5, 1, 4][round as usize % 5], &image)).await;
        match round % 4 {
            1 => scene.delete("red").await,
            _ => scene.want(("red", round % 7, &image)).await,
        }
        scene.kill(&format!("blue-{}", round % 3));
        tokio::time::sleep(Duration::from_millis(60)).await;
        match round {
            7 | 19 => {
                running.crash().await;
                running = scene.start();
            }
            13 => {
                running.stop().await;
                running = scene.start();
            }
            _ => {}
        }
    }
    scene.server.faults().clear();
    // A watch that is frozen would go on until its time is over, which is minutes.
    scene.server.faults().break_watches(&Matcher::any());
    scene.delete("red").await;
    scene.want(("blue", 4, "web:last")).await;
    scene.want(("green", 2, "web:last")).await;
    scene.settled(&[("blue", 4, "web:last"), ("green", 2, "web:last")]).await;
    running.stop().await;
    scene.settled(&[("blue", 4, "web:last"), ("green", 2, "web:last")]).await;
}

/// Lets something go wrong, each round something else.
fn disturb(scene: &Scene, faults: &Faults, round: u32) {
    let all = Matcher::any();
    match round % 9 {
        0 => drop(faults.on(writes()).times(3).answer(Reply::error(500))),
        1 => drop(faults.on(writes()).times(2).disconnect_after_handling()),
        2 => drop(faults.break_watches(&all)),
        3 => drop(faults.on(writes()).times(2).answer(Reply::error(429))),
        4 => faults.disconnect_all(),
        5 => {
            faults.freeze_watches(&all);
            scene.server.expire_history();
        }
        6 => drop(faults.break_watches(&all)),
        7 => drop(faults.on(writes()).every(2).times(4).delay(Duration::from_millis(70))),
        _ => drop(faults.on(Matcher::verb("watch")).times(2).fail_watch(1, Reply::error(500))),
    }
}
