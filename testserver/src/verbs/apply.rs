//! Server-side apply: a configuration that its manager wants to be so.

use super::create;
use super::ownership::{Owner, reset_fields};
use super::update::{self, Part};
use super::write::{self, Tracked};
use crate::answer::Answer;
use crate::call::{Call, WriteOptions};
use crate::failure::{Cause, Failure, Named};
use crate::managed_fields::{self, Application, Operation};
use crate::{kinds, object};
use serde_json::Value;

/// Applies the configuration in the body to an object, or to a part of it, and makes the object if there is none.
pub(super) fn apply(call: &Call, part: Part) -> Result<Answer, Failure> {
    let options = call.write_options("PatchOptions")?;
    if options.field_manager.is_none() {
        let cause = Cause::required("fieldManager", "is required for apply patch");
        return Err(Failure::invalid(
            Named { group: "meta.k8s.io", resource: "PatchOptions" },
            "",
            vec![cause],
        ));
    }
    let config = configuration(&call.body)?;
    if part == Part::Main && call.stored().is_err() {
        let mut warnings = Vec::new();
        let new = merge(call, None, &config, &options)?;
        check_name(call, &new)?;
        let added = create::add(call, new, &options, &mut warnings, Tracked::Already)?;
        return Ok(create::answer(call, added, warnings));
    }
    update::change(call, part, &options, Tracked::Already, |old, _| merge(call, Some(old), &config, &options))
}

/// What the object is to be, with its managers.
fn merge(
    call: &Call,
    live: Option<&Value>,
    config: &Value,
    options: &WriteOptions,
) -> Result<Value, Failure> {
    let resource = &call.resource;
    let owner = Owner::of(call, options, Operation::Apply);
    let application =
        Application { kind: &resource.kind, force: call.query.flag("force"), reset: reset_fields(call) };
    let mut new = managed_fields::apply(live, config, &resource.schema, &owner.manager(), &application)?;
    let expected = write::expected(resource);
    kinds::check(&new, &resource.schema, expected)?;
    write::set_type(&mut new, resource);
    kinds::normalise(&mut new, &resource.schema);
    Ok(new)
}

/// Checks the name in a configuration that makes an object.
fn check_name(call: &Call, new: &Value) -> Result<(), Failure> {
    let (given, name) = (object::meta(new, "name"), &call.route.name);
    write::check_name(given, name)?;
    let uid = object::meta(new, "uid");
    if uid.is_empty() {
        return Ok(());
    }
    let cause = Cause::invalid("metadata.uid", &Value::from(uid), "field is immutable");
    write::refuse(call, name, vec![cause])
}

/// Reads a configuration: YAML, and so JSON too.
fn configuration(body: &[u8]) -> Result<Value, Failure> {
    let failed = |why: String| Failure::bad_request(format!("error decoding patch: {why}"));
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(_) => {
            let text = std::str::from_utf8(body).map_err(|error| failed(error.to_string()))?;
            serde_saphyr::from_str(text).map_err(|error| failed(error.to_string()))?
        }
    };
    match value {
        Value::Object(_) => Ok(value),
        Value::Null => Ok(Value::Object(serde_json::Map::new())),
        other => Err(failed(format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go value of type \
             map[string]interface {{}}",
            kind_of(&other)
        ))),
    }
}

/// What Go calls a value.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
