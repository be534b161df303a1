//! The OpenAPI documents of the in-memory server say what those of Kubernetes do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use kubeset::{Clientset, Config};
use kubeset_codegen::openapi::{self, Document};
use kubeset_codegen::{Version, model_of_v2, model_of_v3};
use kubeset_testserver::TestServer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

async fn document(clientset: &Clientset, path: &str) -> String {
    let request = clientset.server().get().abs_path(path).header("accept", "application/json");
    let answer = request.send_raw().await.unwrap();
    String::from_utf8(answer.body.to_vec()).unwrap()
}

async fn documents(clientset: &Clientset) -> BTreeMap<String, String> {
    let index: Value = serde_json::from_str(&document(clientset, "/openapi/v3").await).unwrap();
    let mut documents = BTreeMap::new();
    for (path, entry) in index["paths"].as_object().unwrap() {
        let url = entry["serverRelativeURL"].as_str().unwrap();
        assert!(url.starts_with(&format!("/openapi/v3/{path}?hash=")), "{url}");
        documents.insert(path.clone(), document(clientset, &format!("/openapi/v3/{path}")).await);
    }
    documents
}

async fn start() -> (TestServer, Clientset) {
    let server = TestServer::start().await.unwrap();
    let clientset = Clientset::new(&Config::new(server.url())).unwrap();
    (server, clientset)
}

/// The extract of what a server of this version publishes.
fn extract(version: Version) -> String {
    let name = format!("../codegen/openapi/v1.{}.json", version.minor());
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Without the parameters of deprecated watches, which extracts leave out.
fn without_old_watches(mut document: Document) -> Document {
    for operation in document.paths.values_mut().flat_map(BTreeMap::values_mut) {
        if matches!(operation.action.as_deref(), Some("watch" | "watchlist")) {
            operation.parameters.clear();
            operation.answers.clear();
        }
    }
    document
}

#[tokio::test]
async fn the_document_of_version_2_is_that_of_kubernetes() {
    let (_server, clientset) = start().await;
    let served = document(&clientset, "/openapi/v2").await;
    let parsed = openapi::parse(&served).unwrap();
    let extract = extract(parsed.version.unwrap());
    let wanted = openapi::parse(&extract).unwrap();
    assert_eq!(parsed.definitions, wanted.definitions);
    let (parsed, wanted) = (without_old_watches(parsed), without_old_watches(wanted));
    for (path, operations) in &wanted.paths {
        assert_eq!(parsed.paths.get(path), Some(operations), "{path}");
    }
    assert_eq!(parsed.paths.len(), wanted.paths.len());
    assert_eq!(model_of_v2(&served).unwrap(), model_of_v2(&extract).unwrap());
}

#[tokio::test]
async fn the_documents_of_version_3_say_the_same() {
    let (_server, clientset) = start().await;
    let second = model_of_v2(&document(&clientset, "/openapi/v2").await).unwrap();
    assert_eq!(model_of_v3(&documents(&clientset).await).unwrap(), second);
}

#[tokio::test]
async fn custom_resources_are_in_the_documents_as_long_as_they_are_served() {
    let (_server, clientset) = start().await;
    let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
        "size": {"type": "integer", "nullable": true, "description": "How big."},
    }}}});
    let definition = json!({
        "metadata": {"name": "foos.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"},
            "versions": [{"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": schema}, "subresources": {"status": {}}}],
        },
    });
    let definitions = clientset.apiextensions_v1().custom_resource_definitions();
    definitions.create(&serde_json::from_value(definition).unwrap()).await.unwrap();
    let second: Value = serde_json::from_str(&document(&clientset, "/openapi/v2").await).unwrap();
    let foo = &second["definitions"]["com.example.v1.Foo"];
    assert_eq!(foo["properties"]["spec"]["properties"]["size"], json!({"description": "How big."}));
    let path = "/apis/example.com/v1/namespaces/{namespace}/foos/{name}/status";
    assert_eq!(second["paths"][path]["get"]["x-kubernetes-action"], "get");
    let third = documents(&clientset).await;
    let third: Value = serde_json::from_str(&third["apis/example.com/v1"]).unwrap();
    let foo = &third["components"]["schemas"]["com.example.v1.Foo"];
    assert_eq!(foo["properties"]["spec"]["properties"]["size"]["nullable"], true);
    assert_eq!(foo["x-kubernetes-group-version-kind"][0]["kind"], "Foo");
    definitions.delete("foos.example.com").await.unwrap();
    assert!(!documents(&clientset).await.contains_key("apis/example.com/v1"));
}
