//! What a server does to objects of each kind between reading and storing them: canonical form, defaults, what users may
//! not set, and rules.
//!
//! The order is that of the server: [`fields`] checks what was sent, [`normalise()`] brings it to its canonical form,
//! [`Strategy::default`] fills in, [`Strategy::admit`] does what admission plugins do, `prepare_…` takes away what users
//! may not set, `validate…` finds what is wrong, and [`Strategy::canonicalise`] comes last.

mod access;
mod address;
mod batch;
mod conditions;
mod conversion;
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
mod section;
mod strategy;
mod workloads;

mod admission_registration;
mod autoscaling;
mod certificate_signing_request;
mod config_map;
mod custom_resource_definition;
mod endpoint_slice;
mod endpoints;
mod event;
mod flow_control;
mod lease;
mod limit_range;
mod namespace;
mod networking;
mod node;
mod persistent_volume;
mod persistent_volume_claim;
mod pod;
mod pod_disruption_budget;
mod pod_template;
mod priority_class;
mod rbac;
mod resource_quota;
mod runtime_class;
mod secret;
mod service;
mod service_account;
mod storage;

use crate::time;
pub(crate) use access::{Change, Look};
pub(crate) use certificate_signing_request::stamp as stamp_request;
pub(crate) use conversion::{Conversion, conversion};
pub(crate) use fields::{Expected, check, decode, decode_plain, unrecognised};
pub(crate) use label_selector::matches as selects;
pub(crate) use metadata::check_embedded as check_metadata;
pub(crate) use normalise::{normalise, normalise_value};
pub(crate) use path::Path;
pub(crate) use registry::{custom, strategy_of_version};
pub(crate) use report::Report;
pub(crate) use section::Section;
pub(crate) use strategy::{Cluster, Strategy};
