//! What is told of failures.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kubeset_rest::Error;

/// What an informer could not do, and when it will try again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WatchFailure {
    /// What it tried to read, such as `core/v1 pods`.
    pub description: Arc<str>,
    /// What it was doing.
    pub attempt: Attempt,
    /// Why it failed. `None` if a watch ended sooner than it should have, without a word.
    pub error: Option<Arc<Error>>,
    /// How long it waits before it tries again.
    pub retry_in: Duration,
}

/// What an informer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Attempt {
    /// It reads all objects.
    List,
    /// It follows what happens to them.
    Watch,
}

impl WatchFailure {
    /// Writes it to the log. What happens to every watch now and then is no cause for alarm.
    pub(crate) fn log(&self) {
        let ordinary = self.error.as_ref().is_none_or(|error| error.is_expired());
        if ordinary {
            tracing::debug!(target: "kubeset::informers", "{self}");
        } else {
            tracing::warn!(target: "kubeset::informers", "{self}");
        }
    }
}

impl fmt::Display for WatchFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempt = match self.attempt {
            Attempt::List => "list",
            Attempt::Watch => "watch",
        };
        write!(formatter, "cannot {attempt} {}", self.description)?;
        match &self.error {
            Some(error) => write_with_causes(formatter, &**error)?,
            None => formatter.write_str(": it ended at once, without a word")?,
        }
        write!(formatter, " (next attempt in {:.1?})", self.retry_in)
    }
}

fn write_with_causes(formatter: &mut fmt::Formatter<'_>, error: &dyn std::error::Error) -> fmt::Result {
    let mut next = Some(error);
    while let Some(error) = next {
        write!(formatter, ": {error}")?;
        next = error.source();
    }
    Ok(())
}
