//! The measured program, which counts allocations. That takes time, so its times do not count.

use bench_harness::{Arguments, BoxError, INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    bench_kube_rs::run(Arguments::of_the_process()?).await
}
