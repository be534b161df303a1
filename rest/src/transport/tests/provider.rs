//! The identity provider is trusted for itself, not with the cluster's CA, and gets nothing of the cluster's user.

use bytes::Bytes;
use http::{Method, Response};

use super::server::{Authority, Server};
use crate::config::{Config, OidcConfig, PemSource};
use crate::transport::HttpClient;

/// A provider with TLS, whose only ID token is `new`.
async fn provider(ca: &Authority) -> Server {
    Server::answering(Some(ca.server(&["localhost"], &["http/1.1"], None)), |request| {
        let host = request.headers()["host"].to_str().expect("text");
        let body = match request.uri().path() {
            "/token" => r#"{"id_token":"new"}"#.to_owned(),
            _ => format!(r#"{{"token_endpoint":"https://{host}/token"}}"#),
        };
        Response::new(Bytes::from(body))
    })
    .await
}

fn config(cluster: &Server, provider: &Server, ca: &Authority) -> Config {
    let mut oidc = OidcConfig::new(format!("https://localhost:{}/", provider.address.port()), "me");
    oidc.refresh_token = Some("refresh".into());
    oidc.ca = Some(PemSource::data(ca.pem.clone()));
    let mut config = Config::new(cluster.address.to_string());
    config.oidc = Some(oidc);
    config
}

#[tokio::test]
async fn a_provider_is_trusted_with_its_own_ca_only() {
    let (ca, other) = (Authority::new(), Authority::new());
    let (cluster, provider) = (Server::start(None).await, provider(&ca).await);
    let get = async |config: &Config| {
        let client = HttpClient::new(config).expect("a client");
        let url = client.base_url(config).expect("an address").url("/version", None);
        client.execute(reqwest::Request::new(Method::GET, url)).await
    };
    get(&config(&cluster, &provider, &ca)).await.expect("an answer");
    assert_eq!(cluster.seen()[0].header("authorization"), Some("Bearer new"));
    assert!(provider.seen().iter().all(|seen| seen.header("authorization").is_none()));
    assert_eq!(provider.seen().len(), 2);

    let error = get(&config(&cluster, &provider, &other)).await.expect_err("it is not trusted");
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    let text = format!("{error} {cause} {error:?}");
    assert!(text.contains("invalid peer certificate"), "{text}");
    assert_eq!(provider.seen().len(), 2);
}
