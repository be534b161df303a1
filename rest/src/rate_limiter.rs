//! Client-side rate limiting: a token bucket, and the trait behind which callers put their own.

use std::fmt;
use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Requests a second that a client sends when the configuration does not say otherwise.
const DEFAULT_QPS: f32 = 5.0;
/// Requests that may be sent at once when the configuration does not say otherwise.
const DEFAULT_BURST: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

/// How many requests a client may send.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum RateLimit {
    /// Each group version has a bucket of its own: 5 requests a second, bursts of 10.
    #[default]
    PerGroupVersion,
    /// All clients made together (a clientset, say) share one bucket.
    Shared {
        /// Requests a second, on average.
        qps: f32,
        /// Requests that may be sent at once.
        burst: NonZeroU32,
    },
    /// No limit on the client's side. The server still protects itself (API Priority and Fairness).
    Unlimited,
    /// A limiter of the caller's.
    Custom(Arc<dyn RateLimiter>),
}

impl RateLimit {
    /// A limiter for one client, or none if there is no limit.
    pub(crate) fn limiter(&self) -> Option<Arc<dyn RateLimiter>> {
        match self {
            Self::PerGroupVersion => Some(Arc::new(TokenBucket::new(DEFAULT_QPS, DEFAULT_BURST))),
            Self::Shared { qps, burst } => Some(Arc::new(TokenBucket::new(*qps, *burst))),
            Self::Unlimited => None,
            Self::Custom(limiter) => Some(Arc::clone(limiter)),
        }
    }

    /// The same limit in the form that several clients can hold in common.
    ///
    /// [`RateLimit::Shared`] becomes one bucket; every other limit stays as it is.
    #[must_use]
    pub fn into_shared(self) -> Self {
        match self {
            Self::Shared { qps, burst } => Self::Custom(Arc::new(TokenBucket::new(qps, burst))),
            other => other,
        }
    }
}

/// Decides when the next request may be sent.
///
/// Dropping the future that [`wait`](RateLimiter::wait) returns gives the place in the queue back.
pub trait RateLimiter: fmt::Debug + Send + Sync {
    /// Takes the right to send one request if it can be had at once.
    fn try_acquire(&self) -> bool;

    /// Waits for the right to send one request.
    fn wait(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// A token bucket: it starts full, and refills at a steady rate.
pub struct TokenBucket {
    qps: f64,
    burst: f64,
    level: Mutex<Level>,
}

/// What is in the bucket: below zero, the tokens are promised to waiting callers.
#[derive(Clone, Copy)]
struct Level {
    tokens: f64,
    at: Instant,
}

impl TokenBucket {
    /// A full bucket for `burst` requests at once and `qps` requests a second.
    ///
    /// A rate that is not a positive number counts as the smallest one: after the burst, nothing is sent
    /// in any useful time. Use [`RateLimit::Unlimited`] for no limit.
    pub fn new(qps: f32, burst: NonZeroU32) -> Self {
        let burst = f64::from(burst.get());
        let qps = if qps > 0.0 { f64::from(qps) } else { f64::from(f32::MIN_POSITIVE) };
        Self { qps, burst, level: Mutex::new(Level { tokens: burst, at: Instant::now() }) }
    }

    /// Refills for the time that has passed, lets `take` change the tokens, and returns what it returned.
    fn with_tokens<T>(&self, take: impl FnOnce(&mut f64) -> T) -> T {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let passed = now.saturating_duration_since(level.at).as_secs_f64();
        level.tokens = (level.tokens + passed * self.qps).min(self.burst);
        level.at = now;
        take(&mut level.tokens)
    }

    /// Takes a token, in debt if need be, and says how long the caller must wait for it.
    fn reserve(&self) -> Duration {
        let missing = self.with_tokens(|tokens| {
            *tokens -= 1.0;
            (-*tokens).max(0.0)
        });
        Duration::try_from_secs_f64(missing / self.qps).unwrap_or(Duration::MAX)
    }
}

impl RateLimiter for TokenBucket {
    fn try_acquire(&self) -> bool {
        self.with_tokens(|tokens| {
            let enough = *tokens >= 1.0;
            if enough {
                *tokens -= 1.0;
            }
            enough
        })
    }

    fn wait(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            let wait = self.reserve();
            let reservation = Reservation { bucket: self, used: wait.is_zero() };
            tokio::time::sleep(wait).await;
            reservation.keep();
        })
    }
}

impl fmt::Debug for TokenBucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenBucket")
            .field("qps", &self.qps)
            .field("burst", &self.burst)
            .finish_non_exhaustive()
    }
}

/// A token taken in advance: goes back to the bucket if its caller stops waiting.
struct Reservation<'a> {
    bucket: &'a TokenBucket,
    used: bool,
}

impl Reservation<'_> {
    fn keep(mut self) {
        self.used = true;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if !self.used {
            self.bucket.with_tokens(|tokens| *tokens += 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(qps: f32, burst: u32) -> TokenBucket {
        TokenBucket::new(qps, NonZeroU32::new(burst).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_bucket_is_full_and_then_paces_requests() {
        let bucket = bucket(2.0, 3);
        let start = Instant::now();
        for _ in 0..5 {
            bucket.wait().await;
        }
        assert_eq!(start.elapsed().as_millis(), 1_000, "three at once, two more at half a second each");
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_never_holds_more_than_its_burst() {
        let bucket = bucket(100.0, 2);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(bucket.try_acquire());
        assert!(bucket.try_acquire());
        assert!(!bucket.try_acquire());
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_stops_waiting_gives_its_token_back() {
        let bucket = bucket(1.0, 1);
        bucket.wait().await;
        let given_up = tokio::time::timeout(Duration::from_millis(500), bucket.wait()).await;
        assert!(given_up.is_err());
        let start = Instant::now();
        bucket.wait().await;
        assert_eq!(start.elapsed().as_millis(), 500, "as if the first waiter had never been there");
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_that_is_not_positive_stops_after_the_burst_without_a_panic() {
        for qps in [0.0, -1.0, f32::NAN] {
            let bucket = bucket(qps, 1);
            assert!(bucket.try_acquire());
            let waited = tokio::time::timeout(Duration::from_secs(3_600), bucket.wait()).await;
            assert!(waited.is_err());
        }
    }
}
