//! Objects between the version that is stored and the one that is asked for.
//!
//! Objects are stored without `apiVersion` and `kind`, so versions of the same shape need nothing.

use crate::catalog::Resource;
use crate::crd;
use crate::kinds::{Conversion, conversion};
use serde_json::Value;

fn of(resource: &Resource) -> Option<Conversion> {
    if resource.custom.is_some() {
        return None;
    }
    conversion(&resource.group, &resource.version, &resource.plural)
}

/// Whether objects of this version of a resource are stored in another shape.
pub(crate) fn is_needed(resource: &Resource) -> bool {
    resource.custom.as_ref().is_some_and(|custom| custom.has_changed) || of(resource).is_some()
}

/// A stored object in the shape of a version of its resource.
pub(crate) fn from_stored(mut object: Value, resource: &Resource) -> Value {
    if resource.custom.as_ref().is_some_and(|custom| custom.has_changed) {
        return crd::read(object, resource);
    }
    if let Some(conversion) = of(resource) {
        (conversion.from_stored)(&mut object);
    }
    object
}

/// An object of a version of its resource in the shape that is stored.
pub(crate) fn to_stored(mut object: Value, resource: &Resource) -> Value {
    if let Some(schema) = resource.custom.as_ref().and_then(|custom| custom.storage_schema.as_deref()) {
        crd::prune(&mut object, schema);
    }
    if let Some(conversion) = of(resource) {
        (conversion.to_stored)(&mut object);
    }
    object
}
