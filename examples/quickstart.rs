//! A first walk through the clientset: create, get, list, watch, patch and delete a ConfigMap.
//!
//! `cargo run --example quickstart` runs it against the cluster of the kubeconfig if that answers, else against an API
//! server in this process, which needs nothing installed. `cargo xtask quickstart` starts a real API server instead.

#![expect(clippy::print_stdout, reason = "an example tells what it does")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use kubeset::api::core::v1::{ConfigMap, Namespace};
use kubeset::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kubeset::{Clientset, Config, MergePatch, WatchEvent};
use kubeset_testserver::TestServer;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (clientset, _server) = match cluster().await {
        Ok(clientset) => (clientset, None),
        Err(reason) => {
            println!("cluster     none: {reason}");
            println!("            so this runs on a server in memory");
            let server = TestServer::start().await?;
            // The server stops when it is dropped, so it is kept until the end.
            (server.clientset(), Some(server))
        }
    };
    println!("server      {}", clientset.server_version().await?.git_version);

    let namespace = Namespace {
        metadata: ObjectMeta { generate_name: Some("quickstart-".to_owned()), ..ObjectMeta::default() },
        ..Namespace::default()
    };
    let namespace = clientset.core_v1().namespaces().create(&namespace).await?;
    let namespace = namespace.metadata.name.unwrap_or_default();
    println!("namespace   {namespace} created");

    let outcome = walk(&clientset, &namespace).await;
    clientset.core_v1().namespaces().delete(&namespace).await?;
    println!("namespace   {namespace} deleted");
    Ok(outcome?)
}

/// The cluster of the kubeconfig, or the one that this program runs in, if it answers.
async fn cluster() -> Result<Clientset, Box<dyn Error>> {
    let mut config = Config::infer().await?;
    config.timeout = Some(Duration::from_secs(10));
    let clientset = Clientset::new(&config)?;
    clientset.server_version().max_retries(0).await?;
    println!("cluster     {}", config.host);
    Ok(clientset)
}

async fn walk(clientset: &Clientset, namespace: &str) -> Result<(), kubeset::Error> {
    let config_maps = clientset.core_v1().config_maps().namespace(namespace);

    let greeting = ConfigMap {
        metadata: ObjectMeta {
            name: Some("greeting".to_owned()),
            labels: Some(BTreeMap::from([("app".to_owned(), "quickstart".to_owned())])),
            ..ObjectMeta::default()
        },
        data: Some(BTreeMap::from([("text".to_owned(), "hello".to_owned())])),
        ..ConfigMap::default()
    };
    let made = config_maps.create(&greeting).field_manager("quickstart").await?;
    println!("create      greeting, uid {}", made.metadata.uid.as_deref().unwrap_or_default());

    let read = config_maps.get("greeting").await?;
    println!("get         greeting says {:?}", text(&read));

    let list = config_maps.list().labels("app=quickstart").await?;
    let version = list.metadata.resource_version.unwrap_or_default();
    println!("list        {} ConfigMap(s) at version {version}", list.items.len());

    let mut events = config_maps.watch().labels("app=quickstart").resource_version(&version).await?;
    config_maps.patch("greeting", MergePatch(json!({"data": {"text": "hello again"}}))).await?;
    config_maps.delete("greeting").await?;
    while let Some(event) = events.try_next().await? {
        match event {
            WatchEvent::Modified(object) => println!("watch       greeting now says {:?}", text(&object)),
            WatchEvent::Deleted(_) => {
                println!("watch       greeting is gone");
                break;
            }
            WatchEvent::Added(_) | WatchEvent::Bookmark(_) => {}
        }
    }

    match config_maps.get("greeting").optional().await? {
        Some(_) => println!("get         greeting is still there"),
        None => println!("get         greeting is not found, as it should be"),
    }
    Ok(())
}

/// What a greeting says.
fn text(object: &ConfigMap) -> &str {
    object.data.as_ref().and_then(|data| data.get("text")).map_or("nothing", String::as_str)
}
