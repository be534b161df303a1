//! Holding requests back from a server that struggles.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

/// How many hosts are remembered. A client talks to one; the rest is for limits shared by many clients.
const MAX_HOSTS: usize = 1_000;
/// Where the shortest and the longest delay are read from, in whole seconds.
const BASE_VARIABLE: &str = "KUBE_CLIENT_BACKOFF_BASE";
const MAX_VARIABLE: &str = "KUBE_CLIENT_BACKOFF_DURATION";

/// A say in when a request is sent, beside the server's `Retry-After`.
///
/// Each attempt is reported, so that an implementation can hold a struggling server's requests back.
pub trait Backoff: fmt::Debug + Send + Sync {
    /// How long to wait before the next request to `host` (`host` or `host:port`).
    fn delay(&self, host: &str) -> Duration;

    /// Takes what came of a request to `host`: the status code, or `None` if no answer came.
    fn record(&self, host: &str, outcome: Option<StatusCode>);
}

/// Doubles the delay with each failure in a row, host by host. Any other answer takes it away.
///
/// An answer of 429 or 5xx is a failure, and so is none at all. A host that was left alone for twice the longest
/// delay starts anew. Unlike client-go's, the delays hold across requests, as its documentation says.
pub struct ExponentialBackoff {
    base: Duration,
    max: Duration,
    hosts: Mutex<BTreeMap<String, Failing>>,
}

/// A host whose last answer was a failure.
#[derive(Clone, Copy)]
struct Failing {
    delay: Duration,
    since: Instant,
}

impl ExponentialBackoff {
    /// Delays from `base` up to `max`.
    pub fn new(base: Duration, max: Duration) -> Self {
        Self { base, max, hosts: Mutex::default() }
    }

    /// The backoff that `KUBE_CLIENT_BACKOFF_BASE` and `KUBE_CLIENT_BACKOFF_DURATION` ask for, both in whole
    /// seconds; none unless both are set and valid. Clients use it unless they are given another.
    pub fn from_environment() -> Option<Self> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let seconds = |name| variable(name)?.trim().parse().ok().map(Duration::from_secs);
        Some(Self::new(seconds(BASE_VARIABLE)?, seconds(MAX_VARIABLE)?))
    }

    fn is_over(&self, failing: Failing) -> bool {
        failing.since.elapsed() > self.max * 2
    }
}

impl Backoff for ExponentialBackoff {
    fn delay(&self, host: &str) -> Duration {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts
            .get(host)
            .filter(|failing| !self.is_over(**failing))
            .map_or(Duration::ZERO, |failing| failing.delay)
    }

    fn record(&self, host: &str, outcome: Option<StatusCode>) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let failed =
            outcome.is_none_or(|code| code == StatusCode::TOO_MANY_REQUESTS || code.is_server_error());
        if !failed {
            hosts.remove(host);
            return;
        }
        if hosts.len() >= MAX_HOSTS {
            hosts.retain(|_, failing| !self.is_over(*failing));
        }
        let before = hosts.get(host).copied().filter(|failing| !self.is_over(*failing));
        let delay = before.map_or(self.base, |failing| failing.delay.saturating_mul(2)).min(self.max);
        if before.is_some() || hosts.len() < MAX_HOSTS {
            hosts.insert(host.to_owned(), Failing { delay, since: Instant::now() });
        }
    }
}

impl fmt::Debug for ExponentialBackoff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ExponentialBackoff")
            .field("base", &self.base)
            .field("max", &self.max)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn backoff() -> ExponentialBackoff {
        ExponentialBackoff::new(SECOND, SECOND * 5)
    }

    #[tokio::test]
    async fn failures_in_a_row_double_the_delay_up_to_its_bound() {
        let backoff = backoff();
        let delays: Vec<u64> = [Some(500), Some(503), Some(429), None, Some(599)]
            .map(|code| {
                backoff.record("k:6443", code.map(|code| StatusCode::from_u16(code).unwrap()));
                backoff.delay("k:6443").as_secs()
            })
            .into();
        assert_eq!(delays, [1, 2, 4, 5, 5]);
        assert_eq!(backoff.delay("other"), Duration::ZERO);
    }

    #[tokio::test]
    async fn any_other_answer_takes_the_delay_away() {
        for code in [StatusCode::OK, StatusCode::NOT_FOUND, StatusCode::CONFLICT] {
            let backoff = backoff();
            backoff.record("k", Some(StatusCode::SERVICE_UNAVAILABLE));
            backoff.record("k", Some(code));
            assert_eq!(backoff.delay("k"), Duration::ZERO);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_was_left_alone_starts_anew() {
        let backoff = backoff();
        backoff.record("k", None);
        backoff.record("k", None);
        tokio::time::advance(SECOND * 11).await;
        assert_eq!(backoff.delay("k"), Duration::ZERO);
        backoff.record("k", None);
        assert_eq!(backoff.delay("k"), SECOND);
    }

    #[tokio::test]
    async fn the_number_of_hosts_is_bounded() {
        let backoff = backoff();
        for number in 0..2 * MAX_HOSTS {
            backoff.record(&number.to_string(), None);
        }
        assert_eq!(backoff.hosts.lock().unwrap().len(), MAX_HOSTS);
    }

    #[test]
    fn both_variables_must_be_whole_seconds() {
        let from = |base: &str, max: &str| {
            let (base, max) = (base.to_owned(), max.to_owned());
            ExponentialBackoff::from_variables(move |name| {
                Some(if name == BASE_VARIABLE { base.clone() } else { max.clone() })
            })
        };
        assert!(from("1", "120").is_some());
        assert!(from("1s", "120").is_none());
        assert!(from("1", "").is_none());
        assert!(ExponentialBackoff::from_variables(|_| None).is_none());
    }
}
