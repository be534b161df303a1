//! The `Authorization` header: from a token, from a file with one, or from a user name and password. And the
//! headers that say whom to act as.
//!
//! Client certificates are not here: they are part of the connection, see the transport.

mod impersonate;
mod token_file;

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

pub(crate) use self::impersonate::{IMPERSONATE_USER, headers as impersonation_headers};
use self::token_file::TokenFile;
pub(crate) use self::token_file::TokenFileError;
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
}

impl Credentials {
    /// Takes the credentials out of a configuration.
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
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
        Ok(match (&config.bearer_token_file, header) {
            (Some(path), until_read) => Self::File(TokenFile::new(path.clone(), until_read)),
            (None, Some(header)) => Self::Fixed(header),
            (None, None) => Self::None,
        })
    }

    /// The header to send now.
    pub(crate) async fn authorization(&self) -> Result<Option<HeaderValue>, TokenFileError> {
        match self {
            Self::None => Ok(None),
            Self::Fixed(header) => Ok(Some(header.clone())),
            Self::File(file) => file.authorization().await.map(Some),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Fixed(_) => f.write_str("Fixed([REDACTED])"),
            Self::File(file) => file.fmt(f),
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
