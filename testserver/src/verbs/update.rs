//! Changes of objects: as a whole, by patches, and by applying configurations.

use super::write::{self, Base, Outcome, Retry};
use crate::answer::Answer;
use crate::call::{Call, WriteOptions};
use crate::failure::{Cause, Failure};
use crate::kinds::Strategy;
use crate::{managed_fields, object, patch};
use http::StatusCode;
use serde_json::Value;

/// How often a change is begun again because the object has changed meanwhile.
const ATTEMPTS: usize = 5;

/// Which part of an object a change is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The object itself.
    Main,
    /// Its status.
    Status,
}

/// Replaces an object.
pub(super) fn update(call: &Call) -> Result<Answer, Failure> {
    replace(call, Part::Main)
}

/// Replaces a part of an object by that of the body.
pub(crate) fn replace(call: &Call, part: Part) -> Result<Answer, Failure> {
    let options = call.write_options("UpdateOptions")?;
    let mut warnings = Vec::new();
    let mut given = write::read_body(call, &options, &mut warnings)?;
    write::place(call, &mut given)?;
    let strategy = write::strategy(call);
    if part == Part::Main && strategy.create_on_update && call.stored().is_err() {
        let mut answer = match super::create::add(call, given, &options)? {
            Outcome::Stored(entry) => call.answer_entry(StatusCode::CREATED, &entry),
            Outcome::Dry(object) => call.answer_object(StatusCode::CREATED, &object),
        };
        answer.warnings = warnings;
        return Ok(answer);
    }
    if !strategy.unconditional_update && object::meta(&given, "resourceVersion").is_empty() {
        let detail = "must be specified for an update";
        let cause = Cause::invalid("metadata.resourceVersion", &Value::from(0), detail);
        write::refuse(call, &call.route.name, vec![cause])?;
    }
    let mut answer = change(call, part, &options, |_| Ok(given.clone()))?;
    answer.warnings = warnings;
    Ok(answer)
}

/// Changes an object by what `make` makes of it, again and again if it changes meanwhile.
pub(crate) fn change(
    call: &Call,
    part: Part,
    options: &WriteOptions,
    make: impl Fn(&Value) -> Result<Value, Failure>,
) -> Result<Answer, Failure> {
    for _ in 0..ATTEMPTS {
        let base = Base::new(call.stored()?, call);
        let new = make(&base.object)?;
        match finish(call, part, &base, new, options)? {
            Ok(Outcome::Stored(entry)) => return Ok(call.answer_entry(StatusCode::OK, &entry)),
            Ok(Outcome::Dry(object)) => return Ok(call.answer_object(StatusCode::OK, &object)),
            Err(Retry) => {}
        }
    }
    let why = "the object has been modified; please apply your changes to the latest version and try again";
    Err(Failure::conflict(call.resource.named(), &call.route.name, why))
}

/// Applies the rules to a changed object and stores it.
fn finish(
    call: &Call,
    part: Part,
    base: &Base,
    mut new: Value,
    options: &WriteOptions,
) -> Result<Result<Outcome, Retry>, Failure> {
    let strategy = write::strategy(call);
    write::carry_over(call, base, &mut new)?;
    write::place(call, &mut new)?;
    (strategy.default)(&mut new);
    prepare(strategy, part, &mut new, &base.object);
    managed_fields::of_update(call, &base.object, &mut new, options)?;
    write::tidy(&mut new);
    write::refuse(call, &call.route.name, (strategy.validate_update)(&new, &base.object))?;
    Ok(write::store(call, base, new, options))
}

fn prepare(strategy: &Strategy, part: Part, new: &mut Value, old: &Value) {
    match part {
        Part::Main => (strategy.prepare_update)(new, old),
        Part::Status => (strategy.prepare_status_update)(new, old),
    }
}

/// Patches an object.
pub(super) fn patch(call: &Call) -> Result<Answer, Failure> {
    patch_part(call, Part::Main)
}

/// Patches a part of an object.
pub(crate) fn patch_part(call: &Call, part: Part) -> Result<Answer, Failure> {
    let options = call.write_options("PatchOptions")?;
    let kind = write::media_type(call);
    let schema = &call.resource.schema;
    let parsed = |call: &Call| -> Result<Value, Failure> {
        serde_json::from_slice(&call.body).map_err(|error| Failure::bad_request(error.to_string()))
    };
    match kind {
        "application/json-patch+json" => {
            let document = parsed(call)?;
            change(call, part, &options, |old| patch::json_patch(old, &document))
        }
        "application/merge-patch+json" => {
            let document = parsed(call)?;
            change(call, part, &options, |old| Ok(patch::merge_patch(old, &document)))
        }
        "application/strategic-merge-patch+json" if call.resource.custom.is_none() => {
            let document = parsed(call)?;
            change(call, part, &options, |old| patch::strategic_merge_patch(old, &document, schema))
        }
        _ => Err(Failure::unsupported_media_type(
            "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, \
             application/apply-patch+yaml",
        )),
    }
}
