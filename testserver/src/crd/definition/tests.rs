use super::{begin, check, check_update, default, note_storage, warnings};
use crate::kinds::Report;
use serde_json::{Value, json};

fn definition() -> Value {
    json!({
        "metadata": {"name": "foos.example.com", "generation": 1},
        "spec": {
            "group": "example.com", "scope": "Namespaced",
            "names": {"plural": "foos", "kind": "Foo"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object",
                "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}},
            }}}],
        },
    })
}

fn told(check: impl FnOnce(&mut Report)) -> Vec<String> {
    let mut report = Report::default();
    check(&mut report);
    report.into_causes().iter().map(ToString::to_string).collect()
}

/// What is wrong with a definition in which `a` is something else.
fn with_a(schema: Value) -> Vec<String> {
    let mut definition = definition();
    default(&mut definition);
    begin(&mut definition);
    let root = &mut definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    root["properties"]["spec"]["properties"]["a"] = schema;
    let told = told(|report| check(&definition, report));
    let of_a = "spec.validation.openAPIV3Schema.properties[spec].properties[a]";
    told.into_iter().map(|message| message.replace(of_a, "a")).collect()
}

#[test]
fn names_and_conversion_have_defaults() {
    let mut definition = definition();
    default(&mut definition);
    let names = json!({"plural": "foos", "kind": "Foo", "singular": "foo", "listKind": "FooList"});
    assert_eq!(definition["spec"]["names"], names);
    assert_eq!(definition["spec"]["conversion"], json!({"strategy": "None"}));
    assert_eq!(definition["status"]["storedVersions"], json!(["v1"]));
}

#[test]
fn a_definition_is_called_by_its_plural_and_group() {
    let mut definition = definition();
    default(&mut definition);
    begin(&mut definition);
    assert_eq!(told(|report| check(&definition, report)), [""; 0]);
    definition["metadata"]["name"] = "foos".into();
    definition["spec"]["versions"][0]["storage"] = false.into();
    let told = told(|report| check(&definition, report));
    assert_eq!(told[0], "metadata.name: Invalid value: \"foos\": must be spec.names.plural+\".\"+spec.group");
    assert!(told[1].ends_with("must have exactly one version marked as storage version"), "{told:?}");
}

#[test]
fn schemas_are_structural() {
    assert_eq!(with_a(json!({})), ["a.type: Required value: must not be empty for specified object fields"]);
    assert_eq!(with_a(json!({"type": "array"})), ["a.items: Required value: must be specified"]);
    assert_eq!(
        with_a(json!({"type": "string", "anyOf": [{"type": "string"}]})),
        ["a.anyOf[0].type: Forbidden: must be empty to be structural"]
    );
    let either = json!([{"type": "integer"}, {"type": "string"}]);
    assert_eq!(with_a(json!({"x-kubernetes-int-or-string": true, "anyOf": either})), [""; 0]);
    let items = json!({"type": "object", "properties": {"x": {"type": "string"}}});
    assert_eq!(
        with_a(json!({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["x"],
            "items": items})),
        [
            "a.items.properties[x].default: Required value: this property is in x-kubernetes-list-map-keys, so it must \
             have a default or be a required property"
        ]
    );
}

#[test]
fn defaults_are_allowed_values() {
    assert_eq!(
        with_a(json!({"type": "string", "default": 3})),
        ["a.default: Invalid value: \"integer\":  in body must be of type string: \"integer\""]
    );
    assert_eq!(
        with_a(json!({"type": "object", "properties": {"x": {"type": "string"}}, "default": {"y": 1}})),
        ["a.default: Invalid value: {\"y\":1}: must not have unknown fields"]
    );
}

#[test]
fn what_identifies_a_resource_does_not_change() {
    let mut old = definition();
    default(&mut old);
    begin(&mut old);
    old["status"]["conditions"] = json!([{"type": "Established", "status": "True"}]);
    let mut new = old.clone();
    new["spec"]["scope"] = "Cluster".into();
    new["spec"]["group"] = "example.org".into();
    new["spec"]["versions"][0]["name"] = "v2".into();
    note_storage(&mut new);
    let told = told(|report| check_update(&new, &old, report));
    assert_eq!(told[0], "spec.scope: Invalid value: \"Cluster\": field is immutable");
    assert_eq!(told[1], "spec.group: Invalid value: \"example.org\": field is immutable");
    assert!(
        told[2].starts_with("status.storedVersions[0]: Invalid value: \"v1\": missing from spec.versions")
    );
    assert_eq!(new["status"]["storedVersions"], json!(["v1", "v2"]));
}

#[test]
fn a_format_that_nobody_knows_is_told_once() {
    let mut old = definition();
    let root = &mut old["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    root["properties"]["spec"]["properties"]["a"]["format"] = "odd".into();
    assert_eq!(warnings(&old, None), ["unrecognized format \"odd\""]);
    assert_eq!(warnings(&old, Some(&old)), [""; 0]);
}
