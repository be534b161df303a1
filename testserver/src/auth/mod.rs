//! Who asks, and what they may do.

mod authentication;
mod authorization;
mod defaults;
mod forbidden;
mod impersonation;
mod rbac;
#[cfg(test)]
mod tests;
#[cfg(feature = "tls")]
pub(crate) mod tls;
mod tokens;

pub(crate) use authentication::Peer;
pub(crate) use authorization::{Attributes, authorize};
pub(crate) use defaults::fill;
pub(crate) use rbac::Rbac;
pub(crate) use tokens::Tokens;

use crate::failure::Failure;
use crate::request::Seen;
use crate::server::Server;
use crate::user::User;
use http::HeaderMap;

/// Credentials that cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make credentials of {user:?}")]
#[non_exhaustive]
pub struct CredentialError {
    /// Whose they were to be.
    pub user: String,
    /// Why not.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// What a server knows about who may do what.
#[derive(Debug, Default)]
pub(crate) struct Auth {
    /// Whether everybody must say who they are, and may do only what they have a right to.
    pub(crate) required: bool,
    /// The bearer tokens.
    pub(crate) tokens: Tokens,
    /// The rights.
    pub(crate) rbac: Rbac,
}

/// Finds out who asks, and whether they may.
///
/// # Errors
///
/// If they are somebody else than they say, or may not.
pub(crate) fn admit(server: &Server, peer: &Peer, headers: &HeaderMap, seen: &Seen) -> Result<User, Failure> {
    let user = authentication::user(server, peer, headers)?;
    let attributes = Attributes::of(seen);
    let user = impersonation::user(server, user, headers, &attributes)?;
    if server.auth.required {
        let decision = authorize(server, &user, &attributes);
        if !decision.allowed {
            return Err(forbidden::failure(&user, &attributes, &decision.reason));
        }
    }
    Ok(user)
}
