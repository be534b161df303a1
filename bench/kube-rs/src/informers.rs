//! What stands for informers: `reflector`, with subscribers where there are several handlers.

use crate::{client, pods};
use bench_harness::{Arguments, BoxError, Meter, Reads};
use futures_util::{Stream, StreamExt as _, stream};
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::reflector::store::Writer;
use kube::runtime::watcher::{Config, Event};
use kube::runtime::{WatchStreamExt as _, reflector, watcher};
use kube::{Api, ResourceExt as _};
use std::collections::VecDeque;
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// How many events the subscribers may be behind.
const BUFFER: usize = 1_024;

/// Events of a watch.
type Events = Pin<Box<dyn Stream<Item = Result<Event<Pod>, watcher::Error>> + Send>>;

pub(crate) async fn cache(arguments: &Arguments) -> Result<(), BoxError> {
    let meter = Meter::start();
    let api = Api::<Pod>::all(client(arguments).await?);
    let (store, writer) = reflector::store();
    // What the documentation says to save memory: a streaming list, and nothing that is not needed.
    let events: Events = if arguments.reads == Reads::Everything {
        watcher(api, Config::default()).boxed()
    } else {
        watcher(api, Config::default().streaming_lists()).modify(strip).boxed()
    };
    let mut events = pin!(reflector(writer, events).default_backoff());
    while let Some(event) = events.next().await {
        if matches!(event?, Event::InitDone) {
            break;
        }
    }
    let mut reading = meter.read(store.len())?;
    // The watch goes on.
    tokio::select! {
        settled = reading.settle() => settled?,
        () = events.for_each(|_| async {}) => return Err("the watch ended".into()),
    }
    drop(store);
    reading.print()
}

fn strip(pod: &mut Pod) {
    pod.managed_fields_mut().clear();
}

pub(crate) async fn inform(
    arguments: &Arguments,
    objects: usize,
    events: usize,
    handlers: usize,
) -> Result<(), BoxError> {
    let meter = Meter::start();
    let api = Api::<Pod>::all(client(arguments).await?);
    let watch = watcher(api, Config::default().streaming_lists()).modify(strip);
    if handlers == 1 {
        let (_store, writer) = reflector::store();
        let mut applied = pin!(watch.reflect(writer).default_backoff().applied_objects());
        for _ in 0..objects + events {
            applied.next().await.ok_or("the watch ended")??;
        }
        return meter.end(objects + events);
    }
    let (_store, writer) = reflector::store_shared(BUFFER);
    let mut tasks = JoinSet::new();
    for _ in 0..handlers {
        let mut subscriber = writer.subscribe().ok_or("the store has no subscribers")?;
        tasks.spawn(async move {
            let mut seen = 0;
            while seen < objects + events && subscriber.next().await.is_some() {
                seen += 1;
            }
            // It reads on, as nobody may stop the others.
            (seen, subscriber)
        });
    }
    let root = watch.reflect_shared(writer).default_backoff().for_each(|_| async {});
    let (mut seen, mut subscribers) = (0, Vec::new());
    let all = async {
        while let Some(task) = tasks.join_next().await {
            let (count, subscriber) = task?;
            seen += count;
            subscribers.push(subscriber);
        }
        Ok::<_, BoxError>(())
    };
    tokio::select! {
        done = all => done?,
        () = root => return Err("the watch ended".into()),
    }
    meter.end(seen)
}

pub(crate) async fn handle(
    file: &Path,
    objects: usize,
    events: usize,
    handlers: usize,
) -> Result<(), BoxError> {
    let versions = versions(file, objects)?;
    let fed = Fed::default();
    let (store, mut writer) =
        if handlers == 1 { reflector::store() } else { reflector::store_shared(BUFFER) };
    fill(&mut writer, &versions[..objects]);
    let barrier = Arc::new(Barrier::new(handlers + 1));
    let mut tasks = JoinSet::new();
    let batch = versions.len();
    for _ in 0..if handlers == 1 { 0 } else { handlers } {
        let (mut subscriber, barrier) =
            (writer.subscribe().ok_or("the store has no subscribers")?, Arc::clone(&barrier));
        tasks.spawn(async move {
            let mut seen = 0;
            while seen < events && subscriber.next().await.is_some() {
                seen += 1;
                if seen % batch == 0 || seen == events {
                    barrier.wait().await;
                }
            }
            seen
        });
    }
    // An event owns its object, so all that are to come are made before, and freed after. That is not measured.
    let mut root = pin!(reflector(writer, fed.stream()).applied_objects());
    let (mut meter, mut sent, mut old) = (Meter::start(), 0, Vec::with_capacity(batch));
    while sent < events {
        let next = batch.min(events - sent);
        meter.pause(|| {
            old.clear();
            fed.fill((0..next).map(|index| versions[(objects + sent + index) % batch].clone()));
        });
        for _ in 0..next {
            old.push(root.next().await.ok_or("the events ended")??);
        }
        sent += next;
        if handlers > 1 {
            barrier.wait().await;
        }
    }
    let seen = if handlers == 1 { sent } else { tasks.join_all().await.iter().sum() };
    if store.len() != objects {
        return Err(format!("the store has {} objects", store.len()).into());
    }
    meter.end(seen)
}

/// The Pods of a list, as versions of `objects` objects.
fn versions(file: &Path, objects: usize) -> Result<Vec<Pod>, BoxError> {
    let mut versions = pods(file)?;
    for index in objects..versions.len() {
        let first = &versions[index % objects].metadata;
        let (name, namespace) = (first.name.clone(), first.namespace.clone());
        let metadata = &mut versions[index].metadata;
        (metadata.name, metadata.namespace) = (name, namespace);
    }
    Ok(versions)
}

/// Fills a store as a list does.
pub(crate) fn fill(writer: &mut Writer<Pod>, pods: &[Pod]) {
    writer.apply_watcher_event(&Event::Init);
    for pod in pods {
        writer.apply_watcher_event(&Event::InitApply(pod.clone()));
    }
    writer.apply_watcher_event(&Event::InitDone);
}

/// Events that were made before they come.
#[derive(Clone, Default)]
struct Fed(Arc<Mutex<VecDeque<Event<Pod>>>>);

impl Fed {
    fn fill(&self, pods: impl Iterator<Item = Pod>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(pods.map(Event::Apply));
    }

    /// Ends when there is nothing left, and is not asked then.
    fn stream(&self) -> impl Stream<Item = Result<Event<Pod>, watcher::Error>> + use<> {
        let fed = self.clone();
        stream::iter(std::iter::from_fn(move || {
            fed.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front().map(Ok)
        }))
    }
}
