//! How often informers asked, and how often that failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::StatusCode;
use kubeset::informers::WatchFailure;
use kubeset::rest::{HttpClient, ResponseBody};
use tower::util::{MapRequestLayer, MapResponseLayer};

/// Counts of everything that happened. Clones count into the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    lists: AtomicU64,
    streaming_lists: AtomicU64,
    watches: AtomicU64,
    failures: AtomicU64,
    expired: AtomicU64,
    refused: AtomicU64,
    server_errors: AtomicU64,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    /// Lists that were begun, without the further pages.
    pub(crate) lists: u64,
    /// Watches that were to begin with all objects.
    pub(crate) streaming_lists: u64,
    /// Other watches.
    pub(crate) watches: u64,
    /// What went wrong, as informers tell it.
    pub(crate) failures: u64,
    /// Those of them that say that the server has forgotten a version.
    pub(crate) expired: u64,
    /// Answers that say that it has too much to do. Most of these requests are sent again before an informer hears of it.
    pub(crate) refused: u64,
    /// Answers that say that it cannot do what it should.
    pub(crate) server_errors: u64,
}

impl Tally {
    /// Counts the requests of a client, and the answers that are refusals.
    pub(crate) fn count_requests(&self, http: HttpClient) -> HttpClient {
        let (asked, answered) = (self.clone(), self.clone());
        let requests = MapRequestLayer::new(move |request: http::Request<Bytes>| {
            asked.count(request.uri().query().unwrap_or_default());
            request
        });
        let answers = MapResponseLayer::new(move |answer: http::Response<ResponseBody>| {
            answered.count_answer(answer.status());
            answer
        });
        http.layer(requests).layer(answers)
    }

    fn count_answer(&self, status: StatusCode) {
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
        } else if status.is_server_error() {
            self.0.server_errors.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count(&self, query: &str) {
        let has = |start: &str| query.split('&').any(|parameter| parameter.starts_with(start));
        let counter = match (has("watch="), has("sendInitialEvents=true"), has("continue=")) {
            (true, true, _) => &self.0.streaming_lists,
            (true, false, _) => &self.0.watches,
            (false, _, false) => &self.0.lists,
            (false, _, true) => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a failure of an informer.
    pub(crate) fn failed(&self, failure: &WatchFailure) {
        let error = failure.error.as_deref();
        self.0.failures.fetch_add(1, Ordering::Relaxed);
        if error.is_some_and(|error| error.is_expired() || error.is_gone()) {
            self.0.expired.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The counts so far.
    pub(crate) fn counted(&self) -> Counted {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counted {
            lists: of(&self.0.lists),
            streaming_lists: of(&self.0.streaming_lists),
            watches: of(&self.0.watches),
            failures: of(&self.0.failures),
            expired: of(&self.0.expired),
            refused: of(&self.0.refused),
            server_errors: of(&self.0.server_errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_by_their_query() {
        let tally = Tally::default();
        for query in ["limit=5", "", "limit=5&continue=abc", "watch=1", "watch=1&sendInitialEvents=true"] {
            tally.count(query);
        }
        let counted = tally.counted();
        assert_eq!((counted.lists, counted.streaming_lists, counted.watches), (2, 1, 1));
    }
}
