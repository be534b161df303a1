//! OpenID Connect: an ID token that is renewed at the identity provider.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use super::PemSource;
use crate::error::BoxError;

/// An ID token that is renewed at the identity provider that issued it.
///
/// The token is sent until ten seconds before it expires, and a new one is then fetched with the refresh token.
/// Providers often accept a refresh token only once: without a [`token_sink`](Self::token_sink), the next start
/// of the program needs a new login. For the same reason, clients should share one
/// [`HttpClient`](crate::HttpClient).
///
/// `Debug` shows no token and no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OidcConfig {
    /// The provider's address, `https` unless it is on this machine.
    pub issuer_url: String,
    /// As whom the program is known to the provider.
    pub client_id: String,
    /// The program's own secret, if the provider gave it one.
    pub client_secret: Option<SecretString>,
    /// The token to begin with.
    pub id_token: Option<SecretString>,
    /// What a new token is fetched with.
    pub refresh_token: Option<SecretString>,
    /// The certificates to trust at the provider, and no others. By default the system's.
    pub ca: Option<PemSource>,
    /// Where new tokens are saved.
    pub token_sink: Option<Arc<dyn TokenSink>>,
}

impl OidcConfig {
    /// The client `client_id` of the provider at `issuer_url`, without any token yet.
    #[must_use]
    pub fn new(issuer_url: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            issuer_url: issuer_url.into(),
            client_id: client_id.into(),
            client_secret: None,
            id_token: None,
            refresh_token: None,
            ca: None,
            token_sink: None,
        }
    }
}

/// Where new tokens are saved, so that the next start of the program has them.
pub trait TokenSink: fmt::Debug + Send + Sync {
    /// Saves the tokens. It may block: it is not called on a thread that carries requests.
    ///
    /// # Errors
    ///
    /// If they are not saved. The tokens are used all the same, and the failure is logged.
    fn save(&self, id_token: &SecretString, refresh_token: &SecretString) -> Result<(), BoxError>;
}
