//! What kubectl shows of objects. The wanted cells are those of a real server.

use super::{Form, IncludeObject, TableKind, table, table_of_one};
use serde_json::{Value, json};

const FORM: Form = Form { version: "v1", include: IncludeObject::Metadata, headers: true };

fn cells(group: &str, kind: &str, object: &Value) -> Value {
    table_of_one(&TableKind::built_in(group, kind), object, FORM)["rows"][0]["cells"].clone()
}

/// The cells `Ready`, `Status` and `Restarts` of a Pod with two containers.
fn pod(specification: &Value, status: &Value) -> [String; 3] {
    let mut specification = specification.clone();
    specification["containers"] = json!([{"name": "a"}, {"name": "b"}]);
    let cells = cells("", "Pod", &json!({"spec": specification, "status": status}));
    [1, 2, 3].map(|index| cells[index].as_str().unwrap().to_owned())
}

fn ended(code: i64, reason: &str, signal: i64) -> Value {
    json!({"terminated": {"exitCode": code, "reason": reason, "signal": signal}})
}

#[test]
fn a_pod_shows_the_trouble_of_its_first_container() {
    let running = json!({"running": {}});
    let ready = json!([{"type": "Ready", "status": "True"}]);
    let show = |a: Value, b: Value, conditions: &Value| {
        let ready = |state: &Value| state.get("running").is_some();
        let containers = json!([
            {"name": "a", "state": a, "ready": ready(&a), "restartCount": 2},
            {"name": "b", "state": b, "ready": ready(&b), "restartCount": 1},
        ]);
        pod(&json!({}), &json!({"phase": "P", "conditions": conditions, "containerStatuses": containers}))
    };
    let none = json!([]);
    assert_eq!(show(running.clone(), running.clone(), &ready), ["2/2", "P", "3"]);
    let waiting = json!({"waiting": {"reason": "CrashLoopBackOff"}});
    assert_eq!(show(waiting, running.clone(), &none), ["1/2", "CrashLoopBackOff", "3"]);
    let done = ended(0, "Completed", 0);
    assert_eq!(show(done.clone(), done.clone(), &none), ["0/2", "Completed", "3"]);
    assert_eq!(show(done.clone(), ended(3, "", 0), &none), ["0/2", "ExitCode:3", "3"]);
    assert_eq!(show(ended(137, "", 9), done.clone(), &none), ["0/2", "Signal:9", "3"]);
    assert_eq!(show(done.clone(), running.clone(), &ready), ["1/2", "Running", "3"]);
    assert_eq!(show(done, running, &none), ["1/2", "NotReady", "3"]);
}

#[test]
fn a_pod_that_is_being_prepared_shows_how_far_that_is() {
    let show = |first: Value| {
        let specification =
            json!({"initContainers": [{"name": "x", "restartPolicy": "Always"}, {"name": "y"}]});
        let sidecar =
            json!({"name": "x", "started": true, "ready": true, "state": {"running": {}}, "restartCount": 4});
        let init = json!({"name": "y", "state": first});
        pod(&specification, &json!({"phase": "Pending", "initContainerStatuses": [sidecar, init]}))
    };
    assert_eq!(show(json!({"waiting": {"reason": "PodInitializing"}})), ["1/3", "Init:1/2", "4"]);
    assert_eq!(
        show(json!({"waiting": {"reason": "ImagePullBackOff"}})),
        ["1/3", "Init:ImagePullBackOff", "4"]
    );
    assert_eq!(show(ended(2, "", 0)), ["1/3", "Init:ExitCode:2", "4"]);
    assert_eq!(show(ended(2, "", 6)), ["1/3", "Init:Signal:6", "4"]);
    assert_eq!(show(ended(2, "Error", 0)), ["1/3", "Init:Error", "4"]);
    assert_eq!(show(ended(0, "Completed", 0)), ["1/3", "Pending", "4"]);
}

#[test]
fn a_pod_shows_what_it_says_of_itself() {
    let gated =
        json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]});
    assert_eq!(pod(&json!({}), &gated)[1], "SchedulingGated");
    assert_eq!(pod(&json!({}), &json!({"phase": "Failed", "reason": "Evicted"}))[1], "Evicted");
    let deleted = |status: Value| {
        let pod = json!({"metadata": {"deletionTimestamp": "2025-01-01T00:00:00Z"}, "status": status});
        cells("", "Pod", &pod)[2].clone()
    };
    assert_eq!(deleted(json!({"phase": "Running"})), "Terminating");
    assert_eq!(deleted(json!({"phase": "Running", "reason": "NodeLost"})), "Unknown");
    assert_eq!(deleted(json!({"phase": "Succeeded"})), "Succeeded");
}

#[test]
fn a_row_says_whether_its_pod_is_done() {
    let row = |phase: &str| {
        let pod = json!({"status": {"phase": phase}});
        table_of_one(&TableKind::built_in("", "Pod"), &pod, FORM)["rows"][0].clone()
    };
    assert_eq!(row("Failed")["conditions"][0]["reason"], "Failed");
    assert_eq!(row("Succeeded")["conditions"][0]["type"], "Completed");
    assert_eq!(row("Running").get("conditions"), None);
}

#[test]
fn workloads_show_how_many_pods_they_have() {
    let template =
        json!({"spec": {"containers": [{"name": "a", "image": "i"}, {"name": "b", "image": "j"}]}});
    let selector = json!({
        "matchLabels": {"app": "web"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["b", "a"]},
            {"key": "aa", "operator": "DoesNotExist"},
            {"key": "z", "operator": "NotIn", "values": ["q"]},
        ],
    });
    let deployment = json!({
        "metadata": {"name": "d"},
        "spec": {"replicas": 3, "selector": selector, "template": template},
        "status": {"readyReplicas": 2, "updatedReplicas": 1},
    });
    let shown = "!aa,app=web,tier in (a,b),z notin (q)";
    assert_eq!(
        cells("apps", "Deployment", &deployment),
        json!(["d", "2/3", 1, 0, "<unknown>", "a,b", "i,j", shown])
    );
    assert_eq!(
        cells("apps", "ReplicaSet", &deployment),
        json!(["d", 3, 0, 2, "<unknown>", "a,b", "i,j", shown])
    );
    let job = json!({
        "metadata": {"name": "j"},
        "spec": {"parallelism": 3},
        "status": {
            "succeeded": 1,
            "startTime": "2025-01-01T00:00:00Z",
            "completionTime": "2025-01-01T00:01:30Z",
            "conditions": [{"type": "Complete", "status": "True"}],
        },
    });
    let wanted = json!(["j", "Complete", "1/1 of 3", "90s", "<unknown>", "", "", "<none>"]);
    assert_eq!(cells("batch", "Job", &job), wanted);
}

#[test]
fn services_show_where_they_are_reached() {
    let show = |specification: Value, points: Value| {
        let status = json!({"loadBalancer": {"ingress": points}});
        cells("", "Service", &json!({"spec": specification, "status": status}))[3].clone()
    };
    assert_eq!(show(json!({"type": "ClusterIP"}), json!([])), "<none>");
    assert_eq!(show(json!({"type": "NodePort", "externalIPs": ["1.1.1.1"]}), json!([])), "1.1.1.1");
    assert_eq!(show(json!({"type": "LoadBalancer"}), json!([])), "<pending>");
    let points = json!([{"hostname": "z.example.com"}, {"ip": "9.9.9.9"}]);
    let wanted = "9.9.9.9,z.example.com,3.3.3.3";
    assert_eq!(show(json!({"type": "LoadBalancer", "externalIPs": ["3.3.3.3"]}), points), wanted);
    assert_eq!(show(json!({"type": "ExternalName", "externalName": "x"}), json!([])), "x");
}

#[test]
fn long_lists_are_cut_off() {
    let addresses = json!([{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]);
    let endpoints = json!({"subsets": [{"addresses": addresses, "ports": [{"port": 80}, {"port": 81}]}]});
    let wanted = "10.0.0.1:80,[fd00::1]:80,10.0.0.1:81 + 1 more...";
    assert_eq!(cells("", "Endpoints", &endpoints)[1], wanted);
    let rules = json!([{"host": "a"}, {}, {"host": "b"}, {"host": "c"}, {"host": "d"}]);
    assert_eq!(
        cells("networking.k8s.io", "Ingress", &json!({"spec": {"rules": rules}}))[2],
        "a,b,c + 2 more..."
    );
}

#[test]
fn an_autoscaler_shows_two_of_its_metrics() {
    let cpu = json!({"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 80}}});
    let external = json!({"type": "External", "external": {"target": {"averageValue": "7"}}});
    let object = json!({"type": "Object", "object": {"target": {"value": "100"}}});
    let show = |metrics: Value, current: Value| {
        let object = json!({"spec": {"metrics": metrics}, "status": {"currentMetrics": current}});
        cells("autoscaling", "HorizontalPodAutoscaler", &object)[2].clone()
    };
    assert_eq!(show(json!([]), json!([])), "<none>");
    let current = json!([{"type": "Resource", "resource": {"current": {"averageUtilization": 33}}}]);
    assert_eq!(show(json!([cpu, external]), current), "cpu: 33%/80%, <unknown>/7 (avg)");
    assert_eq!(
        show(json!([external, object, cpu]), json!([])),
        "<unknown>/7 (avg), <unknown>/100 + 1 more..."
    );
}

#[test]
fn events_of_both_groups_show_the_same() {
    let core = json!({
        "involvedObject": {"kind": "Pod", "name": "p"},
        "message": " m\n",
        "source": {"component": "c", "host": "h"},
        "count": 4,
    });
    let other = json!({
        "regarding": {"kind": "Pod", "name": "p"},
        "note": " m\n",
        "deprecatedSource": {"component": "c", "host": "h"},
        "deprecatedCount": 4,
    });
    let shown = cells("", "Event", &core);
    assert_eq!(shown[3], "pod/p");
    assert_eq!(shown[5], "c, h");
    assert_eq!(shown[6], "m");
    assert_eq!(shown[8], 4);
    assert_eq!(cells("events.k8s.io", "Event", &other), shown);
}

#[test]
fn only_the_youngest_default_storage_class_is_marked() {
    let class = |name: &str, time: &str, default: &str| {
        json!({"metadata": {
            "name": name,
            "creationTimestamp": time,
            "annotations": {"storageclass.kubernetes.io/is-default-class": default},
        }})
    };
    let classes = [
        class("a", "2025-01-01T00:00:00Z", "true"),
        class("b", "2025-01-02T00:00:00Z", "true"),
        class("c", "2025-01-02T00:00:00Z", "true"),
        class("d", "2025-01-03T00:00:00Z", "false"),
    ];
    let table = table(&TableKind::built_in("storage.k8s.io", "StorageClass"), &classes, FORM, json!({}));
    let names: Vec<&Value> = table["rows"].as_array().unwrap().iter().map(|row| &row["cells"][0]).collect();
    assert_eq!(names, ["a", "b (default)", "c", "d"]);
}

#[test]
fn a_kind_without_columns_of_its_own_shows_name_and_time() {
    let kind = TableKind::built_in("", "LimitRange");
    let range = json!({"metadata": {"name": "x", "creationTimestamp": "2025-01-01T00:00:00Z"}});
    let one = table(&kind, [&range], FORM, json!({"resourceVersion": "1"}));
    assert_eq!(one["columnDefinitions"][1]["name"], "Created At");
    assert_eq!(one["rows"][0]["cells"], json!(["x", "2025-01-01T00:00:00Z"]));
    assert_eq!(one["metadata"], json!({"resourceVersion": "1"}));
    assert_eq!(table(&kind, [], FORM, json!({}))["rows"], Value::Null);
    assert_eq!(table(&TableKind::built_in("", "Pod"), [], FORM, json!({}))["rows"], json!([]));
}

#[test]
fn a_row_holds_as_much_of_its_object_as_was_asked_for() {
    let object =
        json!({"kind": "ConfigMap", "metadata": {"name": "x", "resourceVersion": "7"}, "data": {"a": "b"}});
    let of = |include, version| {
        let form = Form { version, include, headers: true };
        table_of_one(&TableKind::built_in("", "ConfigMap"), &object, form)
    };
    let partial = json!({
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1beta1",
        "metadata": object["metadata"],
    });
    assert_eq!(of(IncludeObject::Metadata, "v1beta1")["rows"][0]["object"], partial);
    assert_eq!(of(IncludeObject::Object, "v1")["rows"][0]["object"], object);
    assert_eq!(of(IncludeObject::None, "v1")["rows"][0]["object"], Value::Null);
    assert_eq!(of(IncludeObject::None, "v1")["metadata"]["resourceVersion"], "7");
    let error = IncludeObject::parse(Some("Foo")).unwrap_err();
    assert_eq!(
        error.message,
        "Unable to convert to Table as requested: includeObject: Invalid value: \"Foo\": must be 'Metadata', \
         'Object', 'None', or empty"
    );
}

#[test]
fn the_end_of_the_initial_events_shows_in_a_table() {
    let bookmark =
        json!({"metadata": {"resourceVersion": "7", "annotations": {"k8s.io/initial-events-end": "true"}}});
    let form = Form { version: "v1", include: IncludeObject::None, headers: false };
    let table = table_of_one(&TableKind::built_in("", "ConfigMap"), &bookmark, form);
    assert_eq!(table["columnDefinitions"], Value::Null);
    assert_eq!(table["rows"][0]["cells"], json!(["", 0, "<unknown>"]));
    assert_eq!(table["rows"][0]["object"]["metadata"], bookmark["metadata"]);
}

#[test]
fn a_custom_kind_shows_the_columns_of_its_definition() {
    let columns = [json!({"name": "Color", "type": "string", "jsonPath": ".spec.color", "priority": 1})];
    let object = json!({"metadata": {"name": "x"}, "spec": {"color": "red"}});
    let table = table_of_one(&TableKind::custom(&columns), &object, FORM);
    assert_eq!(table["columnDefinitions"][1]["priority"], 1);
    assert_eq!(table["rows"][0]["cells"], json!(["x", "red"]));
}

#[test]
fn every_column_can_do_without_what_it_shows() {
    for (group, kinds) in [
        (
            "",
            &[
                "ComponentStatus",
                "Node",
                "PersistentVolume",
                "PersistentVolumeClaim",
                "ResourceQuota",
                "Secret",
            ][..],
        ),
        ("apps", &["ControllerRevision", "DaemonSet", "StatefulSet"]),
        ("batch", &["CronJob", "Job"]),
        ("certificates.k8s.io", &["CertificateSigningRequest", "PodCertificateRequest"]),
        ("resource.k8s.io", &["ResourceClaim", "ResourcePoolStatusRequest", "DeviceTaintRule"]),
        ("lifecycle.k8s.io", &["Eviction", "EvictionRequest"]),
        ("storage.k8s.io", &["CSIDriver", "VolumeAttachment"]),
        ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
        ("scheduling.k8s.io", &["PodGroup"]),
    ] {
        for kind in kinds {
            let table =
                table_of_one(&TableKind::built_in(group, kind), &json!({"spec": [], "status": 3}), FORM);
            let columns = table["columnDefinitions"].as_array().unwrap().len();
            assert_eq!(table["rows"][0]["cells"].as_array().unwrap().len(), columns, "{kind}");
        }
    }
}
