//! Queues of keys for the workers of a controller.
//!
//! Event handlers [`add`](WorkQueue::add) the keys of what has changed, and workers take them with
//! [`next`](WorkQueue::next) or let [`run`](WorkQueue::run) do it. A queue promises:
//!
//! - A key waits at most once, however often it is added. Keys are handed out in the order in which they came.
//! - A key is in the hands of one worker at a time. If it is added meanwhile, it gets in line when that worker is
//!   finished: whoever adds a key can be sure that work on it begins after that.
//! - A key is not lost. It leaves the queue when its [`Work`] is [`done`](Work::done); a worker that is cancelled or
//!   panics puts it back. Only [`shut_down`](WorkQueue::shut_down) drops keys: those that wait for their time, and all
//!   that are added or retried after it.
//!
//! A key that has failed is retried later and later, as a [`RateLimiter`] says: from 5 milliseconds up to 1,000 seconds,
//! and all keys together 10 times a second after a burst of 100, unless the queue is built with another. Memory is bounded
//! by the number of different keys that wait, are worked on or are not forgotten.
//!
//! There is no task behind a queue. Of those who wait for keys, one has a timer for the keys that wait for their time.
//!
//! ```
//! use std::time::Duration;
//!
//! use kubeset_informers::ObjectKey;
//! use kubeset_informers::workqueue::{Outcome, WorkQueue};
//!
//! async fn reconcile(key: ObjectKey) -> Result<Outcome, std::io::Error> {
//!     println!("{key} has changed");
//!     Ok(Outcome::RetryAfter(Duration::from_secs(600)))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let queue = WorkQueue::builder().name("web").build();
//! queue.add(ObjectKey::new("prod", "web-0"));
//! queue.add(ObjectKey::new("prod", "web-0"));
//! assert_eq!(queue.len(), 1);
//!
//! // Elsewhere, when the program is to end.
//! let handle = queue.clone();
//! tokio::spawn(async move { handle.shut_down() });
//!
//! queue.run(4, reconcile).await;
//! # }
//! ```
//!
//! Without `run`, a worker takes keys itself:
//!
//! ```
//! # use kubeset_informers::workqueue::WorkQueue;
//! # fn tidy(key: &str) -> Result<(), std::fmt::Error> { let _ = key; Ok(()) }
//! # async fn worker(queue: WorkQueue<String>) {
//! while let Some(work) = queue.next().await {
//!     match tidy(&work) {
//!         Ok(()) => work.done(),
//!         Err(error) if queue.retries(&work) < 15 => {
//!             let delay = work.retry();
//!             println!("{error}; the next try is in {delay:?}");
//!         }
//!         Err(_) => work.done(),
//!     }
//! }
//! # }
//! ```

mod delay;
mod limiter;
mod metrics;
mod next;
mod queue;
mod state;
#[cfg(test)]
mod tests;
mod waiters;
mod work;
mod workers;

pub use limiter::{
    BucketLimiter, ExponentialLimiter, FastSlowLimiter, Jitter, MaxOf, MaxWait, RateLimiter,
    default_rate_limiter,
};
pub use metrics::{UnfinishedWork, WorkQueueMetrics};
pub use next::Next;
pub use queue::{WorkQueue, WorkQueueBuilder};
pub use work::Work;
pub use workers::Outcome;
