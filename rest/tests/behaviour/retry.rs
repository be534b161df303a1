//! What is repeated, how often, and what is not.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::ConfigMap;

use super::fault_server::{FaultServer, Reply, Step, json, retry_after, send};
use super::{client, config, config_map, config_maps};

fn reset() -> Reply {
    Reply::Steps(vec![Step::Reset])
}

#[tokio::test]
async fn a_server_that_asks_for_patience_gets_eleven_attempts_also_for_a_post() {
    let server = FaultServer::start([retry_after(503, "0")]).await;
    let error = config_maps(&server).create(&ConfigMap::default()).await.unwrap_err();
    assert_eq!(server.seen().len(), 11);
    assert_eq!(error.attempts(), 11);
    assert_eq!(error.code(), Some(503));
    assert!(error.to_string().contains("after 11 attempts"), "{error}");
}

#[tokio::test]
async fn a_date_or_nothing_in_retry_after_means_one_attempt() {
    for reply in
        [retry_after(503, "Wed, 21 Oct 2026 07:28:00 GMT"), json(503, ""), json(429, ""), json(500, "")]
    {
        let server = FaultServer::start([reply]).await;
        config_maps(&server).get("a").await.unwrap_err();
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_repeated_body_is_sent_whole_each_time() {
    let replies = [retry_after(429, "0"), retry_after(429, "0"), json(201, config_map("a"))];
    let server = FaultServer::start(replies).await;
    let made = config_maps(&server).create(&ConfigMap::default()).await.unwrap();
    assert_eq!(made.metadata.name.as_deref(), Some("a"));
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(!seen[0].body.is_empty());
    assert!(seen.iter().all(|request| request.body == seen[0].body));
}

#[tokio::test]
async fn a_server_names_the_seconds_to_wait() {
    let server = FaultServer::start([retry_after(429, "1"), json(200, config_map("a"))]).await;
    let begin = Instant::now();
    config_maps(&server).get("a").await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_reset_connection_is_tried_again_after_a_second_for_a_get() {
    let server = FaultServer::start([reset(), json(200, config_map("a"))]).await;
    let begin = Instant::now();
    config_maps(&server).get("a").await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_is_tried_again_for_a_get() {
    let server = FaultServer::start([Reply::Steps(vec![]), json(200, config_map("a"))]).await;
    config_maps(&server).get("a").await.unwrap();
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_reset_connection_is_final_for_all_that_writes() {
    let server = FaultServer::start([reset()]).await;
    let config_maps = config_maps(&server);
    config_maps.replace("a", &ConfigMap::default()).await.unwrap_err();
    config_maps.create(&ConfigMap::default()).await.unwrap_err();
    config_maps.delete("a").await.unwrap_err();
    assert_eq!(server.seen().len(), 3, "one attempt each");
}

#[tokio::test]
async fn a_stream_is_not_tried_again_after_a_reset() {
    let server = FaultServer::start([reset()]).await;
    client(&config(&server)).get().abs_path("/logs").send_for_bytes().await.unwrap_err();
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_tried_again() {
    let cut = Reply::Steps(vec![send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"), Step::Reset]);
    let server = FaultServer::start([cut]).await;
    config_maps(&server).get("a").await.unwrap_err();
    assert_eq!(server.seen().len(), 1, "the server has answered");
}

#[tokio::test]
async fn a_refused_connection_is_not_tried_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut config = kubeset_rest::Config::new(format!("http://{address}"));
    config.rate_limit = kubeset_rest::RateLimit::Unlimited;
    let error = client(&config).get().abs_path("/version").send_raw().await.unwrap_err();
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn the_number_of_retries_can_be_set() {
    let server = FaultServer::start([retry_after(503, "0")]).await;
    let request = client(&config(&server)).get().abs_path("/version");
    request.clone().max_retries(2).send_raw().await.unwrap_err();
    assert_eq!(server.seen().len(), 3);
    request.max_retries(0).send_raw().await.unwrap_err();
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_deadline_tells_of_the_attempt_before_it() {
    let stall = Reply::Steps(vec![Step::Wait(Duration::from_secs(30))]);
    let server = FaultServer::start([reset(), stall]).await;
    let error = config_maps(&server).get("a").timeout(Duration::from_secs(4)).await.unwrap_err();
    assert!(error.is_deadline_exceeded(), "{error}");
    assert!(error.to_string().contains("error from a previous attempt"), "{error}");
    assert_eq!(server.seen().len(), 2);
}
