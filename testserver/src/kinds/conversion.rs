//! Kinds whose versions differ in more than their name.

use super::{autoscaling, event};
use serde_json::Value;

/// How objects of a version get to the stored shape and back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conversion {
    /// Makes the stored shape of the version's.
    pub(crate) to_stored: fn(&mut Value),
    /// Makes the version's shape of the stored.
    pub(crate) from_stored: fn(&mut Value),
}

/// The conversion of a version of a resource, if it is stored in another shape.
pub(crate) fn conversion(group: &str, version: &str, plural: &str) -> Option<Conversion> {
    match (group, version, plural) {
        ("events.k8s.io", _, "events") => {
            Some(Conversion { to_stored: event::to_core, from_stored: event::from_core })
        }
        ("autoscaling", "v1", "horizontalpodautoscalers") => {
            Some(Conversion { to_stored: autoscaling::to_stored, from_stored: autoscaling::from_stored })
        }
        _ => None,
    }
}
