//! Objects between the version that is stored and the one that is asked for.
//!
//! Objects are stored without `apiVersion` and `kind`, so versions of the same shape need nothing.

use crate::catalog::Resource;
use crate::crd;
use serde_json::Value;

/// Whether objects of this version of a resource are stored in another shape.
pub(crate) fn is_needed(resource: &Resource) -> bool {
    resource.custom.as_ref().is_some_and(|custom| custom.has_changed)
}

/// A stored object in the shape of a version of its resource.
pub(crate) fn from_stored(object: Value, resource: &Resource) -> Value {
    if is_needed(resource) { crd::read(object, resource) } else { object }
}

/// An object of a version of its resource in the shape that is stored.
pub(crate) fn to_stored(object: Value, resource: &Resource) -> Value {
    let _ = resource;
    object
}
