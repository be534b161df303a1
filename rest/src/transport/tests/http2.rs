//! Connections that carry many requests, and how their death is noticed.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, Version};

use super::server::{Authority, GOES_AWAY, GOES_SILENT, STAYS_OPEN, Server};
use crate::client::RestClient;
use crate::config::{BaseUrl, Config, Environment, PemSource};
use crate::retry::{is_lost_connection, is_timeout};
use crate::transport::{HttpClient, TransportError};

/// A client of a server whose answers stay open, and with the path `/silent` go silent.
struct Setup {
    server: Server,
    client: HttpClient,
    base: BaseUrl,
}

impl Setup {
    async fn new(variables: &[(&str, &str)]) -> Self {
        let ca = Authority::new();
        let tls = ca.server(&["localhost"], &["h2", "http/1.1"], None);
        let server = Server::answering(Some(tls), |request| {
            let header = match request.uri().path() {
                "/silent" => GOES_SILENT,
                "/away" => GOES_AWAY,
                "/watch" => STAYS_OPEN,
                _ => "x-ends",
            };
            Response::builder().header(header, "").body(Bytes::from_static(b"x")).expect("one")
        })
        .await;
        let mut config = Config::new(format!("https://localhost:{}", server.address.port()));
        config.tls.ca = Some(PemSource::data(ca.pem));
        let environment = Environment::made_up(Path::new("/"), variables);
        let client = HttpClient::in_environment(&config, &environment).expect("a client");
        Self { server, base: client.base_url(&config).expect("an address"), client }
    }

    /// The connection of each request so far.
    fn connections(&self) -> Vec<usize> {
        self.server.seen().iter().map(|seen| seen.peer.connection).collect()
    }

    async fn get(&self, path: &str) -> Result<reqwest::Response, TransportError> {
        self.client.execute(reqwest::Request::new(http::Method::GET, self.base.url(path, None))).await
    }
}

#[tokio::test]
async fn the_environment_can_disable_http_2() {
    let setup = Setup::new(&[("DISABLE_HTTP2", "1")]).await;
    assert_eq!(setup.get("/").await.expect("an answer").version(), Version::HTTP_11);
}

#[tokio::test]
async fn a_connection_that_goes_away_is_lost_and_left() {
    let setup = Setup::new(&[]).await;
    let error = setup.get("/away").await.expect_err("no answer comes");
    assert!(is_lost_connection(&error), "{error:?}");
    setup.get("/").await.expect("an answer");
    let connections = setup.connections();
    assert_ne!(connections.first(), connections.last(), "another connection serves");
}

#[tokio::test]
async fn a_connection_that_goes_silent_is_noticed_and_left() {
    let variables = [("HTTP2_READ_IDLE_TIMEOUT_SECONDS", "1"), ("HTTP2_PING_TIMEOUT_SECONDS", "1")];
    let setup = Setup::new(&variables).await;
    let mut watch = setup.get("/silent").await.expect("an answer");
    assert_eq!(watch.chunk().await.expect("a chunk").as_deref(), Some(&b"x"[..]));
    let next = tokio::time::timeout(Duration::from_secs(20), watch.chunk()).await;
    let error = next.expect("it is noticed").expect_err("the connection is dead");
    assert!(is_lost_connection(&error) || is_timeout(&error), "{error:?}");
    setup.get("/").await.expect("an answer over another connection");
    assert_eq!(setup.connections(), [0, 1]);
}

#[tokio::test]
async fn two_hundred_watches_share_a_few_connections() {
    let setup = Setup::new(&[]).await;
    let watches = futures_util::future::join_all((0..200).map(|_| setup.get("/watch")));
    let watches = tokio::time::timeout(Duration::from_secs(20), watches).await.expect("all of them begin");
    assert!(watches.iter().all(Result::is_ok));
    let mut connections = setup.connections();
    connections.sort_unstable();
    connections.dedup();
    // The server allows 100 on each. One that was made in the first rush may carry a few, too.
    assert!((2..=4).contains(&connections.len()), "{connections:?}");
    drop(watches);
    setup.get("/").await.expect("an answer");
    assert!(connections.contains(&setup.connections()[200]), "there is room again");
}

#[tokio::test]
async fn clients_that_are_given_one_http_client_share_its_connection() {
    let setup = Setup::new(&[]).await;
    let config = Config::new(format!("https://localhost:{}", setup.server.address.port()));
    for version in ["v1", "v2"] {
        let http = setup.client.clone();
        let client = RestClient::with_http_client(&config, "example", version, http).expect("a client");
        client.get().resource("things").send_raw().await.expect("an answer");
    }
    assert_eq!(setup.connections(), [0, 0]);
}
