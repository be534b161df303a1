//! How clients reach a server: addresses, credentials, and kubeconfigs that say both.

use super::{Server, StartError, TestServer};
use crate::auth::CredentialError;
#[cfg(feature = "tls")]
use crate::auth::tls::ClientCertificate;
use crate::object::new_uid;
use crate::user::User;
#[cfg(feature = "tls")]
use base64::Engine as _;
#[cfg(feature = "tls")]
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// What proves who a client is.
#[derive(Clone)]
pub(super) enum Credential {
    /// Nothing: the server does not ask.
    None,
    /// A bearer token.
    Token(String),
    /// A client certificate.
    #[cfg(feature = "tls")]
    Certificate(ClientCertificate),
}

/// What proves that a client is the administrator's.
pub(super) fn admin(server: &Server) -> Result<Credential, StartError> {
    #[cfg(feature = "tls")]
    if let Some(tls) = &server.tls {
        let certificate = tls.certificate_for(User::admin());
        return certificate
            .map(Credential::Certificate)
            .map_err(|error| StartError::Tls { source: error.source });
    }
    if server.auth.required {
        return Ok(Credential::Token(token(server, User::admin())));
    }
    Ok(Credential::None)
}

/// A new token of a user.
fn token(server: &Server, user: User) -> String {
    let token = format!("{}{}", new_uid(), new_uid()).replace('-', "");
    server.auth.tokens.add(token.as_str(), user, None);
    token
}

impl Server {
    /// Its base URL.
    pub(super) fn url(&self) -> String {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return format!("https://{}", self.address);
        }
        format!("http://{}", self.address)
    }
}

/// How to reach it, and as whom.
impl TestServer {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, such as `http://127.0.0.1:45123`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The certificate of the authority that vouches for the server and its users, as PEM; none without TLS.
    #[cfg(feature = "tls")]
    pub fn authority(&self) -> Option<String> {
        self.server.tls.as_ref().map(crate::auth::tls::Tls::authority)
    }

    /// Makes a client certificate of a user, who is in these groups and in `system:authenticated`.
    ///
    /// # Errors
    ///
    /// If the server was started without [`tls`](super::Builder::tls).
    #[cfg(feature = "tls")]
    pub fn certificate_for<G: Into<String>>(
        &self,
        user: impl Into<String>,
        groups: impl IntoIterator<Item = G>,
    ) -> Result<ClientCertificate, CredentialError> {
        let user = User::known(user, groups);
        match &self.server.tls {
            Some(tls) => tls.certificate_for(user),
            None => {
                Err(CredentialError { user: user.name, source: "the server was started without TLS".into() })
            }
        }
    }

    /// Makes a bearer token of a user, who is in these groups and in `system:authenticated`.
    ///
    /// kubectl and other clients do not send tokens over connections without TLS.
    pub fn token_for<G: Into<String>>(
        &self,
        user: impl Into<String>,
        groups: impl IntoIterator<Item = G>,
    ) -> String {
        token(&self.server, User::known(user, groups))
    }

    /// A kubeconfig file for an administrator, which is the text of a JSON document, and so of a YAML one.
    pub fn kubeconfig(&self) -> String {
        self.kubeconfig_of("admin", &self.admin)
    }

    /// A kubeconfig file for a user, who is in these groups and in `system:authenticated`, with a new certificate, or
    /// without TLS a new token.
    ///
    /// # Errors
    ///
    /// If no certificate can be made.
    pub fn kubeconfig_for<G: Into<String>>(
        &self,
        user: impl Into<String>,
        groups: impl IntoIterator<Item = G>,
    ) -> Result<String, CredentialError> {
        let user = User::known(user, groups);
        let name = user.name.clone();
        Ok(self.kubeconfig_of(&name, &self.credential_for(user)?))
    }

    pub(super) fn credential_for(&self, user: User) -> Result<Credential, CredentialError> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.server.tls {
            return tls.certificate_for(user).map(Credential::Certificate);
        }
        Ok(Credential::Token(token(&self.server, user)))
    }

    fn kubeconfig_of(&self, user: &str, credential: &Credential) -> String {
        #[cfg_attr(not(feature = "tls"), expect(unused_mut, reason = "only TLS needs to be trusted"))]
        let mut cluster = json!({"server": self.url()});
        #[cfg(feature = "tls")]
        if let Some(authority) = self.authority() {
            cluster["certificate-authority-data"] = STANDARD.encode(authority).into();
        }
        let kubeconfig = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "testserver", "cluster": cluster}],
            "users": [{"name": user, "user": credential.to_value()}],
            "contexts": [{"name": user, "context": {"cluster": "testserver", "user": user}}],
            "current-context": user,
        });
        format!("{kubeconfig:#}\n")
    }
}

impl Credential {
    fn to_value(&self) -> Value {
        match self {
            Self::None => json!({}),
            Self::Token(token) => json!({"token": token}),
            #[cfg(feature = "tls")]
            Self::Certificate(ClientCertificate { certificate, key, .. }) => json!({
                "client-certificate-data": STANDARD.encode(certificate),
                "client-key-data": STANDARD.encode(key),
            }),
        }
    }
}
