use crate::TestServer;
use crate::server::testing::{Client, Protocol};
use serde_json::{Value, json};

const PODS: &str = "/api/v1/namespaces/x/pods";
const BUDGETS: &str = "/apis/policy/v1/namespaces/x/poddisruptionbudgets";
const ACCOUNTS: &str = "/api/v1/namespaces/x/serviceaccounts";

async fn server() -> (TestServer, Client) {
    let server = TestServer::start().await.unwrap();
    let client = Client::with_namespace(&server).await;
    (server, client)
}

fn pod(name: &str, node: &str) -> Value {
    json!({
        "metadata": {"name": name, "labels": {"app": "web"}},
        "spec": {"nodeName": node, "containers": [{"name": "a", "image": "b"}]},
    })
}

async fn running(client: &mut Client, name: &str) {
    client.ask("POST", PODS, &pod(name, "node")).await;
    let status = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
    client.ask("PATCH", &format!("{PODS}/{name}/status"), &json!({"status": status})).await;
}

async fn deployment(client: &mut Client) -> String {
    let path = "/apis/apps/v1/namespaces/x/deployments";
    let labels = json!({"app": "web"});
    let deployment = json!({"metadata": {"name": "web"}, "spec": {
        "replicas": 2,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "b"}]}},
    }});
    assert_eq!(client.ask("POST", path, &deployment).await.0, 201);
    format!("{path}/web")
}

#[tokio::test]
async fn a_scale_is_read_and_changed_without_the_rest_of_its_object() {
    let (_server, mut client) = server().await;
    let path = deployment(&mut client).await;
    let scale = format!("{path}/scale");
    let (code, read) = client.ask("GET", &scale, &Value::Null).await;
    assert_eq!(
        (code, &read["spec"]["replicas"], &read["status"]["selector"]),
        (200, &json!(2), &json!("app=web"))
    );
    let (code, patched) = client.ask("PATCH", &scale, &json!({"spec": {"replicas": 5}})).await;
    assert_eq!((code, &patched["kind"], &patched["spec"]["replicas"]), (200, &json!("Scale"), &json!(5)));
    let stale = json!({"metadata": {"name": "web", "resourceVersion": read["metadata"]["resourceVersion"]}});
    assert_eq!(client.ask("PUT", &scale, &stale).await.0, 409);
    let (code, refused) = client.ask("PATCH", &scale, &json!({"spec": {"replicas": -1}})).await;
    let told = "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0";
    assert_eq!((code, &refused["message"]), (422, &json!(told)));
    let (_, object) = client.ask("GET", &path, &Value::Null).await;
    assert_eq!(object["spec"]["replicas"], 5);
    let managers = object["metadata"]["managedFields"].as_array().unwrap();
    assert!(managers.iter().any(|manager| manager["subresource"] == "scale"), "{managers:?}");
}

#[tokio::test]
async fn a_pod_gets_a_node_once() {
    let (_server, mut client) = server().await;
    client.ask("POST", PODS, &pod("a", "")).await;
    let binding = json!({"metadata": {"name": "a", "annotations": {"by": "me"}}, "target": {"name": "node"}});
    let (code, answer) = client.ask("POST", &format!("{PODS}/a/binding"), &binding).await;
    let success =
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    assert_eq!((code, answer), (201, success));
    let (_, bound) = client.ask("GET", &format!("{PODS}/a"), &Value::Null).await;
    assert_eq!(
        (&bound["spec"]["nodeName"], &bound["metadata"]["annotations"]["by"]),
        (&json!("node"), &json!("me"))
    );
    assert_eq!(bound["status"]["conditions"][0]["type"], "PodScheduled");
    let (code, refused) = client.ask("POST", "/api/v1/namespaces/x/bindings", &binding).await;
    let told =
        "Operation cannot be fulfilled on pods/binding \"a\": pod a is already assigned to node \"node\"";
    assert_eq!((code, &refused["message"]), (409, &json!(told)));
}

#[tokio::test]
async fn an_eviction_asks_the_budget() {
    let (_server, mut client) = server().await;
    running(&mut client, "a").await;
    running(&mut client, "b").await;
    let selector = json!({"matchLabels": {"app": "web"}});
    client.ask("POST", BUDGETS, &json!({"metadata": {"name": "one"}, "spec": {"selector": selector}})).await;
    let status =
        json!({"observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1});
    client.ask("PATCH", &format!("{BUDGETS}/one/status"), &json!({"status": status})).await;
    let evict = |name: &str| (format!("{PODS}/{name}/eviction"), json!({"metadata": {"name": name}}));
    let (path, eviction) = evict("a");
    assert_eq!(client.ask("POST", &path, &eviction).await.0, 201);
    let (_, going) = client.ask("GET", &format!("{PODS}/a"), &Value::Null).await;
    assert_eq!(going["metadata"]["deletionGracePeriodSeconds"], 30);
    let conditions = going["status"]["conditions"].as_array().unwrap();
    assert!(
        conditions.iter().any(|condition| condition["reason"] == "EvictionByEvictionAPI"),
        "{conditions:?}"
    );
    let (path, eviction) = evict("b");
    let (code, refused) = client.ask("POST", &path, &eviction).await;
    assert_eq!((code, &refused["details"]["causes"][0]["reason"]), (429, &json!("DisruptionBudget")));
    let (_, budget) = client.ask("GET", &format!("{BUDGETS}/one"), &Value::Null).await;
    assert_eq!(budget["status"]["disruptionsAllowed"], 0);
    assert!(budget["status"]["disruptedPods"]["a"].is_string());
}

#[tokio::test]
async fn a_pod_with_two_budgets_cannot_be_evicted_and_one_that_waits_needs_none() {
    let (_server, mut client) = server().await;
    running(&mut client, "a").await;
    client.ask("POST", PODS, &pod("waiting", "node")).await;
    for name in ["one", "two"] {
        let spec = json!({"selector": {}, "minAvailable": 1});
        client.ask("POST", BUDGETS, &json!({"metadata": {"name": name}, "spec": spec})).await;
    }
    let (code, refused) =
        client.ask("POST", &format!("{PODS}/a/eviction"), &json!({"metadata": {"name": "a"}})).await;
    let told =
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    assert_eq!((code, &refused["message"]), (500, &json!(told)));
    let eviction = json!({"metadata": {"name": "waiting"}});
    assert_eq!(client.ask("POST", &format!("{PODS}/waiting/eviction"), &eviction).await.0, 201);
}

#[tokio::test]
async fn a_token_tells_whose_it_is_until_its_account_is_gone() {
    let (_server, mut client) = server().await;
    client.ask("POST", ACCOUNTS, &json!({"metadata": {"name": "robot"}})).await;
    let (code, request) = client.ask("POST", &format!("{ACCOUNTS}/robot/token"), &json!({})).await;
    assert_eq!((code, &request["spec"]["expirationSeconds"]), (201, &json!(3600)));
    let token = request["status"]["token"].as_str().unwrap().to_owned();
    let reviews = "/apis/authentication.k8s.io/v1/tokenreviews";
    let (_, review) = client.ask("POST", reviews, &json!({"spec": {"token": token}})).await;
    assert_eq!(review["status"]["user"]["username"], "system:serviceaccount:x:robot");
    assert_eq!(review["status"]["user"]["groups"][1], "system:serviceaccounts:x");
    let other = json!({"spec": {"token": token, "audiences": ["elsewhere"]}});
    assert_eq!(client.ask("POST", reviews, &other).await.1["status"]["authenticated"], Value::Null);
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    let selves = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let (_, who) = client.json("POST", selves, &headers, "{}").await;
    assert_eq!(who["status"]["userInfo"]["username"], "system:serviceaccount:x:robot");
    client.ask("DELETE", &format!("{ACCOUNTS}/robot"), &Value::Null).await;
    let (_, review) = client.ask("POST", reviews, &json!({"spec": {"token": token}})).await;
    assert_eq!(review["status"]["error"], "[invalid bearer token, serviceaccounts \"robot\" not found]");
}

#[tokio::test]
async fn a_token_is_bound_to_what_is_there() {
    let (_server, mut client) = server().await;
    client.ask("POST", ACCOUNTS, &json!({"metadata": {"name": "robot"}})).await;
    let path = format!("{ACCOUNTS}/robot/token");
    let bound = |kind: &str, name: &str| json!({"spec": {"boundObjectRef": {"apiVersion": "v1", "kind": kind, "name": name}}});
    assert_eq!(client.ask("POST", &path, &bound("Secret", "none")).await.0, 404);
    let (code, refused) = client.ask("POST", &path, &bound("ConfigMap", "any")).await;
    assert_eq!(
        (code, &refused["message"]),
        (400, &json!("cannot bind token to object of type /v1, Kind=ConfigMap"))
    );
    client.ask("POST", PODS, &pod("a", "node")).await;
    assert_eq!(client.ask("POST", &path, &bound("Pod", "a")).await.0, 400);
    assert_eq!(client.ask("POST", &path, &json!({"spec": {"expirationSeconds": 5}})).await.0, 422);
}

async fn text(client: &mut Client, path: &str) -> (u16, String) {
    let answered = client.get(path).await.unwrap();
    let code = answered.code.as_u16();
    (code, String::from_utf8(answered.bytes().await.0).unwrap())
}

#[tokio::test]
async fn a_log_is_what_a_test_has_set() {
    let (server, mut client) = server().await;
    client.ask("POST", PODS, &pod("a", "")).await;
    let log = format!("{PODS}/a/log");
    assert_eq!(text(&mut client, &log).await, (204, String::new()));
    server.set_logs("x", "a", "a", "one\ntwo\n");
    server.append_logs("x", "a", "a", "three\n");
    assert_eq!(text(&mut client, &log).await, (200, "one\ntwo\nthree\n".to_owned()));
    let tail = format!("{log}?tailLines=1&container=a");
    assert_eq!(text(&mut client, &tail).await, (200, "three\n".to_owned()));
    let (code, refused) = client.ask("GET", &format!("{log}?previous=true"), &Value::Null).await;
    let told = "previous terminated container \"a\" in pod \"a\" not found";
    assert_eq!((code, &refused["message"]), (400, &json!(told)));
    server.set_previous_logs("x", "a", "a", "before\n");
    assert_eq!(text(&mut client, &format!("{log}?previous=true")).await, (200, "before\n".to_owned()));
    let (code, refused) = client.ask("GET", &format!("{log}?tailLines=-1"), &Value::Null).await;
    let told =
        "PodLogOptions \"a\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0";
    assert_eq!((code, &refused["message"]), (422, &json!(told)));
}

#[tokio::test]
async fn who_follows_a_log_is_told_what_comes_until_the_pod_is_gone() {
    let (server, mut client) = server().await;
    client.ask("POST", PODS, &pod("a", "")).await;
    server.set_logs("x", "a", "a", "1\n2");
    let mut follower = Client::new(&server, Protocol::Http1).await;
    let path = format!("{PODS}/a/log?follow=true&tailLines=1");
    let following = follower.get(&path).await.unwrap();
    server.append_logs("x", "a", "a", "3\n4\n");
    client.ask("DELETE", &format!("{PODS}/a"), &Value::Null).await;
    let (bytes, end) = following.bytes().await;
    assert_eq!((String::from_utf8(bytes).unwrap().as_str(), end.is_ok()), ("23\n4\n", true));
}

#[tokio::test]
async fn a_container_is_named_unless_there_is_only_one() {
    let (_server, mut client) = server().await;
    let containers = json!([{"name": "a", "image": "b"}, {"name": "c", "image": "b"}]);
    let spec = json!({"initContainers": [{"name": "i", "image": "b"}], "containers": containers});
    client.ask("POST", PODS, &json!({"metadata": {"name": "a"}, "spec": spec})).await;
    let (code, refused) = client.ask("GET", &format!("{PODS}/a/log"), &Value::Null).await;
    let told = "a container name must be specified for pod a, choose one of: [i a c]";
    assert_eq!((code, &refused["message"]), (400, &json!(told)));
    let (code, refused) = client.ask("GET", &format!("{PODS}/a/log?container=x"), &Value::Null).await;
    assert_eq!((code, &refused["message"]), (400, &json!("container x is not valid for pod a")));
}

#[tokio::test]
async fn nothing_runs_that_could_be_reached() {
    let (_server, mut client) = server().await;
    client.ask("POST", PODS, &pod("a", "")).await;
    client.ask("POST", PODS, &pod("b", "node")).await;
    let ports = json!({"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}});
    client.ask("POST", "/api/v1/namespaces/x/services", &ports).await;
    for (path, code, told) in [
        ("pods/a/exec?command=ls", 400, "pod a does not have a host assigned"),
        ("pods/b/attach", 404, "pods \"node\" not found"),
        ("pods/a/proxy/x", 400, "address not allowed"),
        ("services/s/proxy/", 503, "no endpoints available for service \"s\""),
        ("services/s:81/proxy/", 503, "no service port 81 found for service \"s\""),
        ("services/a:b:c:d/proxy/", 400, "invalid service request \"a:b:c:d\""),
    ] {
        let path = format!("/api/v1/namespaces/x/{path}");
        let answer = client.ask("GET", &path, &Value::Null).await;
        assert_eq!((answer.0, &answer.1["message"]), (code, &json!(told)), "{path}");
    }
}
