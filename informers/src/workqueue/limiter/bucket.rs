//! A token bucket for all keys together.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

use super::RateLimiter;

const DEFAULT_RATE: f64 = 10.0;
const DEFAULT_BURST: NonZeroU32 = NonZeroU32::new(100).expect("a hundred is not zero");

/// Lets all keys together be retried at a steady rate, after a burst. By default 10 a second after 100.
///
/// It counts nothing by key, so there is nothing to forget.
#[derive(Debug)]
pub struct BucketLimiter {
    per_second: f64,
    burst: f64,
    /// Below zero, they are promised to keys that wait.
    tokens: f64,
    filled: Instant,
}

impl BucketLimiter {
    /// A full bucket for `burst` retries at once and `per_second` on average.
    ///
    /// A rate that is not a positive number counts as the smallest one: after the burst, nothing is retried in any
    /// useful time.
    pub fn new(per_second: f64, burst: NonZeroU32) -> Self {
        let per_second = if per_second > 0.0 { per_second } else { f64::MIN_POSITIVE };
        let burst = f64::from(burst.get());
        Self { per_second, burst, tokens: burst, filled: Instant::now() }
    }
}

impl Default for BucketLimiter {
    fn default() -> Self {
        Self::new(DEFAULT_RATE, DEFAULT_BURST)
    }
}

impl<K> RateLimiter<K> for BucketLimiter {
    fn delay(&mut self, _: &K) -> Duration {
        let now = Instant::now();
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.tokens = (self.tokens + passed * self.per_second).min(self.burst) - 1.0;
        let missing = (-self.tokens).max(0.0);
        Duration::try_from_secs_f64(missing / self.per_second).unwrap_or(Duration::MAX)
    }

    fn forget(&mut self, _: &K) {}

    fn retries(&self, _: &K) -> u32 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays<const COUNT: usize>(bucket: &mut BucketLimiter) -> [u128; COUNT] {
        [(); COUNT].map(|()| bucket.delay(&"any").as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_burst_each_key_waits_a_tenth_of_a_second_more() {
        let mut bucket = BucketLimiter::default();
        assert_eq!(delays(&mut bucket), [0; 100]);
        assert_eq!(delays(&mut bucket), [100, 200, 300]);
        tokio::time::advance(Duration::from_millis(250)).await;
        assert_eq!(
            delays(&mut bucket),
            [150],
            "three tokens owed, two and a half came in, one more is taken"
        );
        assert_eq!(RateLimiter::<&str>::retries(&bucket, &"any"), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_holds_no_more_than_its_burst() {
        let mut bucket = BucketLimiter::new(4.0, NonZeroU32::new(2).unwrap());
        tokio::time::advance(Duration::from_secs(3_600)).await;
        assert_eq!(delays(&mut bucket), [0, 0, 250, 500]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_that_is_not_positive_waits_for_ever_without_a_panic() {
        for rate in [0.0, -1.0, f64::NAN, f64::MIN_POSITIVE] {
            let mut bucket = BucketLimiter::new(rate, NonZeroU32::MIN);
            assert_eq!(bucket.delay(&()), Duration::ZERO);
            assert_eq!(bucket.delay(&()), Duration::MAX);
        }
        let mut endless = BucketLimiter::new(f64::INFINITY, NonZeroU32::MIN);
        for _ in 0..10 {
            assert_eq!(endless.delay(&()), Duration::ZERO);
        }
    }
}
