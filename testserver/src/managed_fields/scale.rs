//! Managed fields of a scale: those of its object, for the one field that both have.

use super::Operation;
use super::element::Element;
use super::managers::{Entry, Managers};
use super::set::FieldSet;
use serde_json::Value;

const SCALE: &str = "autoscaling/v1";

/// The owners of an object's replicas, as its scale shows them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScaleOwners<'a> {
    /// Where the object has its replicas, such as `["spec", "replicas"]`.
    pub(crate) replicas: &'a [&'a str],
    /// The version of the object that the request's path names.
    pub(crate) api_version: &'a str,
}

impl ScaleOwners<'_> {
    /// The managed fields of the scale of an object: the entries that own the replicas. None if there are none.
    pub(crate) fn of(&self, object: &Value) -> Option<Value> {
        let mut managers = Managers::of(object);
        let path = self.path();
        managers.entries.retain(|entry| entry.fields.has(&path));
        for entry in &mut managers.entries {
            entry.api_version = SCALE.into();
            entry.fields = FieldSet::of_path(&["spec", "replicas"]);
        }
        managers.write()
    }

    /// The managed fields of the object after its scale has been changed, which has `scale` now.
    ///
    /// As on servers, who has updated the scale has no time, and no longer is who owned the replicas before, even if
    /// it has the same name.
    pub(crate) fn merged(&self, object: &Value, scale: &Value) -> Option<Value> {
        let mut managers = Managers::of(object);
        let mut owners = Managers::of(scale).entries;
        owners.retain(|entry| entry.fields.has(&names(&["spec", "replicas"])));
        for owner in &mut owners {
            owner.api_version = self.api_version.into();
            owner.fields = FieldSet::of_path(self.replicas);
            owner.time = None;
        }
        let path = self.path();
        for entry in managers.entries.iter_mut().filter(|entry| entry.fields.has(&path)) {
            let same = |owner: &Entry| entry.operation == Operation::Apply && owner.is_same_as(entry);
            match owners.iter().position(same) {
                Some(at) => {
                    owners.swap_remove(at);
                }
                None => entry.fields.subtract(&FieldSet::of_path(self.replicas)),
            }
        }
        managers.entries.extend(owners);
        managers.drop_empty();
        managers.write()
    }

    fn path(&self) -> Vec<Element> {
        names(self.replicas)
    }
}

fn names(path: &[&str]) -> Vec<Element> {
    path.iter().map(|name| Element::field(name)).collect()
}
