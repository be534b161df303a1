//! The connections, and how to part with all of them when they no longer speak for the client.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

type Build = dyn Fn() -> Result<reqwest::Client, reqwest::Error> + Send + Sync;

/// A connection pool that can be replaced by an empty one with the same settings. Clones share it.
#[derive(Clone)]
pub(crate) struct Pool {
    inner: Arc<Inner>,
}

struct Inner {
    current: RwLock<reqwest::Client>,
    /// Nothing for a ready-made client, whose settings are not known.
    build: Option<Box<Build>>,
}

impl Pool {
    /// A pool that `build` makes, now and at each renewal.
    pub(crate) fn new(
        build: impl Fn() -> Result<reqwest::Client, reqwest::Error> + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        let current = RwLock::new(build()?);
        Ok(Self { inner: Arc::new(Inner { current, build: Some(Box::new(build)) }) })
    }

    /// A ready-made pool, which is never renewed.
    pub(crate) fn fixed(client: reqwest::Client) -> Self {
        Self { inner: Arc::new(Inner { current: RwLock::new(client), build: None }) }
    }

    /// What to send the next request with.
    pub(crate) fn current(&self) -> reqwest::Client {
        self.inner.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Leaves the connections to the requests that are under way on them: later requests make new ones.
    pub(crate) fn renew(&self) {
        let Some(build) = &self.inner.build else { return };
        match build() {
            Ok(fresh) => *self.inner.current.write().unwrap_or_else(PoisonError::into_inner) = fresh,
            Err(error) => tracing::error!(
                target: "kubeset::rest",
                error = %error.without_url(),
                "no new connections can be set up, the old ones stay in use"
            ),
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}
