//! The tokens that a server has issued.

use crate::catalog::StorageKey;
use crate::server::Server;
use crate::store::ObjectKey;
use crate::user::User;
use jiff::Timestamp;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many tokens there are before those that have expired are looked for, to be forgotten.
const MANY: usize = 1000;

/// An object without which a token means nothing.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) resource: StorageKey,
    pub(super) key: ObjectKey,
    pub(super) uid: String,
}

/// What a token means.
#[derive(Clone, Debug)]
pub(super) struct Issue {
    pub(super) user: User,
    pub(super) audiences: Vec<String>,
    pub(super) expires: Timestamp,
    /// The service account.
    pub(super) account: Bound,
    /// Another object, if the token is bound to one.
    pub(super) bound: Option<Bound>,
}

/// The tokens that a server has issued, by themselves: their signatures cannot be guessed.
#[derive(Default)]
pub(crate) struct Issued {
    known: Mutex<HashMap<String, Issue>>,
}

impl Issued {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Issue>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, token: String, issue: Issue) {
        let mut known = self.lock();
        if known.len() >= MANY && known.len().is_power_of_two() {
            let now = Timestamp::now();
            known.retain(|_, issue| issue.expires > now);
        }
        known.insert(token, issue);
    }

    pub(super) fn find(&self, token: &str) -> Option<Issue> {
        self.lock().get(token).cloned()
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the tokens.
        formatter.debug_list().entries(self.lock().values().map(|issue| &issue.user.name)).finish()
    }
}

impl Bound {
    /// Whether the object is still there; `Err` if it is not, or if it is another one of its name.
    fn check(&self, server: &Server) -> Result<(), Option<String>> {
        match server.store.get(&self.resource, &self.key) {
            None => Err(None),
            Some(entry) if entry.uid != self.uid => Err(Some(entry.uid.clone())),
            Some(_) => Ok(()),
        }
    }
}

impl Issue {
    /// Whether the token still means something.
    ///
    /// # Errors
    ///
    /// Why not.
    pub(super) fn check(&self, server: &Server) -> Result<(), String> {
        if self.expires <= Timestamp::now() {
            return Err("service account token has expired".into());
        }
        self.account.check(server).map_err(|other| match other {
            None => format!("serviceaccounts {:?} not found", self.account.key.name),
            Some(uid) => format!("service account UID ({uid}) does not match claim ({})", self.account.uid),
        })?;
        let Some(bound) = &self.bound else { return Ok(()) };
        bound.check(server).map_err(|other| match (other, bound.resource.plural.as_ref()) {
            (Some(uid), "pods") => {
                format!("pod UID ({uid}) does not match service account pod ref claim ({})", bound.uid)
            }
            (Some(uid), "secrets") => {
                format!("secret UID ({uid}) does not match service account secret ref claim ({})", bound.uid)
            }
            _ => "service account token has been invalidated".into(),
        })
    }
}
