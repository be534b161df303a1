use crate::TestServer;
use crate::server::testing::Client;
use serde_json::{Value, json};
use std::time::Duration;

const MAPS: &str = "/api/v1/namespaces/x/configmaps";

async fn server() -> (TestServer, Client) {
    let server = TestServer::start().await.unwrap();
    let client = Client::with_namespace(&server).await;
    (server, client)
}

/// Reads something again and again until it is as it should be.
async fn until(client: &mut Client, path: &str, is: impl Fn(u16, &Value) -> bool) -> Value {
    for _ in 0..200 {
        let (code, value) = client.ask("GET", path, &Value::Null).await;
        if is(code, &value) {
            return value;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{path} is not as it should be");
}

async fn until_gone(client: &mut Client, name: &str) {
    until(client, &format!("{MAPS}/{name}"), |code, _| code == 404).await;
}

async fn exists(client: &mut Client, name: &str) -> bool {
    client.ask("GET", &format!("{MAPS}/{name}"), &Value::Null).await.0 == 200
}

/// Makes an object that depends on others, and gives its reference.
async fn make(client: &mut Client, name: &str, owners: &[&Value], finalizers: &[&str]) -> Value {
    let map = json!({"metadata": {"name": name, "ownerReferences": owners, "finalizers": finalizers}});
    let (code, made) = client.ask("POST", MAPS, &map).await;
    assert_eq!(code, 201, "{made}");
    json!({
        "apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": made["metadata"]["uid"],
        "blockOwnerDeletion": true,
    })
}

async fn delete(client: &mut Client, name: &str, policy: &str) {
    let path = format!("{MAPS}/{name}?propagationPolicy={policy}");
    assert_eq!(client.ask("DELETE", &path, &Value::Null).await.0, 200);
}

#[tokio::test]
async fn what_depends_on_an_object_goes_after_it() {
    let (_server, mut client) = server().await;
    let owner = make(&mut client, "owner", &[], &[]).await;
    let child = make(&mut client, "child", &[&owner], &[]).await;
    make(&mut client, "grandchild", &[&child], &[]).await;
    delete(&mut client, "owner", "Background").await;
    until_gone(&mut client, "grandchild").await;
    assert!(!exists(&mut client, "child").await);
}

#[tokio::test]
async fn an_object_with_another_owner_only_forgets_the_one_that_is_gone() {
    let (_server, mut client) = server().await;
    let one = make(&mut client, "one", &[], &[]).await;
    let other = make(&mut client, "other", &[], &[]).await;
    make(&mut client, "child", &[&one, &other], &[]).await;
    delete(&mut client, "one", "Background").await;
    let path = format!("{MAPS}/child");
    let left = until(&mut client, &path, |_, child| {
        child["metadata"]["ownerReferences"].as_array().is_some_and(|owners| owners.len() == 1)
    })
    .await;
    assert_eq!(left["metadata"]["ownerReferences"][0]["name"], "other");
    delete(&mut client, "other", "Background").await;
    until_gone(&mut client, "child").await;
}

#[tokio::test]
async fn an_owner_that_is_deleted_in_the_foreground_goes_last() {
    let (_server, mut client) = server().await;
    let owner = make(&mut client, "owner", &[], &[]).await;
    let child = make(&mut client, "child", &[&owner], &[]).await;
    make(&mut client, "grandchild", &[&child], &["x/y"]).await;
    delete(&mut client, "owner", "Foreground").await;
    let path = format!("{MAPS}/grandchild");
    until(&mut client, &path, |_, child| child["metadata"]["deletionTimestamp"].is_string()).await;
    let (_, waits) = client.ask("GET", &format!("{MAPS}/owner"), &Value::Null).await;
    assert_eq!(waits["metadata"]["finalizers"], json!(["foregroundDeletion"]));
    assert!(exists(&mut client, "child").await);
    client.ask("PATCH", &path, &json!({"metadata": {"finalizers": null}})).await;
    until_gone(&mut client, "owner").await;
    assert!(!exists(&mut client, "child").await && !exists(&mut client, "grandchild").await);
}

#[tokio::test]
async fn an_owner_does_not_wait_for_those_that_do_not_block_it() {
    let (_server, mut client) = server().await;
    let mut owner = make(&mut client, "owner", &[], &[]).await;
    owner["blockOwnerDeletion"] = false.into();
    make(&mut client, "child", &[&owner], &["x/y"]).await;
    delete(&mut client, "owner", "Foreground").await;
    until_gone(&mut client, "owner").await;
    assert!(exists(&mut client, "child").await);
}

#[tokio::test]
async fn owners_in_a_circle_go_together() {
    let (_server, mut client) = server().await;
    let one = make(&mut client, "one", &[], &[]).await;
    let two = make(&mut client, "two", &[&one], &[]).await;
    let circle = json!({"metadata": {"ownerReferences": [two]}});
    client.ask("PATCH", &format!("{MAPS}/one"), &circle).await;
    delete(&mut client, "one", "Foreground").await;
    until_gone(&mut client, "one").await;
    until_gone(&mut client, "two").await;
}

#[tokio::test]
async fn orphans_stay_and_forget_their_owner() {
    let (_server, mut client) = server().await;
    let owner = make(&mut client, "owner", &[], &[]).await;
    make(&mut client, "child", &[&owner], &[]).await;
    delete(&mut client, "owner", "Orphan").await;
    until_gone(&mut client, "owner").await;
    let (_, child) = client.ask("GET", &format!("{MAPS}/child"), &Value::Null).await;
    assert_eq!(child["metadata"].get("ownerReferences"), None);
}

#[tokio::test]
async fn an_object_whose_owner_never_was_goes() {
    let (_server, mut client) = server().await;
    let never = json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "never", "uid": "never"});
    make(&mut client, "child", &[&never], &[]).await;
    until_gone(&mut client, "child").await;
    // Of a kind that nobody knows, nobody can tell.
    let unknown = json!({"apiVersion": "example.com/v1", "kind": "Thing", "name": "thing", "uid": "thing"});
    make(&mut client, "other", &[&unknown], &[]).await;
    make(&mut client, "last", &[&never], &[]).await;
    until_gone(&mut client, "last").await;
    assert!(exists(&mut client, "other").await);
}

#[tokio::test]
async fn a_namespace_is_emptied_and_goes() {
    let (_server, mut client) = server().await;
    make(&mut client, "plain", &[], &[]).await;
    make(&mut client, "held", &[], &["x/y"]).await;
    let path = "/api/v1/namespaces/x";
    let (code, marked) = client.ask("DELETE", path, &Value::Null).await;
    assert_eq!((code, &marked["status"]["phase"]), (200, &json!("Terminating")));
    let waiting = until(&mut client, path, |_, namespace| namespace["status"]["conditions"].is_array()).await;
    let message = "Some resources are remaining: configmaps. has 1 resource instances";
    assert_eq!(waiting["status"]["conditions"][3]["message"], message);
    assert!(!exists(&mut client, "plain").await);
    let (code, refused) = client.ask("POST", MAPS, &json!({"metadata": {"name": "late"}})).await;
    let cause = &refused["details"]["causes"][0]["reason"];
    assert_eq!((code, cause), (403, &json!("NamespaceTerminating")));
    client.ask("PATCH", &format!("{MAPS}/held"), &json!({"metadata": {"finalizers": null}})).await;
    until(&mut client, path, |code, _| code == 404).await;
}

#[tokio::test]
async fn a_namespace_waits_for_whoever_else_finalizes_it() {
    let (_server, mut client) = server().await;
    let namespace = json!({"metadata": {"name": "y"}, "spec": {"finalizers": ["example.com/mine"]}});
    client.ask("POST", "/api/v1/namespaces", &namespace).await;
    let path = "/api/v1/namespaces/y";
    client.ask("DELETE", path, &Value::Null).await;
    let held = until(&mut client, path, |_, namespace| {
        namespace["spec"]["finalizers"] == json!(["example.com/mine"])
    })
    .await;
    assert_eq!(held["status"]["phase"], "Terminating");
}

#[tokio::test]
async fn each_namespace_has_a_service_account() {
    let (_server, mut client) = server().await;
    for namespace in ["default", "x"] {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/default");
        let first = until(&mut client, &path, |code, _| code == 200).await;
        client.ask("DELETE", &path, &Value::Null).await;
        until(&mut client, &path, |code, account| {
            code == 200 && account["metadata"]["uid"] != first["metadata"]["uid"]
        })
        .await;
    }
}

#[tokio::test]
async fn a_pod_goes_when_its_time_is_over() {
    let (_server, mut client) = server().await;
    let pods = "/api/v1/namespaces/x/pods";
    let spec = json!({"nodeName": "node", "containers": [{"name": "a", "image": "b"}]});
    client.ask("POST", pods, &json!({"metadata": {"name": "a"}, "spec": spec})).await;
    let path = format!("{pods}/a");
    client.ask("DELETE", &format!("{path}?gracePeriodSeconds=1"), &Value::Null).await;
    until(&mut client, &path, |code, _| code == 404).await;
}

#[tokio::test]
async fn without_controllers_nothing_goes_by_itself() {
    let server = TestServer::builder().without_controllers().start().await.unwrap();
    let mut client = Client::with_namespace(&server).await;
    let owner = make(&mut client, "owner", &[], &[]).await;
    make(&mut client, "child", &[&owner], &[]).await;
    delete(&mut client, "owner", "Background").await;
    client.ask("DELETE", "/api/v1/namespaces/x", &Value::Null).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(exists(&mut client, "child").await);
    let accounts = "/api/v1/serviceaccounts";
    assert_eq!(client.ask("GET", accounts, &Value::Null).await.1["items"], json!([]));
}
