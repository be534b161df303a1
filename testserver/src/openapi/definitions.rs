//! The types of objects, and of what is in them.

use crate::catalog::{Resource, Snapshot};
use crate::kinds::{Change, Look};
use crate::schema::builtin;
use serde_json::{Map, Value, json};

const EMBEDDED: &str = "x-kubernetes-embedded-resource";
const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";
const OBJECT_META: &str = "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const LIST_META: &str = "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

/// The types of Kubernetes.
pub(super) fn built_in() -> Map<String, Value> {
    let parsed = |(name, schema): (&str, &str)| {
        // A test reads all of them.
        (name.to_owned(), serde_json::from_str(schema).unwrap_or_default())
    };
    builtin::documents().map(parsed).collect()
}

/// The types of custom resources, and of lists of them. What only version 3 can say is left out for version 2.
pub(super) fn custom(snapshot: &Snapshot, simple: bool) -> Map<String, Value> {
    let mut definitions = Map::new();
    for resource in snapshot.resources().filter(|resource| resource.custom.is_some()) {
        let name = resource.definition.to_string();
        definitions.insert(format!("{name}List"), list(resource));
        definitions.insert(name, object(resource, simple));
    }
    definitions
}

fn kinds(resource: &Resource, kind: &str) -> Value {
    json!([{"group": resource.group, "kind": kind, "version": resource.version}])
}

fn object(resource: &Resource, simple: bool) -> Value {
    let mut schema = resource.schema.rules.as_deref().cloned().unwrap_or_else(|| json!({"type": "object"}));
    complete(&mut schema);
    if simple {
        simplify(&mut schema);
    }
    // At the root there is always metadata, even if nothing is known.
    if schema.is_true(PRESERVE) && simple {
        schema.set("type", "object");
    }
    add_meta(&mut schema);
    schema.set("x-kubernetes-group-version-kind", kinds(resource, &resource.kind));
    schema
}

fn list(resource: &Resource) -> Value {
    json!({
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"$ref": LIST_META},
            "items": {
                "type": "array",
                "items": {"$ref": format!("#/definitions/{}", resource.definition)},
            },
        },
        "x-kubernetes-group-version-kind": kinds(resource, &resource.list_kind),
    })
}

fn add_meta(schema: &mut Value) {
    let properties = schema.inner("properties");
    for field in ["apiVersion", "kind"] {
        properties.or_set(field, json!({"type": "string"}));
    }
    properties.set("metadata", json!({"$ref": OBJECT_META}));
}

/// Says what every object within an object has.
fn complete(schema: &mut Value) {
    each_part(schema, &complete);
    if schema.is_true(EMBEDDED) {
        add_meta(schema);
    }
}

/// Leaves out what version 2 has no words for.
fn simplify(schema: &mut Value) {
    for key in ["allOf", "anyOf", "oneOf", "not"] {
        schema.remove_field(key);
    }
    let is_free = schema.is_true(PRESERVE) || schema.is_true(INT_OR_STRING);
    let is_nullable = schema.remove_field("nullable").is_some_and(|nullable| nullable == true);
    if is_free || is_nullable {
        for key in ["type", "items", "properties", "additionalProperties", "required"] {
            schema.remove_field(key);
        }
    }
    each_part(schema, &simplify);
}

fn each_part(schema: &mut Value, change: &dyn Fn(&mut Value)) {
    for key in ["items", "additionalProperties"] {
        if let Some(part) = schema.inside(key).filter(|part| part.is_object()) {
            change(part);
        }
    }
    let properties = schema.inside("properties").and_then(Value::as_object_mut);
    properties.into_iter().flatten().for_each(|(_, property)| change(property));
}

/// The names of definitions that a part of a document refers to.
pub(super) fn references(part: &Value, prefix: &str, found: &mut dyn FnMut(&str)) {
    match part {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(|text| text.as_str()?.strip_prefix(prefix)) {
                found(name);
            }
            map.values().for_each(|part| references(part, prefix, found));
        }
        Value::Array(items) => items.iter().for_each(|part| references(part, prefix, found)),
        _ => {}
    }
}
