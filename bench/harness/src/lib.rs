//! What the measured programs have in common: the cases on their command line, and what they say about themselves.
//!
//! The program for client-go takes the same arguments and prints the same line.

mod case;
mod meter;
mod process;
mod workers;
mod writes;

pub use case::{Arguments, Case, Codec, Keeps, Lookup, Reads, Resource};
pub use meter::{Meter, Reading};
pub use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
pub use workers::{in_tasks, in_threads};
pub use writes::Pace;

/// What programs fail with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The namespace of 1,000 Pods.
pub const NAMESPACE: &str = "bench-0";

/// The namespace in which objects are made, changed and deleted.
pub const SCRATCH_NAMESPACE: &str = "bench-scratch";

/// The namespace of all `ConfigMap`s: others are the server's own.
pub const CONFIG_MAPS_NAMESPACE: &str = "bench-configmaps";

/// The namespace in which nothing happens.
pub const IDLE_NAMESPACE: &str = "bench-idle";

/// How many Pods each namespace has.
pub const PODS_PER_NAMESPACE: usize = 1_000;

/// The version before that of the first change that informers are told of, which are numbered.
pub const BEFORE_CHANGES: usize = 1_000_000_000;

/// How many nodes the Pods are on.
pub const NODES: usize = 250;

/// The name of a node.
#[must_use]
pub fn node_name(index: usize) -> String {
    format!("node-{}.example.com", index % NODES)
}

/// The name of a Pod in [`NAMESPACE`]; counting begins anew where Pods end.
#[must_use]
pub fn pod_name(index: usize) -> String {
    format!("web-7d9f8c6b54-{:05}", index % PODS_PER_NAMESPACE)
}
