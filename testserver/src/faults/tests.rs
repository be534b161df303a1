//! Faults on the wire.

use crate::server::testing::{Answered, BOTH, Client, Protocol};
use crate::{Matcher, Reply, TestServer};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn config_map(name: &str) -> Value {
    json!({"metadata": {"name": name}, "data": {"key": "value"}})
}

async fn make(server: &TestServer, names: &[&str]) {
    let mut client = Client::new(server, Protocol::Http1).await;
    for name in names {
        let answered = client.post(CONFIG_MAPS, &config_map(name)).await.unwrap();
        assert_eq!(answered.code, 201);
        answered.bytes().await.1.unwrap();
    }
}

async fn exists(server: &TestServer, name: &str) -> bool {
    let mut client = Client::new(server, Protocol::Http1).await;
    client.get(&format!("{CONFIG_MAPS}/{name}")).await.unwrap().code == 200
}

/// A watch from the beginning.
async fn watch(client: &mut Client) -> Answered {
    client.get(&format!("{CONFIG_MAPS}?watch=1")).await.unwrap()
}

#[tokio::test]
async fn the_first_requests_are_refused_and_the_next_is_answered() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        let mut client = Client::new(&server, protocol).await;
        let lists = Matcher::verb("list").resource("configmaps");
        let fault = server.faults().on(lists).times(2).answer(Reply::error(429).retry_after(7));
        for _ in 0..2 {
            let answered = client.get(CONFIG_MAPS).await.unwrap();
            assert_eq!(
                (answered.code.as_u16(), &answered.headers["retry-after"]),
                (429, &"7".parse().unwrap())
            );
            let status: Value = serde_json::from_slice(&answered.bytes().await.0).unwrap();
            assert_eq!(status["reason"], "TooManyRequests");
        }
        assert_eq!(client.json("GET", CONFIG_MAPS, &[], "").await.0, 200);
        assert_eq!((fault.hits(), fault.matched()), (2, 3));
    }
}

#[tokio::test]
async fn a_fault_that_is_removed_does_nothing_more() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, Protocol::Http1).await;
    let fault = server.faults().on(Matcher::any()).answer(Reply::error(500));
    server.faults().on(Matcher::any()).answer(Reply::error(503));
    assert_eq!(client.json("GET", CONFIG_MAPS, &[], "").await.0, 500);
    fault.remove();
    assert_eq!(client.json("GET", CONFIG_MAPS, &[], "").await.0, 503);
    server.faults().clear();
    assert_eq!(client.json("GET", CONFIG_MAPS, &[], "").await.0, 200);
}

#[tokio::test]
async fn a_delay_lets_the_request_go_on_to_the_next_fault() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, Protocol::Http1).await;
    let delay = Duration::from_millis(50);
    server.faults().on(Matcher::any()).once().delay(delay);
    server.faults().on(Matcher::any()).once().answer(Reply::error(503).retry_after(1));
    let began = Instant::now();
    assert_eq!(client.json("GET", CONFIG_MAPS, &[], "").await.0, 503);
    assert!(began.elapsed() >= delay);
    assert_eq!(client.json("GET", CONFIG_MAPS, &[], "").await.0, 200);
}

#[tokio::test]
async fn a_connection_that_is_dropped_before_the_answer_sends_not_a_byte() {
    let server = TestServer::start().await.unwrap();
    server.faults().on(Matcher::verb("create")).once().disconnect();
    let address = server.address();
    let request =
        "POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}";
    let received = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).map(|_| received)
    });
    assert_eq!(received.await.unwrap().unwrap(), b"");
    assert_eq!(server.requests()[0].code, None);
}

#[tokio::test]
async fn a_dropped_connection_ends_all_that_happens_on_it() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, Protocol::Http2).await;
    let mut events = watch(&mut client).await;
    server.faults().on(Matcher::verb("create")).once().disconnect();
    client.post(CONFIG_MAPS, &config_map("a")).await.unwrap_err();
    events.event().await.expect("no proper end").unwrap_err();
    assert!(!exists(&server, "a").await);
}

#[tokio::test]
async fn what_is_dropped_after_handling_is_done_all_the_same() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        let mut client = Client::new(&server, protocol).await;
        let fault = server.faults().on(Matcher::verb("create").name("a")).once().disconnect_after_handling();
        client.post(CONFIG_MAPS, &config_map("a")).await.unwrap_err();
        assert!(exists(&server, "a").await);
        assert_eq!(fault.hits(), 1);
    }
}

#[tokio::test]
async fn a_connection_is_dropped_within_the_answer_where_it_was_said() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        make(&server, &["a"]).await;
        let mut client = Client::new(&server, protocol).await;
        server.faults().on(Matcher::verb("list")).once().disconnect_within(11);
        let (bytes, end) = client.get(CONFIG_MAPS).await.unwrap().bytes().await;
        assert_eq!(String::from_utf8(bytes).unwrap(), "{\"kind\":\"Co", "{protocol:?}");
        end.unwrap_err();
        client.get(CONFIG_MAPS).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_truncated_answer_is_shorter_than_it_says() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        make(&server, &["a"]).await;
        let mut client = Client::new(&server, protocol).await;
        server.faults().on(Matcher::verb("get").resource("configmaps")).once().truncate(9);
        let answered = client.get(&format!("{CONFIG_MAPS}/a")).await.unwrap();
        let promised: usize = answered.headers["content-length"].to_str().unwrap().parse().unwrap();
        assert!(promised > 100);
        let (bytes, end) = answered.bytes().await;
        assert_eq!(String::from_utf8(bytes).unwrap(), "{\"kind\":\"", "{protocol:?}");
        end.unwrap_err();
        if protocol == Protocol::Http2 {
            assert_eq!(client.get(CONFIG_MAPS).await.unwrap().code, 200, "the connection goes on");
        }
    }
}

#[tokio::test]
async fn a_garbled_answer_is_as_long_as_it_was_and_no_json() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        make(&server, &["a"]).await;
        let mut client = Client::new(&server, protocol).await;
        let path = format!("{CONFIG_MAPS}/a");
        let (whole, _) = client.get(&path).await.unwrap().bytes().await;
        server.faults().on(Matcher::any()).once().garble(9..12);
        let (garbled, end) = client.get(&path).await.unwrap().bytes().await;
        end.unwrap();
        let others: Vec<usize> = (0..whole.len()).filter(|place| whole[*place] != garbled[*place]).collect();
        assert_eq!((garbled.len(), others), (whole.len(), vec![9, 10, 11]));
        serde_json::from_slice::<Value>(&garbled).unwrap_err();
    }
}

#[tokio::test]
async fn a_frozen_watch_sends_some_events_and_then_nothing() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        make(&server, &["a", "b"]).await;
        let mut client = Client::new(&server, protocol).await;
        server.faults().on(Matcher::verb("watch")).once().freeze_watch(1);
        let mut events = watch(&mut client).await;
        assert_eq!(events.event().await.unwrap().unwrap()["object"]["metadata"]["name"], "a");
        assert!(events.is_silent().await, "{protocol:?}");
        assert_eq!(server.faults().end_watches(&Matcher::any()), 1);
        assert!(events.event().await.is_none());
    }
}

#[tokio::test]
async fn a_watch_is_cut_properly_or_not_after_some_events() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        make(&server, &["a", "b"]).await;
        let mut client = Client::new(&server, protocol).await;
        server.faults().on(Matcher::verb("watch")).once().end_watch(1);
        let mut events = watch(&mut client).await;
        events.event().await.unwrap().unwrap();
        assert!(events.event().await.is_none());

        server.faults().on(Matcher::verb("watch")).once().break_watch(2);
        let mut events = watch(&mut client).await;
        events.event().await.unwrap().unwrap();
        events.event().await.unwrap().unwrap();
        events.event().await.expect("it breaks off").unwrap_err();
    }
}

#[tokio::test]
async fn a_watch_is_ended_by_an_error_event() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        let mut client = Client::new(&server, protocol).await;
        let expired = Reply::status(410, "Expired", "too old resource version: 1 (9)");
        server.faults().on(Matcher::verb("watch")).once().fail_watch(0, expired);
        let mut events = watch(&mut client).await;
        let event = events.event().await.unwrap().unwrap();
        assert_eq!((&event["type"], &event["object"]["code"]), (&json!("ERROR"), &json!(410)));
        assert!(events.event().await.is_none());
    }
}

#[tokio::test]
async fn running_watches_are_ended_broken_frozen_and_failed() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        let faults = server.faults();
        let (all, others) = (Matcher::any(), Matcher::any().resource("pods"));
        let mut client = Client::new(&server, protocol).await;
        let mut events = watch(&mut client).await;
        assert_eq!((faults.running_watches(&all), faults.end_watches(&others)), (1, 0));
        assert_eq!(faults.end_watches(&all), 1);
        assert!(events.event().await.is_none());

        let mut events = watch(&mut client).await;
        assert_eq!(faults.freeze_watches(&all), 1);
        make(&server, &["a"]).await;
        assert!(events.is_silent().await);
        assert_eq!(faults.fail_watches(&all, Reply::error(500)), 1);
        assert_eq!(events.event().await.unwrap().unwrap()["object"]["reason"], "InternalError");
        assert!(events.event().await.is_none());

        let mut events = watch(&mut client).await;
        events.event().await.unwrap().unwrap();
        assert_eq!(faults.break_watches(&all), 1);
        events.event().await.expect("it breaks off").unwrap_err();
        assert_eq!(faults.running_watches(&all), 0);
    }
}

#[tokio::test]
async fn all_connections_can_be_cut_at_once() {
    for protocol in BOTH {
        let server = TestServer::start().await.unwrap();
        let mut client = Client::new(&server, protocol).await;
        let mut events = watch(&mut client).await;
        server.faults().disconnect_all();
        events.event().await.expect("no proper end").unwrap_err();
        let mut client = Client::new(&server, protocol).await;
        assert_eq!(client.get(CONFIG_MAPS).await.unwrap().code, 200);
    }
}

#[tokio::test]
async fn an_expired_history_is_gone_for_those_who_begin_and_not_for_those_who_follow() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, Protocol::Http2).await;
    make(&server, &["a"]).await;
    let mut running = watch(&mut client).await;
    let added = running.event().await.unwrap().unwrap();
    let version: u64 = added["object"]["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
    server.expire_history();
    let before = format!("{CONFIG_MAPS}?watch=1&resourceVersion={}", version - 1);
    let event = client.get(&before).await.unwrap().event().await.unwrap().unwrap();
    assert_eq!(event["object"]["reason"], "Expired");
    make(&server, &["b"]).await;
    assert_eq!(running.event().await.unwrap().unwrap()["object"]["metadata"]["name"], "b");
}

#[tokio::test]
async fn a_fault_expires_the_history_before_a_page() {
    let server = TestServer::start().await.unwrap();
    let mut client = Client::new(&server, Protocol::Http1).await;
    make(&server, &["a", "b"]).await;
    let pages = Matcher::verb("list").filter(|request| request.parameter("continue").is_some());
    server.faults().on(pages).once().expire_history();
    let (_, page) = client.json("GET", &format!("{CONFIG_MAPS}?limit=1"), &[], "").await;
    let token = page["metadata"]["continue"].as_str().unwrap();
    make(&server, &["c"]).await;
    let rest = format!("{CONFIG_MAPS}?limit=1&continue={token}");
    let (code, status) = client.json("GET", &rest, &[], "").await;
    assert_eq!((code, &status["reason"]), (410, &json!("Expired")));
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn faults_work_over_tls() {
    for protocol in BOTH {
        let server = TestServer::builder().tls().start().await.unwrap();
        let mut client = Client::encrypted(&server, protocol, None).await;
        let mut events = watch(&mut client).await;
        let mut other = Client::encrypted(&server, protocol, None).await;
        other.post(CONFIG_MAPS, &config_map("a")).await.unwrap();
        events.event().await.unwrap().unwrap();
        server.faults().break_watches(&Matcher::verb("watch"));
        events.event().await.expect("it breaks off").unwrap_err();

        server.faults().on(Matcher::verb("list")).once().disconnect_within(11);
        let mut client = Client::encrypted(&server, protocol, None).await;
        let (bytes, end) = client.get(CONFIG_MAPS).await.unwrap().bytes().await;
        assert_eq!(bytes, b"{\"kind\":\"Co", "{protocol:?}");
        end.unwrap_err();
        server.faults().on(Matcher::verb("list")).once().disconnect();
        Client::encrypted(&server, protocol, None).await.get(CONFIG_MAPS).await.unwrap_err();
    }
}
