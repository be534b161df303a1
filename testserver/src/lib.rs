//! A Kubernetes API server in memory, for tests.

mod catalog;
mod failure;
#[rustfmt::skip]
mod generated;
mod kinds;
mod names;
mod schema;
mod version;
