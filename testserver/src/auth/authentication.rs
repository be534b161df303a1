//! Who a request comes from.

use crate::failure::Failure;
use crate::server::Server;
use crate::subresources::token;
use crate::user::User;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// What a connection proves.
#[derive(Clone, Debug, Default)]
pub(crate) enum Peer {
    /// Nothing.
    #[default]
    Unknown,
    /// That it is this user's.
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "only a TLS connection proves something"))]
    Known(User),
    /// Something that the server does not believe.
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "only a TLS connection claims something"))]
    Doubtful,
}

/// Who asks: by the certificate of the connection, else by a bearer token.
///
/// Without either, it is nobody. On a server that asks for no credentials, nobody is the administrator, and so is who
/// brings a token that the server does not know.
///
/// # Errors
///
/// If credentials are required, and some were given that the server does not believe.
pub(super) fn user(server: &Server, peer: &Peer, headers: &HeaderMap) -> Result<User, Failure> {
    let auth = &server.auth;
    if let Peer::Known(user) = peer {
        return Ok(user.clone());
    }
    let token = bearer_token(headers);
    if let Some(user) = token.and_then(|token| auth.tokens.user(token).or_else(|| token::user(server, token)))
    {
        return Ok(user);
    }
    if !auth.required {
        return Ok(User::admin());
    }
    if token.is_some() || matches!(peer, Peer::Doubtful) {
        return Err(Failure::unauthorized());
    }
    Ok(User::anonymous())
}

/// The token of the `Authorization` header. Other schemes are as good as none.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let mut words = header.trim().splitn(3, ' ');
    let scheme = words.next()?;
    let token = words.next()?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
