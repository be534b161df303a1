//! Waiting until informers have read their objects.

use std::fmt;
use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;

use super::SharedInformer;
use super::task::first;
use crate::object::CacheObject;
use crate::reflector::WatchFailure;

/// Informers that have not read their objects in time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NotSynced {
    /// How long they had.
    pub deadline: Duration,
    /// Which they are.
    pub informers: Vec<Unsynced>,
}

/// An informer that has not read its objects.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unsynced {
    /// What it is to keep, such as `core/v1 pods`.
    pub description: String,
    /// Whether it was started.
    pub started: bool,
    /// What went wrong last, if something did.
    pub failure: Option<WatchFailure>,
}

impl fmt::Display for NotSynced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "not all objects were read within {:?}: ", self.deadline)?;
        for (number, informer) in self.informers.iter().enumerate() {
            let separator = if number == 0 { "" } else { "; " };
            write!(formatter, "{separator}{}: ", informer.description)?;
            match &informer.failure {
                _ if !informer.started => formatter.write_str("the informer was not started")?,
                Some(failure) => write!(formatter, "{failure}")?,
                None => formatter.write_str("the answer has not come")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for NotSynced {}

impl<T: CacheObject> SharedInformer<T> {
    /// Waits until the store [has all objects](Self::has_synced).
    ///
    /// # Errors
    ///
    /// If it has not by the deadline, or if the informer is shut down before. An informer that was not started is one that the
    /// error names.
    pub async fn wait_for_sync(&self, deadline: Duration) -> Result<(), NotSynced> {
        match self.unsynced_at(Instant::now() + deadline).await {
            None => Ok(()),
            Some(unsynced) => Err(NotSynced { deadline, informers: vec![unsynced] }),
        }
    }

    /// Waits until the store has all objects. What is the matter if it does not come to that.
    pub(crate) async fn unsynced_at(&self, end: Instant) -> Option<Unsynced> {
        let mut synced = self.inner.cache.subscribe_synced();
        let synced = async { drop(synced.wait_for(|synced| *synced).await) };
        let stopped = self.inner.tasks.stopped();
        drop(tokio::time::timeout_at(end, first(pin!(synced), pin!(stopped))).await);
        if self.has_synced() { None } else { Some(self.unsynced()) }
    }

    fn unsynced(&self) -> Unsynced {
        Unsynced {
            description: self.description().to_owned(),
            started: self.inner.tasks.is_started(),
            failure: self.last_failure(),
        }
    }
}
