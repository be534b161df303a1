//! kubeset's own clients of a server.

use super::kubeconfig::Credential;
use super::{Server, StartError, TestServer};
use crate::auth::CredentialError;
use crate::user::User;
#[cfg(feature = "tls")]
use kubeset::rest::PemSource;
use kubeset::{Clientset, Config, RateLimit};

/// kubeset's clients.
impl TestServer {
    /// The configuration of a client for an administrator, without a rate limit: a test should not have to wait.
    pub fn config(&self) -> Config {
        config(&self.server, &self.admin)
    }

    /// A clientset for an administrator, without a rate limit. All share the same connections.
    pub fn clientset(&self) -> Clientset {
        self.clientset.clone()
    }

    /// The configuration of a client for a user, who is in these groups and in `system:authenticated`, with a new
    /// certificate, or without TLS a new token.
    ///
    /// # Errors
    ///
    /// If no certificate can be made.
    pub fn config_for<G: Into<String>>(
        &self,
        user: impl Into<String>,
        groups: impl IntoIterator<Item = G>,
    ) -> Result<Config, CredentialError> {
        Ok(config(&self.server, &self.credential_for(User::known(user, groups))?))
    }
}

/// The configuration of a client with a credential.
pub(super) fn config(server: &Server, credential: &Credential) -> Config {
    let mut config = Config::new(server.url());
    config.rate_limit = RateLimit::Unlimited;
    #[cfg(feature = "tls")]
    if let Some(tls) = &server.tls {
        config.tls.ca = Some(PemSource::data(tls.authority()));
    }
    match credential {
        Credential::None => {}
        Credential::Token(token) => config.bearer_token = Some(token.as_str().into()),
        #[cfg(feature = "tls")]
        Credential::Certificate(of) => {
            config.tls.client_certificate = Some(PemSource::data(of.certificate.as_str()));
            config.tls.client_key = Some(PemSource::data(of.key.as_str()));
        }
    }
    config
}

/// The clientset of the administrator.
pub(super) fn clientset(server: &Server, admin: &Credential) -> Result<Clientset, StartError> {
    Clientset::new(&config(server, admin)).map_err(|source| StartError::Clientset { source })
}
