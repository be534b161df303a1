//! What server-side apply makes of objects and their managers.

use super::super::{Application, Operation, ResetFields, apply};
use super::{NOW, THEN, applied, built_in, custom, data, deployment, entry, manager, owned};
use crate::failure::Failure;
use crate::schema::Schema;
use serde_json::{Value, json};

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

fn x_of(manager: &str, operation: &str, time: &str) -> Value {
    entry(manager, operation, time, json!({"f:data": {"f:x": {}}}))
}

fn told(result: Result<Value, Failure>) -> Value {
    result.unwrap_err().to_status()
}

#[test]
fn an_object_that_is_not_there_is_made() {
    let config = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "1"}, "metadata": {"name": "a", "labels": {"l": "1"}}
    });
    let fields = json!({"f:data": {"f:x": {}}, "f:metadata": {"f:labels": {"f:l": {}}}});
    let made = owned(config.clone(), json!([entry("app", "Apply", NOW, fields)]));
    assert_eq!(applied(None, &config, "app", false), Ok(made));
}

#[test]
fn what_is_applied_is_merged_and_owned() {
    let curl = entry("curl", "Update", THEN, json!({"f:data": {".": {}, "f:x": {}}}));
    let live = owned(data(json!({"x": "1"})), json!([curl.clone()]));
    let app = entry("app", "Apply", NOW, json!({"f:data": {"f:y": {}}}));
    let merged = owned(data(json!({"x": "1", "y": "2"})), json!([app, curl]));
    assert_eq!(applied(Some(&live), &data(json!({"y": "2"})), "app", false), Ok(merged));
}

#[test]
fn the_same_value_has_two_owners_and_the_second_has_no_time() {
    let live = owned(data(json!({"x": "1"})), json!([x_of("curl", "Update", THEN)]));
    let mut second = x_of("app", "Apply", NOW);
    second.as_object_mut().unwrap().remove("time");
    let both = owned(data(json!({"x": "1"})), json!([second, x_of("curl", "Update", THEN)]));
    assert_eq!(applied(Some(&live), &data(json!({"x": "1"})), "app", false), Ok(both));
}

#[test]
fn applying_the_same_again_changes_nothing() {
    let live = owned(data(json!({"x": "1"})), json!([x_of("app", "Apply", THEN)]));
    assert_eq!(applied(Some(&live), &data(json!({"x": "1"})), "app", false), Ok(live));
}

#[test]
fn a_field_of_another_is_a_conflict() {
    let live = owned(data(json!({"x": "1"})), json!([x_of("curl", "Update", THEN)]));
    assert_eq!(
        told(applied(Some(&live), &data(json!({"x": "2"})), "m", false)),
        json!({
            "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure", "code": 409, "reason": "Conflict",
            "message": "Apply failed with 1 conflict: conflict with \"curl\" using v1: .data.x",
            "details": {"causes": [{
                "field": ".data.x", "message": "conflict with \"curl\" using v1", "reason": "FieldManagerConflict"
            }]}
        })
    );
}

#[test]
fn several_conflicts_are_told_by_manager() {
    let other = entry("other", "Apply", THEN, json!({"f:data": {"f:k": {}, "f:x": {}}}));
    let live = owned(data(json!({"x": "4", "k": "k"})), json!([other, x_of("z", "Update", THEN)]));
    let status = told(applied(Some(&live), &data(json!({"x": "5", "k": "z"})), "third", false));
    assert_eq!(
        status["message"],
        "Apply failed with 3 conflicts: conflicts with \"other\":\n- .data.k\n- .data.x\nconflicts with \"z\" using v1:\n\
         - .data.x"
    );
    let fields: Vec<&Value> =
        status["details"]["causes"].as_array().unwrap().iter().map(|cause| &cause["field"]).collect();
    assert_eq!(fields, [".data.k", ".data.x", ".data.x"]);
}

#[test]
fn a_conflict_names_the_subresource() {
    let mut status = entry("app", "Apply", THEN, json!({"f:data": {"f:x": {}}}));
    status["subresource"] = "status".into();
    let live = owned(data(json!({"x": "1"})), json!([status]));
    assert_eq!(
        told(applied(Some(&live), &data(json!({"x": "2"})), "m", false))["message"],
        "Apply failed with 1 conflict: conflict with \"app\" with subresource \"status\": .data.x"
    );
}

#[test]
fn force_takes_fields_from_others() {
    let curl = entry("curl", "Update", THEN, json!({"f:data": {"f:x": {}, "f:y": {}}}));
    let live = owned(data(json!({"x": "1", "y": "1"})), json!([curl]));
    let rest = entry("curl", "Update", THEN, json!({"f:data": {"f:y": {}}}));
    let forced = owned(data(json!({"x": "2", "y": "1"})), json!([x_of("m", "Apply", NOW), rest]));
    assert_eq!(applied(Some(&live), &data(json!({"x": "2"})), "m", true), Ok(forced));
}

#[test]
fn what_is_no_longer_applied_goes_unless_another_owns_it() {
    let app = entry("app", "Apply", THEN, json!({"f:data": {"f:x": {}, "f:y": {}, "f:z": {}}}));
    let live = owned(data(json!({"x": "1", "y": "1", "z": "1"})), json!([app, x_of("other", "Apply", THEN)]));
    let app = entry("app", "Apply", NOW, json!({"f:data": {"f:y": {}}}));
    let left = owned(data(json!({"x": "1", "y": "1"})), json!([x_of("other", "Apply", THEN), app]));
    assert_eq!(applied(Some(&live), &data(json!({"y": "1"})), "app", false), Ok(left));
}

#[test]
fn a_map_that_is_no_longer_applied_keeps_what_another_owns_in_it() {
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
    let entries = data(json!({"x": "1", "u": "2"}));
    let other = entry("other", "Update", THEN, json!({"f:data": {"f:u": {}}}));
    let live = owned(entries.clone(), json!([x_of("app", "Apply", THEN), other.clone()]));
    let left = owned(data(json!({"u": "2"})), json!([other]));
    assert_eq!(applied(Some(&live), &config, "app", false), Ok(left));
    let live = owned(entries, json!([x_of("app", "Apply", THEN)]));
    assert_eq!(applied(Some(&live), &config, "app", false), Ok(config));
}

#[test]
fn objects_that_nobody_owned_belonged_to_somebody_before() {
    let live = data(json!({"x": "1", "y": "1"}));
    let before =
        entry("before-first-apply", "Update", NOW, json!({"f:data": {".": {}, "f:x": {}, "f:y": {}}}));
    let z = entry("app", "Apply", NOW, json!({"f:data": {"f:z": {}}}));
    let both = owned(data(json!({"x": "1", "y": "1", "z": "1"})), json!([z, before]));
    assert_eq!(applied(Some(&live), &data(json!({"z": "1"})), "app", false), Ok(both));
    assert_eq!(
        told(applied(Some(&live), &data(json!({"x": "2"})), "app", false))["message"],
        "Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.x"
    );
}

#[test]
fn null_and_empty_are_owned_as_they_are_given() {
    let live = owned(data(json!({"x": "1"})), json!([]));
    let mut config = data(Value::Null);
    config["metadata"]["labels"] = json!({});
    let merged = applied(Some(&live), &config, "app", false).unwrap();
    assert_eq!(merged["data"], json!({"x": "1"}));
    let fields = json!({"f:data": {}, "f:metadata": {"f:labels": {}}});
    assert_eq!(merged["metadata"]["managedFields"][0]["fieldsV1"], fields);
}

#[test]
fn a_configuration_has_no_managed_fields_and_is_of_the_type_of_the_path() {
    let refused = |config: &Value| told(applied(None, config, "m", false))["message"].clone();
    assert_eq!(refused(&owned(data(json!({})), json!([]))), "metadata.managedFields must be nil");
    assert!(applied(None, &owned(data(json!({})), Value::Null), "m", false).is_ok());
    let mut other = data(json!({}));
    other["kind"] = "Secret".into();
    assert_eq!(refused(&other), "invalid object type: /v1, Kind=Secret");
    other["apiVersion"] = "apps/v1".into();
    assert_eq!(refused(&other), "invalid object type: apps/v1, Kind=Secret");
    assert_eq!(refused(&json!({"kind": "ConfigMap"})), "invalid object type: /, Kind=ConfigMap");
    assert_eq!(refused(&json!([])), "invalid object type: /, Kind=");
}

#[test]
fn a_configuration_fits_its_schema() {
    let refused = |entries: Value| told(applied(None, &data(entries), "m", false));
    let head = "failed to create typed patch object (/a; /v1, Kind=ConfigMap): ";
    let status = refused(json!({"x": 1.5, "y": true, "z": {"q": 1}}));
    assert_eq!(
        status["message"],
        format!(
            "{head}errors:\n  .data.x: expected string, got &value.valueUnstructured{{Value:1.5}}\n  .data.y: expected \
             string, got &value.valueUnstructured{{Value:true}}\n  .data.z: expected string, got \
             &value.valueUnstructured{{Value:map[string]interface {{}}{{\"q\":1}}}}"
        )
    );
    assert_eq!((&status["code"], status.get("reason")), (&json!(500), None));
    assert_eq!(refused(json!([1]))["message"], format!("{head}.data: expected map, got &{{[1]}}"));
    let mut unknown = data(json!({}));
    unknown["foo"] = 1.into();
    let message = format!("{head}.foo: field not declared in schema");
    assert_eq!(told(applied(None, &unknown, "m", false))["message"], message);
}

/// A deployment with some containers.
fn web(containers: Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": containers}}}
    })
}

fn containers(object: &Value) -> &Value {
    &object["spec"]["template"]["spec"]["containers"]
}

fn apply_web(live: Option<&Value>, config: &Value) -> Result<Value, Failure> {
    let reset = ResetFields::of("apps", "deployments", "");
    let application = Application { kind: "Deployment", force: false, reset };
    apply(live, config, deployment(), &manager("app", Operation::Apply, "apps/v1"), &application)
}

#[test]
fn items_of_a_list_are_merged_added_and_removed_by_key() {
    let live =
        apply_web(None, &web(json!([{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]))).unwrap();
    let mut live = live;
    live["spec"]["template"]["spec"]["containers"][1]["imagePullPolicy"] = "Always".into();
    let config = web(json!([{"name": "n", "image": "1"}, {"name": "b", "image": "2"}]));
    let after = apply_web(Some(&live), &config).unwrap();
    let expected =
        json!([{"name": "n", "image": "1"}, {"name": "b", "image": "2", "imagePullPolicy": "Always"}]);
    assert_eq!(containers(&after), &expected);
    let item = json!({".": {}, "f:image": {}, "f:name": {}});
    assert_eq!(
        after["metadata"]["managedFields"][0]["fieldsV1"],
        json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {
            "k:{\"name\":\"b\"}": item, "k:{\"name\":\"n\"}": item
        }}}}})
    );
}

#[test]
fn keys_of_items_are_completed_by_defaults() {
    let config = web(json!([{"name": "a", "ports": [{"containerPort": 80}]}]));
    let fields = apply_web(None, &config).unwrap()["metadata"]["managedFields"][0]["fieldsV1"].to_string();
    assert!(fields.contains(r#"k:{\"containerPort\":80,\"protocol\":\"TCP\"}"#), "{fields}");
}

#[test]
fn items_of_a_list_can_be_told_apart() {
    let refused = |containers: Value| told(apply_web(None, &web(containers)))["message"].clone();
    let head = "failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.template.spec.containers: ";
    let item = json!({"name": "n1"});
    assert_eq!(refused(json!([item, item])), format!("{head}duplicate entries for key [name=\"n1\"]"));
    assert_eq!(
        refused(json!([null])),
        format!("{head}element 0: associative list with keys may not have a null element")
    );
    assert_eq!(
        refused(json!([item, "x"])),
        format!("{head}element 1: associative list with keys may not have non-map elements")
    );
    assert_eq!(refused(json!("x")), format!("{head}expected list, got &{{x}}"));
}

#[test]
fn a_request_for_the_object_cannot_apply_its_status() {
    let mut config = web(json!([]));
    config["status"] = json!({"replicas": 1});
    let after = apply_web(None, &config).unwrap();
    assert_eq!(after["metadata"].get("managedFields"), None);
}

fn custom_schema() -> Schema {
    custom(json!({
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {
            "list": {"type": "array", "items": {"type": "string"}},
            "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
            "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "additionalProperties": {"type": "string"}},
            "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"x": {"type": "string"}}}},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            "items": {
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port"],
                "items": {"type": "object", "properties": {"port": {"type": "integer"}, "name": {"type": "string"}}}
            },
            "either": {"x-kubernetes-int-or-string": true}
        }}}
    }))
}

fn apply_custom(live: Option<&Value>, spec: Value, name: &str) -> Result<Value, Failure> {
    let config = json!({"apiVersion": "x.io/v1", "kind": "Bar", "metadata": {"name": "b"}, "spec": spec});
    let application = Application { kind: "Bar", force: false, reset: ResetFields::of_custom(false, "") };
    apply(live, &config, &custom_schema(), &manager(name, Operation::Apply, "x.io/v1"), &application)
}

#[test]
fn what_is_atomic_is_replaced_and_the_rest_is_merged() {
    let first = json!({
        "list": ["a", "b"], "set": ["a"], "whole": {"a": "1", "b": "1"}, "map": {"m": {"x": "1"}}, "free": {"a": {"b": 1}}
    });
    let live = apply_custom(None, first, "first").unwrap();
    let refused = told(apply_custom(Some(&live), json!({"list": ["c"], "whole": {"a": "1"}}), "second"));
    assert_eq!(
        refused["message"],
        "Apply failed with 2 conflicts: conflicts with \"first\":\n- .spec.list\n- .spec.whole"
    );
    let second = json!({"set": ["b"], "map": {"n": {}}, "free": {"a": {"c": 1}}});
    let live = apply_custom(Some(&live), second, "second").unwrap();
    assert_eq!(
        live["spec"],
        json!({
            "list": ["a", "b"], "set": ["a", "b"], "whole": {"a": "1", "b": "1"}, "map": {"m": {"x": "1"}, "n": {}},
            "free": {"a": {"b": 1, "c": 1}}
        })
    );
    let rest = apply_custom(Some(&live), json!({"set": ["a"]}), "first").unwrap();
    let left = json!({"set": ["a", "b"], "map": {"n": {}}, "free": {"a": {"c": 1}}});
    assert_eq!(rest["spec"], left);
}

#[test]
fn lists_that_lose_their_last_items_go() {
    let live = apply_custom(None, json!({"set": ["a"], "items": [{"port": 1}], "either": 1}), "app").unwrap();
    let after = apply_custom(Some(&live), json!({"set": [], "items": [], "either": 1}), "app").unwrap();
    assert_eq!(after["spec"], json!({"either": 1}));
    let after = apply_custom(Some(&live), json!({"set": [], "items": []}), "app").unwrap();
    assert_eq!(after, json!({"apiVersion": "x.io/v1", "kind": "Bar", "metadata": {"name": "b"}}));
}

#[test]
fn items_without_keys_are_refused() {
    let why = told(apply_custom(None, json!({"items": [{"name": "x"}], "either": [1]}), "app"));
    assert_eq!(
        why["message"],
        "failed to create typed patch object (/b; x.io/v1, Kind=Bar): .spec.items: element 0: associative list with keys \
         has an element that omits all key fields [\"port\"] (and doesn't have default values for any key fields)"
    );
}

fn by_kubectl(live: &Value, entries: Value) -> Result<Value, Failure> {
    applied(Some(live), &data(entries), "kubectl", false)
}

/// An object that kubectl has applied by itself.
fn client_side(last_applied: &Value) -> Value {
    let mut live = data(json!({"a": "1", "b": "2", "c": "3"}));
    live["metadata"]["annotations"] = json!({LAST_APPLIED: last_applied.to_string()});
    let fields = json!({
        "f:data": {".": {}, "f:a": {}, "f:b": {}, "f:c": {}},
        "f:metadata": {"f:annotations": {".": {}, "f:kubectl.kubernetes.io/last-applied-configuration": {}}}
    });
    owned(live, json!([entry("kubectl-client-side-apply", "Update", THEN, fields)]))
}

#[test]
fn kubectl_takes_over_what_it_applied_by_itself() {
    let live = client_side(&data(json!({"a": "1", "b": "2"})));
    let after = by_kubectl(&live, json!({"a": "9"})).unwrap();
    assert_eq!(after["data"], json!({"a": "9", "b": "2", "c": "3"}));
    let text = "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"9\"},\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}\n";
    assert_eq!(after["metadata"]["annotations"][LAST_APPLIED], text);
    let a = entry("kubectl", "Apply", NOW, json!({"f:data": {"f:a": {}}}));
    assert_eq!(after["metadata"]["managedFields"][0], a);
}

#[test]
fn kubectl_does_not_take_over_what_it_did_not_apply_or_others_changed() {
    let live = client_side(&data(json!({"a": "1", "b": "other"})));
    let status = told(by_kubectl(&live, json!({"a": "9", "b": "9", "c": "9"})));
    assert_eq!(
        status["message"],
        "Apply failed with 2 conflicts: conflicts with \"kubectl-client-side-apply\" using v1:\n- .data.b\n- .data.c"
    );
    let status = told(applied(Some(&live), &data(json!({"a": "9"})), "else", false));
    assert_eq!(
        status["message"],
        "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.a"
    );
}

#[test]
fn a_list_keeps_the_items_of_others() {
    let ports = |list: Value| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": list}});
    let run = |live: Option<&Value>, list: Value, name: &str| {
        let reset = ResetFields::of("", "services", "");
        let application = Application { kind: "Service", force: false, reset };
        let manager = manager(name, Operation::Apply, "v1");
        apply(live, &ports(list), built_in("io.k8s.api.core.v1.Service"), &manager, &application).unwrap()
    };
    let one = run(None, json!([{"port": 80, "name": "a"}]), "app");
    let two = run(Some(&one), json!([{"port": 81, "protocol": "UDP", "name": "b"}]), "other");
    let after = run(Some(&two), json!([{"port": 82, "name": "c"}]), "app");
    let expected = json!([{"port": 81, "protocol": "UDP", "name": "b"}, {"port": 82, "name": "c"}]);
    assert_eq!(after["spec"]["ports"], expected);
}

#[test]
fn deeply_nested_values_are_applied_and_pruned() {
    let nested = |leaf: u8| (0..120).fold(json!({"leaf": leaf}), |inner, _| json!({"a": inner}));
    let live = apply_custom(None, json!({"free": nested(1), "either": 1}), "app").unwrap();
    let live = apply_custom(Some(&live), json!({"free": nested(2), "either": 1}), "app").unwrap();
    assert_eq!(live["spec"]["free"], nested(2));
    let after = apply_custom(Some(&live), json!({"either": 1}), "app").unwrap();
    assert_eq!(after["spec"], json!({"either": 1}));
}
