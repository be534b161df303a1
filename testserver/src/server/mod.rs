//! The life of a server: from its address to its end.

mod builder;
#[cfg(feature = "clientset")]
mod clients;
mod connection;
mod exchange;
mod handler;
mod kubeconfig;
mod objects;
mod pod_logs;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use builder::Builder;
pub(crate) use connection::Connection;
pub use objects::PutError;

use crate::auth::Auth;
#[cfg(feature = "tls")]
use crate::auth::tls::Tls;
use crate::catalog::Catalog;
use crate::faults::{Control, Faults, MadeUp, Rules, Watches};
use crate::matcher::Matcher;
use crate::reactors::{Reaction, Reactor, Reactors};
use crate::record::{Log, WaitForRequest};
use crate::request::Request;
use crate::store::Store;
use crate::subresources::{Logs, token::Issued};
use kubeconfig::Credential;
use serde_json::Value;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A Kubernetes API server that is running in this process, until it is dropped.
///
/// It serves every resource of its version of Kubernetes from memory, on a port of the loopback address.
pub struct TestServer {
    server: Arc<Server>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
    admin: Credential,
    #[cfg(feature = "clientset")]
    clientset: kubeset::Clientset,
}

/// What all connections of a server share.
#[derive(Debug)]
pub(crate) struct Server {
    /// All objects.
    pub(crate) store: Store,
    /// All resources.
    pub(crate) catalog: Catalog,
    /// Becomes true when the server stops.
    pub(crate) stopping: watch::Sender<bool>,
    /// Changes when all connections are to be cut.
    pub(crate) all_cut: watch::Sender<u64>,
    /// What goes wrong.
    pub(crate) faults: Rules,
    /// The watches that are running.
    pub(crate) watches: Watches,
    /// Who sees requests before the server does.
    pub(crate) reactors: Arc<Reactors>,
    /// Who may do what.
    pub(crate) auth: Auth,
    /// The tokens of service accounts.
    pub(crate) issued: Issued,
    /// The logs of containers.
    pub(crate) pod_logs: Logs,
    /// What encrypts connections; none if nothing does.
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Tls>,
    /// What was asked.
    pub(crate) log: Arc<Log>,
    /// Where the server listens, as `host:port`.
    pub(crate) address: String,
}

impl Server {
    /// A server with nothing in it.
    pub(crate) fn new(address: String, builder: &Builder) -> Self {
        Self {
            store: Store::new(builder.history),
            catalog: Catalog::default(),
            stopping: watch::Sender::new(false),
            all_cut: watch::Sender::new(0),
            faults: Rules::default(),
            watches: Watches::default(),
            reactors: Arc::default(),
            issued: Issued::default(),
            pod_logs: Logs::default(),
            auth: Auth { required: builder.required, ..Auth::default() },
            #[cfg(feature = "tls")]
            tls: None,
            log: Arc::new(Log::new(builder.requests)),
            address,
        }
    }

    /// Waits until the server stops.
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as the server does.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }
}

impl TestServer {
    /// Starts a server with nothing special, on a free port.
    ///
    /// # Errors
    ///
    /// If no port of the loopback address can be had.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Says more about a server before it starts.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

/// What goes wrong, and what was asked.
impl TestServer {
    /// The faults, to add some.
    pub fn faults(&self) -> Faults {
        Faults::new(self.server.clone())
    }

    /// Forgets all states of objects but the latest: old versions are expired for lists, watches and pages.
    ///
    /// Watches that are running go on, as long as they have told everything.
    pub fn expire_history(&self) {
        self.server.store.compact();
    }

    /// The latest requests, oldest first, those under way among them.
    ///
    /// 10,000 are kept, unless [`Builder::recorded_requests`] says otherwise, and as many as have no more than 64 MiB
    /// of bodies.
    pub fn requests(&self) -> Vec<Request> {
        self.server.log.matching(&Matcher::any())
    }

    /// Those of the latest requests that are meant, oldest first.
    ///
    /// ```
    /// # use kubeset_testserver::{Matcher, TestServer};
    /// # fn example(server: &TestServer) {
    /// let writes = server.requests_like(&Matcher::verbs(["create", "update", "patch"]).resource("deployments"));
    /// assert!(writes.iter().all(|request| request.parameter("fieldManager") == Some("my-operator")));
    /// # }
    /// ```
    pub fn requests_like(&self, matcher: &Matcher) -> Vec<Request> {
        self.server.log.matching(matcher)
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.server.log.clear();
    }

    /// Waits until a request that is meant has been answered, or its connection closed. One of those so far counts:
    /// [`clear_requests`](Self::clear_requests) forgets them.
    ///
    /// # Errors
    ///
    /// If there is none within 10 seconds, or the time that was given.
    ///
    /// ```
    /// # use kubeset_testserver::{Matcher, NoSuchRequest, TestServer};
    /// # use std::time::Duration;
    /// # async fn example(server: &TestServer) -> Result<(), NoSuchRequest> {
    /// let patch = Matcher::verb("patch").resource("pods").subresource("status");
    /// let request = server.wait_for_request(patch).within(Duration::from_secs(2)).await?;
    /// assert_eq!(request.json().unwrap_or_default()["status"]["phase"], "Running");
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for_request(&self, matcher: Matcher) -> WaitForRequest {
        WaitForRequest::new(self.server.log.clone(), matcher)
    }

    /// Adds a reactor: a function that sees the requests that are meant before the server carries them out, and may
    /// answer them.
    ///
    /// Reactors are asked in the order in which they were added, on the thread of the connection, until one does not let
    /// the request pass.
    ///
    /// ```
    /// # use kubeset_testserver::{Matcher, Reaction, Reply, TestServer};
    /// # fn example(server: &TestServer) {
    /// let pods = Matcher::verb("create").resource("pods").subresource("");
    /// let reactor = server.react(pods, |request| match request.json() {
    ///     Some(mut pod) if pod["metadata"]["labels"]["tier"] == "test" => {
    ///         pod["spec"]["nodeName"] = "node-1".into();
    ///         Reaction::Replace(pod)
    ///     }
    ///     Some(_) => Reaction::Pass,
    ///     None => Reaction::Answer(Reply::error(400)),
    /// });
    /// # let _ = reactor;
    /// # }
    /// ```
    pub fn react(
        &self,
        matcher: Matcher,
        react: impl Fn(&Request) -> Reaction + Send + Sync + 'static,
    ) -> Reactor {
        Reactors::add(&self.server.reactors, matcher, react)
    }
}

/// Watches.
impl TestServer {
    /// Sends an event to the watches that are running and are meant, although nothing has happened; says to how many.
    ///
    /// ```
    /// # use kubeset_testserver::{Matcher, TestServer};
    /// # fn example(server: &TestServer) {
    /// let pod = serde_json::json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web-0", "namespace": "default"}});
    /// let told = server.inject_event(&Matcher::verb("watch").resource("pods"), "DELETED", &pod);
    /// # let _ = told;
    /// # }
    /// ```
    pub fn inject_event(&self, watches: &Matcher, kind: &str, object: &Value) -> usize {
        let event = MadeUp::new(kind, object.to_string());
        self.server.watches.control(watches, &Control::Event(event))
    }
}

/// A server that could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened at.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The certificates for TLS cannot be made.
    #[cfg(feature = "tls")]
    #[error("cannot make certificates")]
    Tls {
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The clientset for the server cannot be made: kubeset was built without cryptography.
    #[cfg(feature = "clientset")]
    #[error("cannot make a clientset for the server")]
    Clientset {
        /// Why not.
        source: kubeset::Error,
    },
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.server.stopping.send_replace(true);
        self.accepting.abort();
    }
}

impl fmt::Debug for TestServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TestServer").field("address", &self.address).finish_non_exhaustive()
    }
}
