//! A failure that is shared by all who waited for the same attempt.

use tokio::time::Instant;

/// The last attempt that failed.
///
/// Requests wait in line for an attempt to renew their credentials. If it fails, those who were in line share the
/// failure: one attempt after the other would make the last of them wait as many times as long.
#[derive(Debug, Default)]
pub(super) struct Failure {
    last: Option<(Instant, String)>,
}

impl Failure {
    /// Keeps the outcome of an attempt that has just ended.
    pub(super) fn note<T>(&mut self, outcome: &Result<T, String>) {
        self.last = outcome.as_ref().err().map(|reason| (Instant::now(), reason.clone()));
    }

    /// Fails if an attempt has failed since `arrived`.
    pub(super) fn since(&self, arrived: Instant) -> Result<(), String> {
        match &self.last {
            Some((at, reason)) if *at > arrived => Err(reason.clone()),
            _ => Ok(()),
        }
    }
}
