use crate::TestServer;
use crate::server::testing::Client;
use serde_json::{Value, json};

const MAPS: &str = "/api/v1/namespaces/x/configmaps";
const PODS: &str = "/api/v1/namespaces/x/pods";

async fn server() -> (TestServer, Client) {
    let server = TestServer::start().await.unwrap();
    let client = Client::with_namespace(&server).await;
    (server, client)
}

fn map(name: &str, finalizers: &[&str]) -> Value {
    json!({"metadata": {"name": name, "finalizers": finalizers, "labels": {"name": name}}})
}

fn pod(name: &str, node: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {"nodeName": node, "containers": [{"name": "a", "image": "b"}]}})
}

#[tokio::test]
async fn an_object_goes_at_once_if_nothing_holds_it() {
    let (_server, mut client) = server().await;
    let (_, made) = client.ask("POST", MAPS, &map("a", &[])).await;
    let (code, answer) = client.ask("DELETE", &format!("{MAPS}/a"), &Value::Null).await;
    let details = json!({"name": "a", "kind": "configmaps", "uid": made["metadata"]["uid"]});
    assert_eq!((code, &answer["details"]), (200, &details));
    assert_eq!(client.ask("DELETE", &format!("{MAPS}/a"), &Value::Null).await.0, 404);
}

#[tokio::test]
async fn an_object_waits_for_its_last_finalizer() {
    let (_server, mut client) = server().await;
    client.ask("POST", MAPS, &map("a", &["x/y"])).await;
    let path = format!("{MAPS}/a");
    let (code, marked) = client.ask("DELETE", &path, &json!({"orphanDependents": false})).await;
    assert_eq!((code, &marked["metadata"]["deletionGracePeriodSeconds"]), (202, &json!(0)));
    let (code, refused) = client.ask("POST", MAPS, &map("a", &[])).await;
    assert_eq!(
        (code, &refused["message"]),
        (409, &json!("object is being deleted: configmaps \"a\" already exists"))
    );
    let more = json!({"metadata": {"finalizers": ["x/y", "x/z"]}});
    assert_eq!(client.ask("PATCH", &path, &more).await.0, 422);
    let none = json!({"metadata": {"finalizers": []}});
    let (code, last) = client.ask("PATCH", &path, &none).await;
    assert_eq!((code, &last["metadata"]["resourceVersion"]), (200, &marked["metadata"]["resourceVersion"]));
    assert_eq!(client.ask("GET", &path, &Value::Null).await.0, 404);
}

#[tokio::test]
async fn preconditions_name_the_object_that_is_meant() {
    let (_server, mut client) = server().await;
    let (_, made) = client.ask("POST", MAPS, &map("a", &[])).await;
    let path = format!("{MAPS}/a");
    let uid = made["metadata"]["uid"].as_str().unwrap();
    let (code, refused) = client.ask("DELETE", &path, &json!({"preconditions": {"uid": "other"}})).await;
    let told = format!(
        "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (other) does not match the UID in \
         record ({uid}). The object might have been deleted and then recreated"
    );
    assert_eq!((code, &refused["message"]), (409, &json!(told)));
    assert_eq!(client.ask("DELETE", &path, &json!({"preconditions": {"resourceVersion": "1"}})).await.0, 409);
    assert_eq!(client.ask("DELETE", &path, &json!({"preconditions": {"uid": uid}})).await.0, 200);
}

#[tokio::test]
async fn a_body_says_how_to_delete_and_parameters_only_without_one() {
    let (_server, mut client) = server().await;
    client.ask("POST", MAPS, &map("a", &[])).await;
    let path = format!("{MAPS}/a?propagationPolicy=Nonsense");
    assert_eq!(client.ask("DELETE", &path, &json!({"dryRun": ["All"]})).await.0, 200);
    assert_eq!(client.ask("DELETE", &path, &Value::Null).await.0, 422);
    let (code, refused) = client.ask("DELETE", &format!("{MAPS}/a"), &json!({"kind": "Pod"})).await;
    let told = "no kind \"Pod\" is registered for version \"meta.k8s.io/v1\" in scheme \"pkg/runtime/scheme.go:111\"";
    assert_eq!((code, &refused["message"]), (400, &json!(told)));
    assert_eq!(client.ask("GET", &format!("{MAPS}/a"), &Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_pod_that_runs_has_time_to_end_and_that_only_gets_shorter() {
    let (_server, mut client) = server().await;
    client.ask("POST", PODS, &pod("a", "node")).await;
    let period = |answer: &(u16, Value)| answer.1["metadata"]["deletionGracePeriodSeconds"].clone();
    let delete = |query: &str| format!("{PODS}/a{query}");
    let marked = client.ask("DELETE", &delete(""), &Value::Null).await;
    assert_eq!((period(&marked), &marked.1["metadata"]["generation"]), (json!(30), &json!(2)));
    let longer = client.ask("DELETE", &delete("?gracePeriodSeconds=60"), &Value::Null).await;
    assert_eq!(period(&longer), json!(30));
    let shorter = client.ask("DELETE", &delete("?gracePeriodSeconds=5"), &Value::Null).await;
    assert_eq!(period(&shorter), json!(5));
    let gone = client.ask("DELETE", &delete("?gracePeriodSeconds=0"), &Value::Null).await;
    assert_eq!((period(&gone), client.ask("GET", &delete(""), &Value::Null).await.0), (json!(0), 404));
}

#[tokio::test]
async fn those_who_watch_see_a_pod_marked_before_it_is_gone() {
    let (_server, mut client) = server().await;
    client.ask("POST", PODS, &pod("a", "")).await;
    let (mut watcher, _) = (Client::new(&_server, crate::server::testing::Protocol::Http1).await, ());
    let mut watch = watcher.get(&format!("{PODS}?watch=true")).await.unwrap();
    client.ask("DELETE", &format!("{PODS}/a"), &Value::Null).await;
    let mut kinds = Vec::new();
    for _ in 0..3 {
        kinds.push(watch.event().await.unwrap().unwrap()["type"].clone());
    }
    assert_eq!(kinds, ["ADDED", "MODIFIED", "DELETED"]);
}

#[tokio::test]
async fn a_job_leaves_its_pods_unless_it_is_told_otherwise() {
    let (_server, mut client) = server().await;
    let jobs = "/apis/batch/v1/namespaces/x/jobs";
    let template = json!({"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]}});
    client.ask("POST", jobs, &json!({"metadata": {"name": "a"}, "spec": {"template": template}})).await;
    let answered = client.send("DELETE", &format!("{jobs}/a?dryRun=All"), &[], "").await.unwrap();
    let warning = answered.headers.get("warning").unwrap().to_str().unwrap().to_owned();
    assert!(warning.contains("child pods are preserved by default"), "{warning}");
    let marked: Value = serde_json::from_slice(&answered.bytes().await.0).unwrap();
    assert_eq!(marked["metadata"]["finalizers"], json!(["orphan"]));
    let path = format!("{jobs}/a?propagationPolicy=Background");
    assert_eq!(client.ask("DELETE", &path, &Value::Null).await.1["status"], "Success");
}

#[tokio::test]
async fn a_collection_goes_as_far_as_it_is_selected() {
    let (_server, mut client) = server().await;
    for name in ["a", "b", "c"] {
        client.ask("POST", MAPS, &map(name, &[])).await;
    }
    let path = format!("{MAPS}?labelSelector=name%20in%20(a,b)");
    let names = |list: &Value| list["items"].as_array().map(Vec::len);
    assert_eq!(names(&client.ask("DELETE", &format!("{path}&dryRun=All"), &Value::Null).await.1), Some(2));
    assert_eq!(names(&client.ask("DELETE", &format!("{path}&limit=1"), &Value::Null).await.1), Some(1));
    assert_eq!(names(&client.ask("DELETE", &path, &Value::Null).await.1), Some(1));
    assert_eq!(names(&client.ask("GET", MAPS, &Value::Null).await.1), Some(1));
}

#[tokio::test]
async fn namespaces_of_the_system_stay() {
    let (_server, mut client) = server().await;
    let (code, refused) = client.ask("DELETE", "/api/v1/namespaces/default", &Value::Null).await;
    let told = "namespaces \"default\" is forbidden: this namespace may not be deleted";
    assert_eq!((code, &refused["message"]), (403, &json!(told)));
    assert_eq!(
        client.ask("DELETE", "/api/v1/namespaces/kube-node-lease?dryRun=All", &Value::Null).await.0,
        200
    );
}
