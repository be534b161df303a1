//! The queue as its users hold it.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::limiter::{RateLimiter, default_rate_limiter};
use super::metrics::{Meter, UnfinishedWork, WorkQueueMetrics};
use super::next::Next;
use super::state::{Again, State};
use super::waiters::Calls;
use super::work::Work;

/// A queue of keys, each of which waits in it at most once. Clones are the same queue.
///
/// The [module's documentation](super) says what it promises.
pub struct WorkQueue<K> {
    inner: Arc<Inner<K>>,
}

struct Inner<K> {
    name: Arc<str>,
    /// A keyed hash, since strangers choose the names that keys are made of.
    hasher: RandomState,
    state: Mutex<State<K>>,
    /// Tells whoever waits for the end of a drain to look again.
    drained: Notify,
}

impl<K> WorkQueue<K> {
    /// The name that was given to the builder, or an empty one.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Ends what `key` is known to have failed: its next retry is its first.
    ///
    /// [`Work::done`] and [`Work::retry_after`] do it too.
    pub fn forget(&self, key: &K) {
        self.lock().limiter.forget(key);
    }

    /// How often `key` was added by rate since it was last forgotten.
    pub fn retries(&self, key: &K) -> u32 {
        self.lock().limiter.retries(key)
    }

    /// How many keys could be handed out now. Keys that are being worked on, or wait for their time, do not count.
    pub fn len(&self) -> usize {
        self.with_state(State::len)
    }

    /// Whether no key could be handed out now.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the queue was shut down, with or without a drain.
    pub fn is_shutting_down(&self) -> bool {
        self.lock().is_shut_down()
    }

    /// Ends the queue: what is in line is still handed out, and then [`next`](Self::next) gives `None` to everybody.
    ///
    /// From now on, adding does nothing, and neither do retries. Keys that wait for a time that has not come are
    /// dropped, as in client-go. A key that was added again while it is being worked on is in line, and handed out once
    /// more. If somebody waits for a drain, that wait ends.
    pub fn shut_down(&self) {
        let dropped = self.with_state(|state, calls| state.shut_down(false, calls));
        drop(dropped);
    }

    /// Ends the queue as [`shut_down`](Self::shut_down) does, and waits until nothing is in line and nobody works on a
    /// key.
    ///
    /// It waits for as long as that takes, and for ever if nobody asks for the keys that are in line (client-go waits
    /// only for those that are being worked on when it looks). A later call of `shut_down` ends the wait. If this
    /// future is dropped the queue stays shut down.
    pub async fn shut_down_with_drain(&self) {
        let dropped = self.with_state(|state, calls| state.shut_down(true, calls));
        drop(dropped);
        loop {
            // Made before looking, so that it is woken by whatever happens after.
            let changed = self.inner.drained.notified();
            if self.lock().is_drained() {
                return;
            }
            changed.await;
        }
    }

    /// What is being worked on at the moment; `None` if the queue has no metrics, for then it does not look at the
    /// clock.
    pub fn unfinished(&self) -> Option<UnfinishedWork> {
        let state = self.lock();
        state.meter.is_on().then(|| state.unfinished())
    }

    /// Tells the metrics what [`unfinished`](Self::unfinished) says.
    pub(super) fn tell_unfinished(&self) {
        let meter = self.lock().meter.clone();
        if let Some(work) = self.unfinished() {
            meter.tell(|metrics, queue| metrics.unfinished(queue, work));
        }
    }

    pub(super) fn finish(&self, slot: usize, again: Again) -> Duration {
        let (delay, _spare) = self.with_state(|state, calls| state.finish(slot, again, calls));
        delay
    }

    /// Does something under the lock, and wakes whom it called when the lock is released.
    pub(super) fn with_state<T>(&self, act: impl FnOnce(&mut State<K>, &mut Calls) -> T) -> T {
        let mut calls = Calls::default();
        let result = act(&mut self.lock(), &mut calls);
        if calls.drained {
            self.inner.drained.notify_waiters();
        }
        calls.wake();
        result
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<K>> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash + Send + 'static> WorkQueue<K> {
    /// A queue without a name or metrics, and with the [default limiter](default_rate_limiter).
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A queue with more about it to say.
    pub fn builder() -> WorkQueueBuilder<K> {
        WorkQueueBuilder { name: Arc::from(""), limiter: None, metrics: None }
    }

    /// Adds a key: it is handed out as soon as those before it were.
    ///
    /// A key that is in line already keeps its place. One that is being worked on gets in line when that has ended.
    /// One that waits for its time is handed out now, and once more when its time has come, as in client-go.
    pub fn add(&self, key: K) {
        let hash = self.hash(&key);
        let _spare = self.with_state(|state, calls| state.add(hash, key, calls));
    }

    /// Adds a key when `delay` has passed; without a delay, at once.
    ///
    /// A key that waits for its time already is added at the earlier of the two.
    pub fn add_after(&self, key: K, delay: Duration) {
        let hash = self.hash(&key);
        let _spare = self.with_state(|state, calls| state.add_later(hash, key, Some(delay), calls));
    }

    /// Adds a key when the queue's [`RateLimiter`] lets it. Counts as one more of its retries.
    pub fn add_rate_limited(&self, key: K) {
        let hash = self.hash(&key);
        let _spare = self.with_state(|state, calls| state.add_later(hash, key, None, calls));
    }

    /// Waits for a key; `None` once the queue was shut down and nothing is in line.
    ///
    /// It is cancellation safe: a future that is dropped takes no key with it. When keys wait for their time, one of
    /// those who wait here has a timer for all, so the future must be polled in a Tokio runtime with time.
    pub fn next(&self) -> Next<'_, K> {
        Next::new(self)
    }

    /// A key that can be handed out now, if there is one.
    pub fn try_next(&self) -> Option<Work<K>> {
        let (slot, key) = self.with_state(|state, calls| state.take(&mut None, calls))?;
        Some(Work::new(key, self.clone(), slot))
    }

    fn hash(&self, key: &K) -> u64 {
        self.inner.hasher.hash_one(key)
    }
}

impl<K> Clone for WorkQueue<K> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<K: Clone + Eq + Hash + Send + 'static> Default for WorkQueue<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> fmt::Debug for WorkQueue<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WorkQueue")
            .field("name", &self.inner.name)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// What a queue is made of. Made by [`WorkQueue::builder`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it builds"]
pub struct WorkQueueBuilder<K> {
    name: Arc<str>,
    limiter: Option<Box<dyn RateLimiter<K>>>,
    metrics: Option<Arc<dyn WorkQueueMetrics>>,
}

impl<K: Clone + Eq + Hash + Send + 'static> WorkQueueBuilder<K> {
    /// What the queue is called in logs and metrics: the name of its controller, say.
    pub fn name(mut self, name: &str) -> Self {
        self.name = Arc::from(name);
        self
    }

    /// How long keys wait that are added by rate. Without it, [`default_rate_limiter`] says.
    pub fn rate_limiter(mut self, limiter: impl RateLimiter<K> + 'static) -> Self {
        self.limiter = Some(Box::new(limiter));
        self
    }

    /// Who takes the queue's numbers. Several queues may have the same, and different names.
    pub fn metrics(mut self, metrics: Arc<dyn WorkQueueMetrics>) -> Self {
        self.metrics = Some(metrics);
        self
    }

    /// Makes the queue.
    pub fn build(self) -> WorkQueue<K> {
        let limiter = self.limiter.unwrap_or_else(|| Box::new(default_rate_limiter()));
        let meter = Meter::new(Arc::clone(&self.name), self.metrics);
        WorkQueue {
            inner: Arc::new(Inner {
                name: self.name,
                hasher: RandomState::new(),
                state: Mutex::new(State::new(limiter, meter)),
                drained: Notify::new(),
            }),
        }
    }
}
