//! Configurations that are applied: objects are made or changed so that they have what is in them.

use super::update::{Part, change, read_patched};
use super::write::Outcome;
use super::{create, write};
use crate::answer::Answer;
use crate::call::{Call, WriteOptions};
use crate::failure::Failure;
use crate::{managed_fields, object, patch};
use http::StatusCode;
use serde_json::Value;

/// How often it is tried to make an object that others make and delete meanwhile.
const ATTEMPTS: usize = 5;

/// Applies the configuration of the body to a part of an object.
pub(super) fn apply(call: &Call, part: Part) -> Result<Answer, Failure> {
    let options = call.write_options("PatchOptions")?;
    let config = patch::read_configuration(&call.body)?;
    for _ in 0..ATTEMPTS {
        if part == Part::Main && call.stored().is_err() {
            match made(call, &config, &options) {
                Err(failure) if failure.reason == "AlreadyExists" => continue,
                answer => return answer,
            }
        }
        let changed = change(call, part, &options, |old, warnings| {
            let new = managed_fields::of_apply(call, Some(old), &config, &options)?;
            read_patched(call, new, &options, warnings)
        });
        match changed {
            Err(failure) if part == Part::Main && failure == call.not_found() => {}
            answer => return answer,
        }
    }
    Err(Failure::conflict(call.resource.named(), &call.route.name, "the object keeps coming and going"))
}

/// Makes an object of a configuration.
fn made(call: &Call, config: &Value, options: &WriteOptions) -> Result<Answer, Failure> {
    let mut warnings = Vec::new();
    let new = managed_fields::of_apply(call, None, config, options)?;
    let mut new = read_patched(call, new, options, &mut warnings)?;
    write::check_name(call, &new)?;
    let uid = object::meta(&new, "uid");
    if !uid.is_empty() {
        let why = format!(
            "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        );
        return Err(Failure::conflict(call.resource.named(), &call.route.name, &why));
    }
    object::meta_mut(&mut new).remove("resourceVersion");
    let mut answer = match create::add(call, new, options, &mut warnings)? {
        Outcome::Stored(entry) => call.answer_entry(StatusCode::CREATED, &entry),
        Outcome::Dry(object) => call.answer_object(StatusCode::CREATED, &object),
    };
    answer.warnings = warnings;
    Ok(answer)
}
