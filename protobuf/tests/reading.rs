//! What the wire may hold besides what servers write, and what of it is read.

use k8s_openapi::List;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Container, Event, Pod, Secret};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kubeset_protobuf::{Error, Message, Options, from_slice, from_slice_with, to_vec};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A varint.
fn number(mut number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

/// A field that holds bytes: text or a message.
fn bytes(field: u64, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    [number(field << 3 | 2), number(content.len() as u64), content.to_vec()].concat()
}

/// A field that holds a number.
fn int(field: u64, value: u64) -> Vec<u8> {
    [number(field << 3), number(value)].concat()
}

fn read<T: DeserializeOwned>(version: &str, kind: &str, message: &[u8]) -> Result<T, Error> {
    Message::of_kind(version, kind).expect("the kind is known").decode(message, Options::default())
}

fn pod(fields: &[Vec<u8>]) -> Result<Pod, Error> {
    read("v1", "Pod", &fields.concat())
}

/// The spec of a pod with these fields.
fn spec(fields: &[Vec<u8>]) -> Vec<u8> {
    bytes(2, fields.concat())
}

/// A body with an object in it.
fn body(version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
    let type_meta = [bytes(1, version), bytes(2, kind)].concat();
    [b"k8s\0".to_vec(), bytes(1, type_meta), bytes(2, raw)].concat()
}

#[test]
fn what_is_not_known_is_passed_over() {
    let unknown = [
        int(99, 1),
        bytes(100, "text"),
        [number(101 << 3 | 1), vec![0; 8]].concat(),
        [number(102 << 3 | 5), vec![0; 4]].concat(),
        int((1 << 29) - 1, u64::MAX),
    ];
    let known = bytes(1, [unknown.concat(), bytes(1, "a")].concat());
    let read = pod(&[unknown.concat(), known, unknown.concat(), spec(&unknown)]).unwrap();
    assert_eq!(read.metadata.name.as_deref(), Some("a"));
    assert_eq!(read.spec, Some(k8s_openapi::api::core::v1::PodSpec::default()));
}

#[test]
fn what_is_not_known_before_the_items_of_a_list_of_texts_does_not_hide_them() {
    let extra = |value: &[Vec<u8>]| bytes(5, [bytes(1, "key"), bytes(2, value.concat())].concat());
    let review = |value: &[Vec<u8>]| {
        read::<Value>("authorization.k8s.io/v1", "SubjectAccessReview", &spec(&[extra(value)])).unwrap()
    };
    let known = [bytes(1, "a"), bytes(1, "b")];
    let unknown = [int(9, 1), bytes(1, "a"), bytes(1, "b")];
    for value in [&known[..], &unknown] {
        assert_eq!(review(value)["spec"]["extra"], json!({"key": ["a", "b"]}));
    }
    assert_eq!(review(&[])["spec"]["extra"], json!({"key": []}));
}

#[test]
fn fields_may_come_in_any_order_and_lists_apart() {
    let container = |name: &str| bytes(2, bytes(1, name));
    let read = pod(&[
        spec(&[container("one"), bytes(3, "Always"), container("two")]),
        bytes(1, [bytes(5, "uid"), bytes(1, "a")].concat()),
    ])
    .unwrap();
    assert_eq!((read.metadata.name.as_deref(), read.metadata.uid.as_deref()), (Some("a"), Some("uid")));
    let containers = read.spec.unwrap().containers;
    assert_eq!(
        containers.iter().map(|container| container.name.as_str()).collect::<Vec<_>>(),
        ["one", "two"]
    );
}

#[test]
fn messages_that_come_twice_are_one_and_of_texts_and_numbers_the_last_counts() {
    let labels = |key: &str| bytes(11, [bytes(1, key), bytes(2, "x")].concat());
    let read = pod(&[
        bytes(1, [bytes(1, "first"), bytes(3, "kept"), labels("a")].concat()),
        spec(&[int(4, 5), bytes(10, "node")]),
        bytes(1, [bytes(1, "second"), bytes(1, "last"), labels("b")].concat()),
        spec(&[int(4, 7)]),
    ])
    .unwrap();
    assert_eq!(read.metadata.name.as_deref(), Some("last"));
    assert_eq!(read.metadata.namespace.as_deref(), Some("kept"));
    assert_eq!(read.metadata.labels.unwrap().keys().collect::<Vec<_>>(), ["a", "b"]);
    let spec = read.spec.unwrap();
    assert_eq!((spec.termination_grace_period_seconds, spec.node_name.as_deref()), (Some(7), Some("node")));
}

#[test]
fn a_zero_counts_where_go_has_a_pointer_and_is_nothing_elsewhere() {
    let deployment = bytes(2, [int(1, 0), int(5, 0), int(7, 0)].concat());
    let read: Deployment = read("apps/v1", "Deployment", &deployment).unwrap();
    let own = read.spec;
    assert_eq!((own.replicas, own.min_ready_seconds, own.paused), (Some(0), None, None));
    let context = bytes(15, int(7, 0));
    let env = bytes(7, [bytes(1, "A"), bytes(2, "")].concat());
    let volume = bytes(1, [bytes(1, "v"), bytes(2, bytes(2, ""))].concat());
    let created = bytes(1, bytes(8, ""));
    let container = bytes(2, [bytes(1, "c"), env, context].concat());
    let read = pod(&[created, spec(&[volume, container])]).unwrap();
    assert_eq!(read.metadata.creation_timestamp, None);
    let spec = read.spec.unwrap();
    let security = spec.containers[0].security_context.as_ref().unwrap();
    assert_eq!(security.allow_privilege_escalation, Some(false));
    assert_eq!(spec.containers[0].env.as_ref().unwrap()[0].value, None);
    assert_eq!(
        spec.volumes.unwrap()[0].empty_dir,
        Some(k8s_openapi::api::core::v1::EmptyDirVolumeSource::default())
    );
}

#[test]
fn numbers_may_stand_in_a_row_or_apart() {
    // `supplementalGroups` of the security context of a pod.
    let in_a_row = bytes(14, bytes(4, [number(1), number(300), number(u64::MAX)].concat()));
    let apart = bytes(14, [int(4, 1), int(4, 300), int(4, u64::MAX)].concat());
    let both =
        bytes(14, [bytes(4, number(1)), int(4, 300), bytes(4, ""), bytes(4, number(u64::MAX))].concat());
    for context in [in_a_row, apart, both] {
        let read = pod(&[spec(&[context])]).unwrap();
        let groups = read.spec.unwrap().security_context.unwrap().supplemental_groups;
        assert_eq!(groups, Some(vec![1, 300, -1]));
    }
    assert!(pod(&[spec(&[bytes(14, bytes(4, [0x80]))])]).is_err());
}

#[test]
fn an_entry_of_a_map_may_lack_its_key_or_value() {
    let data = |entry: Vec<u8>| bytes(2, entry);
    let entries = [data(bytes(1, "key")), data(bytes(2, "value")), data(bytes(9, "?"))].concat();
    let read_map: ConfigMap = read("v1", "ConfigMap", &entries[..entries.len() - 5]).unwrap();
    let entry = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(read_map.data, Some([entry("key", ""), entry("", "value")].into()));
    let twice = [data(bytes(1, "key")), data([bytes(2, "last"), bytes(1, "key")].concat())].concat();
    let read_map: ConfigMap = read("v1", "ConfigMap", &twice).unwrap();
    assert_eq!(read_map.data, Some([entry("key", "last")].into()));
    let secret: Secret = read("v1", "Secret", &bytes(2, bytes(1, "key"))).unwrap();
    assert!(secret.data.unwrap()["key"].0.is_empty());
}

/// A schema with as many others in it, each the `items` or the `not` of the one around it.
fn nested(depth: usize, field: u64, wrapped: bool) -> Vec<u8> {
    (0..depth)
        .fold(bytes(5, "object"), |inner, _| bytes(field, if wrapped { bytes(1, inner) } else { inner }))
}

#[test]
fn messages_that_lie_too_deep_in_each_other_are_refused_in_order_or_not() {
    let definition = |schema: &[u8]| {
        let version = [bytes(1, "v1"), bytes(4, bytes(1, schema))].concat();
        bytes(2, bytes(7, version))
    };
    let read_crd = |message: Vec<u8>| {
        read::<CustomResourceDefinition>("apiextensions.k8s.io/v1", "CustomResourceDefinition", &message)
    };
    // `not` and `items`, which is a list or an object.
    for (field, wrapped) in [(28, false), (24, true)] {
        assert!(read_crd(definition(&nested(40, field, wrapped))).is_ok());
        for depth in [101, 1_000, 5_000] {
            let deep = definition(&nested(depth, field, wrapped));
            let error = read_crd(deep.clone()).unwrap_err();
            assert!(error.to_string().contains("too deep"), "{error}");
            let twice = [bytes(2, ""), deep].concat();
            let error = read_crd(twice).unwrap_err();
            assert!(error.to_string().contains("too deep"), "{error}");
        }
    }
}

#[test]
fn objects_in_objects_in_envelopes_have_an_end() {
    let wrap = |inner: &[u8]| body("v1", "List", &bytes(2, bytes(1, inner)));
    let shallow = (0..20).fold(body("v1", "Pod", b""), |inner, _| wrap(&inner));
    assert!(from_slice::<Value>(&shallow).is_ok(), "{:?}", from_slice::<Value>(&shallow));
    let deep = (0..2_000).fold(body("v1", "Pod", b""), |inner, _| wrap(&inner));
    assert!(from_slice::<Value>(&deep).unwrap_err().to_string().contains("too deep"));
}

#[test]
fn lengths_and_counts_that_lie_cost_no_memory() {
    // Each says that more follows than does.
    for length in [100, 1 << 20, 1 << 40, u64::MAX] {
        let list = [number(2 << 3 | 2), number(length)].concat();
        assert!(read::<List<Pod>>("v1", "PodList", &list).is_err());
        assert!(pod(&[spec(&[list])]).is_err());
    }
}

#[test]
fn lists_take_exactly_the_room_that_they_need() {
    for count in [1, 3, 5, 100] {
        let container =
            bytes(2, [bytes(1, "c"), [bytes(3, "a"), bytes(3, "b"), bytes(3, "c")].concat()].concat());
        let read = pod(&[spec(&[container.repeat(count)])]).unwrap();
        let containers: Vec<Container> = read.spec.unwrap().containers;
        assert_eq!((containers.len(), containers.capacity()), (count, count));
        let command = containers[0].command.as_ref().unwrap();
        assert_eq!((command.len(), command.capacity()), (3, 3));
    }
}

fn with_managed_fields(name: &str) -> Value {
    json!({"name": name, "managedFields": [{"manager": "m", "operation": "Apply", "fieldsV1": {"f:a": {}}}]})
}

#[test]
fn managed_fields_are_left_out_of_the_objects_own_metadata_alone() {
    let options = Options::default().without_managed_fields(true);
    let object = |name: &str| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": with_managed_fields(name),
            "spec": {"selector": {}, "template": {"metadata": with_managed_fields("template"), "spec": {"containers": []}}}})
    };
    let bare = |mut object: Value| {
        object["metadata"].as_object_mut().unwrap().remove("managedFields");
        object["spec"]["template"]["spec"].as_object_mut().unwrap().remove("containers");
        object
    };
    let read: Value = from_slice_with(&to_vec(&object("a")).unwrap(), options).unwrap();
    assert_eq!(read, bare(object("a")));
    let list = json!({"apiVersion": "apps/v1", "kind": "DeploymentList", "metadata": {},
        "items": [object("a"), object("b")]});
    let read: List<Deployment> = from_slice_with(&to_vec(&list).unwrap(), options).unwrap();
    for (item, name) in read.items.iter().zip(["a", "b"]) {
        assert_eq!(item.metadata, ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() });
        let template = item.spec.template.metadata.as_ref().unwrap();
        assert_eq!(template.managed_fields.as_ref().map(Vec::len), Some(1));
    }
    // Out of order as well.
    let raw = Message::of_kind("v1", "Pod").unwrap();
    let metadata = raw.encode(&json!({"metadata": with_managed_fields("a")})).unwrap();
    let read: Pod = raw.decode(&[metadata.clone(), metadata].concat(), options).unwrap();
    assert_eq!(read.metadata, ObjectMeta { name: Some("a".to_owned()), ..ObjectMeta::default() });
}

#[test]
fn managed_fields_are_left_out_of_objects_in_watch_events() {
    let options = Options::default().without_managed_fields(true);
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": with_managed_fields("a")});
    let event = [bytes(1, "ADDED"), bytes(2, bytes(1, to_vec(&pod).unwrap()))].concat();
    let message = Message::of_kind("v1", "WatchEvent").unwrap();
    let read: Value = message.decode(&event, options).unwrap();
    assert_eq!(
        read,
        json!({"type": "ADDED", "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}})
    );
    let read: Value = message.decode(&event, Options::default()).unwrap();
    assert_eq!(read["object"], pod);
}

fn example() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "a", "labels": {"x": "y"}},
        "spec": {"nodeName": "node", "restartPolicy": "Never", "containers": [{"name": "c", "ports": [{"containerPort": 80}]}]},
    })
}

#[test]
fn types_of_the_users_own_name_the_fields_that_they_want() {
    #[derive(Debug, Deserialize, PartialEq)]
    enum RestartPolicy {
        Always,
        Never,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Spec {
        node_name: String,
        restart_policy: RestartPolicy,
        containers: Box<[Named]>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Named {
        name: Box<str>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct PodNode {
        kind: String,
        metadata: Named,
        spec: Spec,
    }
    let body = to_vec(&example()).unwrap();
    let wanted = PodNode {
        kind: "Pod".to_owned(),
        metadata: Named { name: "a".into() },
        spec: Spec {
            node_name: "node".to_owned(),
            restart_policy: RestartPolicy::Never,
            containers: [Named { name: "c".into() }].into(),
        },
    };
    assert_eq!(from_slice::<PodNode>(&body).unwrap(), wanted);
    let mut other = example();
    other["spec"]["restartPolicy"] = "OnFailure".into();
    let error = from_slice::<PodNode>(&to_vec(&other).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "found an unknown variant, expected one of Always, Never at spec.restartPolicy"
    );
    assert_eq!(RestartPolicy::Always, serde_json::from_str("\"Always\"").unwrap());
}

#[test]
fn types_of_the_users_own_may_flatten_and_choose() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Flat {
        metadata: Value,
        #[serde(flatten)]
        rest: std::collections::BTreeMap<String, Value>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(tag = "kind")]
    enum Tagged {
        Pod { metadata: Value },
        Node {},
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(untagged)]
    enum Untagged {
        Number(i32),
        Text(String),
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    enum Source {
        EmptyDir {},
        HostPath { path: String },
    }
    let body = to_vec(&example()).unwrap();
    let flat: Flat = from_slice(&body).unwrap();
    assert_eq!(flat.metadata, example()["metadata"]);
    let wanted = json!({"apiVersion": "v1", "kind": "Pod", "spec": example()["spec"]});
    assert_eq!(Value::Object(flat.rest.into_iter().collect()), wanted);
    let tagged: Tagged = from_slice(&body).unwrap();
    assert_eq!(tagged, Tagged::Pod { metadata: example()["metadata"].clone() });
    assert_ne!(tagged, Tagged::Node {});
    let port =
        Message::of_kind("v1", "Service").unwrap().message_of("spec").unwrap().message_of("ports").unwrap();
    for (text, wanted) in
        [(json!("http"), Untagged::Text("http".to_owned())), (json!(80), Untagged::Number(80))]
    {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Port {
            target_port: Untagged,
        }
        let bytes = port.encode(&json!({"targetPort": text})).unwrap();
        assert_eq!(port.decode::<Port>(&bytes, Options::default()).unwrap().target_port, wanted);
    }
    let source = Message::of_kind("v1", "PersistentVolume").unwrap().message_of("spec").unwrap();
    let bytes = source.encode(&json!({"hostPath": {"path": "/x"}})).unwrap();
    let read: Source = source.decode(&bytes, Options::default()).unwrap();
    assert_eq!(read, Source::HostPath { path: "/x".to_owned() });
    assert_ne!(read, Source::EmptyDir {});
}

#[test]
fn a_value_without_a_type_is_the_objects_json() {
    assert_eq!(from_slice::<Value>(&to_vec(&example()).unwrap()).unwrap(), example());
    let event = json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "a"}, "involvedObject": {},
        "source": {}, "eventTime": "2024-01-02T03:04:05.000600Z", "firstTimestamp": "2024-01-02T03:04:05Z"});
    let body = to_vec(&event).unwrap();
    let read: Value = from_slice(&body).unwrap();
    assert_eq!(read["eventTime"], event["eventTime"]);
    assert_eq!(read["firstTimestamp"], event["firstTimestamp"]);
    assert!(from_slice::<Event>(&body).is_ok());
    assert_eq!(serde_json::to_value(IntOrString::Int(-1)).unwrap(), json!(-1));
}

#[test]
fn objects_within_others_may_say_what_they_are_if_it_is_true() {
    let set = |kind: &str, version: &str| {
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {},
            "spec": {"volumeClaimTemplates": [{"apiVersion": version, "kind": kind, "metadata": {"name": "a"}}]}})
    };
    assert!(to_vec(&set("PersistentVolumeClaim", "v1")).is_ok());
    assert!(to_vec(&set("PersistentVolume", "v1")).is_err());
    assert!(to_vec(&set("PersistentVolumeClaim", "v2")).is_err());
    let template = json!({"apiVersion": "v1", "kind": "PodTemplate", "template": {"kind": "Pod"}});
    assert!(to_vec(&template).unwrap_err().to_string().contains("no field \"kind\""));
}
