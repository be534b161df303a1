//! Which fields differ.

use super::super::compare::compare;
use super::super::fields_v1::write;
use super::super::leaves::fields;
use super::super::types::Type;
use super::{built_in, custom};
use crate::schema::Schema;
use serde_json::{Value, json};

/// What is added, modified and removed.
fn compared(schema: &Schema, old: &Value, new: &Value) -> [Value; 3] {
    let comparison = compare(schema, old, new).unwrap();
    [write(&comparison.added), write(&comparison.modified), write(&comparison.removed)]
}

fn lists() -> Schema {
    custom(json!({
        "type": "object",
        "properties": {
            "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
            "map": {
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"],
                "items": {"type": "object", "properties": {
                    "port": {"type": "integer"}, "protocol": {"type": "string", "default": "TCP"},
                    "name": {"type": "string"}
                }}
            },
            "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": {"type": "string"}}},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}
        }
    }))
}

#[test]
fn items_of_lists_are_told_apart_by_value_or_key() {
    let old = json!({"set": ["a", "b"], "map": [{"port": 80, "name": "x"}]});
    let new =
        json!({"set": ["b", "c"], "map": [{"port": 443}, {"port": 80, "protocol": "TCP", "name": "y"}]});
    let tcp = |port: u16| format!(r#"k:{{"port":{port},"protocol":"TCP"}}"#);
    let [added, modified, removed] = compared(&lists(), &old, &new);
    assert_eq!(
        added,
        json!({
            "f:map": {tcp(443): {".": {}, "f:port": {}}, tcp(80): {"f:protocol": {}}},
            "f:set": {r#"v:"c""#: {}}
        })
    );
    assert_eq!(modified, json!({"f:map": {tcp(80): {"f:name": {}}}}));
    assert_eq!(removed, json!({"f:set": {r#"v:"a""#: {}}}));
}

#[test]
fn what_is_atomic_is_one_field() {
    let [added, modified, removed] =
        compared(&lists(), &json!({"whole": {"a": "1"}}), &json!({"whole": {"a": "2"}}));
    assert_eq!([added, modified, removed], [json!({}), json!({"f:whole": {}}), json!({})]);
}

#[test]
fn duplicates_count_as_one_item_without_parts() {
    let item = |name: &str| json!({"port": 80, "name": name});
    let (one, two) = (json!({"map": [item("x")]}), json!({"map": [item("x"), item("y")]}));
    let key = r#"k:{"port":80,"protocol":"TCP"}"#;
    let [added, _, removed] = compared(&lists(), &one, &two);
    assert_eq!(added, json!({"f:map": {key: {}}}));
    assert_eq!(removed, json!({"f:map": {key: {".": {}, "f:name": {}, "f:port": {}}}}));
    let [_, modified, _] = compared(&lists(), &two, &json!({"map": [item("x"), item("z")]}));
    assert_eq!(modified, json!({"f:map": {key: {}}}));
    assert_eq!(compared(&lists(), &two, &two), [json!({}), json!({}), json!({})]);
}

#[test]
fn without_a_schema_each_key_is_a_field() {
    let old = json!({"free": {"a": {"b": 1}, "c": [1], "d": 1}});
    let new = json!({"free": {"a": {"b": 1, "e": 2}, "c": [2], "d": {"f": 1}}});
    let [added, modified, removed] = compared(&lists(), &old, &new);
    assert_eq!(added, json!({"f:free": {"f:a": {"f:e": {}}, "f:d": {"f:f": {}}}}));
    assert_eq!(modified, json!({"f:free": {"f:c": {}, "f:d": {}}}));
    assert_eq!(removed, json!({}));
}

#[test]
fn empty_and_missing_are_not_the_same() {
    let [added, ..] = compared(&lists(), &json!({}), &json!({"free": {}, "set": []}));
    assert_eq!(added, json!({"f:free": {}, "f:set": {}}));
    let [_, modified, _] = compared(&lists(), &json!({"free": null}), &json!({"free": {}}));
    assert_eq!(modified, json!({"f:free": {}}));
}

#[test]
fn items_that_cannot_be_told_apart_are_an_error() {
    let wrong = json!({"set": [{"a": 1}]});
    let why = compare(&lists(), &json!({}), &wrong).unwrap_err();
    assert_eq!(why, "associative list without keys has an element that's a map type");
}

#[test]
fn a_value_has_its_leaves_and_the_items_and_keys_on_the_way() {
    let value = json!({
        "set": ["a"], "map": [{"port": 80}], "whole": {"a": "1"}, "free": {"a": {"b": [1]}}, "metadata": {"labels": {}}
    });
    let schema = lists();
    assert_eq!(
        write(&fields(Type::of(&schema), &value)),
        json!({
            "f:free": {"f:a": {".": {}, "f:b": {}}},
            "f:map": {r#"k:{"port":80,"protocol":"TCP"}"#: {".": {}, "f:port": {}}},
            "f:metadata": {"f:labels": {}},
            "f:set": {r#"v:"a""#: {}},
            "f:whole": {}
        })
    );
}

#[test]
fn a_granular_reference_to_an_atomic_type_has_fields() {
    let volume = json!({"spec": {"claimRef": {"name": "a", "namespace": "b"}}});
    let [added, ..] =
        compared(built_in("io.k8s.api.core.v1.PersistentVolume"), &json!({"spec": {}}), &volume);
    assert_eq!(added, json!({"f:spec": {"f:claimRef": {".": {}, "f:name": {}, "f:namespace": {}}}}));
}
