//! Bearer tokens.

use crate::user::User;
use jiff::Timestamp;
use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};

/// The bearer tokens of a server, and whose they are.
#[derive(Default)]
pub(crate) struct Tokens {
    known: RwLock<HashMap<String, Token>>,
}

struct Token {
    user: User,
    /// When nobody believes it any more; none for never.
    expires: Option<Timestamp>,
}

impl Tokens {
    /// Makes a token a user's, until some time or for ever.
    pub(crate) fn add(&self, token: impl Into<String>, user: User, expires: Option<Timestamp>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(token.into(), Token { user, expires });
    }

    /// Whose a token is at the moment.
    pub(crate) fn user(&self, token: &str) -> Option<User> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let token = known.get(token)?;
        let expired = token.expires.is_some_and(|expires| expires <= Timestamp::now());
        (!expired).then(|| token.user.clone())
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        formatter.debug_list().entries(known.values().map(|token| &token.user.name)).finish()
    }
}
