//! Name resolution for a server that is reached at one name and known by another.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves the name that the server's certificate is expected to have to the host that is really connected to.
///
/// reqwest takes the host to connect to, the name to ask for in the handshake and the name to verify from one
/// place: the URL. So the URL carries the expected name, and this finds the host behind it, each time a
/// connection is made.
#[derive(Debug)]
pub(super) struct PinnedHost {
    name: String,
    host: Arc<str>,
}

impl PinnedHost {
    /// `name` leads to `host`, which is a name or an IP address without brackets.
    pub(super) fn new(name: &str, host: &str) -> Self {
        Self { name: name.to_owned(), host: host.into() }
    }
}

impl Resolve for PinnedHost {
    fn resolve(&self, name: Name) -> Resolving {
        let host = Arc::clone(&self.host);
        let known = name.as_str().eq_ignore_ascii_case(&self.name);
        Box::pin(async move {
            if !known {
                let message = format!("{} is not this client's server", name.as_str());
                return Err(io::Error::other(message).into());
            }
            if let Ok(address) = host.parse::<IpAddr>() {
                return Ok(Box::new(std::iter::once(SocketAddr::new(address, 0))) as Addrs);
            }
            // The port is reqwest's to fill in.
            let addresses = tokio::task::spawn_blocking(move || (&*host, 0).to_socket_addrs()).await??;
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
