//! Refused credentials: which ones are renewed, and that the request is sent once more and not oftener.

use std::fs;
use std::path::Path;

use k8s_openapi::api::core::v1::ConfigMap;
use kubeset_rest::{Config, Endpoint, ExecConfig};

use crate::fault_server::{FaultServer, Reply, json};
use crate::{client, config, config_map, status};

fn unauthorized() -> Reply {
    json(401, status(401, "Unauthorized"))
}

fn maps(config: &Config) -> Endpoint<ConfigMap> {
    Endpoint::new(&client(config), "configmaps").namespace("prod")
}

/// A plugin that gives `token-1` when it is run first, `token-2` then, and so on; beyond `last` it fails.
#[cfg(unix)]
fn plugin(folder: &Path, last: usize) -> ExecConfig {
    let script = folder.join("plugin.sh");
    let text = format!(
        r#"cd '{}'
echo >> runs
runs=$(($(wc -l < runs)))
[ $runs -le {last} ] || exit 1
echo '{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{"token":"token-'$runs'"}}}}'
"#,
        folder.display()
    );
    fs::write(&script, text).unwrap();
    let mut exec = ExecConfig::new("sh");
    exec.args.push(script.display().to_string());
    exec
}

fn tokens(server: &FaultServer) -> Vec<String> {
    let token =
        |seen: &crate::fault_server::Seen| seen.header("authorization").unwrap_or_default().to_owned();
    server.seen().iter().map(token).collect()
}

#[cfg(unix)]
#[tokio::test]
async fn a_refused_token_of_a_plugin_is_renewed_and_the_write_sent_once_more() {
    let server =
        FaultServer::start([json(200, config_map("a")), unauthorized(), json(201, config_map("a"))]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&server);
    config.exec = Some(plugin(folder.path(), 9));
    let maps = maps(&config);
    maps.get("a").await.unwrap();
    maps.create(&ConfigMap::default()).await.unwrap();
    assert_eq!(tokens(&server), ["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
    let seen = server.seen();
    assert_eq!((seen[1].method.as_str(), &seen[1].body), ("POST", &seen[2].body));
    assert!(!seen[2].body.is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_refusal_is_the_answer() {
    let server = FaultServer::start([json(200, config_map("a")), unauthorized()]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&server);
    config.exec = Some(plugin(folder.path(), 9));
    let maps = maps(&config);
    maps.get("a").await.unwrap();
    assert!(maps.get("a").await.unwrap_err().is_unauthorized());
    assert_eq!(tokens(&server), ["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_that_was_made_for_the_request_is_not_renewed() {
    let server = FaultServer::start([unauthorized()]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&server);
    config.exec = Some(plugin(folder.path(), 9));
    assert!(maps(&config).get("a").await.unwrap_err().is_unauthorized());
    assert_eq!(tokens(&server), ["Bearer token-1"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_failed_renewal_leaves_the_refusal_as_the_answer() {
    let server = FaultServer::start([json(200, config_map("a")), unauthorized()]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&server);
    config.exec = Some(plugin(folder.path(), 1));
    let maps = maps(&config);
    maps.get("a").await.unwrap();
    assert!(maps.get("a").await.unwrap_err().is_unauthorized());
    assert_eq!(tokens(&server), ["Bearer token-1", "Bearer token-1"]);
}

#[tokio::test]
async fn a_refused_token_file_is_read_again_and_the_request_sent_if_it_has_changed() {
    let server = FaultServer::start([
        json(200, config_map("a")),
        unauthorized(),
        unauthorized(),
        json(200, config_map("a")),
    ])
    .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, "one").unwrap();
    let mut config = config(&server);
    config.bearer_token_file = Some(path.clone());
    let maps = maps(&config);
    maps.get("a").await.unwrap();
    assert!(maps.get("a").await.unwrap_err().is_unauthorized(), "the file has no other token");
    fs::write(&path, "two").unwrap();
    maps.get("a").await.unwrap();
    assert_eq!(tokens(&server), ["Bearer one", "Bearer one", "Bearer one", "Bearer two"]);
}

#[tokio::test]
async fn fixed_credentials_are_refused_once() {
    let server = FaultServer::start([unauthorized()]).await;
    let mut config = config(&server);
    config.bearer_token = Some("fixed".into());
    assert!(maps(&config).get("a").await.unwrap_err().is_unauthorized());
    assert_eq!(tokens(&server), ["Bearer fixed"]);
}
