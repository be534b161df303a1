//! The resources of a version of a group.

use super::groups;
use crate::catalog::{Resource, Snapshot, Subresource};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// The `APIResourceList`; none if there is no such version of such a group.
pub(super) fn list(snapshot: &Snapshot, group: &str, version: &str) -> Option<Value> {
    let all = snapshot.groups.get(group)?.get(version)?;
    let mut resources = Vec::new();
    for resource in all.values() {
        resources.push(own(snapshot, resource));
        resources.extend(resource.subresources.iter().map(|subresource| below(resource, subresource)));
    }
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let mut list = json!({"kind": "APIResourceList", "groupVersion": group_version, "resources": resources});
    // The list of the core group is as old as Kubernetes, and does not say its version.
    if !group.is_empty() {
        list["apiVersion"] = "v1".into();
    }
    Some(list)
}

fn own(snapshot: &Snapshot, resource: &Resource) -> Value {
    let mut value = json!({
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": verbs(resource),
    });
    if !resource.short_names.is_empty() {
        value["shortNames"] = json!(resource.short_names);
    }
    if !resource.categories.is_empty() {
        value["categories"] = json!(resource.categories);
    }
    if let Some(hash) = storage_version_hash(snapshot, resource) {
        value["storageVersionHash"] = hash.into();
    }
    value
}

/// What can be done with a resource. One that is on its way out gets no new objects.
pub(super) fn verbs(resource: &Resource) -> Vec<&str> {
    let is_terminating = resource.custom.as_ref().is_some_and(|custom| custom.is_terminating);
    let mut verbs = resource.verbs.clone();
    verbs.retain(|verb| !(is_terminating && matches!(*verb, "create" | "patch" | "update")));
    verbs
}

fn below(resource: &Resource, subresource: &Subresource) -> Value {
    let mut value = Map::from_iter([
        ("name".to_owned(), format!("{}/{}", resource.plural, subresource.name).into()),
        ("singularName".to_owned(), "".into()),
        ("namespaced".to_owned(), resource.namespaced.into()),
        ("kind".to_owned(), subresource.kind.as_ref().into()),
        ("verbs".to_owned(), json!(subresource.verbs)),
    ]);
    if (&subresource.group, &subresource.version) != (&resource.group, &resource.version) {
        value.insert("group".into(), subresource.group.as_ref().into());
        value.insert("version".into(), subresource.version.as_ref().into());
    }
    Value::Object(value)
}

/// What changes when objects begin to be stored in another version. What is not stored has none.
fn storage_version_hash(snapshot: &Snapshot, resource: &Resource) -> Option<String> {
    if !resource.has_verb("delete") {
        return None;
    }
    let (group, version) = groups::storage_version(snapshot, &resource.group, &resource.plural)?;
    let hash = Sha256::digest(format!("{group}/{version}/{}", resource.kind));
    Some(STANDARD.encode(&hash[..8]))
}
