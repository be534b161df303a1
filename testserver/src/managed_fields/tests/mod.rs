//! What real servers make of requests. The literals are their answers.

mod applying;
mod comparing;
mod noise;
mod scaling;
mod tracking;

use super::{Application, Manager, Operation, ResetFields, apply, track};
use crate::failure::Failure;
use crate::schema::{Schema, parse};
use serde_json::{Value, json};

const THEN: &str = "2024-01-01T00:00:00Z";
const NOW: &str = "2024-01-02T00:00:00Z";

/// The schema of a built-in kind.
pub(super) fn built_in(name: &str) -> &'static Schema {
    Schema::definition(name).unwrap()
}

/// The schema of a custom resource.
pub(super) fn custom(mut document: Value) -> Schema {
    const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    for key in ["apiVersion", "kind"] {
        document["properties"][key] = json!({"type": "string"});
    }
    document["properties"]["metadata"] = json!({"$ref": format!("#/definitions/{META}")});
    let mut schema = parse(&document, |name| (name == META).then_some(META));
    schema.rules = Some(Box::new(document));
    schema
}

fn config_map() -> &'static Schema {
    built_in("io.k8s.api.core.v1.ConfigMap")
}

fn deployment() -> &'static Schema {
    built_in("io.k8s.api.apps.v1.Deployment")
}

/// An object without its managed fields.
fn data(entries: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": entries})
}

/// An entry of managed fields, in short.
fn entry(manager: &str, operation: &str, time: &str, fields: Value) -> Value {
    json!({
        "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields, "manager": manager, "operation": operation,
        "time": time
    })
}

/// An object that these managers own.
fn owned(mut object: Value, entries: Value) -> Value {
    object["metadata"]["managedFields"] = entries;
    object
}

fn manager<'a>(name: &'a str, operation: Operation, api_version: &'a str) -> Manager<'a> {
    Manager { name, operation, api_version, subresource: "", time: NOW }
}

/// The managed fields of a ConfigMap after an update by `name`.
fn after_update(live: Option<&Value>, mut new: Value, name: &str) -> Value {
    let manager = manager(name, Operation::Update, "v1");
    track(live, &mut new, config_map(), &manager, ResetFields::of("", "configmaps", ""));
    new["metadata"].get("managedFields").cloned().unwrap_or_default()
}

/// A ConfigMap after `name` has applied to it.
fn applied(live: Option<&Value>, config: &Value, name: &str, force: bool) -> Result<Value, Failure> {
    let manager = manager(name, Operation::Apply, "v1");
    let reset = ResetFields::of("", "configmaps", "");
    apply(live, config, config_map(), &manager, &Application { kind: "ConfigMap", force, reset })
}
