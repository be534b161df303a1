//! What a server is to be like.

use super::{Server, StartError, TestServer, connection};
use crate::bootstrap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// How many changes of each resource are remembered, unless the builder says otherwise.
const HISTORY: usize = 100_000;

/// How many requests are recorded, unless the builder says otherwise.
const REQUESTS: usize = 10_000;

/// What a server is to be like. Made by [`TestServer::builder`].
#[derive(Clone, Debug)]
#[must_use = "a server does nothing until it is started"]
pub struct Builder {
    port: u16,
    pub(super) history: usize,
    pub(super) requests: usize,
}

impl Default for Builder {
    fn default() -> Self {
        Self { port: 0, history: HISTORY, requests: REQUESTS }
    }
}

impl Builder {
    /// The port to listen at; by default any that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How many changes of each resource are remembered for watches and pages; 100,000 by default.
    ///
    /// What is older is expired: a watch from there gets 410.
    pub fn history(mut self, changes: usize) -> Self {
        self.history = changes;
        self
    }

    /// How many requests are recorded; 10,000 by default. None are with 0, which saves a little time.
    pub fn recorded_requests(mut self, most: usize) -> Self {
        self.requests = most;
        self
    }

    /// Starts the server. It stops when what this returns is dropped.
    ///
    /// # Errors
    ///
    /// If the port cannot be had.
    pub async fn start(self) -> Result<TestServer, StartError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let failed = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let server = Arc::new(Server::new(address.to_string(), &self));
        bootstrap::fill(&server);
        // As in a cluster that is older than its clients.
        server.store.compact();
        let accepting = tokio::spawn(connection::accept(server.clone(), listener));
        Ok(TestServer { server, address, accepting })
    }
}
