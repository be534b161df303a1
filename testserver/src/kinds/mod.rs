//! What a server does to objects of each kind between reading and storing them: canonical form, defaults, what users may
//! not set, and rules.
//!
//! The order is that of the server: [`fields`] checks what was sent, [`normalise()`] brings it to its canonical form,
//! [`Strategy::default`] fills in, [`Strategy::admit`] does what admission plugins do, `prepare_…` takes away what users
//! may not set, `validate…` finds what is wrong, and [`Strategy::canonicalise`] comes last.

mod access;
mod batch;
mod difference;
mod fields;
mod ip;
mod label_selector;
mod metadata;
mod normalise;
mod path;
mod pod_spec;
mod quantity;
mod registry;
mod report;
mod strategy;
mod time;
mod workloads;

mod config_map;
mod lease;
mod namespace;
mod persistent_volume_claim;
mod pod;
mod secret;

pub(crate) use fields::{Expected, check, decode, decode_plain, unrecognised};
pub(crate) use label_selector::matches as selects;
pub(crate) use normalise::normalise;
pub(crate) use registry::{custom, strategy};
pub(crate) use strategy::{Cluster, Strategy};
