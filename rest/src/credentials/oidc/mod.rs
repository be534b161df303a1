//! An ID token that is renewed at the identity provider before it expires.

mod id_token;
mod provider;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

use super::failure::Failure;
use super::{CredentialError, Proof, bearer, refuse};
use crate::config::{ConfigError, OidcConfig};
use crate::transport::provider_client;

/// How long before its end a token is no longer sent: as long as a request may take to get there.
const LEEWAY: Duration = Duration::from_secs(10);

/// An ID token and what it is renewed with.
pub(crate) struct Oidc {
    inner: Arc<Inner>,
}

struct Inner {
    config: OidcConfig,
    client: OnceCell<reqwest::Client>,
    /// Held while the token is renewed, so that many requests at once renew it once.
    last: Mutex<Last>,
}

struct Last {
    header: Option<HeaderValue>,
    /// Unknown for a token that does not say so, which is then renewed at once.
    expires: Option<SystemTime>,
    refresh_token: Option<SecretString>,
    renewed_at: Option<Instant>,
    serial: u64,
    failure: Failure,
}

impl Oidc {
    /// The tokens of a configuration. The provider is not asked yet.
    pub(super) fn new(config: &OidcConfig) -> Result<Self, ConfigError> {
        provider::address(&config.issuer_url)
            .map_err(|reason| refuse(&format!("oidc.issuer_url of the identity provider: {reason}")))?;
        let token = config.id_token.as_ref().filter(|token| !token.expose_secret().is_empty());
        let header = token.map(|token| {
            bearer(token).ok_or_else(|| refuse("oidc.id_token holds a character that no header can carry"))
        });
        let last = Last {
            header: header.transpose()?,
            expires: token.and_then(|token| id_token::expiry(token.expose_secret())),
            refresh_token: config.refresh_token.clone(),
            renewed_at: None,
            serial: 0,
            failure: Failure::default(),
        };
        let (config, last) = (config.clone(), Mutex::new(last));
        Ok(Self { inner: Arc::new(Inner { config, client: OnceCell::new(), last }) })
    }

    /// The token to send now.
    pub(super) async fn proof(&self) -> Result<Proof, CredentialError> {
        {
            let last = self.inner.last.lock().await;
            if last.is_good() {
                return Ok(last.proof());
            }
        }
        self.renew_if(|last| !last.is_good()).await
    }

    /// Whether there is another token than the one that was refused to a request that `began` then.
    pub(super) async fn renewed(&self, refused: &Proof, began: Instant) -> Result<bool, CredentialError> {
        let serial = refused.serial;
        let is_old = move |last: &Last| last.serial == serial && last.renewed_at.is_none_or(|at| at < began);
        Ok(self.renew_if(is_old).await?.serial != serial)
    }

    /// Renews the token in a task of its own: a refresh token is often good only once, so that an answer which
    /// nobody waits for any more must be kept all the same.
    async fn renew_if(
        &self,
        needed: impl FnOnce(&Last) -> bool + Send + 'static,
    ) -> Result<Proof, CredentialError> {
        let (inner, arrived) = (Arc::clone(&self.inner), Instant::now());
        let task = tokio::spawn(async move {
            let mut last = inner.last.lock().await;
            if needed(&last) {
                last.failure.since(arrived)?;
                let outcome = inner.renew(&mut last).await;
                last.failure.note(&outcome);
                outcome?;
            }
            Ok(last.proof())
        });
        let outcome = task.await.unwrap_or_else(|_| Err("the runtime is shutting down".to_owned()));
        let issuer = || self.inner.config.issuer_url.clone();
        outcome.map_err(|reason| CredentialError::Oidc { issuer: issuer(), reason })
    }
}

impl Inner {
    async fn renew(&self, last: &mut Last) -> Result<(), String> {
        let old = last.refresh_token.clone();
        let old = old.ok_or("the ID token is no longer good, and there is no refresh token: log in again")?;
        let client = self.client.get_or_try_init(|| self.client()).await?;
        let tokens = provider::refresh(client, &self.config, &old).await?;
        let refresh_token = tokens.refresh_token.unwrap_or(old);
        last.refresh_token = Some(refresh_token.clone());
        let id_token = tokens.id_token.ok_or(
            "it gives no ID token to the refresh token: log in with the scope openid, at a provider that can",
        )?;
        let header = bearer(&id_token).ok_or("its ID token holds a character that no header can carry")?;
        let changed = u64::from(last.header.as_ref() != Some(&header));
        last.header = Some(header);
        last.expires = id_token::expiry(id_token.expose_secret());
        last.renewed_at = Some(Instant::now());
        last.serial += changed;
        self.save(id_token, refresh_token).await;
        Ok(())
    }

    async fn client(&self) -> Result<reqwest::Client, String> {
        let (ca, issuer) = (self.config.ca.clone(), self.config.issuer_url.clone());
        let made = tokio::task::spawn_blocking(move || provider_client(ca, &issuer)).await;
        let made = made.map_err(|_| "the runtime is shutting down".to_owned())?;
        made.map_err(|error| error.to_string())
    }

    /// Tokens that are not saved are still good for this client, so that this is no failure.
    async fn save(&self, id_token: SecretString, refresh_token: SecretString) {
        let issuer = &self.config.issuer_url;
        let Some(sink) = self.config.token_sink.clone() else {
            tracing::warn!(
                target: "kubeset::rest",
                issuer,
                "the renewed tokens are not saved: the next start may need a new login"
            );
            return;
        };
        let saved = tokio::task::spawn_blocking(move || sink.save(&id_token, &refresh_token)).await;
        if let Ok(Err(error)) = saved {
            tracing::error!(
                target: "kubeset::rest",
                issuer,
                error = &*error as &dyn std::error::Error,
                "the renewed tokens cannot be saved: the next start may need a new login"
            );
        }
    }
}

impl Last {
    fn is_good(&self) -> bool {
        let until = self.expires.and_then(|expires| expires.checked_sub(LEEWAY));
        self.header.is_some() && until.is_some_and(|until| until > SystemTime::now())
    }

    fn proof(&self) -> Proof {
        Proof { header: self.header.clone(), serial: self.serial }
    }
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oidc").field("issuer", &self.inner.config.issuer_url).finish_non_exhaustive()
    }
}
