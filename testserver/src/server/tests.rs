//! The life of a server, and what it tells of requests.

use super::testing::{BOTH, Client, Protocol};
use crate::{Matcher, Reaction, Reply, TestServer};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;

const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";

#[tokio::test]
async fn a_server_that_is_dropped_closes_its_port_and_its_connections() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        let address = server.address();
        let mut client = Client::new(&server, protocol).await;
        let mut events = client.get(&format!("{CONFIG_MAPS}?watch=1")).await.unwrap();
        let mut idle = Client::new(&server, protocol).await;
        drop(server);
        // Tasks are aborted when the runtime gets to it.
        let refused = async {
            while TcpStream::connect(address).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), refused).await.unwrap();
        assert!(!matches!(events.event().await, Some(Ok(_))));
        idle.get(CONFIG_MAPS).await.unwrap_err();
    }
}

#[tokio::test]
async fn requests_are_recorded_with_their_answers() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        let mut client = Client::new(&server, protocol).await;
        let headers = [
            ("authorization", "Bearer secret"),
            ("content-type", "application/json"),
            ("user-agent", "me/1"),
        ];
        let body = json!({"metadata": {"name": "a"}}).to_string();
        client.json("POST", &format!("{CONFIG_MAPS}?fieldManager=me"), &headers, &body).await;
        client.json("GET", &format!("{CONFIG_MAPS}/b"), &[], "").await;
        let requests = server.requests();
        let told: Vec<_> = requests.iter().map(|request| (request.verb, request.code)).collect();
        assert_eq!(told, [("create", Some(201)), ("get", Some(404))]);
        let create = &requests[0];
        assert_eq!((create.path.as_str(), create.user_agent()), (CONFIG_MAPS, "me/1"));
        assert_eq!(create.parameter("fieldManager"), Some("me"));
        assert_eq!(create.json().unwrap()["metadata"]["name"], "a");
        assert_eq!(create.header("authorization"), Some("(redacted)"));
        assert_eq!(server.requests_like(&Matcher::verb("create")).len(), 1);
        server.clear_requests();
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn a_test_can_wait_for_a_request() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, Protocol::Http1).await;
    let waiting = tokio::spawn(server.wait_for_request(Matcher::verb("list").resource("pods")).into_future());
    client.json("GET", CONFIG_MAPS, &[], "").await;
    client.json("GET", "/api/v1/pods", &[], "").await;
    assert_eq!(waiting.await.unwrap().unwrap().path, "/api/v1/pods");
    let error =
        server.wait_for_request(Matcher::verb("delete")).within(Duration::from_millis(10)).await.unwrap_err();
    assert!(error.to_string().ends_with("GET /api/v1/pods"), "{error}");
}

#[tokio::test]
async fn a_server_can_be_told_to_record_nothing() {
    let server = TestServer::builder().recorded_requests(0).start().await.unwrap();
    Client::new(&server, Protocol::Http1).await.json("GET", "/api/v1/pods", &[], "").await;
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn the_first_reactor_that_handles_a_request_decides() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, Protocol::Http1).await;
    let observer = server.react(Matcher::any(), |_| Reaction::Pass);
    let first = server.react(Matcher::verb("get").name("a"), |request| {
        let answer = json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": request.name}});
        Reaction::Answer(Reply::json(200, &answer))
    });
    let second = server.react(Matcher::verb("get"), |_| Reaction::Answer(Reply::error(418)));
    let (code, answer) = client.json("GET", &format!("{CONFIG_MAPS}/a"), &[], "").await;
    assert_eq!((code, &answer["metadata"]["name"]), (200, &json!("a")));
    assert_eq!(client.json("GET", &format!("{CONFIG_MAPS}/b"), &[], "").await.0, 418);
    assert_eq!((observer.handled(), first.handled(), second.handled()), (0, 1, 1));
    first.remove();
    second.remove();
    assert_eq!(client.json("GET", &format!("{CONFIG_MAPS}/a"), &[], "").await.0, 404);
}

#[tokio::test]
async fn a_reactor_can_change_what_the_server_gets() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, Protocol::Http2).await;
    server.react(Matcher::verb("create"), |request| {
        let mut object = request.json().unwrap_or_default();
        object["data"] = json!({"added": "by a reactor"});
        Reaction::Replace(object)
    });
    let answered = client.post(CONFIG_MAPS, &json!({"metadata": {"name": "a"}})).await.unwrap();
    let made: Value = serde_json::from_slice(&answered.bytes().await.0).unwrap();
    assert_eq!(made["data"]["added"], "by a reactor");
}

#[tokio::test]
async fn an_event_can_be_sent_to_running_watches() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        let mut client = Client::new(&server, protocol).await;
        let mut events = client.get(&format!("{CONFIG_MAPS}?watch=1")).await.unwrap();
        let object = json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "made up"}});
        assert_eq!(server.inject_event(&Matcher::any().resource("pods"), "ADDED", &object), 0);
        assert_eq!(server.inject_event(&Matcher::verb("watch"), "ADDED", &object), 1);
        assert_eq!(events.event().await.unwrap().unwrap(), json!({"type": "ADDED", "object": object}));
    }
}

#[tokio::test]
async fn objects_are_stored_and_read_without_http() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, Protocol::Http1).await;
    let mut events = client.get("/api/v1/pods?watch=1").await.unwrap();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "status": {"phase": "Failed"}});
    let put = server.put(&pod).unwrap();
    assert_eq!(
        (&put["metadata"]["namespace"], &put["status"]["phase"]),
        (&json!("default"), &json!("Failed"))
    );
    let event = events.event().await.unwrap().unwrap();
    assert_eq!((&event["type"], &event["object"]), (&json!("ADDED"), &put));
    let again = server.put(&pod).unwrap();
    assert_eq!(put["metadata"]["uid"], again["metadata"]["uid"]);
    assert_eq!(events.event().await.unwrap().unwrap()["type"], "MODIFIED");
    assert_eq!(server.object("v1", "Pod", "default", "web"), Some(again.clone()));
    assert_eq!(server.objects("v1", "Pod"), [again]);
    assert!(server.remove("v1", "Pod", "default", "web").is_some());
    assert_eq!(events.event().await.unwrap().unwrap()["type"], "DELETED");
    assert!(server.remove("v1", "Pod", "default", "web").is_none());
    let error =
        server.put(&json!({"apiVersion": "x/v1", "kind": "Y", "metadata": {"name": "z"}})).unwrap_err();
    assert!(error.to_string().starts_with("the server has no Y of x/v1"), "{error}");
    server.put(&json!({"kind": "Pod"})).unwrap_err();
}
