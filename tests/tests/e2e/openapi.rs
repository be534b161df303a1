//! The documents that a running server publishes.

use std::collections::BTreeMap;

use kubeset::Clientset;
use kubeset_codegen::{model_of_v2, model_of_v3};
use serde_json::Value;

async fn document(clientset: &Clientset, path: &str) -> String {
    let request = clientset.server().get().abs_path(path).header("accept", "application/json");
    let answer = request.send_raw().await.unwrap();
    String::from_utf8(answer.body.to_vec()).unwrap()
}

#[tokio::test]
async fn both_versions_of_openapi_give_the_same_model() {
    let clientset = super::admin();
    let second = model_of_v2(&document(&clientset, "/openapi/v2").await).unwrap();

    let index: Value = serde_json::from_str(&document(&clientset, "/openapi/v3").await).unwrap();
    let mut documents = BTreeMap::new();
    for path in index["paths"].as_object().unwrap().keys() {
        documents.insert(path.clone(), document(&clientset, &format!("/openapi/v3/{path}")).await);
    }
    let third = model_of_v3(&documents).unwrap();
    assert!(!second.groups.is_empty());
    assert_eq!(second, third);
}
