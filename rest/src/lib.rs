//! The REST client under kubeset: configuration, transport, requests, retries, watches and the typed
//! verbs of the Kubernetes API.
//!
//! Most programs use the `kubeset` crate, whose generated clients sit on this one. What is here serves
//! programs that need a path the clientset does not have, and the crates built beside it.
//!
//! A call goes through these layers, each of which can be tested alone:
//!
//! 1. a verb ([`Get`], [`List`], [`Watch`], …) turns typed options into a [`Request`];
//! 2. [`Request`] holds the verb, the checked path segments, the query, the headers and the body;
//! 3. [`RestClient`] sends it: rate limit, retries, timeouts, errors and tracing;
//! 4. [`HttpClient`] carries it: TLS, credentials and the connection pool.
//!
//! ```no_run
//! # async fn example() -> Result<(), kubeset_rest::Error> {
//! use k8s_openapi::api::core::v1::Pod;
//! use kubeset_rest::{Config, Endpoint, RestClient};
//!
//! let client = RestClient::for_group_version(&Config::infer().await?, "", "v1")?;
//! let pods = Endpoint::<Pod>::new(&client, "pods").namespace("prod");
//! let web = pods.get("web-0").await?;
//! println!("{:?}", web.metadata.uid);
//! # Ok(())
//! # }
//! ```

mod backoff;
#[cfg(feature = "cbor")]
mod cbor;
mod client;
mod codec;
mod config;
mod content;
mod credentials;
mod encoded;
mod endpoint;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod json;
mod list;
mod logs;
mod metrics;
mod patch;
mod path;
mod proxy;
mod rate_limiter;
mod read;
mod request;
mod response;
mod retry;
mod send;
mod stream;
mod transport;
mod verbs;
mod warnings;
mod watch;

pub use backoff::{Backoff, ExponentialBackoff};
pub use client::RestClient;
pub use config::{
    Compression, Config, ConfigError, ExecConfig, ExecPolicy, ExecVersion, Impersonation, InteractiveMode,
    Kubeconfig, KubeconfigAuthProvider, KubeconfigCluster, KubeconfigContext, KubeconfigEdit,
    KubeconfigEditError, KubeconfigEntry, KubeconfigExec, KubeconfigExecEnv, KubeconfigExtensions,
    KubeconfigOverrides, KubeconfigUser, OidcConfig, PemSource, ProxyConfig, TlsConfig, TokenSink,
};
pub use content::ContentConfig;
pub use encoded::{Encoded, InvalidObject, ReadObject};
pub use endpoint::Endpoint;
pub use error::{BoxError, Error, Retried};
pub use list::ListStream;
pub use logs::{FollowLogs, LogLines, LogStream, Logs};
pub use metrics::{Metrics, RequestLabels};
pub use patch::{JsonPatch, MergePatch, PatchDocument, PatchType, StrategicMergePatch};
pub use path::{BuildError, Part};
pub use proxy::Proxy;
pub use rate_limiter::{RateLimit, RateLimiter, TokenBucket};
pub use read::{Read, ReadRaw};
pub use request::Request;
pub use response::RawResponse;
pub use secrecy::{ExposeSecret, SecretString};
pub use stream::ByteStream;
pub use transport::{HttpClient, HttpService, ResponseBody};
pub use verbs::{
    Apply, Create, Delete, DeleteCollection, Deleted, FieldValidation, Get, GetOptional, List, Page, Pages,
    Patch, PropagationPolicy, Replace, SendFuture, StreamList, Watch,
};
pub use warnings::{LogWarnings, NoWarnings, Warning, WarningHandler, WriteWarnings};
pub use watch::{Bookmark, WatchEvent, WatchStream};
