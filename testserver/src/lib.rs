//! A Kubernetes API server in memory, for tests.

mod accept;
mod answer;
mod auth;
mod body;
mod bootstrap;
mod call;
mod catalog;
mod collector;
mod convert;
mod crd;
mod deletion;
mod deprecation;
mod discovery;
mod failure;
mod faults;
#[rustfmt::skip]
mod generated;
mod kinds;
mod managed_fields;
mod matcher;
mod names;
mod object;
mod openapi;
mod patch;
mod protobuf;
mod query;
mod reactors;
mod record;
mod reply;
mod request;
mod route;
mod schema;
mod selector;
mod server;
mod store;
mod subresources;
mod table;
mod unstored;
mod user;
mod verbs;
mod version;

pub use auth::CredentialError;
#[cfg(feature = "tls")]
pub use auth::tls::ClientCertificate;
pub use faults::{Fault, FaultBuilder, Faults};
pub use matcher::Matcher;
pub use reactors::{Reaction, Reactor};
pub use record::{NoSuchRequest, WaitForRequest};
pub use reply::Reply;
pub use request::Request;
pub use server::{Builder, PutError, StartError, TestServer};
