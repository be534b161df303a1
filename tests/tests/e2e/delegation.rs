//! Credentials that come from elsewhere, and calls on behalf of others.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use kubeset::api::authentication::v1::SelfSubjectReview;
use kubeset::k8s_openapi::ByteString;
use kubeset::rest::{
    ExecConfig, ExecVersion, ExposeSecret as _, Impersonation, InteractiveMode, Kubeconfig, SecretString,
    Warning, WarningHandler,
};
use kubeset::{Clientset, Config};
use serde_json::{Value, json};

use super::apiserver::SERVER;
use super::{config, namespace};

async fn whoami(config: &Config) -> (String, Vec<String>) {
    let clientset = Clientset::new(config).unwrap();
    let review = clientset.authentication_v1().self_subject_reviews().create(&SelfSubjectReview::default());
    let user = review.await.unwrap().status.unwrap().user_info.unwrap();
    (user.username.unwrap(), user.groups.unwrap_or_default())
}

#[tokio::test]
async fn an_administrator_acts_as_somebody_with_fewer_rights() {
    let mut config = config("admin");
    config.impersonate = Some(Impersonation::user("mallory").group("testers"));
    let (user, groups) = whoami(&config).await;
    assert_eq!(user, "mallory");
    assert!(groups.contains(&"testers".to_owned()), "{groups:?}");
    let error = Clientset::new(&config).unwrap().core_v1().secrets().list().await.unwrap_err();
    assert!(error.is_forbidden() && error.to_string().contains("mallory"), "{error}");
}

/// A plugin that prints what is in a file, in a folder of its own.
struct Plugin {
    folder: tempfile::TempDir,
}

impl Plugin {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("give-credential");
        std::fs::write(&program, "#!/bin/sh\nexec cat \"$CREDENTIAL\"\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    fn gives(&self, status: &Value) {
        let credential =
            json!({"apiVersion": ExecVersion::V1.as_str(), "kind": "ExecCredential", "status": status});
        std::fs::write(self.folder.path().join("credential"), credential.to_string()).unwrap();
    }

    /// The configuration of `context`, with this plugin's credentials in place of its own.
    fn config(&self, context: &str) -> Config {
        let mut exec = ExecConfig::new(self.folder.path().join("give-credential"));
        exec.api_version = ExecVersion::V1;
        exec.interactive = InteractiveMode::Never;
        let file = self.folder.path().join("credential").into_os_string().into_string().unwrap();
        exec.env = vec![("CREDENTIAL".to_owned(), file.into())];
        let mut config = config(context).anonymous();
        config.exec = Some(exec);
        config
    }
}

#[tokio::test]
async fn a_plugin_gives_the_token() {
    let plugin = Plugin::new();
    let token = config("token").bearer_token.unwrap();
    plugin.gives(&json!({"token": token.expose_secret()}));
    assert!(whoami(&plugin.config("token")).await.1.contains(&"system:masters".to_owned()));
}

#[tokio::test]
async fn a_client_certificate_that_a_plugin_rotates_is_shown_at_once() {
    let kubeconfig = Kubeconfig::load(SERVER.kubeconfig()).unwrap();
    let status = |user: &str| {
        let user = kubeconfig.user(user).unwrap().value();
        let pem = |data: &Option<SecretString>| {
            let text = Value::from(data.as_ref().unwrap().expose_secret());
            let bytes: ByteString = serde_json::from_value(text).unwrap();
            String::from_utf8(bytes.0).unwrap()
        };
        json!({
            "clientCertificateData": pem(&user.client_certificate_data),
            "clientKeyData": pem(&user.client_key_data),
            // Of the past, so that every request asks the plugin again.
            "expirationTimestamp": "2020-01-01T00:00:00Z",
        })
    };
    let plugin = Plugin::new();
    plugin.gives(&status("admin"));
    let clientset = Clientset::new(&plugin.config("admin")).unwrap();
    clientset.core_v1().secrets().list().await.unwrap();
    plugin.gives(&status("jane"));
    let error = clientset.core_v1().secrets().list().await.unwrap_err();
    assert!(error.is_forbidden() && error.to_string().contains("jane"), "{error}");
}

#[derive(Debug, Default)]
struct Collecting(Mutex<Vec<String>>);

impl WarningHandler for Collecting {
    fn handle(&self, warning: &Warning) {
        self.0.lock().unwrap().push(warning.text.clone());
    }
}

#[tokio::test]
async fn a_deprecated_api_warns() {
    let handler = Arc::new(Collecting::default());
    let mut config = config("admin");
    config.warning_handler = Some(handler.clone());
    Clientset::new(&config).unwrap().core_v1().component_statuses().list().await.unwrap();
    let warnings = handler.0.lock().unwrap();
    assert!(warnings.iter().any(|warning| warning.contains("deprecated")), "{warnings:?}");
}

/// How many connections this process's machine has to a port on loopback.
fn connections_to(port: u16) -> usize {
    let suffix = format!(":{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    // Columns: number, local address, remote address, state; 01 is an established connection.
    let rows = table.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() > 3 && row[2].ends_with(&suffix) && row[3] == "01").count()
}

#[tokio::test]
async fn two_hundred_watches_share_a_few_connections() {
    let config = config("admin");
    let port: u16 = config.host.rsplit(':').next().unwrap().trim_end_matches('/').parse().unwrap();
    let clientset = Clientset::new(&config).unwrap();
    let namespace = namespace(&clientset).await;
    let config_maps = clientset.core_v1().config_maps().namespace(&namespace);
    let before = connections_to(port);
    let mut watches = Vec::new();
    for _ in 0..200 {
        watches.push(config_maps.watch().fields("metadata.name=none").await.unwrap());
    }
    let added = connections_to(port).saturating_sub(before);
    println!("{} watches on about {added} connections", watches.len());
    // Other tests may open some of their own meanwhile.
    assert!(added <= 20, "{added} connections");
    config_maps.list().await.unwrap();
}
