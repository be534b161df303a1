//! Why no answer came back.

use std::io;

use crate::credentials::CredentialError;
use crate::error::BoxError;

/// Why no answer came back. What the connection said stands behind it as the source.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    /// There is nothing to prove who is calling. Nothing was sent.
    #[error("the request has no credentials")]
    Credentials(#[from] CredentialError),
    /// The request is for another server than the credentials. Nothing was sent.
    #[error("the request is for {url}, another server than this client's credentials are for")]
    OtherServer {
        /// The server of the request.
        url: String,
    },
    /// The server sent the client elsewhere. The request did not get there.
    #[error("the server redirects to {target}, and {reason}")]
    Redirect {
        /// Where to, without path and query.
        target: String,
        /// Why that is not followed.
        reason: &'static str,
    },
    /// The server keeps redirecting.
    #[error("the server redirected more than {} times", super::redirect::MAX)]
    TooManyRedirects,
    /// A layer around the client failed.
    #[error("a layer around the HTTP client failed")]
    Layer(#[source] BoxError),
    /// The connection was given up while the request was under way.
    #[error("the connection was lost")]
    Replaced(#[source] io::Error),
    /// The connection could not be made, or broke, or what came over it is not HTTP.
    #[error("the connection failed")]
    Http(#[source] reqwest::Error),
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        // Whoever reports this names the request. The full URL may be long, private, or under another host name.
        Self::Http(error.without_url())
    }
}
