//! Which failed attempts are repeated, and when.
//!
//! - An answer of 429 or 5xx is repeated if it names the time to wait in its `Retry-After` header as a whole
//!   number of seconds. That holds for every verb: the server says that it has not begun the work.
//! - A connection that broke before an answer came is repeated after a second, for GET only: the server may
//!   have done the work of any other verb.
//! - Nothing else is repeated: no refused connection, no failed name look-up, no broken answer.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, StatusCode};

use crate::error::Error;

/// How often a request is repeated unless it says otherwise. With the first, up to 11 attempts.
pub(crate) const DEFAULT_MAX_RETRIES: u32 = 10;
/// The time before a request is repeated whose connection broke.
const AFTER_LOST_CONNECTION: Duration = Duration::from_secs(1);

/// How an answer is used, which decides what may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The whole answer is read.
    Unary,
    /// The body is handed on as it arrives.
    Stream,
    /// The body is a stream of watch events.
    Watch,
}

/// The attempts of one call so far.
#[derive(Debug)]
pub(crate) struct Attempts {
    max_retries: u32,
    sent: u32,
    previous: Option<Error>,
}

impl Attempts {
    pub(crate) fn new(max_retries: u32) -> Self {
        Self { max_retries, sent: 0, previous: None }
    }

    /// Counts one more attempt.
    pub(crate) fn begin(&mut self) {
        self.sent += 1;
    }

    /// How many attempts were sent.
    pub(crate) fn sent(&self) -> u32 {
        self.sent
    }

    /// The time to wait before this answer's request is sent again, if it may be.
    pub(crate) fn after_answer(&self, code: StatusCode, headers: &HeaderMap) -> Option<Duration> {
        let repeatable = code == StatusCode::TOO_MANY_REQUESTS || code.is_server_error();
        if !repeatable || self.sent > self.max_retries {
            return None;
        }
        retry_after_seconds(headers).map(Duration::from_secs)
    }

    /// The time to wait before a request is sent again that got no answer, if it may be.
    pub(crate) fn after_failure(&self, purpose: Purpose, method: &Method, error: &Error) -> Option<Duration> {
        let repeatable = match purpose {
            Purpose::Unary => *method == Method::GET && is_lost_connection(error),
            Purpose::Watch => is_lost_connection(error) || is_timeout(error),
            Purpose::Stream => false,
        };
        (repeatable && self.sent <= self.max_retries).then_some(AFTER_LOST_CONNECTION)
    }

    /// Keeps an error whose request is sent again.
    pub(crate) fn remember(&mut self, error: Error) {
        self.previous = Some(error);
    }

    /// The error of the whole call: that of the last attempt, with the one before it.
    pub(crate) fn finish(&mut self, error: Error) -> Error {
        error.after(self.sent, self.previous.take())
    }
}

/// The value of `Retry-After` if it is a whole number of seconds; a date does not count.
pub(crate) fn retry_after_seconds(headers: &HeaderMap) -> Option<u64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// Whether a connection that stood broke before the answer was complete.
pub(crate) fn is_lost_connection(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            return is_lost(error.kind());
        }
        if let Some(error) = cause.downcast_ref::<hyper::Error>() {
            return error.is_incomplete_message() || error.is_closed() || error.is_canceled();
        }
        if let Some(error) = cause.downcast_ref::<h2::Error>() {
            return error.is_go_away() || error.get_io().is_some_and(|error| is_lost(error.kind()));
        }
        false
    })
}

/// Whether an answer, or a sign of life on its connection, did not come in time.
pub(crate) fn is_timeout(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout)
            || cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_timeout)
            || cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
    })
}

fn is_lost(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

/// The error and all that stand behind it.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

/// The error behind `error`. That of an I/O error is the one in it, which `source` would pass over.
fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(retry_after: Option<&str>) -> HeaderMap {
        retry_after.map(|value| (RETRY_AFTER, value.parse().unwrap())).into_iter().collect()
    }

    fn lost() -> Error {
        transport(io::ErrorKind::ConnectionReset)
    }

    fn transport(kind: io::ErrorKind) -> Error {
        Error::Transport {
            method: Method::GET,
            url: "https://k/api".into(),
            source: io::Error::from(kind).into(),
        }
    }

    #[test]
    fn only_429_and_5xx_with_whole_seconds_are_repeated() {
        let attempts = Attempts { sent: 1, ..Attempts::new(10) };
        let wait = |code: u16, retry_after| {
            attempts.after_answer(StatusCode::from_u16(code).unwrap(), &headers(retry_after))
        };
        assert_eq!(wait(429, Some("3")), Some(Duration::from_secs(3)));
        assert_eq!(wait(503, Some("0")), Some(Duration::ZERO));
        assert_eq!(wait(500, Some("1")), Some(Duration::from_secs(1)));
        assert_eq!(wait(503, None), None);
        assert_eq!(wait(503, Some("Wed, 21 Oct 2015 07:28:00 GMT")), None);
        assert_eq!(wait(503, Some("-1")), None);
        assert_eq!(wait(409, Some("1")), None);
        assert_eq!(wait(404, Some("1")), None);
    }

    #[test]
    fn ten_retries_make_eleven_attempts() {
        let mut attempts = Attempts::new(DEFAULT_MAX_RETRIES);
        let mut sent = 0;
        loop {
            attempts.begin();
            sent += 1;
            if attempts.after_answer(StatusCode::TOO_MANY_REQUESTS, &headers(Some("0"))).is_none() {
                break;
            }
        }
        assert_eq!(sent, 11);
    }

    #[test]
    fn a_lost_connection_is_repeated_for_get_only_and_never_for_streams() {
        let attempts = Attempts { sent: 1, ..Attempts::new(10) };
        let second = Some(Duration::from_secs(1));
        assert_eq!(attempts.after_failure(Purpose::Unary, &Method::GET, &lost()), second);
        assert_eq!(attempts.after_failure(Purpose::Unary, &Method::PUT, &lost()), None);
        assert_eq!(attempts.after_failure(Purpose::Stream, &Method::GET, &lost()), None);
        assert_eq!(attempts.after_failure(Purpose::Watch, &Method::GET, &lost()), second);
    }

    #[test]
    fn a_refused_connection_is_not_repeated() {
        let attempts = Attempts { sent: 1, ..Attempts::new(10) };
        let refused = transport(io::ErrorKind::ConnectionRefused);
        for purpose in [Purpose::Unary, Purpose::Stream, Purpose::Watch] {
            assert_eq!(attempts.after_failure(purpose, &Method::GET, &refused), None);
        }
    }

    #[test]
    fn the_final_error_tells_of_the_attempt_before() {
        let mut attempts = Attempts::new(1);
        attempts.begin();
        attempts.remember(lost());
        attempts.begin();
        let timeout = Duration::from_secs(2);
        let error = Error::Timeout { method: Method::GET, url: "https://k/api".into(), timeout };
        let error = attempts.finish(error);
        assert!(error.is_deadline_exceeded());
        assert_eq!(error.attempts(), 2);
        assert!(error.to_string().contains("error from a previous attempt: no complete answer"), "{error}");
    }
}
