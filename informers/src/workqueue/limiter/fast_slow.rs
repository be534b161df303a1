//! A few quick retries, then slow ones.

use std::fmt;
use std::hash::Hash;
use std::time::Duration;

use super::RateLimiter;
use super::failures::Failures;

/// Retries each key quickly a number of times, and slowly from then on.
///
/// It remembers each key that was retried until it is forgotten, as
/// [`ExponentialLimiter`](super::ExponentialLimiter) does.
pub struct FastSlowLimiter<K> {
    fast: Duration,
    slow: Duration,
    fast_retries: u32,
    failures: Failures<K>,
}

impl<K> FastSlowLimiter<K> {
    /// `fast_retries` delays of `fast`, then `slow`.
    pub fn new(fast: Duration, slow: Duration, fast_retries: u32) -> Self {
        Self { fast, slow, fast_retries, failures: Failures::new() }
    }
}

impl<K: Clone + Eq + Hash + Send> RateLimiter<K> for FastSlowLimiter<K> {
    fn delay(&mut self, key: &K) -> Duration {
        if self.failures.record(key) < self.fast_retries { self.fast } else { self.slow }
    }

    fn forget(&mut self, key: &K) {
        self.failures.forget(key);
    }

    fn retries(&self, key: &K) -> u32 {
        self.failures.of(key)
    }
}

impl<K> fmt::Debug for FastSlowLimiter<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FastSlowLimiter")
            .field("fast", &self.fast)
            .field("slow", &self.slow)
            .field("fast_retries", &self.fast_retries)
            .field("keys", &self.failures.keys())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_retried_quickly_a_few_times_and_slowly_from_then_on() {
        let mut limiter = FastSlowLimiter::new(Duration::from_millis(5), Duration::from_secs(10), 3);
        let delays: Vec<u128> = (0..5).map(|_| limiter.delay(&"one").as_millis()).collect();
        assert_eq!(delays, [5, 5, 5, 10_000, 10_000]);
        assert_eq!((limiter.retries(&"one"), limiter.delay(&"two").as_millis()), (5, 5));
        limiter.forget(&"one");
        assert_eq!((limiter.retries(&"one"), limiter.delay(&"one").as_millis()), (0, 5));
    }
}
