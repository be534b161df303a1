//! `cargo xtask differential`: the same requests to a real API server and to the in-memory one.

use crate::Outcome;
use crate::apiserver::ApiServer;
use crate::cargo::{cargo, succeed};

/// Starts an API server, runs the scripts whose file or name contains `filter` (all, if there is none) on it and on
/// the in-memory server, and stops it.
///
/// # Errors
///
/// If the server does not start, or an answer differs.
pub(crate) fn run(filter: Option<&str>) -> Outcome {
    run_on(&ApiServer::start()?, filter)
}

/// Runs the scripts on a real server that runs, and on the in-memory one.
///
/// # Errors
///
/// If an answer differs.
pub(crate) fn run_on(server: &ApiServer, filter: Option<&str>) -> Outcome {
    let test = ["test", "--package", "kubeset-tests", "--test", "differential", "--"];
    let mut scripts = cargo(test.into_iter().chain(["--ignored", "--nocapture"]));
    scripts.env("KUBECONFIG", server.kubeconfig());
    scripts.env("KUBESET_DIFFERENTIAL_FILTER", filter.unwrap_or_default());
    succeed(&mut scripts)
}
