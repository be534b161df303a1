//! Who owns the replicas of an object with a scale.

use super::super::scale::ScaleOwners;
use super::{THEN, entry};
use serde_json::{Value, json};

const OWNERS: ScaleOwners<'_> = ScaleOwners { replicas: &["spec", "replicas"], api_version: "apps/v1" };

fn of(manager: &str, operation: &str, api_version: &str, fields: Value) -> Value {
    let mut entry = entry(manager, operation, THEN, fields);
    entry["apiVersion"] = api_version.into();
    entry
}

fn object(entries: Value) -> Value {
    json!({"metadata": {"managedFields": entries}})
}

fn untimed(mut entry: Value) -> Value {
    entry.as_object_mut().unwrap().remove("time");
    entry
}

#[test]
fn a_scale_has_the_owners_of_the_replicas() {
    let replicas = json!({"f:spec": {"f:replicas": {}}});
    let entries = json!([
        of("app", "Apply", "apps/v1", replicas.clone()),
        of("creator", "Update", "apps/v1", json!({"f:spec": {"f:paused": {}}}))
    ]);
    let owner = of("app", "Apply", "autoscaling/v1", replicas);
    assert_eq!(OWNERS.of(&object(entries)), Some(json!([owner])));
}

#[test]
fn who_scales_takes_the_replicas_of_the_object() {
    let replicas = json!({"f:spec": {"f:replicas": {}}});
    let both = json!({"f:spec": {"f:paused": {}, "f:replicas": {}}});
    let live = object(json!([of("creator", "Update", "apps/v1", both)]));
    let mut scaler = of("scaler", "Update", "autoscaling/v1", replicas.clone());
    scaler["subresource"] = "scale".into();
    let scale = object(json!([scaler.clone()]));
    scaler["apiVersion"] = "apps/v1".into();
    let rest = of("creator", "Update", "apps/v1", json!({"f:spec": {"f:paused": {}}}));
    assert_eq!(OWNERS.merged(&live, &scale), Some(json!([untimed(scaler), rest])));
}

#[test]
fn an_applier_that_still_owns_the_replicas_stays_as_it_is() {
    let replicas = json!({"f:spec": {"f:replicas": {}}});
    let applier = of("app", "Apply", "apps/v1", replicas.clone());
    let scale = object(json!([of("app", "Apply", "autoscaling/v1", replicas)]));
    assert_eq!(OWNERS.merged(&object(json!([applier.clone()])), &scale), Some(json!([applier])));
}
