//! A server on loopback that notes what reaches it, and the tests of the wire that use it.

mod exec;
mod headers;
mod http2;
mod provider;
mod proxies;
mod proxy;
mod redirects;
mod reload;
mod server;
mod tls;
mod windows;

pub(in crate::transport) use self::server::Authority;
