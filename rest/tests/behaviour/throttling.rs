//! When the client's own rate limiter is asked.

use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use kubeset_rest::{RateLimit, RateLimiter};

use super::fault_server::{FaultServer, Reply, head, json, retry_after};
use super::{client, config};

/// Counts how often it is asked, and always agrees.
#[derive(Debug, Default)]
struct Counting(AtomicU32);

impl RateLimiter for Counting {
    fn try_acquire(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        true
    }

    fn wait(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn every_attempt_takes_a_token_except_the_first_of_a_watch() {
    let limiter = Arc::new(Counting::default());
    let asked = || limiter.0.swap(0, Ordering::Relaxed);
    let empty = Reply::Steps(vec![head("application/json")]);
    let replies = [
        json(200, "{}"),
        retry_after(429, "0"),
        json(200, "{}"),
        empty.clone(),
        retry_after(429, "0"),
        empty.clone(),
        empty,
    ];
    let server = FaultServer::start(replies).await;
    let mut config = config(&server);
    config.rate_limit = RateLimit::Custom(limiter.clone());
    let get = client(&config).get().abs_path("/x");
    get.clone().send_raw().await.unwrap();
    assert_eq!(asked(), 1, "one attempt");
    get.clone().send_raw().await.unwrap();
    assert_eq!(asked(), 2, "an attempt and its repetition");
    let watch = |request: kubeset_rest::Request| request.send_for_events::<k8s_openapi::api::core::v1::Pod>();
    drop(watch(get.clone()).await.unwrap());
    assert_eq!(asked(), 0, "a watch");
    drop(watch(get.clone()).await.unwrap());
    assert_eq!(asked(), 1, "a watch that was repeated");
    get.send_for_bytes().await.unwrap().try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(asked(), 1, "a stream");
}

#[tokio::test]
async fn waiting_for_a_token_does_not_count_as_time_of_the_call() {
    let server = FaultServer::start([json(200, "{}")]).await;
    let mut config = config(&server);
    config.rate_limit = RateLimit::Shared { qps: 0.4, burst: NonZeroU32::MIN };
    config.timeout = Some(Duration::from_secs(2));
    let get = client(&config).get().abs_path("/x");
    let begin = Instant::now();
    get.clone().send_raw().await.unwrap();
    get.send_raw().await.unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(2_400), "the second had to wait");
}
