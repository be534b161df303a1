//! A Kubernetes API server in memory, for tests: real HTTP, real semantics, and faults on request.
//!
//! [`TestServer::start`] gives one within milliseconds. It serves every built-in resource of its version of Kubernetes,
//! and custom ones as soon as their definitions exist, to kubeset, kubectl and every other client. When it is dropped, it
//! is gone.
//!
//! It speaks JSON and Kubernetes' protobuf, as the client prefers. Clients of built-in kinds, kubeset's and Go's, mostly do
//! so in protobuf; a test sees what they send as JSON all the same, with [`Request::json`].
//!
//! # How to test a controller
//!
//! Start a server, let the controller run on it as on any other, and look at what comes of it. The features `clientset`
//! and a version, such as `v1_37`, give a ready client:
//!
//! ```toml
//! [dev-dependencies]
//! kubeset-testserver = { version = "0.1", features = ["clientset", "v1_37"] }
//! ```
//!
#![cfg_attr(feature = "clientset", doc = "```")]
#![cfg_attr(not(feature = "clientset"), doc = "```ignore")]
//! use kubeset_testserver::{Matcher, Reply, TestServer};
//! use serde_json::json;
//!
//! # /// Stands for the controller: applies a ConfigMap until that succeeds.
//! # async fn control(clientset: kubeset::Clientset) {
//! #     let team = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "team"}, "data": {"name": "red"}});
//! #     let config_maps = clientset.core_v1().config_maps().namespace("prod");
//! #     while config_maps.apply("team", &team, "team-controller").await.is_err() {}
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = TestServer::start().await?;
//!
//! // The scene, without HTTP: any state, status included.
//! server.put(&json!({
//!     "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod", "labels": {"team": "red"}},
//! }))?;
//!
//! // What goes wrong: the first write fails, and the client does not get the answer to the second.
//! let writes = Matcher::verb("patch").resource("configmaps").namespace("prod");
//! let busy = server.faults().on(writes.clone()).once().answer(Reply::error(500));
//! let lost = server.faults().on(writes.clone()).once().disconnect_after_handling();
//!
//! let controller = tokio::spawn(control(server.clientset()));
//!
//! // What comes of it: requests, and objects.
//! let write = server.wait_for_request(writes.filter(|request| request.code == Some(200))).await?;
//! assert_eq!(write.parameter("fieldManager"), Some("team-controller"));
//! assert_eq!((busy.hits(), lost.hits()), (1, 1));
//! let team = server.object("v1", "ConfigMap", "prod", "team").ok_or("no ConfigMap")?;
//! assert_eq!(team["data"]["name"], "red");
//! # controller.await?;
//! # Ok(())
//! # }
//! ```
//!
//! `examples/testing_a_controller.rs` in the repository is such a test in full, with a watch that breaks off while history
//! is forgotten.
//!
//! # What a test can do
//!
//! - [`TestServer::put`], [`object`](TestServer::object), [`objects`](TestServer::objects) and
//!   [`remove`](TestServer::remove) store and read without HTTP, and without anybody who checks.
//! - [`TestServer::faults`] lets requests fail: with any answer, late, with connections that close before, within or after
//!   it, with answers that are cut off or garbled, with watches that freeze, end or break off, also those that run already.
//!   [`TestServer::expire_history`] makes old versions too old.
//! - [`TestServer::requests`] tells what was asked, and [`TestServer::wait_for_request`] waits until something is.
//! - [`TestServer::react`] lets a function of the test see each request before the server, and answer it, as client-go's
//!   reactors do. [`TestServer::inject_event`] tells watches what has not happened.
//! - [`Builder::require_credentials`] asks everybody who they are, and lets them do what stored roles and bindings allow;
//!   [`TestServer::token_for`] and [`TestServer::kubeconfig_for`] make users. Without it, everybody may do everything.
//! - The feature `tls` adds `Builder::tls`: HTTPS with an authority of the server's own, and client certificates.
//!
//! A [`Matcher`] says which requests are meant, everywhere.
//!
//! # As a program
//!
//! ```sh
//! cargo run -p kubeset-testserver -- --port 18080 --kubeconfig /tmp/kubeconfig
//! kubectl --kubeconfig /tmp/kubeconfig get namespaces
//! ```

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
mod time;
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
