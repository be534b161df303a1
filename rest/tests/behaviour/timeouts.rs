//! How long calls may take, and what the server is told of it.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;

use super::fault_server::{FaultServer, Reply, Step, head, json, send};
use super::{client, config, config_map, config_maps, pods};

fn stall() -> Reply {
    Reply::Steps(vec![Step::Wait(Duration::from_secs(30))])
}

#[tokio::test]
async fn a_stalled_server_is_left_after_the_configured_time() {
    let server = FaultServer::start([stall()]).await;
    let mut config = config(&server);
    config.timeout = Some(Duration::from_millis(300));
    let begin = Instant::now();
    let error = client(&config).get().abs_path("/version").send_raw().await.unwrap_err();
    assert!(error.is_deadline_exceeded(), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(server.only().query(), "timeout=300ms");
}

#[tokio::test]
async fn a_body_that_never_ends_counts_too() {
    let server = FaultServer::start([Reply::Steps(vec![
        head("application/json"),
        Step::Wait(Duration::from_secs(30)),
    ])])
    .await;
    let error = config_maps(&server).get("a").timeout(Duration::from_millis(300)).await.unwrap_err();
    assert!(error.is_deadline_exceeded(), "{error}");
}

#[tokio::test]
async fn a_watch_and_a_log_outlive_the_configured_timeout() {
    let body = |line: &str| {
        let wait = Step::Wait(Duration::from_millis(2_500));
        Reply::Steps(vec![head("application/json"), wait, send(format!("{line}\n"))])
    };
    let event = format!(r#"{{"type":"ADDED","object":{}}}"#, config_map("a"));
    let server = FaultServer::start([body(&event), body("a line")]).await;
    let mut config = config(&server);
    config.timeout = Some(Duration::from_secs(2));
    let config_maps =
        kubeset_rest::Endpoint::<k8s_openapi::api::core::v1::ConfigMap>::new(&client(&config), "configmaps");
    let events: Vec<_> = config_maps.watch().await.unwrap().try_collect().await.unwrap();
    assert_eq!(events.len(), 1);
    let lines: Vec<_> =
        config_maps.namespace("prod").logs("a").follow().await.unwrap().try_collect().await.unwrap();
    assert_eq!(lines, ["a line"]);
}

#[tokio::test]
async fn a_watch_whose_head_does_not_come_is_left_after_the_configured_time() {
    let server = FaultServer::start([stall()]).await;
    let error = pods(&server).watch().timeout(Duration::from_secs(1)).await.unwrap_err();
    assert!(error.is_deadline_exceeded(), "{error}");
}

#[tokio::test]
async fn lists_and_watches_tell_the_server_twice_or_not_at_all() {
    let server =
        FaultServer::start([json(200, r#"{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[]}"#)])
            .await;
    let mut config = config(&server);
    config.timeout = Some(Duration::from_secs(20));
    let pods = kubeset_rest::Endpoint::<k8s_openapi::api::core::v1::Pod>::new(&client(&config), "pods");
    pods.list().await.unwrap();
    pods.list().timeout(Duration::from_millis(6_100)).await.unwrap();
    drop(pods.watch().timeout(Duration::from_secs(7)).await.unwrap());
    drop(pods.watch().await.unwrap());
    pods.delete_collection().timeout(Duration::from_secs(7)).await.unwrap();
    let queries: Vec<_> = server.seen().iter().map(|seen| seen.query().to_owned()).collect();
    assert_eq!(
        queries,
        [
            "",
            "timeout=7s&timeoutSeconds=7",
            "timeout=7s&timeoutSeconds=7&watch=true",
            "watch=true",
            "timeout=7s&timeoutSeconds=7",
        ]
    );
}
