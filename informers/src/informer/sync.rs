//! Waiting until informers have read their objects.

use std::fmt;
use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;

use super::SharedInformer;
use super::task::first;
use super::version::Version;
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

/// A version that a store has not come to in time.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{description} are at version {reached:?} and not at {wanted:?} after {deadline:?}")]
#[non_exhaustive]
pub struct NotReached {
    /// What the store keeps, such as `core/v1 pods`.
    pub description: String,
    /// The version that was waited for.
    pub wanted: String,
    /// The version that the store is at.
    pub reached: String,
    /// How long it had.
    pub deadline: Duration,
}

impl<T: CacheObject> SharedInformer<T> {
    /// Waits until the store has what was written: until it is at `resource_version`, or at a later one.
    ///
    /// That is the version of the object in the answer to a write to this resource. Versions of other resources do not compare.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use k8s_openapi::api::core::v1::Pod;
    /// # use kubeset_informers::SharedInformer;
    /// # use kubeset_rest::Endpoint;
    /// # async fn example(endpoint: Endpoint<Pod>, pods: SharedInformer<Pod>, pod: Pod) -> Result<(), Box<dyn std::error::Error>> {
    /// let made = endpoint.create(&pod).await?;
    /// let version = made.metadata.resource_version.unwrap_or_default();
    /// pods.wait_for_version(&version, Duration::from_secs(10)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the store is not there by the deadline, if the informer is shut down before, or if the version is no number: all of
    /// Kubernetes' own are.
    pub async fn wait_for_version(
        &self,
        resource_version: &str,
        deadline: Duration,
    ) -> Result<(), NotReached> {
        let not_reached = || NotReached {
            description: self.description().to_owned(),
            wanted: resource_version.to_owned(),
            reached: self.inner.cache.store.resource_version(),
            deadline,
        };
        let version = Version::parse(resource_version).ok_or_else(not_reached)?;
        let mut reached = false;
        let waits = async {
            self.inner.cache.reached(&version).await;
            reached = true;
        };
        let stopped = self.inner.tasks.stopped();
        drop(tokio::time::timeout(deadline, first(pin!(waits), pin!(stopped))).await);
        if reached { Ok(()) } else { Err(not_reached()) }
    }

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
