//! `cargo xtask e2e`: the end-to-end tests against a real API server.

use crate::Outcome;
use crate::apiserver::ApiServer;
use crate::cargo::{cargo, succeed};

/// Most of a test's time is waiting for the server, so there are more threads than a small machine has cores.
const THREADS: &str = "--test-threads=4";

/// The tests that compare what the server says in protobuf and in JSON.
const WIRE: [&str; 2] = ["server::", "verbs::"];

/// Starts an API server, runs the tests whose names contain `filter` (all, if there is none) and stops it.
///
/// # Errors
///
/// If the server does not start, or a test fails.
pub(crate) fn run(filter: Option<&str>) -> Outcome {
    run_on(&ApiServer::start()?, filter)
}

/// Runs the tests against a server that runs.
///
/// # Errors
///
/// If a test fails.
pub(crate) fn run_on(server: &ApiServer, filter: Option<&str>) -> Outcome {
    let arguments = ["test", "--package", "kubeset-tests", "--test", "e2e", "--", THREADS];
    let mut tests = cargo(arguments.into_iter().chain(filter));
    // Without the second variable, the tests would run on a server in their own process. It says where the store of
    // this one is.
    tests.env("KUBECONFIG", server.kubeconfig()).env("KUBESET_E2E_ETCD", server.etcd_url());
    succeed(&mut tests)?;
    // The filter is for the end-to-end tests, unless it names these.
    if filter.is_some_and(|filter| !WIRE.iter().any(|module| module.contains(filter))) {
        return Ok(());
    }
    // By itself: it makes objects of every kind, which other tests would see.
    let wire =
        ["test", "--package", "kubeset-wire-tests", "--test", "kinds", "--", "--ignored", "--nocapture"];
    succeed(cargo(wire.into_iter().chain(WIRE)).env("KUBECONFIG", server.kubeconfig()))
}
