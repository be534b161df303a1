//! How a watch begins, what it tells, and how it ends.

use futures_util::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::ConfigMap;
use kubeset_rest::{Error, WatchEvent, WatchStream};

use super::fault_server::{
    FaultServer, Reply, Step, chunk, chunked_head, head, json, last_chunk, retry_after, send,
};
use super::{config_map, config_maps, status};

fn event(kind: &str, object: &str) -> String {
    format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")
}

async fn watch(steps: Vec<Step>) -> WatchStream<ConfigMap> {
    let server = FaultServer::start([Reply::Steps(steps)]).await;
    config_maps(&server).watch().await.unwrap()
}

/// All items until the end: names for events, errors as they are.
async fn all(mut stream: WatchStream<ConfigMap>) -> Vec<Result<String, Error>> {
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item.map(|event| match event {
            WatchEvent::Added(object) => format!("added {}", object.metadata.name.unwrap()),
            WatchEvent::Modified(object) => format!("modified {}", object.metadata.name.unwrap()),
            WatchEvent::Deleted(object) => format!("deleted {}", object.metadata.name.unwrap()),
            WatchEvent::Bookmark(bookmark) => format!("bookmark {}", bookmark.resource_version),
        }));
    }
    items
}

#[tokio::test]
async fn events_come_in_order_and_a_clean_end_is_no_error() {
    let bookmark = r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"9"}}"#;
    let lines = [
        event("ADDED", &config_map("a")),
        event("MODIFIED", &config_map("a")),
        event("BOOKMARK", bookmark),
        event("DELETED", &config_map("a")),
    ];
    let stream = watch(vec![head("application/json"), send(lines.concat())]).await;
    let items: Vec<_> = all(stream).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(items, ["added a", "modified a", "bookmark 9", "deleted a"]);
}

#[tokio::test]
async fn an_event_may_come_in_pieces() {
    let line = event("ADDED", &config_map("a"));
    let (start, end) = line.split_at(line.len() / 2);
    let pause = Step::Wait(std::time::Duration::from_millis(50));
    let stream =
        watch(vec![chunked_head(), chunk(start), pause, chunk(end), chunk("\n"), last_chunk()]).await;
    assert_eq!(all(stream).await.len(), 1);
}

#[tokio::test]
async fn a_stream_that_is_cut_within_an_event_ends_after_the_whole_events() {
    let whole = event("ADDED", &config_map("a"));
    for end in [vec![], vec![Step::Reset]] {
        let mut steps = vec![chunked_head(), chunk(&whole), chunk(r#"{"type":"ADDED","obj"#)];
        // Else the reset can overtake what was sent before it.
        steps.push(Step::Wait(std::time::Duration::from_millis(50)));
        steps.extend(end);
        let items = all(watch(steps).await).await;
        assert_eq!(items.len(), 1, "{items:?}");
        assert!(items[0].is_ok());
    }
}

#[tokio::test]
async fn a_last_event_without_a_line_end_is_told() {
    let line = event("ADDED", &config_map("a"));
    let stream = watch(vec![head("application/json"), send(line.trim_end())]).await;
    assert_eq!(all(stream).await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_one_error_and_then_the_end() {
    let good = event("ADDED", &config_map("a"));
    for bad in
        ["{\"type\":\"MOVED\",\"object\":{}}\n", "no json\n", "{\"type\":\"ADDED\",\"object\":7}\n", "[]\n"]
    {
        let stream = watch(vec![head("application/json"), send(format!("{good}{bad}{good}"))]).await;
        let items = all(stream).await;
        assert_eq!(items.len(), 2, "{bad}: {items:?}");
        assert!(matches!(items[1], Err(Error::WatchEvent(_))), "{bad}: {items:?}");
    }
}

#[tokio::test]
async fn an_error_event_is_the_status_that_it_carries() {
    let lines = event("ADDED", &config_map("a")) + &event("ERROR", &status(410, "Expired"));
    let items = all(watch(vec![head("application/json"), send(lines)]).await).await;
    assert!(items[1].as_ref().unwrap_err().is_expired(), "{items:?}");
}

#[tokio::test]
async fn a_refused_watch_is_an_error_at_once() {
    let server = FaultServer::start([json(410, status(410, "Expired"))]).await;
    let error = config_maps(&server).watch().resource_version("1").await.unwrap_err();
    assert!(error.is_expired());
}

#[tokio::test]
async fn an_event_over_16_mib_ends_the_watch_with_an_error() {
    let large = vec![b'x'; (16 << 20) + 1];
    let items = all(watch(vec![head("application/json"), send(large)]).await).await;
    assert_eq!(items.len(), 1);
    assert!(matches!(items[0], Err(Error::WatchEvent(_))));
}

#[tokio::test]
async fn a_watch_is_repeated_when_the_server_asks_for_patience() {
    let open = Reply::Steps(vec![head("application/json"), send(event("ADDED", &config_map("a")))]);
    let server = FaultServer::start([retry_after(429, "0"), open]).await;
    let events: Vec<_> = config_maps(&server).watch().await.unwrap().try_collect().await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_watch_that_never_gets_an_answer_is_an_empty_one() {
    let server = FaultServer::start([Reply::Steps(vec![Step::Reset])]).await;
    let request = config_maps(&server).watch().as_ref().clone().max_retries(1);
    let stream = request.send_for_events::<ConfigMap>().await.unwrap();
    assert_eq!(all(stream).await.len(), 0);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_watch_asks_for_an_uncompressed_answer() {
    let server = FaultServer::start([Reply::Steps(vec![head("application/json")])]).await;
    drop(config_maps(&server).watch().await.unwrap());
    assert_eq!(server.only().header("accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn dropping_a_watch_closes_its_connection() {
    let server = FaultServer::start([Reply::Steps(vec![head("application/json"), Step::UntilClosed])]).await;
    let stream = config_maps(&server).watch().await.unwrap();
    let open = tokio::time::timeout(std::time::Duration::from_millis(200), server.closed()).await;
    assert!(open.is_err(), "a watch that is held stays open");
    drop(stream);
    server.closed().await;
}
