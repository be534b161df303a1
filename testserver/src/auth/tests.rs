//! Credentials and rights on the wire.

use crate::TestServer;
use crate::server::testing::{Client, Protocol};
use serde_json::{Value, json};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const ADMIN: (&str, &str) = ("authorization", "Bearer admin");
const JANE: (&str, &str) = ("authorization", "Bearer jane");

async fn server() -> TestServer {
    let server = TestServer::builder().require_credentials();
    let server = server.token("admin", "root", ["system:masters"]).token("jane", "jane", ["developers"]);
    server.start().await.unwrap()
}

async fn client(server: &TestServer) -> Client {
    Client::new(server, Protocol::Http1).await
}

async fn make(client: &mut Client, path: &str, object: Value) {
    let headers = [ADMIN, ("content-type", "application/json")];
    let (code, answer) = client.json("POST", path, &headers, &object.to_string()).await;
    assert_eq!(code, 201, "{answer}");
}

/// The code and the message of an answer.
async fn asked(client: &mut Client, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let (code, answer) = client.json("GET", path, headers, "").await;
    (code, answer["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn who_says_nothing_is_anonymous_and_who_says_something_wrong_is_unauthorized() {
    let server = server().await;
    let mut client = client(&server).await;
    let told = "pods is forbidden: User \"system:anonymous\" cannot list resource \"pods\" in API group \"\" at the \
                cluster scope";
    assert_eq!(asked(&mut client, "/api/v1/pods", &[]).await, (403, told.into()));
    let basic = [("authorization", "Basic amFuZTpqYW5l")];
    assert_eq!(asked(&mut client, "/api/v1/pods", &basic).await.0, 403);
    let wrong = [("authorization", "Bearer wrong")];
    assert_eq!(asked(&mut client, "/api/v1/pods", &wrong).await, (401, "Unauthorized".into()));
    assert_eq!(asked(&mut client, "/api/v1/pods", &[ADMIN]).await.0, 200);
    assert_eq!(asked(&mut client, "/healthz", &[]).await.0, 200);
    let users: Vec<String> = server.requests().into_iter().map(|request| request.user).collect();
    assert_eq!(users, ["", "", "", "root", "system:anonymous"]);
}

#[tokio::test]
async fn a_refusal_names_the_user_the_verb_and_the_place() {
    let server = server().await;
    let mut client = client(&server).await;
    let cases = [
        (
            "/api/v1/namespaces/x/secrets",
            "secrets is forbidden: User \"jane\" cannot list resource \"secrets\" in API group \"\" in the namespace \"x\"",
        ),
        (
            "/api/v1/namespaces/x/pods/web/log",
            "pods \"web\" is forbidden: User \"jane\" cannot get resource \"pods/log\" in API group \"\" in the namespace \
             \"x\"",
        ),
        (
            "/apis/apps/v1/deployments?watch=1",
            "deployments.apps is forbidden: User \"jane\" cannot watch resource \"deployments\" in API group \"apps\" at \
             the cluster scope",
        ),
        (
            "/api/v1/namespaces/x",
            "namespaces \"x\" is forbidden: User \"jane\" cannot get resource \"namespaces\" in API group \"\" in the \
             namespace \"x\"",
        ),
        ("/secret<path>", "forbidden: User \"jane\" cannot get path \"/secret&lt;path&gt;\""),
    ];
    for (path, told) in cases {
        let path = path.replace('<', "%3C").replace('>', "%3E");
        let (code, message) = asked(&mut client, &path, &[JANE]).await;
        assert_eq!((code, message.as_str()), (403, told), "{path}");
    }
}

#[tokio::test]
async fn roles_give_rights_in_their_namespace_and_cluster_roles_everywhere() {
    let server = server().await;
    let mut client = client(&server).await;
    let role = json!({"metadata": {"name": "reader"}, "rules": [
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["settings"], "verbs": ["get", "list"]},
        {"apiGroups": ["apps"], "resources": ["*/status"], "verbs": ["*"]},
    ]});
    make(&mut client, &format!("{RBAC}/namespaces/default/roles"), role.clone()).await;
    let to_jane = json!({"metadata": {"name": "jane"}, "subjects": [{"kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}});
    make(&mut client, &format!("{RBAC}/namespaces/default/rolebindings"), to_jane).await;
    let cases = [
        ("/api/v1/namespaces/default/configmaps/settings", 404),
        ("/api/v1/namespaces/default/configmaps/others", 403),
        ("/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3Dsettings", 200),
        ("/api/v1/namespaces/default/configmaps", 403),
        ("/api/v1/namespaces/kube-system/configmaps/settings", 403),
        ("/apis/apps/v1/namespaces/default/deployments/web/status", 404),
        ("/apis/apps/v1/namespaces/default/deployments/web", 403),
    ];
    for (path, code) in cases {
        assert_eq!(asked(&mut client, path, &[JANE]).await.0, code, "{path}");
    }
    let everywhere = json!({"metadata": {"name": "viewers"}, "subjects": [{"kind": "Group", "name": "developers", "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}});
    make(&mut client, &format!("{RBAC}/clusterrolebindings"), everywhere).await;
    assert_eq!(asked(&mut client, "/apis/apps/v1/deployments", &[JANE]).await.0, 200);
    assert_eq!(asked(&mut client, "/api/v1/secrets", &[JANE]).await.0, 403, "who views does not see secrets");
}

#[tokio::test]
async fn a_binding_to_a_role_that_is_missing_is_told() {
    let server = server().await;
    let mut client = client(&server).await;
    let binding = json!({"metadata": {"name": "jane"}, "subjects": [{"kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "missing"}});
    make(&mut client, &format!("{RBAC}/clusterrolebindings"), binding).await;
    let (code, message) = asked(&mut client, "/api/v1/nodes", &[JANE]).await;
    assert_eq!(code, 403);
    assert!(
        message.ends_with(
            "at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io \"missing\" not found"
        ),
        "{message}"
    );
}

#[tokio::test]
async fn who_may_impersonate_acts_as_somebody_else() {
    let server = server().await;
    let mut client = client(&server).await;
    let as_bob = ("impersonate-user", "bob");
    let (code, message) = asked(&mut client, "/api/v1/secrets", &[ADMIN, as_bob]).await;
    assert_eq!(code, 403);
    assert!(message.contains("User \"bob\" cannot list"), "{message}");
    let as_master =
        [ADMIN, as_bob, ("impersonate-group", "system:masters"), ("impersonate-extra-why", "tests")];
    assert_eq!(asked(&mut client, "/api/v1/secrets", &as_master).await.0, 200);
    let told = "namespaces is forbidden: User \"jane\" cannot impersonate-on:user-info:list resource \"namespaces\" in API \
                group \"\" at the cluster scope";
    assert_eq!(asked(&mut client, "/api/v1/namespaces", &[JANE, as_bob]).await, (403, told.into()));
    let nobody = asked(&mut client, "/api/v1/pods", &[ADMIN, ("impersonate-group", "g")]).await;
    assert_eq!(nobody.0, 400);
    assert!(nobody.1.ends_with("without impersonating a user name"), "{}", nobody.1);
}

#[tokio::test]
async fn without_required_credentials_everybody_may_do_everything() {
    let server = TestServer::builder().token("jane", "jane", [] as [&str; 0]).start().await.unwrap();
    let mut client = client(&server).await;
    for headers in [&[] as &[(&str, &str)], &[("authorization", "Bearer wrong")], &[JANE]] {
        assert_eq!(asked(&mut client, "/api/v1/secrets", headers).await.0, 200);
    }
    assert_eq!(asked(&mut client, "/api/v1/secrets", &[("impersonate-user", "bob")]).await.0, 200);
    let users: Vec<String> = server.requests().into_iter().map(|request| request.user).collect();
    assert_eq!(users, ["admin", "admin", "jane", "bob"]);
}

#[tokio::test]
async fn tokens_are_made_while_the_server_runs() {
    let server = server().await;
    let token = format!("Bearer {}", server.token_for("bob", ["system:masters"]));
    let mut client = client(&server).await;
    assert_eq!(asked(&mut client, "/api/v1/secrets", &[("authorization", &token)]).await.0, 200);
    let kubeconfig: Value = serde_json::from_str(&server.kubeconfig()).unwrap();
    let token = format!("Bearer {}", kubeconfig["users"][0]["user"]["token"].as_str().unwrap());
    assert_eq!(asked(&mut client, "/api/v1/secrets", &[("authorization", &token)]).await.0, 200);
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_client_certificate_proves_who_one_is() {
    let server = TestServer::builder().tls().require_credentials().start().await.unwrap();
    assert!(server.url().starts_with("https://127.0.0.1:"));
    for protocol in crate::server::testing::BOTH {
        let admin = server.certificate_for("root", ["a", "b", "system:masters"]).unwrap();
        let mut client = Client::encrypted(&server, protocol, Some(&admin)).await;
        assert_eq!(asked(&mut client, "/api/v1/secrets", &[]).await.0, 200);
        let jane = server.certificate_for("jane", [] as [&str; 0]).unwrap();
        let mut client = Client::encrypted(&server, protocol, Some(&jane)).await;
        let (code, message) = asked(&mut client, "/api/v1/secrets", &[]).await;
        assert!(code == 403 && message.contains("User \"jane\""), "{message}");
        let mut client = Client::encrypted(&server, protocol, None).await;
        assert!(asked(&mut client, "/api/v1/secrets", &[]).await.1.contains("system:anonymous"));
    }
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_certificate_of_another_authority_is_as_good_as_a_wrong_token() {
    let server = TestServer::builder().tls().require_credentials().start().await.unwrap();
    let other = TestServer::builder().tls().start().await.unwrap();
    let stranger = other.certificate_for("root", ["system:masters"]).unwrap();
    let mut client = Client::encrypted(&server, Protocol::Http2, Some(&stranger)).await;
    assert_eq!(asked(&mut client, "/api/v1/secrets", &[]).await.0, 401);
    let token = format!("Bearer {}", server.token_for("bob", ["system:masters"]));
    assert_eq!(asked(&mut client, "/api/v1/secrets", &[("authorization", &token)]).await.0, 200);
    let none = TestServer::start().await.unwrap().certificate_for("root", ["system:masters"]);
    none.unwrap_err();
}
