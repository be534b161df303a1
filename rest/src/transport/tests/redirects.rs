//! Redirects stay on the server and ask the same thing again, or they are errors.

use bytes::Bytes;
use http::{Method, Request, Response};

use super::server::Server;
use crate::config::Config;
use crate::transport::{HttpClient, TransportError};

/// Answers `/from/<code>` with a redirect of that code to `target`, `/loop` with one to itself, and the rest with 200.
async fn server(target: &'static str) -> Server {
    Server::answering(None, move |request: &Request<()>| {
        let (code, target) = match request.uri().path().strip_prefix("/from/") {
            Some(code) => (code.parse().expect("a code"), target),
            None if request.uri().path() == "/loop" => (307, "/loop"),
            None => (200, ""),
        };
        Response::builder().status(code).header("location", target).body(Bytes::new()).expect("an answer")
    })
    .await
}

async fn send(server: &Server, method: Method, path: &str) -> Result<reqwest::Response, TransportError> {
    let mut config = Config::new(server.address.to_string());
    config.bearer_token = Some("a-token".into());
    let client = HttpClient::new(&config).expect("a client");
    let url = client.base_url(&config).expect("an address").url(path, None);
    let mut request = reqwest::Request::new(method.clone(), url);
    if method == Method::POST {
        *request.body_mut() = Some("a body".into());
    }
    client.execute(request).await
}

#[tokio::test]
async fn a_redirect_within_the_server_is_followed_with_the_credentials() {
    for code in [301, 302, 303, 307, 308] {
        let server = server("/to?x=1").await;
        let answer = send(&server, Method::GET, &format!("/from/{code}")).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200);
        let seen = server.seen();
        assert_eq!(seen[1].request.uri().to_string(), "/to?x=1");
        assert_eq!(seen[1].header("authorization"), Some("Bearer a-token"));
    }
}

#[tokio::test]
async fn a_redirect_to_another_server_is_refused_and_named() {
    for target in ["http://127.0.0.1:9/to", "https://other.example/to", "//other.example/to"] {
        let server = server(target).await;
        let error = send(&server, Method::GET, "/from/307").await.expect_err("another server").to_string();
        let named = if target.contains("127.0.0.1") { "http://127.0.0.1:9" } else { "other.example" };
        assert!(error.contains(named) && !error.contains("/to"), "{error}");
    }
}

#[tokio::test]
async fn a_write_is_sent_again_whole_or_not_at_all() {
    for code in [307, 308] {
        let server = server("/to").await;
        send(&server, Method::POST, &format!("/from/{code}")).await.expect("an answer");
        let seen = server.seen().remove(1);
        assert_eq!((seen.request.method(), seen.header("content-length")), (&Method::POST, Some("6")));
    }
    for code in [301, 302, 303] {
        let server = server("/to").await;
        let error =
            send(&server, Method::POST, &format!("/from/{code}")).await.expect_err("it would be a read");
        assert!(error.to_string().contains("into a read"), "{error}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn an_endless_redirect_ends_after_ten() {
    let server = server("/to").await;
    let error = send(&server, Method::GET, "/loop").await.expect_err("it never ends");
    assert!(error.to_string().contains("more than 10 times"), "{error}");
    assert_eq!(server.seen().len(), 11);
}

#[tokio::test]
async fn an_answer_that_only_looks_like_a_redirect_is_handed_on() {
    for code in [300, 304] {
        let server = server("/to").await;
        let answer = send(&server, Method::GET, &format!("/from/{code}")).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), code);
    }
}
