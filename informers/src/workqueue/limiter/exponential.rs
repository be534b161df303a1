//! Delays that double with each failure of a key.

use std::fmt;
use std::hash::Hash;
use std::time::Duration;

use super::RateLimiter;
use super::failures::Failures;

const DEFAULT_BASE: Duration = Duration::from_millis(5);
const DEFAULT_MAX: Duration = Duration::from_secs(1_000);

/// Doubles a key's delay with each retry, up to a bound. By default from 5 milliseconds to 1,000 seconds.
///
/// It remembers each key that was retried until it is forgotten. [`Work::done`](crate::workqueue::Work::done) forgets;
/// a program that adds keys by rate and never finishes them should call
/// [`WorkQueue::forget`](crate::workqueue::WorkQueue::forget) for those that it gives up.
pub struct ExponentialLimiter<K> {
    base: Duration,
    max: Duration,
    failures: Failures<K>,
}

impl<K> ExponentialLimiter<K> {
    /// Delays of `base`, then twice that, and so on up to `max`.
    pub fn new(base: Duration, max: Duration) -> Self {
        Self { base, max, failures: Failures::new() }
    }
}

impl<K> Default for ExponentialLimiter<K> {
    fn default() -> Self {
        Self::new(DEFAULT_BASE, DEFAULT_MAX)
    }
}

impl<K: Clone + Eq + Hash + Send> RateLimiter<K> for ExponentialLimiter<K> {
    fn delay(&mut self, key: &K) -> Duration {
        let doublings = self.failures.record(key);
        let base = self.base.as_nanos();
        if doublings < base.leading_zeros() {
            let doubled = base << doublings;
            if doubled < self.max.as_nanos() {
                return Duration::from_nanos_u128(doubled);
            }
        } else if base == 0 {
            return Duration::ZERO;
        }
        self.max
    }

    fn forget(&mut self, key: &K) {
        self.failures.forget(key);
    }

    fn retries(&self, key: &K) -> u32 {
        self.failures.of(key)
    }
}

impl<K> fmt::Debug for ExponentialLimiter<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ExponentialLimiter")
            .field("base", &self.base)
            .field("max", &self.max)
            .field("keys", &self.failures.keys())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_waits_twice_as_long_as_before_up_to_the_bound() {
        let mut limiter = ExponentialLimiter::new(Duration::from_millis(1), Duration::from_millis(10));
        let delays: Vec<u128> = (0..6).map(|_| limiter.delay(&"one").as_millis()).collect();
        assert_eq!(delays, [1, 2, 4, 8, 10, 10]);
        assert_eq!((limiter.retries(&"one"), limiter.retries(&"two")), (6, 0));
        assert_eq!(limiter.delay(&"two").as_millis(), 1);
        limiter.forget(&"one");
        assert_eq!(limiter.retries(&"one"), 0);
        assert_eq!(limiter.delay(&"one").as_millis(), 1);
    }

    #[test]
    fn the_defaults_reach_a_thousand_seconds_after_eighteen_retries() {
        let mut limiter = ExponentialLimiter::default();
        let delays: Vec<Duration> = (0..20).map(|_| limiter.delay(&0)).collect();
        assert_eq!(delays[0], Duration::from_millis(5));
        assert_eq!(delays[17], Duration::from_millis(5) * (1 << 17));
        assert_eq!(delays[18], Duration::from_secs(1_000));
    }

    #[test]
    fn any_number_of_retries_stays_at_the_bound() {
        for base in [Duration::from_nanos(1), Duration::from_millis(1), Duration::MAX] {
            let mut limiter = ExponentialLimiter::new(base, Duration::from_secs(3));
            for _ in 0..1_000 {
                limiter.delay(&());
            }
            assert_eq!(limiter.delay(&()), Duration::from_secs(3), "from {base:?}");
        }
        let mut never = ExponentialLimiter::new(Duration::ZERO, Duration::MAX);
        for _ in 0..1_000 {
            assert_eq!(never.delay(&()), Duration::ZERO);
        }
    }

    #[test]
    fn the_smallest_delay_doubles_as_far_as_the_largest() {
        let mut limiter = ExponentialLimiter::new(Duration::from_nanos(1), Duration::MAX);
        let delays: Vec<Duration> = (0..200).map(|_| limiter.delay(&())).collect();
        assert_eq!(delays[40], Duration::from_nanos(1 << 40));
        assert!(delays.is_sorted() && delays[199] == Duration::MAX);
    }

    #[test]
    fn keys_that_are_forgotten_take_no_room() {
        let mut limiter = ExponentialLimiter::default();
        for key in 0..1_000 {
            limiter.delay(&key);
            limiter.forget(&key);
        }
        assert_eq!(limiter.failures.keys(), 0);
    }
}
