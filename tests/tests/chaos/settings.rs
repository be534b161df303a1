//! What the command that starts the run says about it.

use std::env;
use std::time::Duration;

/// How the run is to be.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// How long faults and pauses go on.
    pub(crate) time: Duration,
    /// What everything random comes from.
    pub(crate) seed: u64,
    /// The URL of the API server's store.
    pub(crate) etcd: String,
}

impl Settings {
    /// Reads them from the variables that `cargo xtask chaos` sets.
    pub(crate) fn from_environment() -> Result<Self, String> {
        Ok(Self {
            time: Duration::from_secs(60) * number("KUBESET_CHAOS_MINUTES")?,
            seed: number("KUBESET_CHAOS_SEED")?,
            etcd: text("KUBESET_CHAOS_ETCD")?,
        })
    }
}

fn text(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set: start this with `cargo xtask chaos`"))
}

fn number<T: std::str::FromStr>(name: &str) -> Result<T, String> {
    text(name)?.parse().map_err(|_| format!("{name} is no number"))
}
