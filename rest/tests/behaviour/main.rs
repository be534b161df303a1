//! What the client does on the wire: one file per behaviour, against a local server that plays scripts.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[cfg(feature = "gzip")]
mod compression;
mod credentials;
mod errors;
mod fault_server;
mod lists;
mod logging;
mod logs;
mod metrics;
mod middleware;
#[cfg(feature = "protobuf")]
mod negotiation;
mod oidc;
mod options;
mod pages;
mod redirects;
mod requests;
mod retry;
mod sizes;
mod throttling;
mod timeouts;
mod warnings;
mod watch;

use fault_server::FaultServer;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kubeset_rest::{Config, Endpoint, RateLimit, RestClient};

/// A configuration for `server` without a rate limit, so that tests do not wait.
fn config(server: &FaultServer) -> Config {
    let mut config = Config::new(server.url());
    config.rate_limit = RateLimit::Unlimited;
    config
}

fn client(config: &Config) -> RestClient {
    RestClient::for_group_version(config, "", "v1").expect("the configuration is valid")
}

fn config_maps(server: &FaultServer) -> Endpoint<ConfigMap> {
    Endpoint::new(&client(&config(server)), "configmaps").namespace("prod")
}

fn pods(server: &FaultServer) -> Endpoint<Pod> {
    Endpoint::new(&client(&config(server)), "pods").namespace("prod")
}

/// A ConfigMap as a server sends it.
fn config_map(name: &str) -> String {
    format!(
        r#"{{"kind":"ConfigMap","apiVersion":"v1","metadata":{{"name":"{name}","resourceVersion":"7"}}}}"#
    )
}

/// A `Status` of failure as a server sends it.
fn status(code: u16, reason: &str) -> String {
    format!(
        r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","message":"refused","reason":"{reason}","code":{code}}}"#
    )
}
