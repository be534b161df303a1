//! Redirects are followed where the credentials belong, and nowhere else.

use super::fault_server::{FaultServer, answer, json};
use super::{client, config};

#[tokio::test]
async fn a_redirect_within_the_server_is_followed_with_the_credentials() {
    let replies = [answer(302, [("location", "/there".into())], ""), json(200, "{}")];
    let server = FaultServer::start(replies).await;
    let mut config = config(&server);
    config.bearer_token = Some("top-secret".into());
    client(&config).get().abs_path("/here").send_raw().await.unwrap();
    let seen = server.seen();
    assert_eq!((seen[1].method.as_str(), seen[1].target.as_str()), ("GET", "/there"));
    assert_eq!(seen[1].header("authorization"), Some("Bearer top-secret"));
}

#[tokio::test]
async fn a_redirect_to_another_server_is_an_error_and_nothing_gets_there() {
    let other = FaultServer::start([json(200, "{}")]).await;
    let server = FaultServer::start([answer(307, [("location", format!("{}/x", other.url()))], "")]).await;
    let mut config = config(&server);
    config.bearer_token = Some("top-secret".into());
    client(&config).get().abs_path("/here").send_raw().await.unwrap_err();
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let server = FaultServer::start([answer(302, [("location", "/again".into())], "")]).await;
    client(&config(&server)).get().abs_path("/here").send_raw().await.unwrap_err();
    assert!(server.seen().len() <= 11, "{}", server.seen().len());
}
