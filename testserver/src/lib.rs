//! A Kubernetes API server in memory, for tests.

mod catalog;
mod failure;
#[rustfmt::skip]
mod generated;
mod schema;
mod selector;
mod version;
