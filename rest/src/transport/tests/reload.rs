//! Certificates that change in their files while the client lives.

use std::fs;
use std::path::PathBuf;

use bytes::Bytes;
use http::Response;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;

use super::server::{Authority, STAYS_OPEN, Server};
use crate::config::{BaseUrl, Config, PemSource};
use crate::retry::is_lost_connection;
use crate::transport::{HttpClient, TransportError};

/// A server that demands a certificate, and a client whose certificates are in files.
struct Setup {
    folder: TempDir,
    authority: Authority,
    server: Server,
    client: HttpClient,
    base: BaseUrl,
}

impl Setup {
    async fn new() -> Self {
        let authority = Authority::new();
        let tls = authority.server(&["localhost"], &["h2"], Some(&authority));
        let server = Server::answering(Some(tls), |request| match request.uri().path() {
            "/watch" => {
                Response::builder().header(STAYS_OPEN, "").body(Bytes::from_static(b"x")).expect("one")
            }
            _ => Response::new(Bytes::from_static(b"fine")),
        })
        .await;
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| Some(PemSource::file(folder.path().join(name)));
        let mut config = Config::new(format!("https://localhost:{}", server.address.port()));
        config.tls.ca = file("ca.crt");
        config.tls.client_certificate = file("me.crt");
        config.tls.client_key = file("me.key");
        fs::write(folder.path().join("ca.crt"), &authority.pem).expect("a file");
        rotate(&folder, &authority);
        let client = HttpClient::new(&config).expect("a client");
        let base = client.base_url(&config).expect("an address");
        Self { folder, authority, server, client, base }
    }

    async fn get(&self, path: &str) -> Result<reqwest::Response, TransportError> {
        self.client.execute(reqwest::Request::new(http::Method::GET, self.base.url(path, None))).await
    }

    /// Asks once, and says over which connection and with which certificate the request came.
    async fn ask(&self) -> (usize, CertificateDer<'static>) {
        let answer = self.get("/").await.expect("an answer");
        assert_eq!(answer.text().await.expect("its text"), "fine");
        let peer = self.server.seen().pop().expect("a note").peer;
        (peer.connection, peer.client_certificates.into_iter().next().expect("a certificate"))
    }

    fn five_minutes_later(&self) {
        self.client.shared.reload.as_ref().expect("files").make_due();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Writes another certificate and its key.
fn rotate(folder: &TempDir, authority: &Authority) -> CertificateDer<'static> {
    let identity = authority.issue(&["anna"]);
    fs::write(folder.path().join("me.crt"), &identity.certificate).expect("a file");
    fs::write(folder.path().join("me.key"), &identity.key).expect("a file");
    CertificateDer::from_pem_slice(identity.certificate.as_bytes()).expect("a certificate")
}

#[tokio::test]
async fn a_rotated_client_certificate_is_shown_from_then_on() {
    let setup = Setup::new().await;
    let (connection, first) = setup.ask().await;
    let second = rotate(&setup.folder, &setup.authority);
    assert_eq!(
        setup.ask().await,
        (connection, first.clone()),
        "the files are looked at every 5 minutes only"
    );
    setup.five_minutes_later();
    assert_eq!(setup.ask().await, (connection + 1, second.clone()));
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_rotated_client_certificate_ends_what_the_old_connection_carries() {
    let setup = Setup::new().await;
    let mut watch = setup.get("/watch").await.expect("an answer");
    assert_eq!(watch.chunk().await.expect("a chunk").as_deref(), Some(&b"x"[..]));
    rotate(&setup.folder, &setup.authority);
    setup.five_minutes_later();
    setup.ask().await;
    let error = watch.chunk().await.expect_err("the connection is closed");
    assert!(is_lost_connection(&error), "{error:?}");
}

#[tokio::test]
async fn a_request_that_waits_for_its_answer_ends_with_the_old_connection() {
    let setup = Setup::new().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let config = Config::new(format!("http://{}", silent.local_addr().expect("its address")));
    let tls = &setup.client.pool;
    let url = config.base_url().expect("an address").url("/", None);
    let waiting = tls.execute(reqwest::Request::new(http::Method::GET, url));
    let renewing = async {
        let _accepted = silent.accept().await.expect("a connection");
        tls.renew();
    };
    let (error, ()) = futures_util::future::join(waiting, renewing).await;
    let error = error.expect_err("the connection was given up");
    assert!(is_lost_connection(&error), "{error:?}");
}

#[tokio::test]
async fn unchanged_files_keep_the_connection_and_what_it_carries() {
    let setup = Setup::new().await;
    let _watch = setup.get("/watch").await.expect("an answer");
    let before = setup.ask().await;
    setup.five_minutes_later();
    assert_eq!(setup.ask().await, before);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_leaves_the_last_good_one() {
    let setup = Setup::new().await;
    let _watch = setup.get("/watch").await.expect("an answer");
    let before = setup.ask().await;
    let other = setup.authority.issue(&["other"]);
    for (name, text) in [("me.crt", Some("")), ("me.crt", None), ("me.key", None), ("ca.crt", None)] {
        match text {
            Some(text) => fs::write(setup.path(name), text).expect("a file"),
            None => fs::remove_file(setup.path(name)).expect("a file to remove"),
        }
        setup.five_minutes_later();
        assert_eq!(setup.ask().await, before, "{name}");
    }
    // Half of a rotation: the certificate is there, its key not yet.
    fs::write(setup.path("me.crt"), &other.certificate).expect("a file");
    fs::write(setup.path("me.key"), setup.authority.issue(&[]).key).expect("a file");
    setup.five_minutes_later();
    assert_eq!(setup.ask().await, before);
    fs::write(setup.path("me.key"), &other.key).expect("a file");
    setup.five_minutes_later();
    assert_ne!(setup.ask().await, before);
}

#[tokio::test]
async fn a_rotated_ca_counts_for_new_connections_and_lets_old_ones_finish() {
    let setup = Setup::new().await;
    let mut watch = setup.get("/watch").await.expect("an answer");
    assert_eq!(watch.chunk().await.expect("a chunk").as_deref(), Some(&b"x"[..]));
    let (connection, _) = setup.ask().await;
    let both = format!("{}{}", setup.authority.pem, Authority::new().pem);
    fs::write(setup.path("ca.crt"), both).expect("a file");
    setup.five_minutes_later();
    assert_eq!(setup.ask().await.0, connection + 1);
    let more = tokio::time::timeout(std::time::Duration::from_millis(50), watch.chunk()).await;
    assert!(more.is_err(), "the watch goes on: {more:?}");

    fs::write(setup.path("ca.crt"), Authority::new().pem).expect("a file");
    setup.five_minutes_later();
    setup.get("/").await.expect_err("its authority is no longer trusted");
}
