//! What callers see of answers that are not what they asked for.

use kubeset_rest::{Deleted, Error};

use super::fault_server::{FaultServer, Reply, Step, answer, json, send};
use super::{client, config, config_map, config_maps, status};

#[tokio::test]
async fn a_status_becomes_an_error_with_its_reason() {
    let server = FaultServer::start([json(404, status(404, "NotFound"))]).await;
    let error = config_maps(&server).get("a").await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.to_string(), "refused (NotFound, 404)");
}

#[tokio::test]
async fn a_success_that_carries_a_failure_is_an_error() {
    let server = FaultServer::start([json(200, status(410, "Expired"))]).await;
    assert!(config_maps(&server).get("a").await.unwrap_err().is_expired());
    assert!(config_maps(&server).delete("a").await.unwrap_err().is_expired());
}

#[tokio::test]
async fn an_empty_success_is_an_error_that_names_the_status() {
    let server = FaultServer::start([json(200, "")]).await;
    let error = config_maps(&server).get("a").await.unwrap_err();
    let Error::Decode { expected, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*expected, "ConfigMap");
    assert!(source.to_string().contains("status 200"), "{source}");
}

#[tokio::test]
async fn an_answer_in_an_unknown_media_type_is_named() {
    let reply =
        answer(200, [("content-type", "text/html; charset=utf-8".into())], "<html>log in here</html>");
    let server = FaultServer::start([reply]).await;
    let error = config_maps(&server).get("a").await.unwrap_err();
    let Error::Decode { source, .. } = &error else { panic!("{error:?}") };
    assert!(source.to_string().contains("text/html"), "{source}");
}

#[tokio::test]
async fn another_kind_than_asked_for_is_an_error() {
    let server = FaultServer::start([json(200, r#"{"kind":"Pod","apiVersion":"v1"}"#)]).await;
    assert!(matches!(config_maps(&server).get("a").await, Err(Error::Decode { .. })));
}

#[tokio::test]
async fn a_decoding_error_does_not_repeat_what_the_body_says() {
    let body = r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":"hunter2"}"#;
    let server = FaultServer::start([json(200, body)]).await;
    let error = config_maps(&server).get("a").await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[tokio::test]
async fn the_page_of_a_broken_proxy_is_kept_in_part() {
    let page = format!("<html>{}</html>", "x".repeat(100_000));
    let server = FaultServer::start([answer(502, [("content-type", "text/html".into())], page)]).await;
    let error = config_maps(&server).get("a").await.unwrap_err();
    assert_eq!(error.code(), Some(502));
    assert!(error.is_unexpected_server_error());
    assert!(error.to_string().len() < 3_000, "{}", error.to_string().len());
}

#[tokio::test]
async fn a_missing_object_can_be_none_but_a_missing_resource_is_an_error() {
    let missing = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,
        "details":{"name":"a","kind":"configmaps"}}"#;
    let replies = [json(404, missing), json(404, "404 page not found"), json(200, config_map("a"))];
    let server = FaultServer::start(replies).await;
    let get = config_maps(&server).get("a").optional();
    assert!(get.clone().await.unwrap().is_none());
    assert!(get.clone().await.unwrap_err().is_not_found());
    assert!(get.await.unwrap().is_some());
}

#[tokio::test]
async fn a_deletion_answers_with_the_object_or_a_status() {
    let done = r#"{"kind":"Status","apiVersion":"v1","status":"Success","details":{"name":"a"}}"#;
    let list = format!(
        r#"{{"kind":"ConfigMapList","apiVersion":"v1","metadata":{{}},"items":[{}]}}"#,
        config_map("a")
    );
    let server = FaultServer::start([json(200, done), json(200, config_map("a")), json(200, list)]).await;
    let config_maps = config_maps(&server);
    assert!(matches!(config_maps.delete("a").await.unwrap(), Deleted::Status(_)));
    assert!(matches!(config_maps.delete("a").await.unwrap(), Deleted::Object(_)));
    let Deleted::Object(list) = config_maps.delete_collection().await.unwrap() else { panic!("a list") };
    assert_eq!(list.items.len(), 1);
}

#[tokio::test]
async fn what_is_not_http_is_a_transport_error() {
    let server = FaultServer::start([Reply::Steps(vec![send("SSH-2.0-nothing\r\n"), Step::Reset])]).await;
    let error =
        client(&config(&server)).get().abs_path("/version").max_retries(0).send_raw().await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
}

#[tokio::test]
async fn an_error_shows_neither_the_query_nor_the_credentials() {
    let server = FaultServer::start([Reply::Steps(vec![])]).await;
    let mut config = config(&server);
    config.bearer_token = Some("top-secret".into());
    let request = client(&config).get().abs_path("/x").query("token", "hidden").max_retries(0);
    let error = request.send_raw().await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("hidden") && !shown.contains("top-secret"), "{shown}");
}
