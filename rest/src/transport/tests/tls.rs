//! Whom the client trusts, which name it expects and which certificate it shows.

use std::error::Error as _;
use std::fs;

use http::Version;

use super::server::{Authority, Server};
use crate::config::{Config, ConfigError, PemSource};
use crate::transport::{HttpClient, TransportError};

const BOTH: &[&str] = &["h2", "http/1.1"];

fn config(host: &str, server: &Server, ca: Option<&Authority>) -> Config {
    let mut config = Config::new(format!("https://{host}:{}", server.address.port()));
    config.tls.ca = ca.map(|ca| PemSource::data(ca.pem.clone()));
    config
}

async fn get(config: &Config) -> Result<reqwest::Response, TransportError> {
    let client = HttpClient::new(config).expect("a client");
    let url = client.base_url(config).expect("an address").url("/version", None);
    client.execute(reqwest::Request::new(http::Method::GET, url)).await
}

/// The whole chain of a failure's causes.
fn causes(error: &TransportError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[tokio::test]
async fn a_server_with_a_certificate_of_the_ca_is_trusted() {
    let ca = Authority::new();
    for host in ["localhost", "127.0.0.1"] {
        let server = Server::start(Some(ca.server(&["localhost", "127.0.0.1"], BOTH, None))).await;
        let answer = get(&config(host, &server, Some(&ca))).await.expect("an answer");
        assert_eq!((answer.status().as_u16(), answer.text().await.expect("text").as_str()), (200, "fine"));
    }
}

#[tokio::test]
async fn http_2_is_spoken_if_the_server_can_and_http_1_if_not() {
    let ca = Authority::new();
    for (alpn, version) in
        [(BOTH, Version::HTTP_2), (&["http/1.1"], Version::HTTP_11), (&[], Version::HTTP_11)]
    {
        let server = Server::start(Some(ca.server(&["localhost"], alpn, None))).await;
        let answer = get(&config("localhost", &server, Some(&ca))).await.expect("an answer");
        assert_eq!(answer.version(), version);
    }
}

#[tokio::test]
async fn requests_to_an_http_2_server_share_one_connection() {
    let ca = Authority::new();
    let server = Server::start(Some(ca.server(&["localhost"], BOTH, None))).await;
    let config = config("localhost", &server, Some(&ca));
    let client = HttpClient::new(&config).expect("a client");
    let url = client.base_url(&config).expect("an address").url("/", None);
    let send = || client.execute(reqwest::Request::new(http::Method::GET, url.clone()));
    let first = send().await.expect("an answer").remote_addr();
    assert!(futures_util::future::join_all((0..50).map(|_| send())).await.iter().all(Result::is_ok));
    assert_eq!(send().await.expect("an answer").remote_addr(), first);
    assert_eq!(server.seen().len(), 52);
}

#[tokio::test]
async fn a_server_with_a_certificate_of_another_ca_is_refused() {
    let (ca, other) = (Authority::new(), Authority::new());
    let server = Server::start(Some(ca.server(&["localhost"], BOTH, None))).await;
    let mut config = config("localhost", &server, Some(&other));
    config.bearer_token = Some("hunter2".into());
    let error = get(&config).await.expect_err("it is not trusted");
    assert!(causes(&error).contains("invalid peer certificate"), "{}", causes(&error));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn without_a_ca_only_the_system_is_trusted() {
    let ca = Authority::new();
    let server = Server::start(Some(ca.server(&["localhost"], BOTH, None))).await;
    match HttpClient::new(&config("localhost", &server, None)) {
        Ok(_) => {
            let error = get(&config("localhost", &server, None)).await.expect_err("it is not trusted");
            assert!(causes(&error).contains("certificate"), "{}", causes(&error));
        }
        // Containers often have no list of their own.
        Err(error) => assert!(error.to_string().contains("set tls.ca"), "{error}"),
    }
}

#[tokio::test]
async fn the_name_of_the_host_must_be_in_the_certificate() {
    let ca = Authority::new();
    let server = Server::start(Some(ca.server(&["other.example"], BOTH, None))).await;
    for host in ["localhost", "127.0.0.1"] {
        let error = get(&config(host, &server, Some(&ca))).await.expect_err("the name differs");
        assert!(causes(&error).contains("certificate not valid for name"), "{}", causes(&error));
    }
}

#[tokio::test]
async fn a_server_name_is_asked_for_and_expected_instead_of_the_host() {
    let ca = Authority::new();
    for host in ["localhost", "127.0.0.1"] {
        let server = Server::start(Some(ca.server(&["api.example"], BOTH, None))).await;
        let mut config = config(host, &server, Some(&ca));
        config.tls.server_name = Some("API.example".to_owned());
        assert_eq!(get(&config).await.expect("an answer").version(), Version::HTTP_2);
        let seen = server.seen().remove(0);
        assert_eq!(seen.peer.server_name.as_deref(), Some("api.example"));
        let authority = seen.request.uri().authority().map(ToString::to_string);
        assert_eq!(
            authority,
            Some(format!("api.example:{}", server.address.port())),
            "as the field's doc says"
        );
        assert_eq!(seen.request.uri().path(), "/version");

        config.tls.server_name = Some("wrong.example".to_owned());
        let error = get(&config).await.expect_err("the name differs");
        assert!(causes(&error).contains("certificate not valid for name"), "{}", causes(&error));
    }
}

#[tokio::test]
async fn a_server_name_that_is_an_ip_address_is_expected_and_not_asked_for() {
    let ca = Authority::new();
    let server = Server::start(Some(ca.server(&["10.1.2.3"], BOTH, None))).await;
    for host in ["localhost", "127.0.0.1"] {
        let mut config = config(host, &server, Some(&ca));
        config.tls.server_name = Some("10.1.2.3".to_owned());
        get(&config).await.expect("an answer");
        config.tls.server_name = Some("10.1.2.4".to_owned());
        get(&config).await.expect_err("the address differs");
    }
    assert!(server.seen().iter().all(|seen| seen.peer.server_name.is_none()));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn insecure_accepts_any_certificate_and_any_name() {
    let ca = Authority::new();
    let server = Server::start(Some(ca.server(&["other.example"], BOTH, None))).await;
    let mut config = config("localhost", &server, None);
    config.tls.insecure = true;
    assert_eq!(get(&config).await.expect("an answer").version(), Version::HTTP_2);
    config.tls.server_name = Some("named.example".to_owned());
    get(&config).await.expect("an answer");
    assert_eq!(server.seen().remove(1).peer.server_name.as_deref(), Some("named.example"));
}

#[tokio::test]
async fn a_client_certificate_is_shown_whether_given_as_data_or_as_files() {
    let (ca, clients) = (Authority::new(), Authority::new());
    let server = Server::start(Some(ca.server(&["localhost"], BOTH, Some(&clients)))).await;
    let identity = clients.issue(&["anna"]);
    let mut config = config("localhost", &server, Some(&ca));
    get(&config).await.expect_err("the server demands a certificate");

    config.tls.client_certificate = Some(PemSource::data(identity.certificate.clone()));
    config.tls.client_key = Some(PemSource::data(identity.key.clone()));
    get(&config).await.expect("an answer");
    get(&config.anonymous()).await.expect_err("anonymous means without the certificate too");

    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("a file");
        Some(PemSource::file(folder.path().join(name)))
    };
    config.tls.ca = path("ca.crt", &ca.pem);
    config.tls.client_certificate = path("me.crt", &identity.certificate);
    config.tls.client_key = path("me.key", &identity.key);
    get(&config).await.expect("an answer");
    assert!(server.seen().iter().all(|seen| seen.peer.client_certificates.len() == 1));
}

/// Changes a good configuration, which must then be refused with these parts in the message.
type Refused<'a> = (&'a dyn Fn(&mut Config), &'a [&'a str]);

fn refused(ca: &Authority, table: &[Refused<'_>]) {
    for (change, parts) in table {
        let mut config = Config::new("https://cluster.example");
        config.tls.ca = data(&ca.pem);
        change(&mut config);
        let error = HttpClient::new(&config).expect_err(parts[0]).to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{parts:?} is missing in {error:?}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

fn data(pem: &str) -> Option<PemSource> {
    Some(PemSource::data(pem))
}

#[test]
fn a_trust_that_cannot_be_used_is_named() {
    let ca = Authority::new();
    let key = ca.issue(&["one"]).key;
    refused(
        &ca,
        &[
            (&|c| c.tls.insecure = true, &["tls.insecure", "tls.ca"]),
            (&|c| c.tls.ca = data(""), &["tls.ca given as data", "no PEM certificate"]),
            (&|c| c.tls.ca = data(&key), &["tls.ca given as data", "no PEM certificate"]),
            (
                &|c| c.tls.ca = data("-----BEGIN CERTIFICATE-----\n!\n"),
                &["tls.ca given as data", "not valid PEM"],
            ),
            (&|c| c.tls.ca = Some(PemSource::file("/missing/ca.crt")), &["/missing/ca.crt", "tls.ca"]),
            (&|c| c.tls.server_name = Some("no name".to_owned()), &["tls.server_name", "\"no name\""]),
            (&|c| c.tls.server_name = Some("127.1".to_owned()), &["tls.server_name", "\"127.1\""]),
            (&|c| c.host = "ftp://cluster.example".to_owned(), &["ftp://cluster.example"]),
            (&|c| c.user_agent = Some("hunter2\n".to_owned()), &["user agent"]),
        ],
    );
}

#[test]
fn an_identity_that_cannot_be_used_is_named() {
    let ca = Authority::new();
    let (one, other) = (ca.issue(&["one"]), ca.issue(&["other"]));
    let pair = |config: &mut Config, key: &str| {
        config.tls.client_certificate = data(&one.certificate);
        config.tls.client_key = data(key);
    };
    refused(
        &ca,
        &[
            (&|c| c.tls.client_certificate = data(&one.certificate), &["tls.client_key is not set"]),
            (&|c| c.tls.client_key = data(&one.key), &["tls.client_certificate is not set"]),
            (&|c| pair(c, "hunter2"), &["tls.client_key given as data", "no PEM private key"]),
            (&|c| pair(c, &other.key), &["tls.client_certificate", "tls.client_key"]),
        ],
    );
}

#[tokio::test]
async fn a_bundle_with_other_blocks_counts_all_its_certificates() {
    let (ca, other) = (Authority::new(), Authority::new());
    let server = Server::start(Some(ca.server(&["localhost"], BOTH, None))).await;
    let mut config = config("localhost", &server, None);
    let key = other.issue(&[]).key;
    config.tls.ca = Some(PemSource::data(format!("# a note\n{}{key}\n{}", other.pem, ca.pem)));
    get(&config).await.expect("an answer");
}

#[test]
fn keys_of_all_three_kinds_are_understood() {
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"] {
        let pem = PemSource::data(format!("-----BEGIN {label}-----\nMAA=\n-----END {label}-----\n"));
        let setting = crate::transport::pem::Setting { field: "tls.client_key", source: &pem };
        setting.key().expect(label);
    }
}

#[test]
fn a_client_holds_to_its_server() {
    let config = Config::new("http://one.example:8080");
    let client = HttpClient::new(&config).expect("a client");
    let error = client.base_url(&Config::new("http://two.example:8080")).expect_err("another server");
    assert!(matches!(&error, ConfigError::OtherServer { .. }), "{error}");
    client.base_url(&Config::new("http://one.example:8080/base")).expect("the same server");
    let ready = HttpClient::from_reqwest(client.pool.current());
    ready.base_url(&Config::new("http://two.example:8080")).expect("a ready client goes anywhere");
}
