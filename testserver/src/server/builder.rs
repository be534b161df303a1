//! What a server is to be like.

#[cfg(feature = "clientset")]
use super::clients;
use super::{Server, StartError, TestServer, connection, kubeconfig};
#[cfg(feature = "tls")]
use crate::auth::tls::Tls;
use crate::user::User;
use crate::{auth, bootstrap, collector};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// How many changes of each resource are remembered, unless the builder says otherwise.
const HISTORY: usize = 100_000;

/// How many requests are recorded, unless the builder says otherwise.
const REQUESTS: usize = 10_000;

/// What a server is to be like. Made by [`TestServer::builder`].
#[derive(Clone)]
#[must_use = "a server does nothing until it is started"]
pub struct Builder {
    port: u16,
    pub(super) history: usize,
    pub(super) requests: usize,
    pub(super) required: bool,
    controllers: bool,
    tokens: Vec<(String, User)>,
    #[cfg(feature = "tls")]
    tls: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            history: HISTORY,
            requests: REQUESTS,
            required: false,
            controllers: true,
            tokens: Vec::new(),
            #[cfg(feature = "tls")]
            tls: false,
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let users: Vec<&str> = self.tokens.iter().map(|(_, user)| user.name.as_str()).collect();
        let mut shown = formatter.debug_struct("Builder");
        shown.field("port", &self.port).field("required", &self.required).field("users", &users);
        shown.finish_non_exhaustive()
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

    /// Makes a bearer token that of a user, who is in these groups and in `system:authenticated`.
    ///
    /// kubectl and other clients do not send tokens over connections without TLS.
    pub fn token<G: Into<String>>(
        mut self,
        token: impl Into<String>,
        user: impl Into<String>,
        groups: impl IntoIterator<Item = G>,
    ) -> Self {
        self.tokens.push((token.into(), User::known(user, groups)));
        self
    }

    /// Serves HTTPS, over HTTP/2 or HTTP/1.1 as the client likes, with an authority of the server's own: the kubeconfig
    /// says whom to trust, and has a client certificate of an administrator.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Asks everybody who they are, and lets them do only what stored roles and bindings allow, as real clusters do.
    ///
    /// Without this, everybody is an administrator who does not say otherwise, and everybody may do everything.
    pub fn require_credentials(mut self) -> Self {
        self.required = true;
        self
    }

    /// Leaves deletions to whoever is asked for them, as a kube-apiserver does that nothing but etcd stands beside.
    ///
    /// Without this, the server also does what a cluster's controllers do so that deletions come to their end: objects
    /// whose owners are gone are collected, owners that are deleted in the foreground wait for those that depend on them,
    /// namespaces are emptied and go, and so do Pods that are deleted when the time that they are given is over, as if a
    /// kubelet had stopped them. Each new namespace gets the service account `default`, and nothing else.
    pub fn without_controllers(mut self) -> Self {
        self.controllers = false;
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
        let server = Arc::new(self.server(address)?);
        bootstrap::fill(&server);
        if self.controllers {
            bootstrap::furnish(&server);
            collector::start(&server);
        }
        auth::fill(&server);
        for (token, user) in self.tokens {
            server.auth.tokens.add(token, user, None);
        }
        let admin = kubeconfig::admin(&server)?;
        // As in a cluster that is older than its clients.
        server.store.compact();
        let accepting = tokio::spawn(connection::accept(server.clone(), listener));
        Ok(TestServer {
            #[cfg(feature = "clientset")]
            clientset: clients::clientset(&server, &admin)?,
            server,
            address,
            accepting,
            admin,
        })
    }

    /// A server with nothing in it.
    #[cfg_attr(not(feature = "tls"), expect(clippy::unnecessary_wraps, reason = "only TLS can fail"))]
    fn server(&self, address: SocketAddr) -> Result<Server, StartError> {
        #[cfg_attr(not(feature = "tls"), expect(unused_mut, reason = "only TLS is added"))]
        let mut server = Server::new(address.to_string(), self);
        #[cfg(feature = "tls")]
        if self.tls {
            server.tls = Some(Tls::new().map_err(|source| StartError::Tls { source })?);
        }
        Ok(server)
    }
}
