//! The life of a server: from its address to its end.

mod builder;
mod connection;
mod handler;

pub use builder::Builder;

use crate::catalog::Catalog;
use crate::store::Store;
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
    /// Where the server listens, as `host:port`.
    pub(crate) address: String,
}

impl Server {
    /// A server with nothing in it.
    pub(crate) fn new(address: String, history: usize) -> Self {
        Self {
            store: Store::new(history),
            catalog: Catalog::default(),
            stopping: watch::Sender::new(false),
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

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, such as `http://127.0.0.1:45123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A kubeconfig file for it, which is the text of a JSON document, and so of a YAML one.
    pub fn kubeconfig(&self) -> String {
        serde_json::json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "testserver", "cluster": {"server": self.url()}}],
            "users": [{"name": "admin", "user": {}}],
            "contexts": [{"name": "admin", "context": {"cluster": "testserver", "user": "admin"}}],
            "current-context": "admin",
        })
        .to_string()
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
