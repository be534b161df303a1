use super::{Expected, check, decode};
use crate::schema::Schema;
use serde_json::json;

const POD: Expected<'static> = Expected { group: "", version: "v1", kind: "Pod" };

fn pod() -> &'static Schema {
    Schema::definition("io.k8s.api.core.v1.Pod").unwrap()
}

#[track_caller]
fn refused(text: &str, why: &str) {
    let failure = decode(text.as_bytes(), pod(), POD).unwrap_err();
    assert_eq!(failure.message, format!("Pod in version \"v1\" cannot be handled as a Pod: {why}"));
    assert_eq!(failure.code, 400);
}

#[test]
fn unknown_and_repeated_fields_are_found_in_their_order() {
    let text = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","name":"b","labels":{"a":"1","a":"2"}},
        "spec":{"foo":{"bar":1},"containers":[{"image":"a","image":"b","name":"n","z":1}],"Containers":[]},"zz":1}"#;
    let decoded = decode(text.as_bytes(), pod(), POD).unwrap();
    let findings = [
        "duplicate field \"metadata.name\"",
        "duplicate field \"metadata.labels.a\"",
        "unknown field \"spec.foo\"",
        "duplicate field \"spec.containers[0].image\"",
        "unknown field \"spec.containers[0].z\"",
        "unknown field \"spec.Containers\"",
        "unknown field \"zz\"",
    ];
    assert_eq!(decoded.findings, findings);
    assert_eq!(decoded.value["metadata"]["name"], "b");
    let failure = POD.strict(&decoded.findings[..1]).unwrap();
    let message = "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: duplicate field \
                   \"metadata.name\"";
    assert_eq!(failure.message, message);
    assert_eq!(POD.strict(&[]), None);
}

#[test]
fn a_value_of_another_type_is_refused_with_its_place() {
    let cannot = "json: cannot unmarshal";
    for (text, why) in [
        (
            r#"{"spec":{"dnsPolicy":5}}"#,
            "number into Go struct field PodSpec.spec.dnsPolicy of type v1.DNSPolicy",
        ),
        (
            r#"{"spec":{"containers":"x"}}"#,
            "string into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
        (
            r#"{"spec":{"containers":[5]}}"#,
            "number into Go struct field PodSpec.spec.containers of type v1.Container",
        ),
        (
            r#"{"spec":{"containers":[{"name":5}]}}"#,
            "number into Go struct field Container.spec.containers.name of type string",
        ),
        (
            r#"{"spec":{"containers":[{"ports":[{"containerPort":"80"}]}]}}"#,
            "string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            r#"{"spec":{"activeDeadlineSeconds":5.5}}"#,
            "number 5.5 into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64",
        ),
        (
            r#"{"spec":{"priority":5000000000}}"#,
            "number 5000000000 into Go struct field PodSpec.spec.priority of type int32",
        ),
        (
            r#"{"spec":{"nodeSelector":{"a":true}}}"#,
            "bool into Go struct field PodSpec.spec.nodeSelector of type string",
        ),
        (
            r#"{"spec":{"securityContext":[]}}"#,
            "array into Go struct field PodSpec.spec.securityContext of type v1.PodSecurityContext",
        ),
        (
            r#"{"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":true}}}]}}"#,
            "bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32",
        ),
        (
            r#"{"spec":{"containers":[{"resources":{"limits":["cpu"]}}]}}"#,
            "array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList",
        ),
        (r#"{"metadata":5}"#, "number into Go struct field Pod.metadata of type v1.ObjectMeta"),
        (
            r#"{"metadata":{"creationTimestamp":5}}"#,
            "number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
        ),
        (r#"{"spec":[]}"#, "array into Go struct field Pod.spec of type v1.PodSpec"),
    ] {
        refused(text, &format!("{cannot} {why}"));
    }
}

#[test]
fn a_quantity_that_cannot_be_read_ends_the_reading() {
    refused(
        r#"{"spec":{"dnsPolicy":5,"containers":[{"resources":{"limits":{"cpu":"x"}}}]}}"#,
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
}

#[test]
fn what_is_not_a_json_object_is_unrecognised() {
    for (text, why) in [
        ("", "unexpected end of JSON input (<empty>)"),
        (r#"{"a":"#, r#"unexpected end of JSON input ({"a":)"#),
        ("a: b", "invalid character 'a' looking for beginning of value (613a2062)"),
        (
            "[]",
            r#"json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" } (5b5d)"#,
        ),
        (
            r#"{"kind":5}"#,
            r#"json: cannot unmarshal number into Go struct field .kind of type string ({"kind":5})"#,
        ),
        (r#"{"a" 1}"#, r#"invalid character '1' after object key ({"a" 1})"#),
        (r#"{"a":1,}"#, r#"invalid character '}' looking for beginning of object key string ({"a":1,})"#),
        (r#"{"a":[1 2]}"#, r#"invalid character '2' after array element ({"a":[1 2]})"#),
        (r#"{"a":1}x"#, r#"invalid character 'x' after top-level value ({"a":1}x)"#),
    ] {
        let failure = decode(text.as_bytes(), pod(), POD).unwrap_err();
        let expected = "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse \
                        error: ";
        assert_eq!(failure.message, format!("{expected}{why}"), "{text}");
    }
    assert_eq!(decode(b"null", pod(), POD).unwrap().value, json!({}));
}

#[test]
fn an_object_of_another_kind_is_refused() {
    let known = |group: &str, version: &str, kind: &str| {
        [("", "v1", "Pod"), ("", "v1", "Service"), ("", "v2", "Pod")].contains(&(group, version, kind))
    };
    let check = |object| POD.check_kind(&object, b"", known).map_err(|failure| failure.message);
    assert_eq!(check(json!({})), Ok(()));
    assert_eq!(check(json!({"kind": "Pod", "apiVersion": "v1"})), Ok(()));
    for (object, message) in [
        (
            json!({"kind": "Pods"}),
            "Pods in version \"v1\" cannot be handled as a Pod: no kind \"Pods\" is registered for version \"v1\" in \
             scheme \"pkg/runtime/scheme.go:111\"",
        ),
        (
            json!({"kind": "Service"}),
            "Service in version \"v1\" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): unknown \
             conversion",
        ),
        (
            json!({"apiVersion": "v2"}),
            "the API version in the data (v2) does not match the expected API version (v1)",
        ),
    ] {
        assert_eq!(check(object), Err(message.to_owned()));
    }
}

#[test]
fn the_outcome_of_a_patch_is_checked_likewise() {
    let value = json!({"metadata": {"name": "a"}, "spec": {"x": 1, "hostNetwork": true}});
    assert_eq!(check(&value, pod(), POD), Ok(vec!["unknown field \"spec.x\"".to_owned()]));
    let failure = check(&json!({"spec": {"hostNetwork": "true"}}), pod(), POD).unwrap_err();
    assert!(
        failure
            .message
            .ends_with("cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool")
    );
}
