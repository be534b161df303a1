use crate::TestServer;
use crate::server::testing::Client;
use serde_json::{Value, json};

async fn server() -> (TestServer, Client) {
    let server = TestServer::start().await.unwrap();
    let client = Client::with_namespace(&server).await;
    (server, client)
}

const ACCESS: &str = "/apis/authorization.k8s.io/v1";

#[tokio::test]
async fn reviews_answer_by_the_roles_that_are_stored() {
    let (_server, mut client) = server().await;
    let attributes = json!({"verb": "get", "resource": "pods", "namespace": "x"});
    let own = json!({"spec": {"resourceAttributes": attributes}});
    let path = format!("{ACCESS}/selfsubjectaccessreviews");
    assert_eq!(client.ask("POST", &path, &own).await.1["status"], json!({"allowed": true}));
    let jane = json!({"spec": {"user": "jane", "resourceAttributes": attributes}});
    let path = format!("{ACCESS}/subjectaccessreviews");
    assert_eq!(client.ask("POST", &path, &jane).await.1["status"], json!({"allowed": false}));
    let binding = json!({
        "metadata": {"name": "jane"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}],
    });
    let bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/x/rolebindings";
    assert_eq!(client.ask("POST", bindings, &binding).await.0, 201);
    let path = format!("{ACCESS}/namespaces/x/localsubjectaccessreviews");
    let status = &client.ask("POST", &path, &jane).await.1["status"];
    let reason = "RBAC: allowed by RoleBinding \"jane/x\" of ClusterRole \"view\" to User \"jane\"";
    assert_eq!(*status, json!({"allowed": true, "reason": reason}));
}

#[tokio::test]
async fn a_review_that_says_nothing_is_refused_without_its_kind() {
    let (_server, mut client) = server().await;
    let (code, refused) = client.ask("POST", &format!("{ACCESS}/selfsubjectaccessreviews"), &json!({})).await;
    let told = ".authorization.k8s.io \"\" is invalid: spec: Invalid value: null: exactly one of nonResourceAttributes or \
                resourceAttributes must be specified";
    assert_eq!((code, &refused["message"]), (422, &json!(told)));
}

#[tokio::test]
async fn rules_are_all_told() {
    let (_server, mut client) = server().await;
    let path = format!("{ACCESS}/selfsubjectrulesreviews");
    let (code, review) = client.ask("POST", &path, &json!({"spec": {"namespace": "x"}})).await;
    assert_eq!((code, &review["status"]["incomplete"]), (201, &json!(false)));
    let rules = review["status"]["resourceRules"].as_array().unwrap();
    assert!(rules.contains(&json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]})), "{rules:?}");
    assert_eq!(client.ask("POST", &path, &json!({})).await.0, 400);
}

#[tokio::test]
async fn components_are_listed_with_a_warning() {
    let (_server, mut client) = server().await;
    let answered = client.get("/api/v1/componentstatuses").await.unwrap();
    let warning = answered.headers.get("warning").unwrap().to_str().unwrap().to_owned();
    assert_eq!(warning, "299 - \"v1 ComponentStatus is deprecated in v1.19+\"");
    let list: Value = serde_json::from_slice(&answered.bytes().await.0).unwrap();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(3));
    let (code, refused) = client.ask("GET", "/api/v1/componentstatuses?watch=true", &Value::Null).await;
    let told = "watch is not supported on resources of kind \"componentstatuses\"";
    assert_eq!((code, &refused["message"]), (405, &json!(told)));
}
