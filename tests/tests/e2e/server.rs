//! What the server says about itself.

use super::admin;

#[tokio::test]
async fn versions_groups_and_resources_are_read() {
    let clientset = admin();
    let version = clientset.server_version().await.unwrap();
    assert_eq!(version.major, "1");
    println!("the server is {}", version.git_version);
    assert_eq!(clientset.api_versions().await.unwrap().versions, ["v1"]);
    let groups = clientset.api_groups().await.unwrap().groups;
    assert!(groups.iter().any(|group| group.name == "apps"));
    assert_eq!(clientset.apps_v1().api_group().await.unwrap().name, "apps");
    let resources = clientset.apps_v1().api_resources().await.unwrap().resources;
    assert!(resources.iter().any(|resource| resource.name == "deployments/scale"));
    let core = clientset.core_v1().api_resources().await.unwrap().resources;
    assert!(core.iter().any(|resource| resource.name == "pods"));
}

#[tokio::test]
async fn the_keys_of_service_account_tokens_are_read() {
    let clientset = admin();
    let configuration = clientset.openid_configuration().await.unwrap();
    let configuration: serde_json::Value = serde_json::from_slice(&configuration.body).unwrap();
    assert!(configuration["issuer"].is_string());
    let keys = clientset.openid_keys().await.unwrap();
    let keys: serde_json::Value = serde_json::from_slice(&keys.body).unwrap();
    assert!(keys["keys"].is_array());
}

#[tokio::test]
async fn log_files_are_asked_for_where_they_are() {
    let clientset = admin();
    // A server that serves them answers with a page, another with a refusal of its own.
    for answer in [clientset.log_files().await, clientset.log_file("no-such.log").await] {
        if let Err(error) = answer {
            assert!(error.is_not_found(), "{error:?}");
        }
    }
}
