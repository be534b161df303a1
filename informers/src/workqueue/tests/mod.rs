//! What the queue promises, rule by rule, and then all at once.

mod cancellation;
mod delays;
mod logs;
mod metrics;
mod model;
mod parallel;
mod rules;
mod shutdown;
mod workers;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::{FastSlowLimiter, WorkQueue};

type Key = &'static str;

const SECOND: Duration = Duration::from_secs(1);

/// A queue that retries each key after a second.
fn queue() -> WorkQueue<Key> {
    WorkQueue::builder().rate_limiter(FastSlowLimiter::new(SECOND, SECOND, 0)).build()
}

/// The keys that can be handed out now, each of them done at once.
fn take_all(queue: &WorkQueue<Key>) -> Vec<Key> {
    let done = |work: super::Work<Key>| {
        let key = *work;
        work.done();
        key
    };
    std::iter::from_fn(|| queue.try_next().map(done)).collect()
}

/// How many keys the queue knows, for whatever reason.
fn known<K>(queue: &WorkQueue<K>) -> usize {
    queue.lock().known()
}

/// Whether a future is not ready when it is polled once.
fn is_pending(future: impl Future) -> bool {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

/// A waker that counts how often it is called.
#[derive(Default)]
struct Calls(AtomicUsize);

impl Calls {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Polls a future, which calls this waker when it is to be polled again.
    fn poll<F: Future + Unpin>(self: &Arc<Self>, future: &mut F) -> Poll<F::Output> {
        pin!(future).poll(&mut Context::from_waker(&Waker::from(Arc::clone(self))))
    }
}

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
