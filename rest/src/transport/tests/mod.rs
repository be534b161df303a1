//! A server on loopback that notes what reaches it, and the tests of the wire that use it.

mod exec;
mod headers;
mod provider;
mod redirects;
mod server;
mod tls;
