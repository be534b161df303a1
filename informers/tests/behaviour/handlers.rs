//! What handlers are told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use kubeset_informers::{Deleted, Event, EventHandler, filtered};

use crate::scene::{SOON, Scene, told, until, value};

#[tokio::test]
async fn a_handler_is_told_what_is_there_and_then_what_happens() {
    let scene = Scene::with(&["a"]).await;
    let informer = scene.synced().await;
    let events = told(&informer);
    scene.put("b", "1");
    until("b is told of", || events.words().len() == 2).await;
    scene.put("b", "2");
    until("the change is told of", || events.words().len() == 3).await;
    scene.delete("b").await;
    until("the end is told of", || events.words().len() == 4).await;
    assert_eq!(events.words(), ["initial a 1", "added b 1", "updated b 1 2", "deleted b 2"]);
}

#[tokio::test]
async fn a_handler_that_was_there_before_the_start_is_told_the_same() {
    let scene = Scene::with(&["a", "b"]).await;
    let informer = scene.config_maps().informer();
    let events = told(&informer);
    assert!(!events.registration.has_synced());
    informer.start().unwrap();
    assert!(events.registration.synced().await);
    let mut words = events.words();
    words.sort();
    assert_eq!(words, ["initial a 1", "initial b 1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_has_synced_only_when_it_was_called_with_all_that_was_there() {
    let scene = Scene::with(&["a", "b", "c"]).await;
    let informer = scene.synced().await;
    let (go, going) = std::sync::mpsc::channel::<()>();
    let registration = informer.add_handler(move |_: &Event<ConfigMap>| {
        tokio::task::block_in_place(|| going.recv_timeout(SOON).is_ok());
    });
    for left in [3, 2, 1] {
        until("one more was seen", || registration.backlog() == left).await;
        assert!(!registration.has_synced());
        go.send(()).unwrap();
    }
    assert!(registration.synced().await && registration.backlog() == 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_handler_delays_nobody_and_its_backlog_is_visible() {
    let scene = Scene::with(&["a"]).await;
    let informer = scene.synced().await;
    let (open, opened) = std::sync::mpsc::channel::<()>();
    let slow = informer.add_handler(move |_: &Event<ConfigMap>| {
        tokio::task::block_in_place(|| opened.recv_timeout(SOON).is_ok());
    });
    let quick = told(&informer);
    for value in 2..12 {
        scene.put("a", &value.to_string());
    }
    until("the quick one hears of the last state", || {
        quick.words().last().is_some_and(|words| words.ends_with(" 11"))
    })
    .await;
    until("the slow one is behind", || slow.backlog() > 0).await;
    assert!(slow.is_active() && !slow.has_synced());
    drop(open);
    until("the slow one catches up", || slow.backlog() == 0).await;
}

#[tokio::test]
async fn a_stream_tells_the_same_at_its_reader_s_pace() {
    let scene = Scene::with(&["a"]).await;
    let informer = scene.synced().await;
    let mut stream = informer.events();
    for value in 2..20 {
        scene.put("a", &value.to_string());
    }
    until("all has come", || stream.backlog() == 19).await;
    assert!(!stream.has_synced());
    for expected in 1..20 {
        assert_eq!(value(stream.next().await.unwrap().object()), expected.to_string());
    }
    assert!(stream.has_synced() && stream.backlog() == 0);
}

#[tokio::test]
async fn the_store_has_a_change_before_handlers_hear_of_it() {
    let scene = Scene::with(&["a"]).await;
    let informer = scene.synced().await;
    let store = informer.store();
    let wrong = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&wrong);
    let seen = Arc::new(AtomicUsize::new(0));
    let seen_too = Arc::clone(&seen);
    informer.add_handler(move |event: &Event<ConfigMap>| {
        let told: u32 = value(event.object()).parse().unwrap_or_default();
        let stored = store.get(&event.key()).map_or(0, |object| value(&object).parse().unwrap_or_default());
        count.fetch_add(usize::from(stored < told), Ordering::SeqCst);
        seen_too.fetch_add(1, Ordering::SeqCst);
    });
    for value in 2..100 {
        scene.put("a", &value.to_string());
    }
    until("all is told", || seen.load(Ordering::SeqCst) == 99).await;
    assert_eq!(wrong.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_resync_reminds_those_who_asked_and_asks_the_server_nothing() {
    let scene = Scene::with(&["a", "b"]).await;
    let informer = scene.synced().await;
    let plain = told(&informer);
    let resyncs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&resyncs);
    let handler = move |event: &Event<ConfigMap>| {
        count.fetch_add(usize::from(event.is_resync()), Ordering::SeqCst);
    };
    // Less than a second is a second.
    informer.add_handler_with_resync(handler, Duration::from_millis(10));
    assert!(plain.registration.synced().await);
    let requests = scene.server.requests().len();
    until("two resyncs", || resyncs.load(Ordering::SeqCst) >= 4).await;
    assert_eq!((plain.words().len(), scene.server.requests().len()), (2, requests));
}

#[tokio::test]
async fn a_handler_that_is_removed_is_called_no_more() {
    let scene = Scene::with(&["a"]).await;
    let informer = scene.synced().await;
    let (gone, stays) = (told(&informer), told(&informer));
    assert!(gone.registration.synced().await);
    gone.registration.remove();
    gone.registration.removed().await;
    scene.put("a", "2");
    until("the other one is told", || stays.words().len() == 2).await;
    assert_eq!(gone.words(), ["initial a 1"]);
    assert!(!gone.registration.is_active());
}

#[tokio::test]
async fn a_handler_that_panics_is_called_no_more_and_others_are() {
    let scene = Scene::with(&["a"]).await;
    let informer = scene.synced().await;
    let broken = informer.add_handler(|_: &Event<ConfigMap>| panic!("this is what the test is about"));
    let whole = told(&informer);
    assert!(!broken.synced().await && !broken.is_active());
    scene.put("a", "2");
    until("the other one is told", || whole.words().len() == 2).await;
}

#[tokio::test]
async fn a_filtered_handler_is_told_of_objects_that_come_and_go_by_their_state() {
    let scene = Scene::with(&["a"]).await;
    let informer = scene.synced().await;
    let words = Arc::new(Mutex::new(Vec::new()));
    let log = Words(Arc::clone(&words));
    informer.add_handler(filtered(|object: &ConfigMap| value(object).len() > 1, log));
    for value in ["10", "11", "2", "12"] {
        scene.put("a", value);
    }
    scene.delete("a").await;
    until("all is told", || words.lock().unwrap().len() == 5).await;
    assert_eq!(*words.lock().unwrap(), ["added 10", "updated 10 11", "deleted 11", "added 12", "deleted 12"]);
}

/// A handler with a method for each event.
struct Words(Arc<Mutex<Vec<String>>>);

impl EventHandler<ConfigMap> for Words {
    fn on_add(&mut self, object: &Arc<ConfigMap>, _: bool) {
        self.0.lock().unwrap().push(format!("added {}", value(object)));
    }

    fn on_update(&mut self, old: &Arc<ConfigMap>, new: &Arc<ConfigMap>) {
        self.0.lock().unwrap().push(format!("updated {} {}", value(old), value(new)));
    }

    fn on_delete(&mut self, deleted: &Deleted<ConfigMap>) {
        self.0.lock().unwrap().push(format!("deleted {}", value(deleted.object())));
    }
}

#[tokio::test]
async fn late_handlers_miss_nothing_and_hear_nothing_twice_while_objects_change() {
    let scene = Scene::with(&[]).await;
    let informer = scene.synced().await;
    let mut handlers = Vec::new();
    for round in 0..20 {
        for name in 0..20 {
            scene.put(&format!("m{name}"), &round.to_string());
        }
        handlers.push(told(&informer));
        tokio::task::yield_now().await;
    }
    until("all are at the end", || {
        handlers.iter().all(|handler| {
            handler.registration.backlog() == 0 && handler.values().values().all(|value| value == "19")
        })
    })
    .await;
    for handler in &handlers {
        assert_eq!(handler.values().len(), 20);
    }
}
