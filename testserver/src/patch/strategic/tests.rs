//! What real servers make of strategic merge patches.

use super::strategic_merge_patch;
use crate::schema::Schema;
use serde_json::{Value, json};

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "s", "labels": {"a": "1", "b": "2"}, "finalizers": ["x/a", "x/b"]},
        "spec": {
            "replicas": 0,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "template": {"spec": {
                "containers": [
                    {"name": "c1", "image": "i1", "args": ["x", "y"], "ports": [
                        {"containerPort": 80, "name": "http"}, {"containerPort": 81, "protocol": "UDP"}
                    ]},
                    {"name": "c2", "image": "i2"}
                ],
                "volumes": [{"name": "v", "emptyDir": {}}]
            }}
        }
    })
}

fn patched(patch: &Value) -> Value {
    let schema = Schema::definition("io.k8s.api.apps.v1.Deployment").unwrap();
    match strategic_merge_patch(&deployment(), patch, schema) {
        Ok(patched) => patched,
        Err(failure) => json!([failure.code.as_u16(), failure.message]),
    }
}

fn metadata(patch: Value) -> Value {
    let patched = patched(&json!({"metadata": patch}));
    if patched.is_array() { patched } else { patched["metadata"].clone() }
}

fn pod(patch: Value) -> Value {
    let patched = patched(&json!({"spec": {"template": {"spec": patch}}}));
    if patched.is_array() { patched } else { patched["spec"]["template"]["spec"].clone() }
}

/// The names and images of the containers.
fn containers(patch: Value) -> Value {
    let pod = pod(patch);
    if pod.is_array() {
        return pod;
    }
    let told = |container: &Value| format!("{} {}", container["name"], container["image"]).replace('"', "");
    pod["containers"].as_array().unwrap().iter().map(told).collect()
}

#[test]
fn objects_are_merged_and_null_removes() {
    let labels = |patch: Value| metadata(json!({"labels": patch}))["labels"].clone();
    assert_eq!(labels(json!({"a": null, "zz": null, "q": "1"})), json!({"b": "2", "q": "1"}));
    assert_eq!(labels(json!({"$patch": "replace", "c": "3"})), json!({"c": "3"}));
    assert_eq!(labels(json!({"$patch": "delete"})), json!({}));
    assert_eq!(labels(Value::Null), Value::Null);
    assert_eq!(labels(json!("x")), json!("x"));
    assert_eq!(metadata(json!({"annotations": {"a": {"x": null}}}))["annotations"], json!({"a": {}}));
    assert_eq!(patched(&Value::Null), deployment());
}

#[test]
fn lists_of_scalars_are_merged_in_the_order_of_the_patch() {
    let finalizers = |patch: Value| metadata(patch)["finalizers"].clone();
    assert_eq!(finalizers(json!({"finalizers": ["x/c"]})), json!(["x/c", "x/a", "x/b"]));
    assert_eq!(finalizers(json!({"$deleteFromPrimitiveList/finalizers": ["x/a"]})), json!(["x/b"]));
    assert_eq!(
        finalizers(json!({"$deleteFromPrimitiveList/finalizers": ["x/a"], "finalizers": ["x/c"]})),
        json!(["x/c", "x/b"])
    );
    assert_eq!(finalizers(json!({"$deleteFromPrimitiveList/nope": ["x/a"]})), json!(["x/a", "x/b"]));
    assert_eq!(finalizers(json!({"$deleteFromPrimitiveList/finalizers": "x/a"})), json!(["x/a", "x/b"]));
    assert_eq!(finalizers(json!({"$setElementOrder/finalizers": ["x/b", "x/a"]})), json!(["x/b", "x/a"]));
    assert_eq!(
        finalizers(json!({"$setElementOrder/finalizers": ["x/b", "x/c", "x/a"], "finalizers": ["x/c"]})),
        json!(["x/b", "x/c", "x/a"])
    );
}

#[test]
fn lists_of_objects_are_merged_by_key() {
    let patch = json!({"containers": [{"name": "c2", "image": "new"}]});
    assert_eq!(containers(patch), json!(["c1 i1", "c2 new"]));
    let patch = json!({"containers": [{"name": "c3", "image": "i3"}]});
    assert_eq!(containers(patch), json!(["c3 i3", "c1 i1", "c2 i2"]));
    assert_eq!(containers(json!({"containers": [{"name": "c1", "$patch": "delete"}]})), json!(["c2 i2"]));
    let patch = json!({"containers": [{"name": "c9", "image": "i9"}, {"$patch": "replace"}]});
    assert_eq!(containers(patch), json!(["c9 i9"]));
    let patch = json!({"$setElementOrder/containers": [{"name": "c2"}, {"name": "c1"}]});
    assert_eq!(containers(patch), json!(["c2 i2", "c1 i1"]));
    let patch = json!({
        "$setElementOrder/containers": [{"name": "c2"}, {"name": "c3"}, {"name": "c1"}],
        "containers": [{"name": "c3", "image": "i3"}]
    });
    assert_eq!(containers(patch), json!(["c2 i2", "c3 i3", "c1 i1"]));
}

#[test]
fn lists_in_items_are_merged_or_replaced() {
    let container = json!({"name": "c1", "ports": [{"containerPort": 82}], "args": ["z"]});
    assert_eq!(
        pod(json!({"containers": [container]}))["containers"][0],
        json!({"name": "c1", "image": "i1", "args": ["z"], "ports": [
            {"containerPort": 82}, {"containerPort": 80, "name": "http"}, {"containerPort": 81, "protocol": "UDP"}
        ]})
    );
    let container = json!({"name": "c1", "ports": [{"containerPort": 81, "protocol": "TCP"}]});
    assert_eq!(
        pod(json!({"containers": [container]}))["containers"][0]["ports"],
        json!([{"containerPort": 80, "name": "http"}, {"containerPort": 81, "protocol": "TCP"}])
    );
}

#[test]
fn only_retained_keys_stay() {
    let strategy = json!({"$retainKeys": ["type"], "type": "Recreate"});
    let after = patched(&json!({"spec": {"strategy": strategy}}));
    assert_eq!(after["spec"]["strategy"], json!({"type": "Recreate"}));
    let volume = json!({"$retainKeys": ["name", "hostPath"], "name": "v", "hostPath": {"path": "/x"}});
    assert_eq!(
        pod(json!({"volumes": [volume]}))["volumes"],
        json!([{"name": "v", "hostPath": {"path": "/x"}}])
    );
    let volume = json!({"name": "v", "hostPath": {"path": "/x"}});
    let merged = json!([{"name": "v", "emptyDir": {}, "hostPath": {"path": "/x"}}]);
    assert_eq!(pod(json!({"volumes": [volume]}))["volumes"], merged);
}

#[test]
fn a_strategy_can_be_to_replace() {
    let schema = Schema::definition("io.k8s.api.policy.v1.PodDisruptionBudget").unwrap();
    let object = json!({"spec": {"selector": {"matchLabels": {"a": "b"}}, "minAvailable": 1}});
    let patch = json!({"spec": {"selector": {"matchLabels": {"c": "d"}}}});
    let patched = strategic_merge_patch(&object, &patch, schema).unwrap();
    assert_eq!(patched["spec"]["selector"], json!({"matchLabels": {"c": "d"}}));
}

#[test]
fn what_the_schema_does_not_have_is_taken_as_it_is() {
    assert_eq!(pod(json!({"nope": {"a": 1}}))["nope"], json!({"a": 1}));
    assert_eq!(pod(json!({"containers": {"a": "b"}}))["containers"], json!({"a": "b"}));
}

#[test]
fn malformed_directives_are_bad_requests() {
    let bad = |message: &str| json!([400, message]);
    assert_eq!(
        metadata(json!({"$deleteFromPrimitiveList": ["x/a"]})),
        bad("invalid patch format of primitive list")
    );
    assert_eq!(
        metadata(json!({"$setElementOrder": ["x"]})),
        bad("invalid patch format of setElementOrder list")
    );
    let strategy = |patch: Value| patched(&json!({"spec": {"strategy": patch}}));
    let malformed = bad("invalid patch format of retainKeys");
    let patch = json!({"$retainKeys": ["type"], "type": "Recreate", "rollingUpdate": {"maxSurge": 1}});
    assert_eq!(strategy(patch), malformed);
    assert_eq!(strategy(json!({"$retainKeys": "x", "type": "Recreate"})), malformed);
    assert_eq!(
        patched(&json!([])),
        bad("json: cannot unmarshal array into Go value of type map[string]interface {}")
    );
}

#[test]
fn what_does_not_fit_the_object_fails_as_on_servers() {
    let failed = |message: &str| json!([500, message]);
    let unknown = failed("unknown patch type: bogus in map: map[$patch:bogus]");
    assert_eq!(patched(&json!({"$patch": "bogus"})), unknown);
    assert_eq!(metadata(json!({"labels": {"$patch": "bogus"}})), unknown);
    assert_eq!(
        patched(&json!({"$patch": 3})),
        failed("unknown patch type: %!s(int64=3) in map: map[$patch:3]")
    );
    assert_eq!(
        metadata(json!({"$setElementOrder/finalizers": ["x/b", "x/a"], "finalizers": ["x/c"]})),
        failed("The order in patch list:\n[x/c]\n doesn't match $setElementOrder list:\n[x/b x/a]\n")
    );
    assert_eq!(
        metadata(json!({"$setElementOrder/finalizers": "x"})),
        failed("expected a []interface {}, but received a string")
    );
    assert_eq!(
        metadata(json!({"$setElementOrder/labels": ["x"]})),
        failed("expected a []interface {}, but received a map[string]interface {}")
    );
    assert_eq!(
        metadata(json!({"$setElementOrder/nope": ["x"]})),
        failed("unable to find api field in struct ObjectMeta for the json field \"nope\"")
    );
}

#[test]
fn items_that_do_not_fit_their_list_fail_as_on_servers() {
    let failed = |message: &str| json!([500, message]);
    let items = |item: Value| containers(json!({"containers": [item]}));
    let no_key = "does not contain declared merge key: name";
    assert_eq!(items(json!({"image": "i3"})), failed(&format!("map: map[image:i3] {no_key}")));
    assert_eq!(
        items(json!({"image": "c1", "$patch": "delete"})),
        failed(&format!("map: map[$patch:delete image:c1] {no_key}"))
    );
    assert_eq!(
        items(json!({"name": "c1", "$patch": "bogus"})),
        failed("unknown patch type: bogus in map: map[$patch:bogus name:c1]")
    );
    assert_eq!(
        items(json!({"name": "c1", "$patch": "merge"})),
        failed("merging lists cannot yet be specified in the patch")
    );
    let old = "[map[args:[x y] image:i1 name:c1 ports:[map[containerPort:80 name:http] map[containerPort:81 \
               protocol:UDP]]] map[image:i2 name:c2]]";
    assert_eq!(items(json!("x")), failed(&format!("list element types are not identical: [{old} [x]]")));
    let c3 = json!([{"name": "c3", "image": "i3"}]);
    let order = |order: Value, list: &Value| {
        containers(json!({"$setElementOrder/containers": order, "containers": list}))
    };
    assert_eq!(
        order(json!([{"name": "c2"}, {"name": "c1"}]), &c3),
        failed(
            "The order in patch list:\n[map[image:i3 name:c3]]\n doesn't match $setElementOrder list:\n[map[name:c2] \
             map[name:c1]]\n"
        )
    );
    assert_eq!(order(json!([{"nam": "c2"}]), &c3), failed(&format!("map: map[nam:c2] {no_key}")));
    assert_eq!(
        order(json!(["c2"]), &c3),
        failed("expected a map[string]interface {}, but received a string")
    );
    let only_order = json!({"$setElementOrder/containers": ["c2"]});
    assert_eq!(containers(only_order), failed("value for key 0 is not a map"));
}

#[test]
fn a_patch_is_shown_without_the_lists_that_it_orders() {
    let patch = json!({"spec": {
        "$setElementOrder/containers": [{"name": "a"}],
        "containers": [{"name": "a"}],
        "$retainKeys": ["x"],
        "volumes": [{"name": "v"}],
    }});
    assert_eq!(super::without_ordered_lists(&patch), json!({"spec": {"volumes": [{"name": "v"}]}}));
}
