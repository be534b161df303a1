//! Numbers about a queue, for Prometheus, OpenTelemetry or whatever a program reports to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Takes the numbers of a queue. Every method does nothing unless it is implemented.
///
/// `queue` is the name that was given to the queue's builder, and empty without one. All but
/// [`unfinished`](Self::unfinished) are called with the queue's lock held, so that what comes last is true: they
/// neither block nor call the queue. A queue that is given none of this does not even look at the clock for it.
pub trait WorkQueueMetrics: fmt::Debug + Send + Sync {
    /// A key was added that did not wait already. Keys that wait for their time count when it has come.
    fn added(&self, queue: &str) {
        let _ = queue;
    }

    /// So many keys wait to be worked on now. It counts those that will run again after the work in hand.
    fn depth(&self, queue: &str, keys: usize) {
        let _ = (queue, keys);
    }

    /// A key is handed out that has waited this long.
    fn latency(&self, queue: &str, waited: Duration) {
        let _ = (queue, waited);
    }

    /// Somebody is done with a key, whatever came of it, after this long.
    fn work_duration(&self, queue: &str, worked: Duration) {
        let _ = (queue, worked);
    }

    /// A key was added by rate or with a delay.
    fn retried(&self, queue: &str) {
        let _ = queue;
    }

    /// What is being worked on at the moment.
    ///
    /// [`WorkQueue::run`](super::WorkQueue::run) calls it twice a second. Without that, ask
    /// [`WorkQueue::unfinished`](super::WorkQueue::unfinished) when the numbers are collected.
    fn unfinished(&self, queue: &str, work: UnfinishedWork) {
        let _ = (queue, work);
    }
}

/// The work that has begun and not ended. If it only grows, workers hang.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnfinishedWork {
    /// How many keys are being worked on.
    pub keys: usize,
    /// For how long, all together.
    pub total: Duration,
    /// For how long the one that began first.
    pub longest: Duration,
}

/// A queue's name, and whom to tell.
#[derive(Clone)]
pub(super) struct Meter {
    name: Arc<str>,
    metrics: Option<Arc<dyn WorkQueueMetrics>>,
}

impl Meter {
    pub(super) fn new(name: Arc<str>, metrics: Option<Arc<dyn WorkQueueMetrics>>) -> Self {
        Self { name, metrics }
    }

    pub(super) fn is_on(&self) -> bool {
        self.metrics.is_some()
    }

    /// Tells, if there is anybody to tell.
    pub(super) fn tell(&self, number: impl FnOnce(&dyn WorkQueueMetrics, &str)) {
        if let Some(metrics) = &self.metrics {
            number(&**metrics, &self.name);
        }
    }
}
