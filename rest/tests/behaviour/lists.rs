//! Lists are decoded while they arrive, as one answer or object by object, and what is not a whole list is an error.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use http_body_util::Full;
use k8s_openapi::api::core::v1::ConfigMap;
use kubeset_rest::{Endpoint, Error, HttpClient, ListStream, ResponseBody, RestClient, WatchEvent};

use super::fault_server::{
    FaultServer, Reply, Step, chunk, chunked_head, head, json, last_chunk, retry_after, send,
};
use super::{client, config, config_map, config_maps, status};

const HEAD: &str = r#"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"9","continue":"t"},"items":["#;

fn list(names: &[&str]) -> String {
    let items: Vec<String> = names.iter().map(|name| config_map(name)).collect();
    format!("{HEAD}{}]}}", items.join(","))
}

fn name(object: &ConfigMap) -> &str {
    object.metadata.name.as_deref().expect("it has a name")
}

/// The list that a server answers with in these steps, read both ways; the first error of each.
async fn errors(steps: Vec<Step>) -> [Error; 2] {
    let server = FaultServer::start([Reply::Steps(steps)]).await;
    let config_maps = config_maps(&server);
    let whole = config_maps.list().await.unwrap_err();
    let streamed = match config_maps.list().stream().await {
        Ok(stream) => stream.try_collect::<Vec<_>>().await.unwrap_err(),
        Err(error) => error,
    };
    [whole, streamed]
}

#[tokio::test]
async fn a_list_has_its_objects_in_order_and_its_metadata() {
    let server = FaultServer::start([json(200, list(&["a", "b", "c"]))]).await;
    let list = config_maps(&server).list().await.unwrap();
    let names: Vec<_> = list.items.iter().map(name).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(list.metadata.resource_version.as_deref(), Some("9"));
    assert_eq!(list.metadata.continue_.as_deref(), Some("t"));
}

#[tokio::test]
async fn objects_come_out_before_the_rest_of_the_list_has_come() {
    let (first, second) = (config_map("a"), config_map("b"));
    let (start, end) = second.split_at(20);
    let begin = vec![chunked_head(), chunk(HEAD), chunk(&first), chunk(","), chunk(start), Step::UntilClosed];
    let server = FaultServer::start([Reply::Steps(begin)]).await;
    let mut stream = config_maps(&server).list().stream().await.unwrap();
    assert!(stream.metadata().is_none(), "nothing was read so far");
    assert_eq!(name(&stream.try_next().await.unwrap().expect("the first object")), "a");
    assert_eq!(stream.metadata().expect("it came first").resource_version.as_deref(), Some("9"));
    let more = tokio::time::timeout(Duration::from_millis(100), stream.next()).await;
    assert!(more.is_err(), "the second is not whole: {more:?}");
    drop(stream);
    server.closed().await;

    let all = vec![
        chunked_head(),
        chunk(HEAD),
        chunk(&first),
        chunk(","),
        chunk(start),
        Step::Wait(Duration::from_millis(50)),
        chunk(end),
        chunk("]}"),
        last_chunk(),
    ];
    let server = FaultServer::start([Reply::Steps(all)]).await;
    let objects: Vec<_> = config_maps(&server).list().stream().await.unwrap().try_collect().await.unwrap();
    assert_eq!(objects.iter().map(name).collect::<Vec<_>>(), ["a", "b"]);
}

#[tokio::test]
async fn metadata_that_comes_after_the_objects_is_there_at_the_end() {
    let body = format!(
        r#"{{"items":[{}],"metadata":{{"resourceVersion":"8"}},"kind":"ConfigMapList"}}"#,
        config_map("a")
    );
    let server = FaultServer::start([json(200, body)]).await;
    let list = config_maps(&server).list().await.unwrap();
    assert_eq!((list.items.len(), list.metadata.resource_version.as_deref()), (1, Some("8")));
    let mut stream = config_maps(&server).list().stream().await.unwrap();
    assert!(stream.try_next().await.unwrap().is_some());
    assert!(stream.metadata().is_none());
    assert!(stream.try_next().await.unwrap().is_none());
    assert_eq!(stream.metadata().expect("it has come").resource_version.as_deref(), Some("8"));
    assert!(stream.try_next().await.unwrap().is_none(), "the end stays");
}

#[tokio::test]
async fn a_list_that_is_cut_is_an_error_wherever_it_is_cut() {
    let text = list(&["a", "b"]);
    for end in [20, HEAD.len() + 10, text.len() - 2, text.len() - 1] {
        for error in errors(vec![chunked_head(), chunk(&text[..end])]).await {
            assert!(matches!(error, Error::Transport { .. }), "cut at {end}: {error:?}");
        }
        // Where the length of the body is not known, only the list itself can tell.
        for error in errors(vec![head("application/json"), send(&text[..end])]).await {
            assert!(matches!(error, Error::Decode { expected: "ConfigMapList", .. }), "{end}: {error:?}");
        }
    }
}

#[tokio::test]
async fn the_objects_before_a_fault_come_out_and_then_one_error() {
    let whole = config_map("a");
    let faults = [format!("{HEAD}{whole},{{\"data\":7}},{whole}]}}"), format!("{HEAD}{whole},]}}")];
    for body in faults {
        let server = FaultServer::start([json(200, body.clone())]).await;
        let stream: ListStream<ConfigMap> = config_maps(&server).list().stream().await.unwrap();
        let items: Vec<_> = stream.collect().await;
        assert_eq!(items.len(), 2, "{items:?}");
        assert!(items[0].is_ok());
        assert!(matches!(items[1], Err(Error::Decode { .. })), "{body}: {items:?}");
    }
}

#[tokio::test]
async fn what_follows_the_list_is_an_error_unless_it_is_blank() {
    let text = list(&["a"]);
    let server = FaultServer::start([json(200, format!(" {text}\n \n"))]).await;
    assert_eq!(config_maps(&server).list().await.unwrap().items.len(), 1);
    for error in errors(vec![head("application/json"), send(format!("{text}hunter2"))]).await {
        assert!(matches!(error, Error::Decode { .. }), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter"), "{error:?}");
    }
}

#[tokio::test]
async fn a_list_of_another_kind_and_an_empty_answer_are_errors() {
    for body in [r#"{"kind":"PodList","apiVersion":"v1","items":[]}"#, "[]", "7", "", &config_map("a")] {
        for error in errors(vec![head("application/json"), send(body)]).await {
            assert!(matches!(error, Error::Decode { .. }), "{body}: {error:?}");
        }
    }
    let [whole, streamed] = errors(vec![head("text/html"), send("<html>log in here</html>")]).await;
    for error in [whole, streamed] {
        let Error::Decode { source, .. } = &error else { panic!("{error:?}") };
        assert!(source.to_string().contains("text/html"), "{source}");
    }
}

#[tokio::test]
async fn a_refusal_and_a_failure_in_a_success_are_what_the_server_says() {
    for code in [200, 410] {
        let server = FaultServer::start([json(code, status(410, "Expired"))]).await;
        let config_maps = config_maps(&server);
        assert!(config_maps.list().await.unwrap_err().is_expired());
        let streamed = match config_maps.list().stream().await {
            Ok(mut stream) => stream.try_next().await.unwrap_err(),
            Err(error) => error,
        };
        assert!(streamed.is_expired());
    }
}

#[tokio::test]
async fn a_list_is_repeated_when_the_server_asks_for_patience_but_not_once_it_has_begun() {
    let cut =
        Reply::Steps(vec![chunked_head(), chunk(HEAD), Step::Wait(Duration::from_millis(50)), Step::Reset]);
    let server = FaultServer::start([retry_after(429, "0"), cut]).await;
    let error = config_maps(&server).list().await.unwrap_err();
    assert_eq!((server.seen().len(), error.attempts()), (2, 2), "{error}");
    let server = FaultServer::start([retry_after(429, "0"), json(200, list(&["a"]))]).await;
    let objects: Vec<_> = config_maps(&server).list().stream().await.unwrap().try_collect().await.unwrap();
    assert_eq!((objects.len(), server.seen().len()), (1, 2));
}

#[tokio::test]
async fn a_list_over_the_limit_is_an_error_also_object_by_object() {
    let names: Vec<String> = (0..100).map(|number| format!("name-{number}")).collect();
    let text = list(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let server = FaultServer::start([json(200, text.clone())]).await;
    let mut config = config(&server);
    for (limit, passes) in [(text.len(), true), (text.len() - 1, false)] {
        config.content.max_response_bytes = limit;
        let config_maps = Endpoint::<ConfigMap>::new(&client(&config), "configmaps");
        let whole = config_maps.list().await.map(|list| list.items.len());
        let streamed = config_maps.list().stream().await.unwrap().try_collect::<Vec<_>>().await;
        for outcome in [whole, streamed.map(|objects| objects.len())] {
            match outcome {
                Ok(count) => assert_eq!((count, passes), (100, true)),
                Err(Error::TooLarge { limit: told, .. }) => assert_eq!((told, passes), (limit, false)),
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

#[tokio::test]
async fn an_object_over_16_mib_is_an_error() {
    let large = format!(r#"{HEAD}{{"data":{{"a":"{}"}}}}]}}"#, "x".repeat(16 << 20));
    for error in errors(vec![head("application/json"), send(large)]).await {
        let Error::Decode { source, .. } = &error else { panic!("{error:?}") };
        assert!(source.to_string().contains("item 1 is longer than 16777216 bytes"), "{source}");
    }
}

#[tokio::test]
async fn the_timeout_of_a_stream_counts_the_time_in_which_the_server_lets_it_wait() {
    let stall =
        vec![chunked_head(), chunk(HEAD), chunk(&config_map("a")), Step::Wait(Duration::from_secs(30))];
    let server = FaultServer::start([Reply::Steps(stall)]).await;
    let request = config_maps(&server).list().as_ref().clone().timeout(Some(Duration::from_millis(500)));
    let mut stream = request.send_for_items::<ConfigMap>().await.unwrap();
    assert!(stream.try_next().await.unwrap().is_some());
    // The program's own time does not count.
    let begin = Instant::now();
    tokio::time::sleep(Duration::from_millis(700)).await;
    let error = stream.try_next().await.unwrap_err();
    assert!(error.is_deadline_exceeded(), "{error}");
    let waited = begin.elapsed();
    assert!(waited > Duration::from_millis(1_150) && waited < Duration::from_secs(10), "{waited:?}");
    assert!(stream.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn the_timeout_of_a_list_counts_all_of_it() {
    let stall =
        vec![chunked_head(), chunk(HEAD), chunk(&config_map("a")), Step::Wait(Duration::from_secs(30))];
    let server = FaultServer::start([Reply::Steps(stall)]).await;
    let error = config_maps(&server).list().timeout(Duration::from_secs(1)).await.unwrap_err();
    assert!(error.is_deadline_exceeded(), "{error}");
}

/// A client whose answers are all in memory when they begin.
fn answering(body: String) -> Endpoint<ConfigMap> {
    let config = kubeset_rest::Config::new("http://127.0.0.1:1");
    let body = Bytes::from(body);
    let layer = tower::layer::layer_fn(move |_| {
        let body = body.clone();
        tower::service_fn(move |_: http::Request<Bytes>| {
            let body = ResponseBody::new(Full::new(body.clone()));
            async move { Ok::<_, kubeset_rest::BoxError>(http::Response::new(body)) }
        })
    });
    let http = HttpClient::new(&config).unwrap().layer(layer);
    Endpoint::new(&RestClient::with_http_client(&config, "", "v1", http).unwrap(), "configmaps")
}

#[tokio::test(flavor = "current_thread")]
async fn other_tasks_of_the_thread_have_their_turn_while_a_large_list_is_decoded() {
    let object =
        format!(r#"{{"metadata":{{"name":"a"}},"data":{{{}"z":""}}}}"#, r#""key":"value","#.repeat(50));
    let config_maps = answering(format!("{HEAD}{}{object}]}}", format!("{object},").repeat(4_000)));
    for streamed in [false, true] {
        let (turns, done) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let neighbour = tokio::spawn({
            let (turns, done) = (turns.clone(), done.clone());
            async move {
                while !done.load(Ordering::Relaxed) {
                    turns.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            }
        });
        tokio::task::yield_now().await;
        let before = turns.load(Ordering::Relaxed);
        let begin = Instant::now();
        let count = match streamed {
            false => config_maps.list().await.unwrap().items.len(),
            true => config_maps.list().stream().await.unwrap().try_collect::<Vec<_>>().await.unwrap().len(),
        };
        let (took, turns) = (begin.elapsed(), turns.load(Ordering::Relaxed) - before);
        done.store(true, Ordering::Relaxed);
        neighbour.await.unwrap();
        assert_eq!(count, 4_001);
        assert!(took > Duration::from_millis(4), "the list is large enough to see turns: {took:?}");
        // A turn takes 500 microseconds and an object; a busy machine may let it take longer.
        let wanted = u32::try_from(took.as_millis() / 20).unwrap();
        assert!(turns >= wanted.max(4), "{turns} turns in {took:?}");
    }
}

const OWNED: &str = r#"{"metadata":{"managedFields":[{"manager":"m","fieldsV1":{"f:data":{}}}],"name":"a"}}"#;

fn owners(object: &ConfigMap) -> usize {
    assert_eq!(object.metadata.name.as_deref(), Some("a"));
    object.metadata.managed_fields.as_ref().map_or(0, Vec::len)
}

#[tokio::test]
async fn managed_fields_are_kept_unless_they_are_to_be_left_out() {
    let body = format!("{HEAD}{OWNED}]}}");
    let server = FaultServer::start([json(200, body)]).await;
    let list = || config_maps(&server).list();
    assert_eq!(owners(&list().await.unwrap().items[0]), 1);
    assert_eq!(owners(&list().without_managed_fields().await.unwrap().items[0]), 0);
    let mut stream = list().without_managed_fields().stream().await.unwrap();
    assert_eq!(owners(&stream.try_next().await.unwrap().unwrap()), 0);
    let page = list().without_managed_fields().pages().try_next().await.unwrap().unwrap();
    assert_eq!(owners(&page.list.items[0]), 0);

    let server = FaultServer::start([json(200, OWNED)]).await;
    let (config_maps, object) = (config_maps(&server), ConfigMap::default());
    assert_eq!(owners(&config_maps.get("a").await.unwrap()), 1);
    assert_eq!(owners(&config_maps.get("a").without_managed_fields().await.unwrap()), 0);
    let optional = config_maps.get("a").without_managed_fields().optional().await.unwrap();
    assert_eq!(owners(&optional.unwrap()), 0);
    assert_eq!(owners(&config_maps.create(&object).without_managed_fields().await.unwrap()), 0);
    assert_eq!(owners(&config_maps.replace("a", &object).without_managed_fields().await.unwrap()), 0);
    let applied = config_maps.apply("a", &object, "m").without_managed_fields().await.unwrap();
    assert_eq!(owners(&applied), 0);
    let patch = kubeset_rest::MergePatch(&object);
    assert_eq!(owners(&config_maps.patch("a", patch).without_managed_fields().await.unwrap()), 0);
}

#[tokio::test]
async fn managed_fields_of_watched_objects_can_be_left_out() {
    let line = format!("{{\"type\":\"ADDED\",\"object\":{OWNED}}}\n");
    let server =
        FaultServer::start([Reply::Steps(vec![head("application/json"), send(line.repeat(2))])]).await;
    for (watch, wanted) in
        [(config_maps(&server).watch(), 1), (config_maps(&server).watch().without_managed_fields(), 0)]
    {
        let events: Vec<_> = watch.await.unwrap().try_collect().await.unwrap();
        assert_eq!(events.len(), 2);
        for event in events {
            let WatchEvent::Added(object) = event else { panic!("{event:?}") };
            assert_eq!(owners(&object), wanted);
        }
    }
}

#[tokio::test]
async fn broken_json_in_what_is_left_out_is_an_error() {
    let broken = OWNED.replace("f:data\":{}", "f:data\":{]");
    let body = format!("{HEAD}{broken}]}}");
    let server = FaultServer::start([json(200, body)]).await;
    let error = config_maps(&server).list().without_managed_fields().await.unwrap_err();
    assert!(matches!(error, Error::Decode { expected: "ConfigMapList", .. }), "{error:?}");
    let server = FaultServer::start([json(200, broken)]).await;
    let error = config_maps(&server).get("a").without_managed_fields().await.unwrap_err();
    assert!(matches!(error, Error::Decode { expected: "ConfigMap", .. }), "{error:?}");
}
