//! The record of requests, for assertions.

use crate::matcher::Matcher;
use crate::request::{Request, Seen};
use std::collections::VecDeque;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How many bytes of bodies are kept, however few requests they belong to.
const MOST_BYTES: usize = 64 << 20;

/// How long a test waits for a request, unless it says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// The latest requests of a server.
#[derive(Debug)]
pub(crate) struct Log {
    latest: Mutex<Latest>,
    /// How many requests are kept.
    most: usize,
    /// Counts what happened, to wake those who wait.
    progress: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Latest {
    requests: VecDeque<Arc<Seen>>,
    bytes: usize,
}

impl Log {
    /// A record of so many requests at most.
    pub(crate) fn new(most: usize) -> Self {
        Self { latest: Mutex::default(), most, progress: watch::Sender::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request that has just come. What this returns says how it ends.
    pub(crate) fn begin(log: &Arc<Self>, seen: Arc<Seen>) -> Recording {
        if log.most > 0 {
            log.lock().add(seen.clone(), log.most);
        }
        Recording { log: log.clone(), seen }
    }

    fn requests(&self, matcher: &Matcher) -> Vec<Arc<Seen>> {
        // The matcher may call a function of the test, which may ask for requests: so not under the lock.
        let all: Vec<Arc<Seen>> = self.lock().requests.iter().cloned().collect();
        all.into_iter().filter(|seen| matcher.matches(seen)).collect()
    }

    /// The requests that are meant, oldest first.
    pub(crate) fn matching(&self, matcher: &Matcher) -> Vec<Request> {
        self.requests(matcher).iter().map(|seen| seen.to_request()).collect()
    }

    /// Forgets all requests so far.
    pub(crate) fn clear(&self) {
        *self.lock() = Latest::default();
    }

    async fn wait(&self, matcher: &Matcher) -> Request {
        let mut progress = self.progress.subscribe();
        loop {
            progress.mark_unchanged();
            if let Some(seen) = self.requests(matcher).iter().find(|seen| seen.is_over()) {
                return seen.to_request();
            }
            // The log, and so the sender, lives as long as this call.
            let _ = progress.changed().await;
        }
    }
}

impl Latest {
    fn add(&mut self, seen: Arc<Seen>, most: usize) {
        self.bytes += seen.body().len();
        self.requests.push_back(seen);
        while self.requests.len() > most || (self.bytes > MOST_BYTES && self.requests.len() > 1) {
            if let Some(forgotten) = self.requests.pop_front() {
                self.bytes = self.bytes.saturating_sub(forgotten.body().len());
            }
        }
    }
}

/// A recorded request under way. If nothing says how it was answered, it never will be.
#[derive(Debug)]
pub(crate) struct Recording {
    log: Arc<Log>,
    seen: Arc<Seen>,
}

impl Recording {
    /// Says how the request was answered.
    pub(crate) fn answered(self, code: http::StatusCode) {
        self.seen.answered(code);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.seen.abandoned();
        self.log.progress.send_modify(|count| *count += 1);
    }
}

/// Waits for a request. Made by [`TestServer::wait_for_request`](crate::TestServer::wait_for_request).
#[derive(Debug)]
#[must_use = "nothing waits until this is awaited"]
pub struct WaitForRequest {
    log: Arc<Log>,
    matcher: Matcher,
    patience: Duration,
}

impl WaitForRequest {
    pub(crate) fn new(log: Arc<Log>, matcher: Matcher) -> Self {
        Self { log, matcher, patience: PATIENCE }
    }

    /// How long to wait at most; 10 seconds by default.
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

impl IntoFuture for WaitForRequest {
    type Output = Result<Request, NoSuchRequest>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { log, matcher, patience } = self;
            match tokio::time::timeout(patience, log.wait(&matcher)).await {
                Ok(request) => Ok(request),
                Err(_) => Err(NoSuchRequest { matcher, patience, seen: told(&log) }),
            }
        })
    }
}

/// The last few requests in one line, for the message of an error.
fn told(log: &Log) -> String {
    const LAST: usize = 10;
    let requests = log.requests(&Matcher::any());
    let skipped = requests.len().saturating_sub(LAST);
    let told = requests.iter().skip(skipped).map(|seen| {
        let path = seen.uri.path_and_query().map_or("", |path| path.as_str());
        format!("{} {path}", seen.method)
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { "there were none".into() } else { told.join(", ") }
}

/// No request of a kind has come in time.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no request like {matcher:?} within {patience:?}; the latest: {seen}")]
#[non_exhaustive]
pub struct NoSuchRequest {
    /// What was waited for.
    pub matcher: Matcher,
    /// How long.
    pub patience: Duration,
    /// The last requests that came: method and path.
    pub seen: String,
}

#[cfg(test)]
mod tests {
    use super::{Log, WaitForRequest};
    use crate::matcher::Matcher;
    use crate::request::Seen;
    use bytes::Bytes;
    use http::StatusCode;
    use std::sync::Arc;
    use std::time::Duration;

    fn seen(path: &str) -> Arc<Seen> {
        let request = http::Request::builder().uri(path).body(Bytes::new()).unwrap();
        Arc::new(Seen::new(&request))
    }

    #[test]
    fn only_the_latest_are_kept() {
        let log = Arc::new(Log::new(2));
        for path in ["/a", "/b", "/c"] {
            Log::begin(&log, seen(path)).answered(StatusCode::OK);
        }
        let paths: Vec<String> =
            log.matching(&Matcher::any()).into_iter().map(|request| request.path).collect();
        assert_eq!(paths, ["/b", "/c"]);
        log.clear();
        assert!(log.matching(&Matcher::any()).is_empty());
    }

    #[tokio::test]
    async fn a_request_is_waited_for_until_it_is_answered() {
        let log = Arc::new(Log::new(10));
        let recording = Log::begin(&log, seen("/version"));
        let wait = WaitForRequest::new(log.clone(), Matcher::verb("get").path("/version"));
        let early = wait.within(Duration::from_millis(20)).await.unwrap_err();
        assert!(early.to_string().contains("GET /version"), "{early}");
        let waiting = tokio::spawn(WaitForRequest::new(log, Matcher::verb("get")).into_future());
        tokio::task::yield_now().await;
        recording.answered(StatusCode::OK);
        assert_eq!(waiting.await.unwrap().unwrap().code, Some(200));
    }

    #[tokio::test]
    async fn a_request_that_is_never_answered_is_over_too() {
        let log = Arc::new(Log::new(10));
        drop(Log::begin(&log, seen("/version")));
        let request = WaitForRequest::new(log, Matcher::any()).await.unwrap();
        assert_eq!(request.code, None);
    }
}
