//! When an informer tries again, by a clock of its own, on a source that plays a script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kubeset::{Error, WatchEvent};
use kubeset_informers::{
    ListRequest, Listed, ListedObjects, SharedInformer, Source, SourceFuture, WatchRequest, WatchedEvents,
};
use tokio::time::Instant;

/// A source that always does the same, and writes down when it was asked.
struct Always {
    list: Option<u16>,
    /// Whether watches that should begin with all objects never tell that they have.
    endless: bool,
    watch: fn() -> Result<Vec<Result<WatchEvent<ConfigMap>, Error>>, Error>,
    asked: Arc<Mutex<Vec<(&'static str, Instant)>>>,
}

impl Always {
    fn note(&self, what: &'static str) {
        self.asked.lock().unwrap().push((what, Instant::now()));
    }
}

fn refusal(code: u16) -> Error {
    Error::Api(Box::new(Status { code: Some(code.into()), ..Status::default() }))
}

impl Source<ConfigMap> for Always {
    fn description(&self) -> String {
        "a script".to_owned()
    }

    fn list(&self, _: ListRequest) -> SourceFuture<'_, ListedObjects<ConfigMap>> {
        self.note("list");
        Box::pin(async {
            match self.list {
                Some(code) => Err(refusal(code)),
                None => {
                    let end = Listed::End { resource_version: "1".to_owned(), continue_token: None };
                    Ok(Box::pin(stream::iter([Ok(end)])) as ListedObjects<ConfigMap>)
                }
            }
        })
    }

    fn watch(&self, request: WatchRequest) -> SourceFuture<'_, WatchedEvents<ConfigMap>> {
        Box::pin(async move {
            if request.send_initial_events && self.endless {
                self.note("stream");
                return Ok(Box::pin(stream::pending()) as WatchedEvents<ConfigMap>);
            }
            if request.send_initial_events {
                return Err(refusal(422));
            }
            self.note("watch");
            Ok(Box::pin(stream::iter((self.watch)()?)) as WatchedEvents<ConfigMap>)
        })
    }
}

/// Runs an informer for `time`. What it asked for, and how long it had waited before.
async fn run(
    list: Option<u16>,
    watch: fn() -> Result<Vec<Result<WatchEvent<ConfigMap>, Error>>, Error>,
    time: Duration,
) -> Vec<(&'static str, f64)> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let informer =
        SharedInformer::from_source(Always { list, endless: false, watch, asked: Arc::clone(&asked) });
    let start = Instant::now();
    informer.start().unwrap();
    tokio::time::sleep(time).await;
    informer.shut_down().await;
    let asked = asked.lock().unwrap().clone();
    let before = std::iter::once(start).chain(asked.iter().map(|(_, time)| *time));
    asked.iter().zip(before).map(|((what, time), before)| (*what, (*time - before).as_secs_f64())).collect()
}

/// Each delay is what it should be, or up to as much again.
fn assert_delays(asked: &[(&'static str, f64)], expected: &[f64]) {
    for (index, expected) in expected.iter().enumerate() {
        let (what, delay) = asked[index];
        assert!(
            (*expected..=expected * 2.0 + 0.01).contains(&delay),
            "{index}: {what} after {delay} s: {asked:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_refused_is_asked_for_ever_more_rarely() {
    let asked = run(Some(500), || Ok(Vec::new()), Duration::from_secs(600)).await;
    assert!(asked.iter().all(|(what, _)| *what == "list"));
    assert_delays(&asked, &[0.0, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]);
    assert!(asked.len() < 25, "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn watches_that_are_accepted_and_closed_at_once_come_ever_more_rarely() {
    let asked = run(None, || Ok(Vec::new()), Duration::from_secs(600)).await;
    let watches: Vec<_> = asked.iter().filter(|(what, _)| *what == "watch").collect();
    assert!((12..25).contains(&watches.len()), "{asked:?}");
    assert_delays(&asked, &[0.0, 0.0, 0.8, 1.6, 0.0, 3.2, 6.4, 0.0, 12.8, 25.6, 0.0, 30.0, 30.0]);
}

#[tokio::test(start_paused = true)]
async fn watches_that_cannot_be_opened_come_ever_more_rarely_and_lead_to_no_list() {
    let asked = run(None, || Err(refusal(503)), Duration::from_secs(600)).await;
    let lists = asked.iter().filter(|(what, _)| *what == "list").count();
    assert_eq!(lists, 1, "{asked:?}");
    assert_delays(&asked, &[0.0, 0.0, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_forgets_every_version_at_once_is_not_asked_in_a_loop() {
    let asked = run(None, || Ok(vec![Err(refusal(410))]), Duration::from_secs(600)).await;
    assert_delays(&asked, &[0.0, 0.0, 0.0, 0.0, 1.6, 0.0, 3.2, 0.0, 6.4]);
    assert!(asked.len() < 50, "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_a_delay() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let watch = || Ok(Vec::new());
    let informer = SharedInformer::from_source(Always { list: Some(500), endless: false, watch, asked });
    informer.start().unwrap();
    tokio::time::sleep(Duration::from_secs(300)).await;
    let before = Instant::now();
    informer.shut_down().await;
    assert!(before.elapsed() < Duration::from_millis(10));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_end_its_streaming_lists_is_read_with_lists_after_a_while() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let watch = || Err(refusal(503));
    let source = Always { list: None, endless: true, watch, asked: Arc::clone(&asked) };
    let informer = SharedInformer::from_source(source);
    informer.start().unwrap();
    let before = Instant::now();
    informer.wait_for_sync(Duration::from_secs(60)).await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 30);
    let words: Vec<_> = asked.lock().unwrap().iter().map(|(what, _)| *what).collect();
    assert_eq!(words[..2], ["stream", "list"]);
}
