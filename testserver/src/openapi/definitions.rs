//! The types of objects, and of what is in them.

use crate::catalog::{Resource, Snapshot};
use crate::kinds::{Change, Look};
use crate::schema::builtin;
use serde_json::{Map, Value, json};

const EMBEDDED: &str = "x-kubernetes-embedded-resource";
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";
const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
const OBJECT_META: &str = "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const LIST_META: &str = "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

const API_VERSION: &str = "APIVersion defines the versioned schema of this representation of an object. Servers should \
                           convert recognized schemas to the latest internal value, and may reject unrecognized \
                           values. More info: \
                           https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
const KIND: &str = "Kind is a string value representing the REST resource this object represents. Servers may infer \
                    this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More \
                    info: \
                    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
const METADATA: &str = "Standard object's metadata. More info: \
                        https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";
const EMBEDDED_API_VERSION: &str = "apiVersion defines the versioned schema of this representation of an object. More \
                                    info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
const EMBEDDED_KIND: &str = "kind is a string value representing the type of this object. In CamelCase. More info: \
                             https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";

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
        let fields: Vec<Value> =
            resource.selectable.defined().map(|path| json!({"fieldPath": path})).collect();
        let (mut object, mut list) = (object(resource, simple), list(resource));
        if !fields.is_empty() {
            object.set("x-kubernetes-selectable-fields", Value::Array(fields.clone()));
            list.set("x-kubernetes-selectable-fields", Value::Array(fields));
        }
        definitions.insert(format!("{name}List"), list);
        definitions.insert(name, object);
    }
    definitions
}

fn kinds(resource: &Resource, kind: &str) -> Value {
    json!([{"group": resource.group, "kind": kind, "version": resource.version}])
}

fn object(resource: &Resource, simple: bool) -> Value {
    let mut schema = resource.schema.rules.as_deref().cloned().unwrap_or_else(|| json!({"type": "object"}));
    if simple && schema.is_true(PRESERVE) {
        // With more, clients would take everything else for unknown.
        schema = json!({"type": "object"});
    } else {
        if simple {
            simplify(&mut schema);
        }
        complete(&mut schema, simple);
        let properties = schema.inner("properties");
        properties.set("metadata", metadata());
        properties.set("apiVersion", text(API_VERSION));
        properties.set("kind", text(KIND));
    }
    schema.set("x-kubernetes-group-version-kind", kinds(resource, &resource.kind));
    schema
}

fn list(resource: &Resource) -> Value {
    let items = format!(
        "List of {}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md",
        resource.plural
    );
    let metadata = "Standard list metadata. More info: \
                    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
    json!({
        "type": "object",
        "description": format!("{} is a list of {}", resource.list_kind, resource.kind),
        "required": ["items"],
        "properties": {
            "apiVersion": text(API_VERSION),
            "kind": text(KIND),
            "metadata": {"$ref": LIST_META, "description": metadata},
            "items": {
                "type": "array",
                "description": items,
                "items": {"$ref": format!("#/definitions/{}", resource.definition)},
            },
        },
        "x-kubernetes-group-version-kind": kinds(resource, &resource.list_kind),
    })
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn metadata() -> Value {
    json!({"$ref": OBJECT_META, "description": METADATA})
}

/// Says what every object within an object has, and what may be a number or a text.
fn complete(schema: &mut Value, simple: bool) {
    each_part(schema, &|part| complete(part, simple));
    if !simple && schema.is_true(INT_OR_STRING) {
        schema.or_set("anyOf", json!([{"type": "integer"}, {"type": "string"}]));
    }
    if !schema.is_true(EMBEDDED) || simple && schema.is_true(PRESERVE) {
        return;
    }
    let properties = schema.inner("properties");
    properties.set("apiVersion", text(EMBEDDED_API_VERSION));
    properties.set("kind", text(EMBEDDED_KIND));
    properties.set("metadata", metadata());
    let mut required = schema.list("required").to_vec();
    for field in ["kind", "apiVersion"] {
        if !required.iter().any(|each| each == field) {
            required.push(field.into());
        }
    }
    schema.set("required", Value::Array(required));
}

/// Leaves out what version 2 has no words for, and what kubectl would take for more than it is.
fn simplify(schema: &mut Value) {
    for key in ["allOf", "anyOf", "oneOf", "not", "default"] {
        schema.remove_field(key);
    }
    let is_nullable = |schema: &Value| schema.is_true("nullable");
    if is_nullable(schema) {
        ["type", "nullable", "items", "properties"].iter().for_each(|key| drop(schema.remove_field(key)));
    }
    let is_free = schema.is_true(PRESERVE);
    if is_free {
        ["items", "properties"].iter().for_each(|key| drop(schema.remove_field(key)));
    }
    let ty = schema.text("type");
    if ty == "array" && schema.get("items").is_none() || is_free && ty == "object" {
        schema.remove_field("type");
    }
    let of_values = schema.get("additionalProperties").is_some_and(is_nullable);
    let is_kept = |field: &Value| {
        let property = schema.get("properties").and_then(|properties| properties.get(field.as_str()?));
        !of_values && !property.is_some_and(is_nullable)
    };
    let required: Vec<Value> =
        schema.list("required").iter().filter(|field| is_kept(field)).cloned().collect();
    if required.is_empty() {
        schema.remove_field("required");
    } else {
        schema.set("required", Value::Array(required));
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
