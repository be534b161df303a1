//! What the client adds to a request.

use std::fs;

use http::{HeaderValue, Method};

use super::server::Server;
#[cfg(feature = "gzip")]
use crate::config::Compression;
use crate::config::{Config, Impersonation};
use crate::transport::{HttpClient, TransportError};

fn config(server: &Server) -> Config {
    Config::new(server.address.to_string())
}

fn request(server: &Server) -> reqwest::Request {
    let url = format!("http://{}/version", server.address).parse().expect("a URL");
    reqwest::Request::new(Method::GET, url)
}

#[tokio::test]
async fn the_token_and_the_user_agent_are_added() {
    let server = Server::start(None).await;
    let mut config = config(&server);
    config.bearer_token = Some("a-token".into());
    HttpClient::new(&config).expect("a client").execute(request(&server)).await.expect("an answer");
    config.add_user_agent("part");
    HttpClient::new(&config).expect("a client").execute(request(&server)).await.expect("an answer");

    let seen = server.seen();
    assert_eq!(seen[0].header("authorization"), Some("Bearer a-token"));
    let agent = seen[0].header("user-agent").expect("a user agent");
    assert!(agent.contains(" kubeset/"), "{agent}");
    assert_eq!(seen[1].header("user-agent"), Some(format!("{agent}/part").as_str()));
}

#[tokio::test]
async fn a_request_keeps_its_own_authorization_and_user_agent() {
    let server = Server::start(None).await;
    let mut config = config(&server);
    config.bearer_token = Some("a-token".into());
    let mut own = request(&server);
    own.headers_mut().insert("authorization", HeaderValue::from_static("Bearer own"));
    own.headers_mut().insert("user-agent", HeaderValue::from_static("own"));
    HttpClient::new(&config).expect("a client").execute(own).await.expect("an answer");
    let seen = server.seen().remove(0);
    assert_eq!((seen.header("authorization"), seen.header("user-agent")), (Some("Bearer own"), Some("own")));
}

#[tokio::test]
async fn the_impersonated_user_is_added_with_everything_said_about_them() {
    let server = Server::start(None).await;
    let mut config = config(&server);
    config.impersonate = Some(Impersonation::user("jane").group("a").group("b").extra("x/y", "z"));
    HttpClient::new(&config).expect("a client").execute(request(&server)).await.expect("an answer");
    let seen = server.seen().remove(0);
    assert_eq!(seen.header("impersonate-user"), Some("jane"));
    assert_eq!(seen.header("impersonate-extra-x%2fy"), Some("z"));
    let groups: Vec<_> = seen.request.headers().get_all("impersonate-group").iter().collect();
    assert_eq!(groups, ["a", "b"]);
}

#[tokio::test]
async fn a_request_that_impersonates_somebody_itself_gets_nothing_added() {
    let server = Server::start(None).await;
    let mut config = config(&server);
    config.impersonate = Some(Impersonation::user("jane").group("a"));
    let mut own = request(&server);
    own.headers_mut().insert("impersonate-user", HeaderValue::from_static("own"));
    HttpClient::new(&config).expect("a client").execute(own).await.expect("an answer");
    HttpClient::new(&config.anonymous())
        .expect("a client")
        .execute(request(&server))
        .await
        .expect("an answer");
    let seen = server.seen();
    assert_eq!(
        (seen[0].header("impersonate-user"), seen[0].header("impersonate-group")),
        (Some("own"), None)
    );
    assert_eq!(seen[1].header("impersonate-user"), None, "an anonymous copy acts as nobody");
}

#[tokio::test]
async fn a_token_file_is_sent_without_its_line_break() {
    let server = Server::start(None).await;
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("token"), "from-file\n").expect("a file");
    let mut config = config(&server);
    config.bearer_token_file = Some(folder.path().join("token"));
    HttpClient::new(&config).expect("a client").execute(request(&server)).await.expect("an answer");
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer from-file"));
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = Server::start(None).await;
    let mut config = config(&server);
    config.bearer_token_file = Some("/missing/token".into());
    let error =
        HttpClient::new(&config).expect("a client").execute(request(&server)).await.expect_err("no token");
    assert!(matches!(error, TransportError::Credentials(_)), "{error}");
    assert!(server.seen().is_empty());
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn compression_is_asked_for_as_configured_or_decided_by_the_request() {
    let server = Server::start(None).await;
    let mut config = config(&server);
    let near = HttpClient::new(&config).expect("a client");
    config.compression = Compression::Always;
    let with = HttpClient::new(&config).expect("a client");
    config.compression = Compression::Never;
    let without = HttpClient::new(&config).expect("a client");
    near.execute(request(&server)).await.expect("an answer");
    with.execute(request(&server)).await.expect("an answer");
    without.execute(request(&server)).await.expect("an answer");
    let mut own = request(&server);
    own.headers_mut().insert("accept-encoding", HeaderValue::from_static("identity"));
    with.execute(own).await.expect("an answer");
    let seen = server.seen();
    let encodings: Vec<_> = seen.iter().map(|seen| seen.header("accept-encoding")).collect();
    assert_eq!(encodings, [None, Some("gzip"), None, Some("identity")]);
}

#[tokio::test]
async fn credentials_are_not_sent_to_another_server() {
    let (server, other) = (Server::start(None).await, Server::start(None).await);
    let mut config = config(&server);
    config.bearer_token = Some("a-token".into());
    let error =
        HttpClient::new(&config).expect("a client").execute(request(&other)).await.expect_err("another");
    assert!(matches!(error, TransportError::OtherServer { .. }), "{error}");
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_ready_client_is_used_as_it_is() {
    let server = Server::start(None).await;
    let plain = HttpClient::new(&config(&server)).expect("a client").pool.current();
    HttpClient::from_reqwest(plain).execute(request(&server)).await.expect("an answer");
    let seen = server.seen().remove(0);
    assert_eq!((seen.header("authorization"), seen.header("user-agent")), (None, None));
}
