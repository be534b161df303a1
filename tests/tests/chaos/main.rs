//! Informers on a real API server while everything goes wrong: `cargo xtask chaos`.
//!
//! Thousands of objects are written at random while connections are cut, frozen, throttled or fall silent, and the API
//! server is killed and started again, forgets its history, and refuses requests. Every half minute there is a pause. Then
//! each cache must be equal to a fresh list, each handler must have been told of the last state of each object in events
//! that follow from each other, and memory must not have grown.
//!
//! The parts of it that can be wrong themselves have tests here, which need no server.

mod cluster;
mod control;
mod faults;
mod memory;
mod model;
mod proxy;
mod run;
mod settings;
mod subject;
mod tally;
mod truth;
mod writers;

use std::alloc::System;

use settings::Settings;
use stats_alloc::StatsAlloc;

#[global_allocator]
static ALLOCATOR: StatsAlloc<System> = StatsAlloc::system();

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs an API server that it may kill: cargo xtask chaos"]
async fn caches_and_handlers_have_what_the_server_has_whatever_happens() {
    let outcome = match Settings::from_environment() {
        Ok(settings) => run::run(settings).await,
        Err(error) => Err(error),
    };
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
