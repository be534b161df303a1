//! How long a key waits before it is tried again.

mod bucket;
mod combined;
mod exponential;
mod failures;
mod fast_slow;

use std::fmt;
use std::hash::Hash;
use std::time::Duration;

pub use bucket::BucketLimiter;
pub use combined::{Jitter, MaxOf, MaxWait};
pub use exponential::ExponentialLimiter;
pub use fast_slow::FastSlowLimiter;

/// Says how long a key waits when it is added again by rate.
///
/// The queue calls it with its lock held: a limiter neither blocks nor calls the queue.
pub trait RateLimiter<K>: fmt::Debug + Send {
    /// How long `key` waits this time. Each call counts as one more retry of the key.
    fn delay(&mut self, key: &K) -> Duration;

    /// Ends the history of `key`: its next retry is its first.
    fn forget(&mut self, key: &K);

    /// How often `key` was retried since it was last forgotten. Zero from limiters that do not count by key.
    fn retries(&self, key: &K) -> u32;
}

impl<K, L: RateLimiter<K> + ?Sized> RateLimiter<K> for Box<L> {
    fn delay(&mut self, key: &K) -> Duration {
        (**self).delay(key)
    }

    fn forget(&mut self, key: &K) {
        (**self).forget(key);
    }

    fn retries(&self, key: &K) -> u32 {
        (**self).retries(key)
    }
}

/// The limiter of a queue that is given none: the longer of [`ExponentialLimiter`]'s and [`BucketLimiter`]'s delays,
/// each with its defaults, as in client-go.
///
/// A key that fails again and again waits from 5 milliseconds up to 1,000 seconds, and all keys together are retried
/// 10 times a second after a burst of 100.
pub fn default_rate_limiter<K: Clone + Eq + Hash + Send + 'static>() -> MaxOf<K> {
    MaxOf::new().with(ExponentialLimiter::default()).with(BucketLimiter::default())
}
