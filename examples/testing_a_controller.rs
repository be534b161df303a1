//! How to test a controller: with a real API server in memory, and with what goes wrong in real clusters.
//!
//! `cargo run --example testing_a_controller` needs no cluster. In a program of your own, each scene is a `#[tokio::test]`.

#![expect(clippy::print_stdout, reason = "an example tells what it does")]

use std::error::Error;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use kubeset::api::core::v1::Namespace;
use kubeset::{Clientset, WatchEvent};
use kubeset_testserver::{Matcher, Reply, TestServer};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// The controller: gives every namespace with the label `team` a ConfigMap that names the team, again and again.
async fn control(clientset: Clientset) {
    loop {
        if let Err(error) = follow(&clientset).await {
            println!("  the controller begins again after: {error}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Looks at all namespaces, and then at those that change, until the watch ends.
async fn follow(clientset: &Clientset) -> Result<(), kubeset::Error> {
    let namespaces = clientset.core_v1().namespaces();
    let list = namespaces.list().labels("team").await?;
    for namespace in &list.items {
        reconcile(clientset, namespace).await?;
    }
    let version = list.metadata.resource_version.unwrap_or_default();
    let mut events = namespaces.watch().labels("team").resource_version(&version).await?;
    while let Some(event) = events.try_next().await? {
        if let WatchEvent::Added(namespace) | WatchEvent::Modified(namespace) = event {
            reconcile(clientset, &namespace).await?;
        }
    }
    Ok(())
}

async fn reconcile(clientset: &Clientset, namespace: &Namespace) -> Result<(), kubeset::Error> {
    let name = namespace.metadata.name.as_deref().unwrap_or_default();
    let team = namespace.metadata.labels.as_ref().and_then(|labels| labels.get("team"));
    let wanted = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "team"},
        "data": {"name": team},
    });
    let config_maps = clientset.core_v1().config_maps().namespace(name);
    config_maps.apply("team", &wanted, "team-controller").force().await?;
    Ok(())
}

/// A server with one namespace.
async fn stage() -> Result<TestServer, Box<dyn Error>> {
    let server = TestServer::start().await?;
    server.put(&namespace("red"))?;
    Ok(server)
}

/// Runs the controller until what this returns is dropped.
fn start(server: &TestServer) -> JoinSet<()> {
    JoinSet::from_iter([control(server.clientset())])
}

fn namespace(team: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod", "labels": {"team": team}}})
}

/// The writes of the controller.
fn writes() -> Matcher {
    Matcher::verb("patch").resource("configmaps").namespace("prod")
}

/// What the controller has made of the namespace.
fn told(server: &TestServer) -> Option<String> {
    let object = server.object("v1", "ConfigMap", "prod", "team")?;
    Some(object["data"]["name"].as_str()?.to_owned())
}

/// Waits for a write that was carried out and has `team` in it.
async fn settled(server: &TestServer, team: &'static str) -> Result<(), Box<dyn Error>> {
    let write = writes().filter(move |request| {
        request.code.is_some_and(|code| code < 300)
            && request.json().is_some_and(|body| body["data"]["name"] == team)
    });
    server.wait_for_request(write).await?;
    assert_eq!(told(server).as_deref(), Some(team));
    Ok(())
}

async fn a_namespace_gets_its_config_map() -> Result<(), Box<dyn Error>> {
    let server = stage().await?;
    let _running = start(&server);
    settled(&server, "red").await?;
    server.put(&namespace("blue"))?;
    settled(&server, "blue").await?;
    // Every request is recorded.
    let mut writes = server.requests_like(&writes()).into_iter();
    assert!(writes.all(|request| request.parameter("fieldManager") == Some("team-controller")));
    Ok(())
}

async fn a_server_that_fails_is_asked_again() -> Result<(), Box<dyn Error>> {
    let server = stage().await?;
    let busy = server.faults().on(writes()).times(2).answer(Reply::error(500));
    let lost = server.faults().on(writes()).once().disconnect_after_handling();
    let _running = start(&server);
    settled(&server, "red").await?;
    assert_eq!((busy.hits(), lost.hits()), (2, 1));
    Ok(())
}

async fn a_watch_that_breaks_off_loses_nothing() -> Result<(), Box<dyn Error>> {
    let server = stage().await?;
    let _running = start(&server);
    settled(&server, "red").await?;
    let watches = Matcher::verb("watch").resource("namespaces");
    server.wait_for_request(watches.clone()).await?;
    // The next event does not come, the watch breaks off, and what it has missed is forgotten.
    server.faults().freeze_watches(&watches);
    server.put(&namespace("blue"))?;
    server.expire_history();
    server.faults().break_watches(&watches);
    settled(&server, "blue").await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("a namespace gets its ConfigMap");
    a_namespace_gets_its_config_map().await?;
    println!("a server that fails is asked again");
    a_server_that_fails_is_asked_again().await?;
    println!("a watch that breaks off loses nothing");
    a_watch_that_breaks_off_loses_nothing().await?;
    println!("all is well");
    Ok(())
}
