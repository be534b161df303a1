//! The way to the server through a proxy.
//!
//! The server is `cluster.example`, which no test can look up: only the proxy leads there.

use std::path::Path;

use http::Version;

use super::proxy::Proxy;
use super::server::{Authority, Server};
use crate::config::{Config, Environment, PemSource, ProxyConfig};
use crate::transport::{HttpClient, TransportError};

const ALPN: &[&str] = &["h2", "http/1.1"];

async fn get(config: &Config, variables: &[(&str, &str)]) -> Result<reqwest::Response, TransportError> {
    let environment = Environment::made_up(Path::new("/"), variables);
    let client = HttpClient::in_environment(config, &environment).expect("a client");
    let url = client.base_url(config).expect("an address").url("/version", None);
    client.execute(reqwest::Request::new(http::Method::GET, url)).await
}

/// A server over TLS with a certificate for this name, and a configuration that trusts it.
async fn server(ca: &Authority, name: &str) -> (Server, Config) {
    let mut config = Config::new("https://cluster.example:6443");
    config.tls.ca = Some(PemSource::data(ca.pem.clone()));
    config.bearer_token = Some("hunter2".into());
    (Server::start(Some(ca.server(&[name], ALPN, None))).await, config)
}

#[tokio::test]
async fn an_http_proxy_is_asked_for_a_tunnel_and_learns_no_secret() {
    let ca = Authority::new();
    let (server, mut config) = server(&ca, "cluster.example").await;
    let proxy = Proxy::http(server.address, None).await;
    config.proxy = ProxyConfig::url(format!("http://an%40na:p%3Aw@{}", proxy.address));
    assert_eq!(get(&config, &[]).await.expect("an answer").version(), Version::HTTP_2);
    let asked = proxy.seen().remove(0);
    assert!(asked.starts_with("CONNECT cluster.example:6443 HTTP/1.1\r\n"), "{asked}");
    // `an@na:p:w`
    assert!(asked.to_lowercase().contains("proxy-authorization: basic yw5abme6cdp3\r\n"), "{asked}");
    assert!(!asked.contains("hunter2"), "{asked}");
    let seen = server.seen().remove(0);
    assert_eq!(seen.header("authorization"), Some("Bearer hunter2"));
    assert_eq!(seen.header("proxy-authorization"), None);
    assert_eq!(seen.peer.server_name.as_deref(), Some("cluster.example"));
}

#[tokio::test]
async fn a_socks5_proxy_looks_the_server_up() {
    let ca = Authority::new();
    let (server, mut config) = server(&ca, "cluster.example").await;
    let proxy = Proxy::socks5(server.address).await;
    for user in ["", "an%40na:p%3Aw@"] {
        config.proxy = ProxyConfig::url(format!("socks5://{user}{}", proxy.address));
        assert_eq!(get(&config, &[]).await.expect("an answer").version(), Version::HTTP_2);
    }
    assert_eq!(proxy.seen(), ["cluster.example:6443", "cluster.example:6443 as an@na with p:w"]);
}

#[tokio::test]
async fn a_proxy_over_tls_is_trusted_under_its_own_name() {
    let (ca, other) = (Authority::new(), Authority::new());
    let (server, mut config) = server(&ca, "cluster.example").await;
    let proxy = Proxy::http(server.address, Some(ca.server(&["localhost"], ALPN, None))).await;
    config.proxy = ProxyConfig::url(format!("https://localhost:{}", proxy.address.port()));
    assert_eq!(get(&config, &[]).await.expect("an answer").version(), Version::HTTP_2);
    assert!(proxy.seen()[0].starts_with("CONNECT cluster.example:6443 "));
    for (authority, name) in [(&other, "localhost"), (&ca, "cluster.example")] {
        let proxy = Proxy::http(server.address, Some(authority.server(&[name], ALPN, None))).await;
        config.proxy = ProxyConfig::url(format!("https://localhost:{}", proxy.address.port()));
        get(&config, &[]).await.expect_err("the proxy is not trusted");
        assert!(proxy.seen().is_empty());
    }
}

#[tokio::test]
async fn a_server_name_is_expected_behind_a_proxy_too() {
    let ca = Authority::new();
    let (server, mut config) = server(&ca, "api.example").await;
    let tls = Some(ca.server(&["localhost"], ALPN, None));
    let (plain, tls) = (Proxy::http(server.address, None).await, Proxy::http(server.address, tls).await);
    config.tls.server_name = Some("api.example".to_owned());
    for url in [format!("http://{}", plain.address), format!("https://localhost:{}", tls.address.port())] {
        config.proxy = ProxyConfig::url(url);
        get(&config, &[]).await.expect("an answer");
        let seen = server.seen().pop().expect("a note");
        assert_eq!(seen.peer.server_name.as_deref(), Some("cluster.example"), "as the field's doc says");
    }
    assert!(plain.seen()[0].starts_with("CONNECT cluster.example:6443 "));
    config.tls.server_name = Some("wrong.example".to_owned());
    get(&config, &[]).await.expect_err("the name differs");
}

#[tokio::test]
async fn a_server_without_tls_is_asked_through_the_proxy_without_a_tunnel() {
    let server = Server::start(None).await;
    let proxy = Proxy::http(server.address, None).await;
    let mut config = Config::new("http://cluster.example:8080");
    config.proxy = ProxyConfig::url(format!("http://anna:secret@{}", proxy.address));
    get(&config, &[]).await.expect("an answer");
    let asked = proxy.seen().remove(0);
    assert!(asked.starts_with("GET http://cluster.example:8080/version HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains("proxy-authorization: basic "), "{asked}");
}

#[tokio::test]
async fn the_environment_names_the_proxy_and_the_servers_without_one() {
    let ca = Authority::new();
    let (server, mut config) = server(&ca, "cluster.example").await;
    let proxy = Proxy::http(server.address, None).await;
    let address = proxy.address.to_string();
    get(&config, &[("HTTPS_PROXY", &address), ("NO_PROXY", "127.0.0.1,localhost")]).await.expect("an answer");
    assert_eq!(proxy.seen().len(), 1, "NO_PROXY is about the server, not about the proxy");
    for except in ["cluster.example", ".example", "*"] {
        let error = get(&config, &[("HTTPS_PROXY", &address), ("NO_PROXY", except)]).await;
        error.expect_err("without the proxy nobody knows the server");
    }
    config.proxy = ProxyConfig::None;
    get(&config, &[("HTTPS_PROXY", &address)]).await.expect_err("the configuration wins");
    assert_eq!(proxy.seen().len(), 1);
}
