//! Managed fields of the objects that requests change.

use super::{Application, Manager, Operation, ResetFields, apply, manager_name, track};
use crate::call::{Call, WriteOptions};
use crate::catalog::Resource;
use crate::failure::Failure;
use crate::time::now;
use http::header::USER_AGENT;
use serde_json::Value;

/// Sets the managed fields of a new object. One that has been applied has them already.
pub(crate) fn of_create(call: &Call, new: &mut Value, options: &WriteOptions) {
    changed(call, None, new, options);
}

/// Sets the managed fields of a changed object. One that has been applied has them already.
pub(crate) fn of_update(call: &Call, old: &Value, new: &mut Value, options: &WriteOptions) {
    changed(call, Some(old), new, options);
}

/// Sets the managed fields of an object whose status the server itself has changed.
pub(crate) fn of_server(resource: &Resource, old: &Value, new: &mut Value) {
    let version = resource.api_version();
    let manager = Manager {
        name: "kube-apiserver",
        operation: Operation::Update,
        api_version: &version,
        subresource: "status",
        time: &now(),
    };
    track(Some(old), new, &resource.schema, &manager, reset(resource, "status"));
}

fn changed(call: &Call, old: Option<&Value>, new: &mut Value, options: &WriteOptions) {
    if call.is_apply() {
        return;
    }
    let agent = call.headers.get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    let name = manager_name(options.field_manager.as_deref(), &agent.unwrap_or_default());
    let version = call.resource.api_version();
    let manager = Manager {
        name: &name,
        operation: Operation::Update,
        api_version: &version,
        subresource: &call.route.subresource,
        time: &now(),
    };
    track(old, new, &call.resource.schema, &manager, reset(&call.resource, &call.route.subresource));
}

/// The object that an applied configuration makes of another one, or of nothing.
///
/// # Errors
///
/// If the configuration cannot be applied.
pub(crate) fn of_apply(
    call: &Call,
    live: Option<&Value>,
    config: &Value,
    options: &WriteOptions,
) -> Result<Value, Failure> {
    let resource = &call.resource;
    let version = resource.api_version();
    let manager = Manager {
        name: options.field_manager.as_deref().unwrap_or_default(),
        operation: Operation::Apply,
        api_version: &version,
        subresource: &call.route.subresource,
        time: &now(),
    };
    let reset = reset(resource, &call.route.subresource);
    let application = Application { kind: &resource.kind, force: options.force, reset };
    apply(live, config, &resource.schema, &manager, &application)
}

fn reset(resource: &Resource, subresource: &str) -> ResetFields {
    match &resource.custom {
        Some(custom) => ResetFields::of_custom(custom.status, subresource),
        None => ResetFields::of(&resource.group, &resource.plural, subresource),
    }
}
