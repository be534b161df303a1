//! A Kubernetes API server in memory, for tests.

mod accept;
mod answer;
mod body;
mod bootstrap;
mod call;
mod catalog;
mod convert;
mod deletion;
mod discovery;
mod failure;
#[rustfmt::skip]
mod generated;
mod kinds;
mod managed_fields;
mod names;
mod object;
mod patch;
mod query;
mod route;
mod schema;
mod selector;
mod server;
mod store;
mod subresources;
mod table;
mod user;
mod verbs;
mod version;

pub use server::{Builder, StartError, TestServer};
