//! What a credential plugin gives, on the wire: tokens, certificates, and what replaces both.

#![cfg(unix)]

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Method, Response};

use super::server::{Authority, Identity, Server};
use crate::config::{Config, ExecConfig, PemSource};
use crate::transport::HttpClient;

/// A plugin that prints what the file `answer` in its folder holds.
struct Plugin {
    folder: tempfile::TempDir,
}

impl Plugin {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let script = format!("cd '{}' && echo >> runs && cat answer\n", folder.path().display());
        fs::write(folder.path().join("plugin.sh"), script).expect("a script");
        Self { folder }
    }

    fn gives(&self, status: serde_json::Value) {
        let answer = serde_json::json!({
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status,
        });
        fs::write(self.folder.path().join("answer"), answer.to_string()).expect("a file");
    }

    fn gives_certificate(&self, identity: &Identity) {
        self.gives(serde_json::json!({
            "clientCertificateData": identity.certificate, "clientKeyData": identity.key,
        }));
    }

    fn runs(&self) -> usize {
        fs::read_to_string(self.folder.path().join("runs")).unwrap_or_default().lines().count()
    }

    fn exec(&self) -> ExecConfig {
        let mut exec = ExecConfig::new("sh");
        exec.args.push(self.folder.path().join("plugin.sh").display().to_string());
        exec
    }
}

async fn get(client: &HttpClient, config: &Config) -> u16 {
    let url = client.base_url(config).expect("an address").url("/version", None);
    let answer = client.execute(reqwest::Request::new(Method::GET, url)).await.expect("an answer");
    let code = answer.status().as_u16();
    answer.bytes().await.expect("a body");
    code
}

fn mutual(ca: &Authority, server: &Server, plugin: &Plugin) -> Config {
    let mut config = Config::new(format!("https://localhost:{}", server.address.port()));
    config.tls.ca = Some(PemSource::data(ca.pem.clone()));
    config.exec = Some(plugin.exec());
    config
}

#[tokio::test]
async fn a_certificate_from_a_plugin_is_shown_to_the_server() {
    let ca = Authority::new();
    let server = Server::start(Some(ca.server(&["localhost"], &["h2"], Some(&ca)))).await;
    let plugin = Plugin::new();
    plugin.gives_certificate(&ca.issue(&["jane"]));
    let config = mutual(&ca, &server, &plugin);
    let client = HttpClient::new(&config).expect("a client");
    assert_eq!(plugin.runs(), 0);
    let codes = futures_util::future::join_all((0..20).map(|_| get(&client, &config))).await;
    assert!(codes.iter().all(|code| *code == 200));
    assert_eq!((server.seen()[0].peer.client_certificates.len(), plugin.runs()), (1, 1));
}

#[tokio::test]
async fn another_certificate_after_a_refusal_goes_over_another_connection() {
    let ca = Authority::new();
    let asked = AtomicUsize::new(0);
    let server = Server::answering(Some(ca.server(&["localhost"], &["h2"], Some(&ca))), move |_| {
        let code = if asked.fetch_add(1, Ordering::SeqCst) == 1 { 401 } else { 200 };
        Response::builder().status(code).body(Bytes::new()).expect("an answer")
    })
    .await;
    let plugin = Plugin::new();
    plugin.gives_certificate(&ca.issue(&["jane"]));
    let config = mutual(&ca, &server, &plugin);
    let client = HttpClient::new(&config).expect("a client");
    assert_eq!(get(&client, &config).await, 200);
    plugin.gives_certificate(&ca.issue(&["joan"]));
    assert_eq!(get(&client, &config).await, 200, "it was sent once more");
    assert_eq!(get(&client, &config).await, 200);

    let shown: Vec<_> = server.seen().into_iter().map(|seen| seen.peer.client_certificates).collect();
    assert_eq!((shown.len(), plugin.runs()), (4, 2));
    assert!(shown[0] == shown[1] && shown[1] != shown[2] && shown[2] == shown[3]);
}

#[tokio::test]
async fn credentials_in_the_configuration_come_before_a_plugin() {
    let server = Server::start(None).await;
    let plugin = Plugin::new();
    let mut config = Config::new(server.address.to_string());
    config.exec = Some(plugin.exec());
    config.bearer_token = Some("fixed".into());
    assert_eq!(get(&HttpClient::new(&config).expect("a client"), &config).await, 200);
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer fixed"));
    get(&HttpClient::new(&config.anonymous()).expect("a client"), &config).await;
    assert_eq!((server.seen()[1].header("authorization"), plugin.runs()), (None, 0));
}
