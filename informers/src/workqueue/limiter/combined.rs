//! Limiters made of others.

use std::fmt;
use std::time::Duration;

use super::RateLimiter;

/// The longest delay that any of several limiters asks for. Without one, there is no delay.
///
/// Each is asked every time, so a bucket also counts keys that another limiter holds back for longer.
pub struct MaxOf<K> {
    limiters: Vec<Box<dyn RateLimiter<K>>>,
}

impl<K> MaxOf<K> {
    /// No limiter yet.
    pub fn new() -> Self {
        Self { limiters: Vec::new() }
    }

    /// Asks this limiter too.
    #[must_use]
    pub fn with(mut self, limiter: impl RateLimiter<K> + 'static) -> Self {
        self.limiters.push(Box::new(limiter));
        self
    }
}

impl<K> Default for MaxOf<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> RateLimiter<K> for MaxOf<K> {
    fn delay(&mut self, key: &K) -> Duration {
        self.limiters.iter_mut().map(|limiter| limiter.delay(key)).max().unwrap_or(Duration::ZERO)
    }

    fn forget(&mut self, key: &K) {
        for limiter in &mut self.limiters {
            limiter.forget(key);
        }
    }

    fn retries(&self, key: &K) -> u32 {
        self.limiters.iter().map(|limiter| limiter.retries(key)).max().unwrap_or(0)
    }
}

impl<K> fmt::Debug for MaxOf<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("MaxOf").field(&self.limiters).finish()
    }
}

/// Another limiter's delays, but none longer than a bound.
#[derive(Clone, Debug)]
pub struct MaxWait<L> {
    limiter: L,
    max: Duration,
}

impl<L> MaxWait<L> {
    /// Cuts the delays of `limiter` at `max`.
    pub fn new(limiter: L, max: Duration) -> Self {
        Self { limiter, max }
    }
}

impl<K, L: RateLimiter<K>> RateLimiter<K> for MaxWait<L> {
    fn delay(&mut self, key: &K) -> Duration {
        self.limiter.delay(key).min(self.max)
    }

    fn forget(&mut self, key: &K) {
        self.limiter.forget(key);
    }

    fn retries(&self, key: &K) -> u32 {
        self.limiter.retries(key)
    }
}

/// Makes another limiter's delays longer by a random part, so that what failed together is not retried together.
#[derive(Clone, Debug)]
pub struct Jitter<L> {
    limiter: L,
    part: f64,
}

impl<L> Jitter<L> {
    /// Makes each delay of `limiter` longer by up to `part` of it: 0.1 is up to a tenth.
    ///
    /// A part that is not a positive number counts as zero.
    pub fn new(limiter: L, part: f64) -> Self {
        Self { limiter, part: if part > 0.0 { part } else { 0.0 } }
    }
}

impl<K, L: RateLimiter<K>> RateLimiter<K> for Jitter<L> {
    fn delay(&mut self, key: &K) -> Duration {
        let delay = self.limiter.delay(key);
        let longer = delay.as_secs_f64() * self.part * fastrand::f64();
        delay.saturating_add(Duration::try_from_secs_f64(longer).unwrap_or(Duration::ZERO))
    }

    fn forget(&mut self, key: &K) {
        self.limiter.forget(key);
    }

    fn retries(&self, key: &K) -> u32 {
        self.limiter.retries(key)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ExponentialLimiter, FastSlowLimiter};
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    #[test]
    fn the_longest_delay_of_several_counts() {
        let mut limiter = MaxOf::new()
            .with(FastSlowLimiter::new(MILLISECOND * 5, MILLISECOND * 6, 3))
            .with(ExponentialLimiter::new(MILLISECOND, MILLISECOND * 1_000));
        let delays: Vec<u128> = (0..6).map(|_| limiter.delay(&"one").as_millis()).collect();
        assert_eq!(delays, [5, 5, 5, 8, 16, 32]);
        assert_eq!((limiter.retries(&"one"), limiter.retries(&"two")), (6, 0));
        limiter.forget(&"one");
        assert_eq!((limiter.retries(&"one"), limiter.delay(&"one").as_millis()), (0, 5));
        assert_eq!(MaxOf::new().delay(&"none"), Duration::ZERO);
    }

    #[test]
    fn a_wait_is_cut_at_its_bound_and_still_counted() {
        let mut limiter = MaxWait::new(ExponentialLimiter::default(), MILLISECOND * 12);
        let delays: Vec<u128> = (0..4).map(|_| limiter.delay(&"one").as_millis()).collect();
        assert_eq!((delays, limiter.retries(&"one")), (vec![5, 10, 12, 12], 4));
        limiter.forget(&"one");
        assert_eq!(limiter.retries(&"one"), 0);
    }

    #[test]
    fn jitter_makes_delays_longer_by_no_more_than_its_part() {
        let second = Duration::from_secs(1);
        let mut limiter = Jitter::new(FastSlowLimiter::new(second, second, 0), 0.5);
        let delays: Vec<Duration> = (0..1_000).map(|_| limiter.delay(&())).collect();
        let (shortest, longest) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());
        assert!(*shortest >= second && *longest <= second * 3 / 2, "{shortest:?} to {longest:?}");
        assert!(*longest - *shortest > second / 4, "{shortest:?} to {longest:?}");
        assert_eq!(limiter.retries(&()), 1_000);
    }

    #[test]
    fn jitter_of_any_part_of_any_delay_does_not_panic() {
        for part in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300] {
            for delay in [Duration::ZERO, Duration::MAX] {
                let mut limiter = Jitter::new(FastSlowLimiter::new(delay, delay, 0), part);
                assert_eq!(limiter.delay(&()), delay);
            }
        }
    }
}
