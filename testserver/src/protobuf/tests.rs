//! Bodies, and protobuf on the wire.

use super::{MEDIA_TYPE, Unreadable, WATCH_MEDIA_TYPE, document, frame, read, write};
use crate::server::testing::{BOTH, Client};
use crate::{Matcher, Reaction, Reply, TestServer};
use serde_json::{Value, json};

const POD: (&str, &str) = ("v1", "Pod");

#[test]
fn an_object_is_read_as_it_was_written() {
    let map =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"a": "b"}});
    let body = write(map.to_string().as_bytes()).unwrap();
    assert_eq!(read(&body, POD).unwrap(), map);
    assert_eq!(document(&body), Some(map.clone()));
    assert_eq!(document(map.to_string().as_bytes()), Some(map));
}

#[test]
fn what_does_not_say_what_it_is_is_what_is_expected() {
    // Metadata with a name.
    let body = b"k8s\0\x0a\x00\x12\x05\x0a\x03\x0a\x01x";
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}});
    assert_eq!(read(body, POD).unwrap()["metadata"], pod["metadata"]);
    assert_eq!(read(body, POD).unwrap()["kind"], "Pod");
}

#[test]
fn of_an_unknown_kind_only_that_is_read() {
    let body = b"k8s\0\x0a\x0f\x0a\x04a/v1\x12\x07Nothing\x12\x01\xff";
    assert_eq!(read(body, POD).unwrap(), json!({"apiVersion": "a/v1", "kind": "Nothing"}));
}

#[test]
fn what_is_no_message_is_refused() {
    let why = "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]";
    assert_eq!(read(b"{}", POD), Err(Unreadable::Envelope(why.into())));
    assert_eq!(read(b"", POD), Err(Unreadable::Envelope("empty data".into())));
    assert_eq!(read(b"k8s\0", POD), Err(Unreadable::Envelope("empty body".into())));
    for broken in [&b"k8s\0\x0a\x7f"[..], b"k8s\0\xff", b"k8s\0\x0a\x00\x12\x02\x0a\x09"] {
        assert!(read(broken, POD).is_err(), "{broken:?}");
    }
    assert!(write(br#"{"apiVersion":"v1","kind":"Pod","spec":{"nothing":1}}"#).is_err());
}

#[test]
fn an_event_begins_with_its_length() {
    assert_eq!(frame("ADDED", b"xyz").as_ref(), b"\0\0\0\x0e\x0a\x05ADDED\x12\x05\x0a\x03xyz");
}

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const PREFERS: (&str, &str) = ("accept", "application/vnd.kubernetes.protobuf, application/json");
const SENDS: (&str, &str) = ("content-type", MEDIA_TYPE);

fn config_map(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
}

/// What comes of a request: the code, the media type and the object.
async fn ask(client: &mut Client, method: &str, path: &str, object: Option<&Value>) -> (u16, String, Value) {
    let body = object.map(|object| write(object.to_string().as_bytes()).unwrap()).unwrap_or_default();
    let answered = client.send_bytes(method, path, &[PREFERS, SENDS], body).await.unwrap();
    let media_type = answered.headers["content-type"].to_str().unwrap().to_owned();
    (answered.code.as_u16(), media_type, document(&answered.bytes().await.0).unwrap_or_default())
}

#[tokio::test]
async fn objects_lists_and_refusals_are_protobuf_for_those_who_prefer_it() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        let mut client = Client::new(&server, protocol).await;
        for (method, path, object, code, kind) in [
            ("POST", MAPS.to_owned(), Some(config_map("a")), 201, "ConfigMap"),
            ("GET", format!("{MAPS}/a"), None, 200, "ConfigMap"),
            ("GET", MAPS.to_owned(), None, 200, "ConfigMapList"),
            ("GET", format!("{MAPS}/b"), None, 404, "Status"),
            ("GET", "/api".to_owned(), None, 200, "APIVersions"),
            ("GET", "/apis/apps/v1".to_owned(), None, 200, "APIResourceList"),
        ] {
            let (found, media_type, answer) = ask(&mut client, method, &path, object.as_ref()).await;
            assert_eq!((found, media_type.as_str()), (code, MEDIA_TYPE), "{method} {path}");
            assert_eq!(answer["kind"], kind);
        }
    }
}

#[tokio::test]
async fn tests_see_requests_in_protobuf_as_json_and_replace_them_by_json() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, BOTH[0]).await;
    let reactor = server.react(Matcher::verb("create").name("a"), |request| {
        let mut object = request.json().unwrap_or_default();
        object["data"] = json!({"added": "by a reactor"});
        Reaction::Replace(object)
    });
    let (code, _, made) = ask(&mut client, "POST", MAPS, Some(&config_map("a"))).await;
    assert_eq!((code, &made["data"]["added"]), (201, &json!("by a reactor")));
    assert_eq!(reactor.handled(), 1);
    let create = server.wait_for_request(Matcher::verb("create").name("a")).await.unwrap();
    assert_eq!(create.json(), Some(config_map("a")));
}

#[tokio::test]
async fn a_refusal_that_a_test_makes_up_is_protobuf_too_and_other_answers_are_as_they_were_said_to_be() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, BOTH[0]).await;
    server.faults().on(Matcher::any()).once().answer(Reply::error(409));
    let (code, media_type, status) = ask(&mut client, "GET", MAPS, None).await;
    assert_eq!((code, media_type.as_str(), &status["reason"]), (409, MEDIA_TYPE, &json!("Conflict")));
    server.faults().on(Matcher::any()).once().answer(Reply::json(200, &config_map("x")));
    assert_eq!(ask(&mut client, "GET", MAPS, None).await, (200, "application/json".into(), config_map("x")));
}

#[tokio::test]
async fn events_are_counted_made_up_and_failed_in_watches_of_protobuf() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        let mut client = Client::new(&server, protocol).await;
        let maps = Matcher::verb("watch").resource("configmaps");
        server.faults().on(maps.clone()).once().fail_watch(2, Reply::error(410));
        let path = format!("{MAPS}?watch=1");
        let mut watch = client.send("GET", &path, &[PREFERS], "").await.unwrap();
        assert_eq!(watch.headers["content-type"], WATCH_MEDIA_TYPE);
        for name in ["a", "b"] {
            server.put(&config_map(name)).unwrap();
            let event = watch.frame().await;
            assert_eq!(
                (&event["type"], &event["object"]["metadata"]["name"]),
                (&json!("ADDED"), &json!(name))
            );
        }
        let event = watch.frame().await;
        assert_eq!((&event["type"], &event["object"]["reason"]), (&json!("ERROR"), &json!("Expired")));
        let mut watch =
            client.send("GET", &format!("{path}&resourceVersion=1000000"), &[PREFERS], "").await.unwrap();
        assert_eq!(server.inject_event(&maps, "DELETED", &config_map("c")), 1);
        assert_eq!(watch.frame().await, json!({"type": "DELETED", "object": config_map("c")}));
    }
}

#[tokio::test]
async fn what_protobuf_cannot_hold_is_told() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, BOTH[0]).await;
    let mut watch = client.send("GET", &format!("{MAPS}?watch=1"), &[PREFERS], "").await.unwrap();
    let mut object = config_map("odd");
    object["nothing"] = json!(1);
    server.put(&object).unwrap();
    assert_eq!(watch.frame().await["object"]["code"], 500);
    let mut client = Client::new(&server, BOTH[0]).await;
    for path in [MAPS, &format!("{MAPS}/odd")] {
        let (code, _, status) = ask(&mut client, "GET", path, None).await;
        assert_eq!(code, 500);
        let message = status["message"].as_str().unwrap();
        assert!(message.contains("ask for JSON") && message.contains("nothing"), "{message}");
    }
}
