//! Workers that take keys from a queue until it ends.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;
use tracing::Instrument;

use super::queue::WorkQueue;
use super::state::Again;
use super::work::Claim;

/// How often the metrics are told of unfinished work: as often as in client-go.
const UNFINISHED_PERIOD: Duration = Duration::from_millis(500);

/// What is to become of a key that was worked on without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing, until it is added again.
    Done,
    /// It is worked on again after this time, or earlier if it is added.
    RetryAfter(Duration),
}

impl<K: Clone + Eq + Hash + fmt::Debug + Send + 'static> WorkQueue<K> {
    /// Works on keys with `workers` tasks at a time (at least one), until the queue was shut down and is empty.
    ///
    /// `reconcile` makes the future that works on a key; no key is worked on twice at a time. An error is logged as a
    /// warning, with its causes, and the key is retried by rate. So is a panic, logged as an error; the worker goes
    /// on. Each future runs in a span `reconcile` (level debug) that has the key.
    ///
    /// If this future is dropped, its tasks are aborted: each is cancelled where it next waits, and its key is
    /// retried by rate, when somebody asks the queue for keys again.
    pub async fn run<F, R, E>(&self, workers: usize, reconcile: F)
    where
        F: Fn(K) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Outcome, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
    {
        let reconcile = Arc::new(reconcile);
        let mut tasks = JoinSet::new();
        for _ in 0..workers.max(1) {
            tasks.spawn(work_on(self.clone(), Arc::clone(&reconcile)));
        }
        while let Some(ended) = self.next_ended(&mut tasks).await {
            // What panics outside of `reconcile` is a limiter or metrics of the caller's.
            if ended.is_err_and(|error| error.is_panic()) {
                tracing::error!(queue = self.name(), "a worker panicked and is replaced");
                tasks.spawn(work_on(self.clone(), Arc::clone(&reconcile)));
            }
        }
    }

    /// Waits for a task to end, and tells the metrics what is unfinished while it does.
    async fn next_ended(&self, tasks: &mut JoinSet<()>) -> Option<Result<(), JoinError>> {
        if self.unfinished().is_none() {
            return tasks.join_next().await;
        }
        loop {
            if let Ok(ended) = timeout(UNFINISHED_PERIOD, tasks.join_next()).await {
                return ended;
            }
            self.tell_unfinished();
        }
    }
}

/// One worker.
async fn work_on<K, F, R, E>(queue: WorkQueue<K>, reconcile: Arc<F>)
where
    K: Clone + Eq + Hash + fmt::Debug + Send + 'static,
    F: Fn(K) -> R,
    R: Future<Output = Result<Outcome, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    while let Some(work) = queue.next().await {
        let (key, claim) = work.into_parts();
        let span = tracing::debug_span!("reconcile", queue = queue.name(), ?key);
        // Made within the future, so that a panic of `reconcile` itself is caught too.
        let future = async { reconcile(key).await };
        match catch_panic(future.instrument(span)).await {
            Ok(Ok(Outcome::Done)) => {
                claim.finish(Again::Never);
            }
            Ok(Ok(Outcome::RetryAfter(delay))) => {
                claim.finish(Again::After(delay));
            }
            Ok(Err(error)) => failed(&queue, claim, &*error.into()),
            Err(panic) => panicked(&queue, claim, &*panic),
        }
    }
}

fn failed<K: Clone + fmt::Debug>(
    queue: &WorkQueue<K>,
    claim: Claim<K>,
    error: &(dyn Error + Send + Sync + 'static),
) {
    let error: &(dyn Error + 'static) = error;
    let key = claim.key();
    let delay = claim.finish(Again::ByRate);
    tracing::warn!(queue = queue.name(), ?key, error, ?delay, "reconciling failed and is retried");
}

fn panicked<K: Clone + fmt::Debug>(queue: &WorkQueue<K>, claim: Claim<K>, panic: &(dyn Any + Send)) {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    let key = claim.key();
    let delay = claim.finish(Again::ByRate);
    tracing::error!(queue = queue.name(), ?key, panic = text, ?delay, "reconciling panicked and is retried");
}

/// The output of a future, or what it panicked with. The future is not polled again after that.
async fn catch_panic<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}
