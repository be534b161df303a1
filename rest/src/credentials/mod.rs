//! The `Authorization` header: from a token, a file with one, a user name and password, or a credential plugin.
//! And the headers that say whom to act as.
//!
//! Client certificates are part of the connection, see the transport; that of a plugin is handed on to it.

mod error;
mod exec;
mod impersonate;
mod token_file;

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use rustls::sign::CertifiedKey;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

pub(crate) use self::error::CredentialError;
use self::exec::ExecPlugin;
pub(crate) use self::impersonate::{IMPERSONATE_USER, headers as impersonation_headers};
use self::token_file::TokenFile;
use crate::config::{Config, ConfigError};

/// What proves who is calling, ready to be sent. Never shown.
#[derive(Default)]
pub(crate) enum Credentials {
    /// Nothing is sent.
    #[default]
    None,
    /// The same header every time.
    Fixed(HeaderValue),
    /// A token that is read from its file again and again.
    File(TokenFile),
    /// What a program prints when it is run.
    Exec(Box<ExecPlugin>),
}

/// What is sent to prove who is calling, and a number that tells it from what is sent later.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// The header, unless it is a client certificate alone that proves it.
    pub(crate) header: Option<HeaderValue>,
    serial: u64,
}

impl Credentials {
    /// Takes the credentials out of a configuration. Client certificates that a plugin gives go to `on_certificate`.
    pub(crate) fn new(
        config: &Config,
        on_certificate: impl Fn(Option<Arc<CertifiedKey>>) + Send + Sync + 'static,
    ) -> Result<Self, ConfigError> {
        let token = config.bearer_token.as_ref().filter(|token| !token.expose_secret().is_empty());
        let username = config.username.as_deref().filter(|name| !name.is_empty());
        if username.is_some() && (token.is_some() || config.bearer_token_file.is_some()) {
            return Err(refuse("username and password or a bearer token may be set, but not both"));
        }
        if username.is_none() && config.password.is_some() {
            return Err(refuse("a password is set without a username"));
        }
        let header = match (token, username) {
            (Some(token), _) => Some(bearer(token).ok_or_else(|| {
                refuse("the bearer token holds a line break or another character that no header can carry")
            })?),
            (None, Some(name)) => Some(basic(name, config.password.as_ref())?),
            (None, None) => None,
        };
        Ok(match (&config.bearer_token_file, header, &config.exec) {
            (Some(path), until_read, _) => Self::File(TokenFile::new(path.clone(), until_read)),
            (None, Some(header), _) => Self::Fixed(header),
            // Whoever gives a certificate beside a plugin means the certificate.
            (None, None, Some(exec)) if config.tls.client_certificate.is_none() => {
                Self::Exec(Box::new(ExecPlugin::new(exec, config, Box::new(on_certificate))))
            }
            (None, None, _) => Self::None,
        })
    }

    /// What to send now.
    pub(crate) async fn proof(&self) -> Result<Proof, CredentialError> {
        match self {
            Self::None => Ok(Proof::default()),
            Self::Fixed(header) => Ok(Proof { header: Some(header.clone()), serial: 0 }),
            Self::File(file) => file.proof().await,
            Self::Exec(plugin) => plugin.proof().await,
        }
    }

    /// Whether there can ever be something else to send.
    pub(crate) fn can_change(&self) -> bool {
        matches!(self, Self::File(_) | Self::Exec(_))
    }

    /// Whether there is something else to send than what was refused to a request that `began` then.
    ///
    /// Renews what is older than that request.
    pub(crate) async fn renewed(&self, refused: &Proof, began: Instant) -> Result<bool, CredentialError> {
        match self {
            Self::None | Self::Fixed(_) => Ok(false),
            Self::File(file) => file.renewed(refused, began).await,
            Self::Exec(plugin) => plugin.renewed(refused, began).await,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Fixed(_) => f.write_str("Fixed([REDACTED])"),
            Self::File(file) => file.fmt(f),
            Self::Exec(plugin) => plugin.fmt(f),
        }
    }
}

fn refuse(reason: &str) -> ConfigError {
    ConfigError::Credentials { reason: reason.to_owned() }
}

/// `Bearer <token>`, or nothing if the token holds what a header cannot carry.
fn bearer(token: &SecretString) -> Option<HeaderValue> {
    sensitive(&format!("Bearer {}", token.expose_secret()))
}

/// `Basic <base64 of name:password>`.
fn basic(name: &str, password: Option<&SecretString>) -> Result<HeaderValue, ConfigError> {
    if name.contains(':') {
        return Err(refuse("a username for basic authentication cannot hold a colon"));
    }
    let password = password.map(ExposeSecret::expose_secret).unwrap_or_default();
    let encoded = BASE64_STANDARD.encode(format!("{name}:{password}"));
    sensitive(&format!("Basic {encoded}")).ok_or_else(|| refuse("the username or password cannot be sent"))
}

/// A header value that no log shows and that HTTP/2 does not keep in its compression table.
fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests;
