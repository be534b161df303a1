//! A store and those who hear of its changes, kept in step.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::mailbox::{Mailbox, Parcel};
use super::version::Version;
use crate::event::Event;
use crate::object::CacheObject;
use crate::reflector::{Sink, WatchFailure};
use crate::store::{Change, Staging, Store};

/// How many events a handler may be behind before they are merged, however few objects there are.
const MIN_LIMIT: usize = 10_000;
/// Resyncs do not come sooner after each other than this.
const MIN_RESYNC: Duration = Duration::from_secs(1);

/// The store of an informer and its handlers.
pub(super) struct Cache<T> {
    pub(super) store: Store<T>,
    /// The lock is held while the store changes and the handlers are told, so that a new handler misses nothing and hears nothing
    /// twice.
    handlers: Mutex<Handlers<T>>,
    synced: watch::Sender<bool>,
    failures: Mutex<Failures>,
    /// The store has come to another version.
    progressed: Notify,
    /// A handler was added that wants resyncs.
    resync_added: Notify,
}

struct Handlers<T> {
    registered: Vec<Registered<T>>,
    closed: bool,
}

struct Registered<T> {
    mailbox: Arc<Mailbox<T>>,
    resync: Option<Resync>,
}

/// When a handler is to be reminded of all objects.
struct Resync {
    period: Duration,
    due: Instant,
}

/// What is done about failures.
#[derive(Default)]
struct Failures {
    last: Option<WatchFailure>,
    handler: Option<FailureHandler>,
}

/// What is called with the failures of an informer.
pub(super) type FailureHandler = Arc<dyn Fn(&WatchFailure) + Send + Sync>;

impl<T: CacheObject> Cache<T> {
    pub(super) fn new() -> Self {
        Self {
            store: Store::new(),
            handlers: Mutex::new(Handlers { registered: Vec::new(), closed: false }),
            synced: watch::Sender::new(false),
            failures: Mutex::default(),
            progressed: Notify::new(),
            resync_added: Notify::new(),
        }
    }

    pub(super) fn subscribe_synced(&self) -> watch::Receiver<bool> {
        self.synced.subscribe()
    }

    pub(super) fn has_synced(&self) -> bool {
        *self.synced.borrow()
    }

    /// Waits until the store is at this version or a later one, or for ever.
    pub(super) async fn reached(&self, version: &Version) {
        loop {
            let mut progressed = pin!(self.progressed.notified());
            progressed.as_mut().enable();
            if Version::parse(&self.store.resource_version()).is_some_and(|reached| reached >= *version) {
                return;
            }
            progressed.await;
        }
    }

    /// Adds a handler. The objects that are there are the first that it hears of.
    pub(super) fn add_handler(&self, mailbox: &Arc<Mailbox<T>>, resync: Option<Duration>) {
        let mut handlers = self.lock();
        if handlers.closed {
            return mailbox.close();
        }
        let objects = self.store.list();
        if !objects.is_empty() {
            let added = |object| Event::Added { object, initial: true };
            mailbox.put(Parcel::Events(Arc::new(objects.into_iter().map(added).collect())), usize::MAX);
        }
        if self.has_synced() {
            mailbox.put(Parcel::Synced, usize::MAX);
        }
        let resync = resync.filter(|period| !period.is_zero()).map(|period| {
            let period = period.max(MIN_RESYNC);
            Resync { period, due: Instant::now() + period }
        });
        let resyncs = resync.is_some();
        handlers.registered.push(Registered { mailbox: Arc::clone(mailbox), resync });
        drop(handlers);
        if resyncs {
            self.resync_added.notify_one();
        }
    }

    /// Ends the ways to all handlers.
    pub(super) fn close(&self) {
        let mut handlers = self.lock();
        handlers.closed = true;
        for registered in handlers.registered.drain(..) {
            registered.mailbox.close();
        }
    }

    /// Reminds handlers of all objects, as they asked for. Goes on for ever, and never asks the API server.
    pub(super) async fn resync(&self) {
        loop {
            let due = self.lock().registered.iter().filter_map(|one| Some(one.resync.as_ref()?.due)).min();
            match due {
                Some(due) => drop(tokio::time::timeout_at(due, self.resync_added.notified()).await),
                None => self.resync_added.notified().await,
            }
            self.resync_due(Instant::now());
        }
    }

    fn resync_due(&self, now: Instant) {
        let mut handlers = self.lock();
        let mut parcel = None;
        let limit = self.limit();
        handlers.registered.retain_mut(|registered| {
            let Some(resync) = registered.resync.as_mut().filter(|resync| resync.due <= now) else {
                return true;
            };
            resync.due = now + resync.period;
            let parcel = parcel.get_or_insert_with(|| {
                let events = self.store.list().into_iter();
                let events = events.map(|object| Event::Updated { old: Arc::clone(&object), new: object });
                Parcel::Events(Arc::new(events.collect()))
            });
            registered.mailbox.put(parcel.clone(), limit)
        });
    }

    pub(super) fn last_failure(&self) -> Option<WatchFailure> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).last.clone()
    }

    pub(super) fn set_failure_handler(&self, handler: FailureHandler) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).handler = Some(handler);
    }

    /// How many events a handler may be behind: about as many as there are objects, for so many come with a list or a resync.
    fn limit(&self) -> usize {
        self.store.len().saturating_mul(2).max(MIN_LIMIT)
    }

    fn lock(&self) -> MutexGuard<'_, Handlers<T>> {
        self.handlers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, handlers: &mut Handlers<T>, events: Vec<Event<T>>) {
        if events.is_empty() || handlers.registered.is_empty() {
            return;
        }
        let limit = self.limit();
        let parcel = Parcel::Events(Arc::new(events));
        handlers.registered.retain(|registered| registered.mailbox.put(parcel.clone(), limit));
    }
}

impl<T: CacheObject> Sink<T> for Arc<Cache<T>> {
    fn apply(&self, changes: Vec<Change<T>>, resource_version: &str) {
        let mut handlers = self.lock();
        let events = self.store.apply(changes, resource_version);
        self.progressed.notify_waiters();
        self.tell(&mut handlers, events);
    }

    fn replace(&self, staged: Staging<T>, resource_version: &str) {
        let mut handlers = self.lock();
        let initial = !self.has_synced();
        let events = self.store.replace(staged, resource_version, initial);
        self.progressed.notify_waiters();
        self.tell(&mut handlers, events);
        if initial {
            self.synced.send_replace(true);
            handlers.registered.retain(|registered| registered.mailbox.put(Parcel::Synced, usize::MAX));
        }
    }

    fn bookmark(&self, resource_version: &str) {
        self.store.bookmark(resource_version);
        self.progressed.notify_waiters();
    }

    fn same_state(&self, object: &T) -> Option<Arc<T>> {
        self.store.same_state(object)
    }

    fn failed(&self, failure: WatchFailure) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.last = Some(failure.clone());
        let handler = failures.handler.clone();
        drop(failures);
        match handler {
            Some(handler) => handler(&failure),
            None => failure.log(),
        }
    }
}
