//! The one error type of every call, sorted by what the caller can do about it.

mod reason;
mod status;

use std::fmt;
use std::time::Duration;

use http::Method;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Status, StatusCause, StatusDetails};

use crate::config::ConfigError;
use crate::path::BuildError;

pub(crate) use status::{answer_error, failure_in_success};

/// Any cause below this crate (TLS, sockets, HTTP) whose type is not part of the API.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a call failed.
///
/// For what API servers say, ask the predicates ([`is_not_found`](Error::is_not_found),
/// [`is_conflict`](Error::is_conflict), …) rather than match: they see through retries.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration cannot be used. Nothing was sent.
    #[error("the client configuration cannot be used")]
    Config(#[from] ConfigError),

    /// The arguments do not make a valid request. Nothing was sent.
    #[error("cannot build the request")]
    Build(#[from] BuildError),

    /// No complete answer came back. The server may have done the work all the same.
    #[error("no complete answer to {method} {url}")]
    Transport {
        /// The HTTP method of the request.
        method: Method,
        /// The URL of the request, without its query.
        url: String,
        /// What went wrong.
        #[source]
        source: BoxError,
    },

    /// The time for the call ran out. The server may have done the work all the same.
    #[error("no complete answer to {method} {url} within {timeout:?}: raise the timeout, or ask for less")]
    Timeout {
        /// The HTTP method of the request.
        method: Method,
        /// The URL of the request, without its query.
        url: String,
        /// The time that the call had.
        timeout: Duration,
    },

    /// The server refused: its `Status`, or one made from the HTTP status and the text it sent instead.
    #[error("{}", status::describe(.0))]
    Api(Box<Status>),

    /// The server answered with success, and with a body that is not what was asked for.
    #[error("the answer to {method} {url} is not {expected}")]
    Decode {
        /// The HTTP method of the request.
        method: Method,
        /// The URL of the request, without its query.
        url: String,
        /// What was expected.
        expected: &'static str,
        /// Why it could not be read.
        #[source]
        source: BoxError,
    },

    /// The answer is larger than the client reads into memory.
    #[error(
        "the answer to {method} {url} is larger than {limit} bytes: ask for less (a limit, a selector), \
         or raise ContentConfig::max_response_bytes"
    )]
    TooLarge {
        /// The HTTP method of the request.
        method: Method,
        /// The URL of the request, without its query.
        url: String,
        /// The most bytes that are read.
        limit: usize,
    },

    /// An event of a watch cannot be read. The watch is over; start a new one where the last event left off.
    #[error("cannot read an event of the watch")]
    WatchEvent(#[source] BoxError),

    /// The call failed after its request was sent more than once.
    #[error(transparent)]
    Retried(Box<Retried>),
}

impl Error {
    /// The server's `Status`, if the server answered.
    pub fn status(&self) -> Option<&Status> {
        match self {
            Self::Api(status) => Some(status),
            Self::Retried(retried) => retried.error.status(),
            _ => None,
        }
    }

    /// The HTTP status code of the server's answer, if the server refused the call.
    pub fn code(&self) -> Option<u16> {
        u16::try_from(self.status()?.code?).ok()
    }

    /// The machine-readable reason that the server gave, such as `NotFound`; unknown ones are kept as sent.
    pub fn reason(&self) -> Option<&str> {
        self.status()?.reason.as_deref()
    }

    /// What the server says about its reason: the object, the causes, when to try again.
    pub fn details(&self) -> Option<&StatusDetails> {
        self.status()?.details.as_ref()
    }

    /// The single causes behind the refusal, such as one for each invalid field.
    pub fn causes(&self) -> &[StatusCause] {
        self.details().and_then(|details| details.causes.as_deref()).unwrap_or_default()
    }

    /// How long the server asks to wait before the call is tried again.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.details()?.retry_after_seconds?;
        u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs)
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Config(_) | Self::Build(_) => 0,
            Self::Retried(retried) => retried.attempts,
            _ => 1,
        }
    }

    /// The time for the call ran out on the client's side. For the server's, see
    /// [`is_server_timeout`](Error::is_server_timeout) and [`is_timeout`](Error::is_timeout).
    pub fn is_deadline_exceeded(&self) -> bool {
        match self {
            Self::Timeout { .. } => true,
            Self::Retried(retried) => retried.error.is_deadline_exceeded(),
            _ => false,
        }
    }

    /// Adds how often the request was sent and what went wrong before.
    pub(crate) fn after(self, attempts: u32, previous: Option<Error>) -> Self {
        if attempts > 1 { Self::Retried(Box::new(Retried { attempts, previous, error: self })) } else { self }
    }
}

/// The last error of a call whose request was sent more than once.
#[derive(Debug)]
#[non_exhaustive]
pub struct Retried {
    /// How often the request was sent.
    pub attempts: u32,
    /// Why the last attempt that got no answer at all failed, if there was one before the last.
    pub previous: Option<Error>,
    /// Why the last attempt failed.
    pub error: Error,
}

impl fmt::Display for Retried {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.error.to_string();
        write!(formatter, "{error} (after {} attempts)", self.attempts)?;
        match self.previous.as_ref().map(ToString::to_string) {
            Some(previous) if previous != error => {
                write!(formatter, " - error from a previous attempt: {previous}")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Retried {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
