//! Whom to act as, instead of the user whose credentials are sent.

use std::collections::BTreeMap;

/// Whom to act as, instead of the user whose credentials are sent.
///
/// The server carries a request out as this user if the real one may `impersonate` it, and its audit log
/// names both.
///
/// ```
/// use kubeset_rest::{Config, Impersonation};
///
/// let mut config = Config::new("https://cluster.example:6443");
/// config.impersonate = Some(Impersonation::user("jane@example.com").group("developers"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Impersonation {
    /// The user name. Without one, nothing else here may be set.
    pub user: String,
    /// The user's unique ID.
    pub uid: Option<String>,
    /// The groups to be in. The server adds its own, such as `system:authenticated`.
    pub groups: Vec<String>,
    /// What else an authenticator would say about the user. The server makes keys lower-case.
    pub extra: BTreeMap<String, Vec<String>>,
}

impl Impersonation {
    /// Acts as the user of this name, in no groups but those that the server adds.
    #[must_use]
    pub fn user(name: impl Into<String>) -> Self {
        Self { user: name.into(), ..Self::default() }
    }

    /// Claims this unique ID.
    #[must_use]
    pub fn uid(mut self, uid: impl Into<String>) -> Self {
        self.uid = Some(uid.into());
        self
    }

    /// Acts as a member of this group too.
    #[must_use]
    pub fn group(mut self, name: impl Into<String>) -> Self {
        self.groups.push(name.into());
        self
    }

    /// Adds a value under a key of what else is said about the user.
    #[must_use]
    pub fn extra(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.entry(key.into()).or_default().push(value.into());
        self
    }

    /// Whether there is a user, or nothing at all: the server refuses the rest alone.
    pub(crate) fn is_complete(&self) -> bool {
        !self.user.is_empty() || self.is_empty()
    }

    /// Whether nobody is impersonated.
    pub(crate) fn is_empty(&self) -> bool {
        self.user.is_empty() && self.uid.is_none() && self.groups.is_empty() && self.extra.is_empty()
    }
}
