//! Who owns the fields that a request changes.

use crate::call::{Call, WriteOptions};
use crate::managed_fields::{self, Manager, Operation, ResetFields};
use crate::object::now;
use serde_json::Value;

/// The manager that a request makes of whoever sent it.
#[derive(Debug)]
pub(crate) struct Owner {
    name: String,
    operation: Operation,
    api_version: String,
    subresource: String,
    time: String,
}

impl Owner {
    /// Of a request that does something in a way.
    pub(crate) fn of(call: &Call, options: &WriteOptions, operation: Operation) -> Self {
        let agent = call.headers.get(http::header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Self {
            name: managed_fields::manager_name(options.field_manager.as_deref(), agent.unwrap_or_default()),
            operation,
            api_version: call.resource.api_version(),
            subresource: call.route.subresource.clone(),
            time: now(),
        }
    }

    /// As managed fields have it.
    pub(crate) fn manager(&self) -> Manager<'_> {
        Manager {
            name: &self.name,
            operation: self.operation,
            api_version: &self.api_version,
            subresource: &self.subresource,
            time: &self.time,
        }
    }
}

/// What a request cannot change, and so does not own.
pub(crate) fn reset_fields(call: &Call) -> ResetFields {
    let subresource = &call.route.subresource;
    match &call.resource.custom {
        Some(custom) => ResetFields::of_custom(custom.status, subresource),
        None => ResetFields::of(&call.resource.group, &call.resource.plural, subresource),
    }
}

/// Gives whoever sent a request what it changes.
pub(super) fn track(call: &Call, live: Option<&Value>, new: &mut Value, options: &WriteOptions) {
    let owner = Owner::of(call, options, Operation::Update);
    managed_fields::track(live, new, &call.resource.schema, &owner.manager(), reset_fields(call));
}
