//! Shared informers.

use crate::source::{self, Parts, ended, versions};
use crate::{clientset, pods};
use bench_harness::{Arguments, BEFORE_CHANGES, BoxError, Keeps, Meter, Reads};
use kubeset::WatchEvent;
use kubeset::api::core::v1::Pod;
use kubeset::informers::{CacheObject, Event, SharedInformer};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

const DEADLINE: Duration = Duration::from_secs(200);

pub(crate) async fn cache(arguments: &Arguments) -> Result<(), BoxError> {
    let meter = Meter::start();
    let clientset = clientset(arguments).await?;
    let selected = clientset.informers().core_v1().pods();
    match (arguments.keeps, arguments.reads) {
        (Keeps::Encoded, _) => fill(meter, selected.compact_informer()).await,
        (_, Reads::Everything) => fill(meter, selected.with_managed_fields().informer()).await,
        _ => fill(meter, selected.informer()).await,
    }
}

async fn fill<T: CacheObject>(meter: Meter, informer: SharedInformer<T>) -> Result<(), BoxError> {
    informer.start()?;
    informer.wait_for_sync(DEADLINE).await?;
    let mut reading = meter.read(informer.store().len())?;
    reading.settle().await?;
    reading.print()?;
    drop(informer);
    Ok(())
}

pub(crate) async fn inform(
    arguments: &Arguments,
    objects: usize,
    events: usize,
    handlers: usize,
) -> Result<(), BoxError> {
    let meter = Meter::start();
    let clientset = clientset(arguments).await?;
    let informer = clientset.informers().core_v1().pods().informer();
    let (calls, parts) = (Arc::new(AtomicUsize::new(0)), Parts::new(Semaphore::new(0)));
    // The last states of all objects are those of the last changes. Changes may be merged for a handler that is far behind,
    // so that it is not called for each, but never those.
    let last = BEFORE_CHANGES + events - objects;
    for _ in 0..handlers {
        let (calls, parts, mut seen) = (Arc::clone(&calls), Arc::clone(&parts), 0);
        let _ = informer.add_handler(move |event: &Event<Pod>| {
            calls.fetch_add(1, Ordering::Relaxed);
            if event.object().resource_version().parse().is_ok_and(|version: usize| version > last) {
                seen += 1;
                if seen == objects {
                    parts.add_permits(1);
                }
            }
        });
    }
    informer.start()?;
    ended(&parts, handlers).await?;
    let mut reading = meter.read((objects + events) * handlers)?;
    reading.note("calls", calls.load(Ordering::Relaxed));
    reading.print()
}

pub(crate) async fn handle(
    file: &Path,
    objects: usize,
    events: usize,
    handlers: usize,
) -> Result<(), BoxError> {
    let versions = versions(pods(file)?, objects);
    let batch = versions.len();
    let (informer, changes) = source::informer(versions[..objects].to_vec()).await?;
    let seen = Seen::default();
    for number in 0..handlers {
        let handler = informer.add_handler(seen.handler(number == 0, batch, events));
        handler.synced().await;
    }
    // A watch hands over objects, so all that are to come are made before, and those that were there are freed after. That
    // is not measured.
    let (mut meter, mut sent) = (Meter::start(), 0);
    while sent < events {
        let next = batch.min(events - sent);
        let change = |index: usize| WatchEvent::Modified(versions[(objects + sent + index) % batch].clone());
        let made = meter.pause(|| {
            // The handlers are done, and let go of what they have in hand.
            std::thread::sleep(Duration::from_millis(5));
            seen.free();
            (0..next).map(change).collect()
        });
        changes.send(made)?;
        ended(&seen.parts, handlers).await?;
        sent += next;
    }
    if informer.store().len() != objects {
        return Err(format!("the store has {} objects", informer.store().len()).into());
    }
    meter.end(seen.events.load(Ordering::Relaxed))
}

/// What the handlers have seen.
struct Seen {
    /// How many changes those have seen that have seen all.
    events: Arc<AtomicUsize>,
    /// How many parts of the changes were seen to their end.
    parts: Parts,
    /// The objects that are no longer in the store.
    old: Arc<Mutex<Vec<Arc<Pod>>>>,
}

impl Default for Seen {
    fn default() -> Self {
        Self { events: Arc::default(), parts: Parts::new(Semaphore::new(0)), old: Arc::default() }
    }
}

impl Seen {
    /// A handler that counts changes, in parts. One of them keeps what is old, so that it is not freed at once.
    fn handler(&self, keeps: bool, part: usize, all: usize) -> impl FnMut(&Event<Pod>) + Send + use<> {
        let (events, parts, kept) =
            (Arc::clone(&self.events), Arc::clone(&self.parts), Arc::clone(&self.old));
        let (mut seen, mut mine) = (0, Vec::with_capacity(if keeps { part } else { 0 }));
        move |event| {
            let Event::Updated { old, .. } = event else { return };
            if keeps {
                mine.push(Arc::clone(old));
            }
            seen += 1;
            if seen == all {
                events.fetch_add(seen, Ordering::Relaxed);
            }
            if seen % part == 0 || seen == all {
                kept.lock().unwrap_or_else(PoisonError::into_inner).append(&mut mine);
                parts.add_permits(1);
            }
        }
    }

    fn free(&self) {
        self.old.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
