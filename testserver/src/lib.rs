//! A Kubernetes API server in memory, for tests.

mod catalog;
mod failure;
#[rustfmt::skip]
mod generated;
mod object;
mod query;
mod route;
mod schema;
mod store;
mod version;
