//! Which format is asked for and sent, and that answers are read in whichever comes.

use futures_util::TryStreamExt as _;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE};
use k8s_openapi::List;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Status, StatusDetails};
use kubeset_protobuf::{MEDIA_TYPE, Message};
use kubeset_rest::{Deleted, Endpoint, RestClient, WatchEvent};
use serde::{Deserialize, Serialize};

use super::fault_server::{FaultServer, Reply, Seen, answer, head, json, send};
use super::{client, config, config_map, config_maps};

const JSON: &str = "application/json";
const BOTH: &str = "application/vnd.kubernetes.protobuf, application/json";

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
struct Widget {
    #[serde(rename = "apiVersion")]
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    size: i32,
}

fn named(name: &str) -> ConfigMap {
    let metadata = ObjectMeta {
        name: Some(name.to_owned()),
        resource_version: Some("7".to_owned()),
        ..ObjectMeta::default()
    };
    ConfigMap { metadata, ..ConfigMap::default() }
}

/// An answer in protobuf.
fn protobuf<T: Serialize>(status: u16, body: &T) -> Reply {
    let body = kubeset_protobuf::to_vec(body).expect("the object has protobuf");
    answer(status, [("content-type", MEDIA_TYPE.to_owned())], body)
}

fn refusal(reason: &str, code: i32) -> Status {
    Status {
        status: Some("Failure".to_owned()),
        reason: Some(reason.to_owned()),
        code: Some(code),
        details: Some(StatusDetails { name: Some("a".to_owned()), ..StatusDetails::default() }),
        ..Status::default()
    }
}

fn formats(seen: &Seen) -> (Option<&str>, Option<&str>) {
    (seen.header(ACCEPT.as_str()), seen.header(CONTENT_TYPE.as_str()))
}

#[tokio::test]
async fn built_in_kinds_are_sent_and_asked_for_as_protobuf() {
    let server = FaultServer::start([protobuf(201, &named("a"))]).await;
    let made = config_maps(&server).create(&named("a")).await.unwrap();
    assert_eq!(made, named("a"));
    let seen = server.only();
    assert_eq!(formats(&seen), (Some(BOTH), Some(MEDIA_TYPE)));
    assert_eq!(kubeset_protobuf::from_slice::<ConfigMap>(&seen.body).unwrap(), named("a"));
}

#[tokio::test]
async fn a_server_may_answer_in_json_all_the_same() {
    let server = FaultServer::start([json(200, config_map("a"))]).await;
    assert_eq!(config_maps(&server).get("a").await.unwrap(), named("a"));
}

#[tokio::test]
async fn custom_resources_are_sent_and_asked_for_as_json() {
    let widget = Widget { kind: "Widget".into(), api_version: "example.com/v1".into(), ..Widget::default() };
    let server = FaultServer::start([json(201, serde_json::to_vec(&widget).unwrap())]).await;
    let client = RestClient::for_group_version(&config(&server), "example.com", "v1").unwrap();
    Endpoint::new(&client, "widgets").namespace("prod").create(&widget).await.unwrap();
    assert_eq!(formats(&server.only()), (Some("application/json, */*"), Some(JSON)));
}

#[tokio::test]
async fn what_protobuf_would_lose_is_sent_as_json() {
    let widget = Widget { kind: "ConfigMap".into(), api_version: "v1".into(), size: 3, ..Widget::default() };
    let server = FaultServer::start([json(201, serde_json::to_vec(&widget).unwrap())]).await;
    let endpoint = Endpoint::<Widget>::new(&client(&config(&server)), "configmaps").namespace("prod");
    endpoint.create(&widget).await.unwrap();
    assert_eq!(formats(&server.only()), (Some(BOTH), Some(JSON)));
}

#[tokio::test]
async fn a_patch_is_json_and_its_answer_is_asked_for_as_protobuf() {
    let server = FaultServer::start([protobuf(200, &named("a"))]).await;
    let patch = kubeset_rest::MergePatch(serde_json::json!({"data": {"a": "b"}}));
    config_maps(&server).patch("a", patch).await.unwrap();
    assert_eq!(formats(&server.only()), (Some(BOTH), Some("application/merge-patch+json")));
}

#[tokio::test]
async fn a_request_that_is_no_typed_verb_asks_for_json() {
    let server = FaultServer::start([json(200, config_map("a"))]).await;
    let request =
        client(&config(&server)).verb(Method::GET).namespace("prod").resource("configmaps").name("a");
    request.send::<ConfigMap>().await.unwrap();
    assert_eq!(formats(&server.only()), (Some("application/json, */*"), None));
}

#[tokio::test]
async fn the_configuration_has_the_last_word() {
    let server = FaultServer::start([json(201, config_map("a"))]).await;
    let mut config = config(&server);
    config.content.accept = Some(JSON.to_owned());
    config.content.content_type = Some(JSON.to_owned());
    let endpoint = Endpoint::<ConfigMap>::new(&client(&config), "configmaps").namespace("prod");
    endpoint.create(&named("a")).await.unwrap();
    assert_eq!(formats(&server.only()), (Some(JSON), Some(JSON)));
}

#[tokio::test]
async fn a_refusal_in_protobuf_is_the_servers_status() {
    let server = FaultServer::start([protobuf(404, &refusal("NotFound", 404))]).await;
    let error = config_maps(&server).get("a").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.details().unwrap().name.as_deref(), Some("a"));
    assert_eq!(config_maps(&server).get("a").optional().await.unwrap(), None);
}

#[tokio::test]
async fn a_failure_in_a_success_is_an_error_in_protobuf_too() {
    let server = FaultServer::start([protobuf(200, &refusal("Expired", 410))]).await;
    assert!(config_maps(&server).get("a").await.unwrap_err().is_expired());
}

#[tokio::test]
async fn a_deletion_is_answered_with_a_status_or_the_object() {
    let success = Status { status: Some("Success".to_owned()), ..Status::default() };
    let server = FaultServer::start([protobuf(200, &success), protobuf(200, &named("a"))]).await;
    let answer = config_maps(&server).delete("a").await.unwrap();
    assert_eq!(answer, Deleted::Status(Box::new(success)));
    assert_eq!(config_maps(&server).delete("a").await.unwrap().object(), Some(named("a")));
    assert_eq!(formats(&server.seen()[0]), (Some(BOTH), Some(MEDIA_TYPE)));
}

#[tokio::test]
async fn a_list_is_read_with_its_metadata() {
    let metadata = serde_json::from_str(r#"{"resourceVersion":"9","remainingItemCount":0}"#).unwrap();
    let list = List { items: vec![named("a"), named("b")], metadata };
    let server = FaultServer::start([protobuf(200, &list)]).await;
    assert_eq!(config_maps(&server).list().await.unwrap(), list);
}

/// A frame of a watch, whose object is in an envelope of its own.
fn frame<T: Serialize>(kind: &str, object: &T) -> Vec<u8> {
    #[derive(Serialize)]
    struct Raw {
        #[serde(rename = "type")]
        kind: String,
    }
    let message = Message::of_kind("v1", "WatchEvent").expect("there are watch events");
    let object = kubeset_protobuf::to_vec(object).expect("the object has protobuf");
    let mut event = message.encode(&Raw { kind: kind.to_owned() }).expect("the type is a text");
    let mut extension = vec![0x0a];
    push_length(&mut extension, object.len());
    extension.extend(object);
    event.push(0x12);
    push_length(&mut event, extension.len());
    event.extend(extension);
    let mut frame = u32::try_from(event.len()).expect("the event is small").to_be_bytes().to_vec();
    frame.extend(event);
    frame
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    let length = u8::try_from(length).expect("the event is small");
    out.extend(if length < 128 { vec![length] } else { vec![length, 1] });
}

#[tokio::test]
async fn a_watch_in_protobuf_tells_the_same() {
    let bookmark = named("");
    let frames = [frame("ADDED", &named("a")), frame("BOOKMARK", &bookmark), frame("DELETED", &named("a"))];
    let half = &frame("ADDED", &named("b"))[..9];
    let content_type = "application/vnd.kubernetes.protobuf;stream=watch";
    let steps = vec![head(content_type), send([&frames.concat()[..], half].concat())];
    let server = FaultServer::start([Reply::Steps(steps)]).await;
    let events: Vec<_> = config_maps(&server).watch().await.unwrap().try_collect().await.unwrap();
    assert_eq!(server.only().header(ACCEPT.as_str()), Some(BOTH));
    let [WatchEvent::Added(added), WatchEvent::Bookmark(mark), WatchEvent::Deleted(deleted)] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((added, deleted, mark.resource_version.as_str()), (&named("a"), &named("a"), "7"));
}

#[tokio::test]
async fn the_error_that_ends_a_watch_in_protobuf_comes_out() {
    let content_type = "application/vnd.kubernetes.protobuf;stream=watch";
    let steps = vec![head(content_type), send(frame("ERROR", &refusal("Expired", 410)))];
    let server = FaultServer::start([Reply::Steps(steps)]).await;
    let outcome: Result<Vec<_>, _> = config_maps(&server).watch().await.unwrap().try_collect().await;
    assert!(outcome.unwrap_err().is_expired());
}
