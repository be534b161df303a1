//! Objects that belong to others.

use k8s_openapi::Resource;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

/// The controller that an object belongs to, if that is a `K`: the owner reference that says `controller`.
///
/// The version of the group may be another one: an owner stays the same when its resource gets a new version.
pub fn controlling_owner<K: Resource>(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    let group = |api_version: &str| api_version.split_once('/').map_or("", |(group, _)| group) == K::GROUP;
    let is_it = |owner: &&OwnerReference| owner.kind == K::KIND && group(&owner.api_version);
    metadata.owner_references.iter().flatten().find(|owner| owner.controller == Some(true)).filter(is_it)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::ReplicaSet;
    use k8s_openapi::api::core::v1::ReplicationController;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_owner_is_known_by_its_kind_and_group_and_is_the_one_that_controls() {
        let owner = |api_version: &str, kind: &str, name: &str, controller: bool| json!({"apiVersion": api_version, "kind": kind, "name": name, "uid": "1", "controller": controller});
        let found = |owners: serde_json::Value| {
            let metadata: ObjectMeta = serde_json::from_value(json!({"ownerReferences": owners})).unwrap();
            let name = |owner: Option<&OwnerReference>| owner.map(|owner| owner.name.clone());
            let replica_set = name(controlling_owner::<ReplicaSet>(&metadata));
            (replica_set, name(controlling_owner::<ReplicationController>(&metadata)))
        };
        let name = |name: &str| Some(name.to_owned());
        let (held, set) = (owner("v1", "Node", "n", false), owner("apps/v1beta2", "ReplicaSet", "a", true));
        assert_eq!(found(json!([held, set])), (name("a"), None));
        assert_eq!(found(json!([owner("v1", "ReplicationController", "b", true)])), (None, name("b")));
        assert_eq!(found(json!([owner("apps/v1", "ReplicaSet", "a", false)])), (None, None));
        assert_eq!(found(json!([owner("example.com/v1", "ReplicaSet", "a", true)])), (None, None));
    }
}
