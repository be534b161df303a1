//! What a document must not have: each refusal names the call that it is about.

use kubeset_codegen::extract::extract;
use kubeset_codegen::fixups::FIXUPS;
use kubeset_codegen::{Error, Version, generate};
use serde_json::{Value, json};
use std::error::Error as _;
use std::fs;
use std::path::Path;

const COLLECTION: &str = "/apis/apps/v1/namespaces/{namespace}/deployments";
const OBJECT: &str = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";

fn document() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/namespaced/openapi.json");
    let text = fs::read_to_string(path).expect("the document can be read");
    serde_json::from_str(&text).expect("the document is JSON")
}

/// The message for a document after `change`, with its causes.
fn refusal(change: impl FnOnce(&mut Value)) -> String {
    let mut document = document();
    change(&mut document);
    let error = generate([document.to_string().as_str()], &[]).expect_err("the document is refused");
    message(&error)
}

fn message(error: &Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn check(message: &str, call: &str, problem: &str) {
    assert!(message.contains(call), "{message} names {call}");
    assert!(message.contains(problem), "{message} says {problem}");
}

#[test]
fn an_unknown_action_is_refused() {
    let message = refusal(|document| document["paths"][OBJECT]["get"]["x-kubernetes-action"] = json!("peek"));
    check(&message, &format!("GET {OBJECT}"), "the action `peek` is unknown");
}

#[test]
fn an_operation_without_an_action_is_refused() {
    let message = refusal(|document| document["paths"][OBJECT]["get"]["x-kubernetes-action"] = Value::Null);
    check(&message, &format!("GET {OBJECT}"), "no action");
}

#[test]
fn an_action_with_another_method_is_refused() {
    let message = refusal(|document| document["paths"][OBJECT]["put"]["x-kubernetes-action"] = json!("get"));
    check(&message, &format!("PUT {OBJECT}"), "the action `get` is unknown");
}

#[test]
fn an_unknown_parameter_is_refused() {
    let new = json!({"in": "query", "name": "colour", "type": "string"});
    let message = refusal(|document| document["paths"][COLLECTION]["post"]["parameters"][1] = new);
    check(&message, &format!("POST {COLLECTION}"), "the parameter `colour` is unknown");
}

#[test]
fn a_parameter_of_another_type_is_refused() {
    let message = refusal(|document| document["parameters"]["limit"]["type"] = json!("string"));
    check(&message, "GET /apis/apps/v1/deployments", "the parameter `limit` is unknown, or has another type");
}

#[test]
fn a_parameter_in_a_header_is_refused() {
    let message = refusal(|document| document["parameters"]["pretty"]["in"] = json!("header"));
    check(&message, "GET /apis/apps/v1/deployments", "`pretty`");
}

#[test]
fn a_missing_parameter_is_refused() {
    let message = refusal(|document| {
        document["paths"][COLLECTION]["post"]["parameters"].as_array_mut().expect("an array").pop();
    });
    check(&message, &format!("POST {COLLECTION}"), "the parameter `fieldValidation` is missing");
}

#[test]
fn a_parameter_is_missing_from_the_version_on_that_brought_it() {
    let message = refusal(|document| document["info"]["version"] = json!("v1.36"));
    check(&message, "/apis/apps/v1", "the parameter `shardSelector` is missing");
}

#[test]
fn an_undeclared_placeholder_is_refused() {
    let message = refusal(|document| document["paths"][OBJECT]["parameters"] = json!([]));
    check(&message, OBJECT, "placeholders");
}

#[test]
fn an_unknown_subresource_is_refused() {
    let path = format!("{OBJECT}/colour");
    let message = refusal(|document| document["paths"][&path] = document["paths"][OBJECT].clone());
    check(&message, &path, "the subresource `colour` is unknown");
}

#[test]
fn an_unknown_kind_is_refused() {
    let message = refusal(|document| {
        document["paths"][OBJECT]["get"]["x-kubernetes-group-version-kind"]["kind"] = json!("Colour");
    });
    check(&message, &format!("GET {OBJECT}"), "apps/v1 Colour");
}

#[test]
fn a_type_that_has_no_place_in_rust_is_refused() {
    let text = document().to_string().replace("io.k8s.api.apps", "com.example.apps");
    let error = generate([text.as_str()], &[]).expect_err("the document is refused");
    check(
        &message(&error),
        "/apis/apps/v1/deployments",
        "the type `com.example.apps.v1.Deployment` is unknown",
    );
}

#[test]
fn another_body_is_refused() {
    let body = json!({"in": "body", "name": "body", "schema": {"type": "string"}});
    let message = refusal(|document| document["paths"][OBJECT]["put"]["parameters"][0] = body);
    check(&message, &format!("PUT {OBJECT}"), "the body is");
}

#[test]
fn another_kind_of_patch_is_refused() {
    let message = refusal(|document| document["paths"][OBJECT]["patch"]["consumes"] = json!(["text/diff"]));
    check(&message, &format!("PATCH {OBJECT}"), "the media types of the body are [\"text/diff\"]");
}

#[test]
fn another_answer_is_refused() {
    let answer = json!({"200": {"schema": {"type": "string"}}});
    let message = refusal(|document| document["paths"][OBJECT]["get"]["responses"] = answer);
    check(&message, &format!("GET {OBJECT}"), "the answers are");
}

#[test]
fn another_status_code_is_refused() {
    let message = refusal(|document| {
        let responses = &mut document["paths"][OBJECT]["get"]["responses"];
        responses["206"] = responses["200"].clone();
    });
    check(&message, &format!("GET {OBJECT}"), "the answers are");
}

#[test]
fn a_path_outside_of_the_scheme_is_refused() {
    let message = refusal(|document| document["paths"]["/colours/"] = json!({"get": {}}));
    check(&message, "GET /colours/", "neither of an API group nor");
}

#[test]
fn a_group_that_cannot_be_discovered_is_refused() {
    let message = refusal(|document| {
        document["paths"].as_object_mut().expect("an object").remove("/apis/apps/");
    });
    check(&message, "GET /apis/apps/", "resources of this group exist, but not this call");
}

#[test]
fn a_write_across_namespaces_is_refused() {
    let path = "/apis/apps/v1/deployments";
    let message = refusal(|document| {
        let post = document["paths"][COLLECTION]["post"].clone();
        document["paths"][path]["post"] = post;
    });
    check(&message, &format!("POST {path}"), "without a namespace");
}

#[test]
fn a_reference_that_leads_nowhere_is_refused() {
    let reference = json!([{"$ref": "#/parameters/colour"}]);
    let message = refusal(|document| document["paths"][OBJECT]["get"]["parameters"] = reference);
    check(&message, OBJECT, "#/parameters/colour");
}

#[test]
fn a_fixup_without_its_mistake_is_refused() {
    let error = generate([document().to_string().as_str()], FIXUPS).expect_err("there is nothing to mend");
    check(&message(&error), "the document of 1.33", "changes nothing");
}

#[test]
fn a_resource_that_changes_its_type_between_versions_is_refused() {
    let (first, second) = (document().to_string(), document().to_string());
    let second = second.replace("v1.33", "v1.34").replace("io.k8s.api.apps.v1", "io.k8s.api.apps.v2");
    let error = generate([first.as_str(), second.as_str()], &[]).expect_err("the types differ");
    check(&message(&error), "`deployments` of `apps/v1`", "another type");
}

#[test]
fn a_resource_that_is_called_like_the_module_of_informers_is_refused() {
    let text = document().to_string().replace("Deployment", "Informer");
    let error = generate([text.as_str()], &[]).expect_err("the names clash");
    let wanted = "`apps/v1 deployments` and `the informers` would both be called `informers`";
    assert_eq!(message(&error), wanted);
}

#[test]
fn an_import_refuses_keys_that_nobody_has_looked_at() {
    let mut document = document();
    document["paths"][OBJECT]["get"]["colour"] = json!("red");
    let error = extract(&document.to_string(), Version::new(33)).expect_err("the key is unknown");
    assert!(error.to_string().contains(OBJECT) && error.to_string().contains("`colour`"), "{error}");
}
