use super::Rules;
use serde_json::{Value, json};

fn told(schema: &Value, value: &Value) -> Vec<String> {
    told_of_change(schema, value, None)
}

fn told_of_change(schema: &Value, value: &Value, old: Option<&Value>) -> Vec<String> {
    let findings = Rules::read(schema).check(value, old);
    findings.into_iter().map(|finding| finding.into_cause("").to_string()).collect()
}

#[test]
fn a_value_has_the_type_of_its_place() {
    let schema = json!({"type": "object", "properties": {
        "replicas": {"type": "integer"},
        "port": {"x-kubernetes-int-or-string": true},
        "maybe": {"type": "string", "nullable": true},
        "date": {"type": "string", "format": "date-time"},
    }});
    assert_eq!(
        told(
            &schema,
            &json!({"replicas": 1.0, "port": "http", "maybe": null, "date": "2020-01-01T00:00:00Z"})
        ),
        [""; 0]
    );
    assert_eq!(
        told(&schema, &json!({"replicas": "x"})),
        ["replicas: Invalid value: \"string\": replicas in body must be of type integer: \"string\""]
    );
    assert_eq!(
        told(&schema, &json!({"port": true})),
        ["port: Invalid value: \"boolean\": port in body must be of type integer,string: \"boolean\""]
    );
    assert_eq!(
        told(&schema, &json!({"date": 3})),
        ["date: Invalid value: \"int64\": date in body must be of type date-time: \"int64\""]
    );
    assert_eq!(
        told(&schema, &json!({"date": "soon"})),
        ["date: Invalid value: \"soon\": date in body must be of type date-time: \"soon\""]
    );
    assert_eq!(
        told(&schema, &json!({"replicas": null})),
        ["replicas: Invalid value: \"null\": replicas in body must be of type integer: \"null\""]
    );
}

#[test]
fn limits_are_told_in_the_words_of_the_server() {
    let schema = json!({"type": "object", "required": ["name"], "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 5, "pattern": "^[a-z]+$"},
        "size": {"type": "integer", "minimum": 0, "maximum": 10, "exclusiveMaximum": true, "multipleOf": 3},
        "ratio": {"type": "number", "multipleOf": 0.5},
        "items": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"enum": ["a", "b"]}},
        "labels": {"type": "object", "maxProperties": 1, "additionalProperties": {"type": "string"}},
    }});
    let one = |value: Value| told(&schema, &value).join("; ");
    assert_eq!(one(json!({})), "name: Required value");
    let named = |key: &str, value: Value| {
        let mut object = json!({"name": "abc"});
        object[key] = value;
        one(object)
    };
    assert_eq!(named("name", json!("abcdef")), "name: Too long: may not be more than 5 bytes");
    assert_eq!(
        named("name", json!("A1")),
        "name: Invalid value: \"A1\": name in body should match '^[a-z]+$'"
    );
    assert_eq!(
        named("size", json!(-3)),
        "size: Invalid value: -3: size in body should be greater than or equal to 0"
    );
    assert_eq!(named("size", json!(12)), "size: Invalid value: 12: size in body should be less than 10");
    assert_eq!(named("size", json!(4)), "size: Invalid value: 4: size in body should be a multiple of 3");
    assert_eq!(
        named("ratio", json!(0.7)),
        "ratio: Invalid value: 0.7: ratio in body should be a multiple of 0.5"
    );
    assert_eq!(
        named("items", json!([])),
        "items: Invalid value: 0: items in body should have at least 1 items"
    );
    assert_eq!(named("items", json!(["a", "b", "a"])), "items: Too many: 3: must have at most 2 items");
    assert_eq!(
        named("items", json!(["c"])),
        "items[0]: Unsupported value: \"c\": supported values: \"a\", \"b\""
    );
    assert_eq!(
        named("labels", json!({"a": "1", "b": "2"})),
        "labels: Too many: 2: must have at most 1 items"
    );
    assert_eq!(
        named("labels", json!({"a": 1})),
        "labels.a: Invalid value: \"integer\": labels.a in body must be of type string: \"integer\""
    );
}

#[test]
fn of_alternatives_the_closest_is_told() {
    let schema = |word: &str| json!({word: [{"required": ["a"]}, {"required": ["b"]}]});
    assert_eq!(
        told(&json!({"properties": {"x": schema("oneOf")}}), &json!({"x": {}})),
        [
            "<nil>: Invalid value: \"\": \"x\" must validate one and only one schema (oneOf). Found none valid",
            "x.a: Required value",
        ]
    );
    let both = json!({"a": 1, "b": 1});
    assert_eq!(
        told(&schema("oneOf"), &both),
        [
            "<nil>: Invalid value: \"\": \"\" must validate one and only one schema (oneOf). Found 2 valid alternatives"
        ]
    );
    assert_eq!(
        told(&schema("anyOf"), &json!({})),
        ["<nil>: Invalid value: \"\": \"\" must validate at least one schema (anyOf)", "a: Required value"]
    );
    assert_eq!(
        told(&schema("allOf"), &json!({"a": 1})),
        ["b: Required value", "<nil>: Invalid value: \"\": \"\" must validate all the schemas (allOf)"]
    );
    assert_eq!(
        told(&json!({"not": {"enum": ["x"]}}), &json!("x")),
        ["<nil>: Invalid value: \"\": \"\" must not validate the schema (not)"]
    );
}

#[test]
fn what_has_not_changed_is_not_judged_again() {
    let schema = json!({"properties": {
        "name": {"type": "string", "maxLength": 1},
        "items": {"x-kubernetes-list-map-keys": ["id"], "items": {"properties": {"size": {"maximum": 1}}}},
    }});
    let old = json!({"name": "ab", "items": [{"id": "a", "size": 5}]});
    let new = json!({"name": "ab", "items": [{"id": "b", "size": 5}, {"id": "a", "size": 5, "more": true}]});
    assert_eq!(
        told_of_change(&schema, &new, Some(&old)),
        ["items[0].size: Invalid value: 5: items[0].size in body should be less than or equal to 1"]
    );
}
