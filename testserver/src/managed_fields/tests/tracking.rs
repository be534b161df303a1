//! Who owns what after creates, replaces and patches.

use super::super::{Manager, Operation, ResetFields, track};
use super::{NOW, THEN, after_update, built_in, custom, data, deployment, entry, manager, owned};
use serde_json::{Value, json};

#[test]
fn the_creator_owns_what_it_has_set() {
    let object = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "1"},
        "metadata": {"name": "a", "namespace": "default", "labels": {"l": "1"}, "finalizers": ["a/b"], "uid": "u"}
    });
    let fields = json!({
        "f:data": {".": {}, "f:x": {}},
        "f:metadata": {"f:finalizers": {".": {}, "v:\"a/b\"": {}}, "f:labels": {".": {}, "f:l": {}}}
    });
    assert_eq!(after_update(None, object, "curl"), json!([entry("curl", "Update", NOW, fields)]));
}

#[test]
fn the_creator_of_nothing_owns_nothing() {
    assert_eq!(after_update(None, json!({"metadata": {"name": "a"}}), "curl"), Value::Null);
}

#[test]
fn a_manager_without_a_name_is_unknown() {
    let fields = json!({"f:data": {".": {}, "f:x": {}}});
    assert_eq!(
        after_update(None, data(json!({"x": "1"})), ""),
        json!([entry("unknown", "Update", NOW, fields)])
    );
}

#[test]
fn the_creator_of_a_deployment_owns_its_pointers_and_not_its_structs() {
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "replicas": 1, "selector": {"matchLabels": {"a": "b"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": {
                "containers": [{
                    "name": "c", "image": "i", "resources": {}, "securityContext": {"runAsUser": 1},
                    "ports": [{"containerPort": 80, "protocol": "TCP"}],
                    "env": [{"name": "A", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "f"}}}]
                }],
                "securityContext": {}, "restartPolicy": "Always"
            }}
        },
        "status": {"replicas": 3}
    });
    let reset = ResetFields::of("apps", "deployments", "");
    track(None, &mut object, deployment(), &manager("kubectl", Operation::Update, "apps/v1"), reset);
    let container = json!({
        ".": {}, "f:image": {}, "f:name": {}, "f:resources": {}, "f:securityContext": {".": {}, "f:runAsUser": {}},
        "f:env": {".": {}, "k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:valueFrom": {".": {}, "f:fieldRef": {}}}},
        "f:ports": {
            ".": {},
            "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}, "f:protocol": {}}
        }
    });
    let spec = json!({
        "f:replicas": {}, "f:selector": {},
        "f:strategy": {"f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}}, "f:type": {}},
        "f:template": {
            "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
            "f:spec": {
                "f:containers": {"k:{\"name\":\"c\"}": container}, "f:restartPolicy": {}, "f:securityContext": {}
            }
        }
    });
    assert_eq!(object["metadata"]["managedFields"][0]["fieldsV1"], json!({"f:spec": spec}));
}

#[test]
fn the_creator_of_a_custom_resource_owns_its_spec_too() {
    let schema = custom(json!({
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {
            "list": {"type": "array", "items": {"type": "string"}}, "deep": {"type": "object", "properties": {
                "e": {"type": "string"}
            }}
        }}}
    }));
    let mut object = json!({"metadata": {"name": "a", "annotations": {"b": "c"}}, "spec": {"list": ["a"], "deep": {"e": "f"}}});
    let reset = ResetFields::of_custom(true, "");
    track(None, &mut object, &schema, &manager("m", Operation::Update, "x.io/v1"), reset);
    assert_eq!(
        object["metadata"]["managedFields"][0]["fieldsV1"],
        json!({
            "f:metadata": {"f:annotations": {".": {}, "f:b": {}}},
            "f:spec": {".": {}, "f:deep": {".": {}, "f:e": {}}, "f:list": {}}
        })
    );
}

fn curls() -> Value {
    entry("curl", "Update", THEN, json!({"f:data": {".": {}, "f:x": {}, "f:y": {}}}))
}

#[test]
fn who_changes_a_field_takes_it() {
    let live = owned(data(json!({"x": "1", "y": "1"})), json!([curls()]));
    let curl = entry("curl", "Update", THEN, json!({"f:data": {".": {}, "f:y": {}}}));
    let other = entry("other", "Update", NOW, json!({"f:data": {"f:x": {}, "f:z": {}}}));
    let new = data(json!({"x": "2", "y": "1", "z": "3"}));
    assert_eq!(after_update(Some(&live), new, "other"), json!([curl, other]));
}

#[test]
fn what_is_removed_belongs_to_nobody() {
    let live = owned(data(json!({"x": "1", "y": "1"})), json!([curls()]));
    let curl = entry("curl", "Update", THEN, json!({"f:data": {".": {}, "f:x": {}}}));
    assert_eq!(after_update(Some(&live), data(json!({"x": "1"})), "other"), json!([curl]));
}

#[test]
fn a_manager_adds_to_what_it_has_and_gets_a_new_time() {
    let live = owned(data(json!({"x": "1", "y": "1"})), json!([curls()]));
    let curl = entry("curl", "Update", NOW, json!({"f:data": {".": {}, "f:x": {}, "f:y": {}, "f:z": {}}}));
    let new = data(json!({"x": "2", "y": "1", "z": "1"}));
    assert_eq!(after_update(Some(&live), new, "curl"), json!([curl]));
}

#[test]
fn who_changes_nothing_owns_nothing() {
    let live = owned(data(json!({"x": "1", "y": "1"})), json!([curls()]));
    assert_eq!(after_update(Some(&live), data(json!({"x": "1", "y": "1"})), "other"), json!([curls()]));
}

#[test]
fn appliers_come_first_and_then_the_oldest() {
    let applier = entry("z", "Apply", NOW, json!({"f:data": {"f:a": {}}}));
    let newer = entry("b", "Update", NOW, json!({"f:data": {"f:b": {}}}));
    let live = owned(data(json!({"x": "1", "y": "1"})), json!([newer.clone(), curls(), applier.clone()]));
    let new = data(json!({"x": "1", "y": "1"}));
    assert_eq!(after_update(Some(&live), new, "x"), json!([applier, curls(), newer]));
}

#[test]
fn another_version_or_subresource_is_another_entry() {
    let live = owned(data(json!({"x": "1"})), json!([curls()]));
    let mut new = data(json!({"x": "2"}));
    let manager = Manager { subresource: "status", ..manager("curl", Operation::Update, "v1") };
    track(Some(&live), &mut new, super::config_map(), &manager, ResetFields::of("", "nodes", "status"));
    let mut taken = entry("curl", "Update", NOW, json!({"f:data": {"f:x": {}}}));
    taken["subresource"] = "status".into();
    let kept = entry("curl", "Update", THEN, json!({"f:data": {".": {}, "f:y": {}}}));
    assert_eq!(new["metadata"]["managedFields"], json!([kept, taken]));
}

#[test]
fn the_eleventh_updater_makes_the_oldest_two_ancient() {
    let times = |at: usize| format!("2024-01-01T00:00:{at:02}Z");
    let keys: Vec<String> = (0..11).map(|at| format!("k{at}")).collect();
    let all: serde_json::Map<String, Value> = keys.iter().map(|key| (key.clone(), "1".into())).collect();
    let entries: Vec<Value> = (0..10)
        .map(|at| entry(&format!("m{at}"), "Update", &times(at), json!({"f:data": {format!("f:k{at}"): {}}})))
        .collect();
    let mut before = all.clone();
    before.remove("k10");
    let live = owned(data(Value::Object(before)), Value::Array(entries));
    let after = after_update(Some(&live), data(Value::Object(all)), "m10");
    let names: Vec<&str> =
        after.as_array().unwrap().iter().map(|entry| entry["manager"].as_str().unwrap()).collect();
    assert_eq!(names, ["ancient-changes", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10"]);
    assert_eq!(
        after[0],
        entry("ancient-changes", "Update", &times(1), json!({"f:data": {"f:k0": {}, "f:k1": {}}}))
    );
}

#[test]
fn a_client_can_forget_all_managers() {
    let live = owned(data(json!({"x": "1"})), json!([curls()]));
    for nothing in [json!([]), json!([{}]), json!([{"manager": "", "time": null}])] {
        let new = owned(data(json!({"x": "2"})), nothing);
        assert_eq!(after_update(Some(&live), new, "other"), Value::Null);
    }
    let without = data(json!({"x": "1"}));
    assert_eq!(after_update(Some(&without), data(json!({"x": "2"})), "other"), Value::Null);
}

#[test]
fn a_client_can_name_other_managers() {
    let live = owned(data(json!({"x": "1"})), json!([curls()]));
    let given = entry("g", "Update", THEN, json!({"f:data": {"f:x": {}, "f:nope": {}}}));
    let new = owned(data(json!({"x": "1"})), json!([given.clone()]));
    assert_eq!(after_update(Some(&live), new, "other"), json!([given]));
}

#[test]
fn managers_that_cannot_be_read_are_not_taken_from_a_client() {
    let live = owned(data(json!({"x": "1"})), json!([curls()]));
    let mut bad = [curls(), curls(), curls(), curls()];
    bad[0]["operation"] = "Foo".into();
    bad[1]["apiVersion"] = "".into();
    bad[2]["fieldsType"] = "FieldsV2".into();
    bad[3]["fieldsV1"] = json!({"data": {}});
    for entry in bad {
        let new = owned(data(json!({"x": "1"})), json!([entry]));
        assert_eq!(after_update(Some(&live), new, "other"), json!([curls()]));
    }
    let null = owned(data(json!({"x": "1"})), Value::Null);
    assert_eq!(after_update(Some(&live), null, "other"), json!([curls()]));
}

#[test]
fn a_request_for_the_status_owns_only_that() {
    let object = |replicas: u8, ready: u8| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"r": ready.to_string()}},
            "spec": {"replicas": replicas}, "status": {"readyReplicas": ready}
        })
    };
    let mut new = object(2, 2);
    let manager = Manager { subresource: "status", ..manager("c", Operation::Update, "apps/v1") };
    let live = owned(object(1, 1), json!([curls()]));
    track(Some(&live), &mut new, deployment(), &manager, ResetFields::of("apps", "deployments", "status"));
    assert_eq!(new["metadata"]["managedFields"][1]["fieldsV1"], json!({"f:status": {"f:readyReplicas": {}}}));
}

#[test]
fn fields_below_what_has_become_one_field_are_that_field() {
    let secret = built_in("io.k8s.api.core.v1.Pod");
    let live = owned(
        json!({"metadata": {"name": "a"}, "spec": {"nodeSelector": {"a": "b"}}}),
        json!([entry("old", "Update", THEN, json!({"f:spec": {"f:nodeSelector": {".": {}, "f:a": {}}}}))]),
    );
    let mut new = json!({"metadata": {"name": "a"}, "spec": {"nodeSelector": {"a": "b"}}});
    track(
        Some(&live),
        &mut new,
        secret,
        &manager("x", Operation::Update, "v1"),
        ResetFields::of("", "pods", ""),
    );
    let kept = entry("old", "Update", THEN, json!({"f:spec": {"f:nodeSelector": {}}}));
    assert_eq!(new["metadata"]["managedFields"], json!([kept]));
}

#[test]
fn what_cannot_be_compared_keeps_its_managers() {
    let live = owned(data(json!({"x": "1"})), json!([curls()]));
    let mut new = data(json!({"x": "2"}));
    new["metadata"]["finalizers"] = json!([{"a": 1}]);
    assert_eq!(after_update(Some(&live), new, "other"), json!([curls()]));
}

/// The fields that the creator of an object owns.
fn fields_of_creator(mut object: Value, definition: &str) -> Value {
    let api_version = object["apiVersion"].as_str().unwrap().to_owned();
    let manager = manager("m", Operation::Update, &api_version);
    track(None, &mut object, built_in(definition), &manager, ResetFields::of("", "", ""));
    object["metadata"]["managedFields"][0]["fieldsV1"].clone()
}

#[test]
fn what_is_always_there_belongs_to_nobody() {
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80, "protocol": "TCP"}]},
        "status": {"loadBalancer": {}}
    });
    let port =
        json!({"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}, "f:protocol": {}}, ".": {}});
    let fields = json!({"f:spec": {"f:ports": port}});
    assert_eq!(fields_of_creator(service, "io.k8s.api.core.v1.Service"), fields);
    let event = json!({
        "apiVersion": "v1", "kind": "Event", "involvedObject": {"kind": "Pod"}, "eventTime": null, "count": 1,
        "reportingComponent": "", "reportingInstance": "", "source": {}, "firstTimestamp": null, "lastTimestamp": null
    });
    let fields = json!({"f:count": {}, "f:involvedObject": {}});
    assert_eq!(fields_of_creator(event, "io.k8s.api.core.v1.Event"), fields);
    let class = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 0, "description": "d"});
    let fields = json!({"f:description": {}});
    assert_eq!(fields_of_creator(class, "io.k8s.api.scheduling.v1.PriorityClass"), fields);
}
