//! Configurations that are applied: objects are made or changed so that they have what is in them.

use super::patched::{self, Patched};
use super::update::{Part, change};
use super::write::Outcome;
use super::{create, write};
use crate::answer::Answer;
use crate::call::{Call, FieldValidation, WriteOptions};
use crate::failure::Failure;
use crate::patch::configuration;
use crate::{managed_fields, object};
use serde_json::Value;

/// How often it is tried to make an object that others make and delete meanwhile.
const ATTEMPTS: usize = 5;

/// Applies the configuration of the body to a part of an object.
pub(super) fn apply(call: &Call, part: Part) -> Result<Answer, Failure> {
    let options = call.write_options("PatchOptions")?;
    let config = configuration::read(&call.body)?;
    for _ in 0..ATTEMPTS {
        if part == Part::Main && call.stored().is_err() {
            match made(call, &config, &options) {
                Err(failure) if failure.reason == "AlreadyExists" => continue,
                answer => return answer,
            }
        }
        let changed = change(call, part, &options, |old, warnings| {
            let new = managed_fields::of_apply(call, Some(old), &config, &options)?;
            judge_duplicates(call, &options, warnings)?;
            patched::read(call, new, Patched::Applied, &options, warnings)
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
    let outcome = make(call, config, options, &mut warnings);
    write::warned(outcome.map(|outcome| create::created(call, &outcome)), warnings)
}

fn make(
    call: &Call,
    config: &Value,
    options: &WriteOptions,
    warnings: &mut Vec<String>,
) -> Result<Outcome, Failure> {
    let new = managed_fields::of_apply(call, None, config, options)?;
    judge_duplicates(call, options, warnings)?;
    let mut new = patched::read(call, new, Patched::Applied, options, warnings)?;
    write::check_name(call, &new)?;
    let uid = object::meta(&new, "uid");
    if !uid.is_empty() {
        let why = format!(
            "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        );
        return Err(Failure::conflict(call.resource.named(), &call.route.name, &why));
    }
    object::meta_mut(&mut new).remove("resourceVersion");
    create::add(call, new, options, warnings)
}

/// Refuses, tells or forgets keys that are there twice, by what the request says.
fn judge_duplicates(call: &Call, options: &WriteOptions, warnings: &mut Vec<String>) -> Result<(), Failure> {
    if options.field_validation == FieldValidation::Ignore {
        return Ok(());
    }
    let Some(duplicate) = configuration::duplicate(&call.body) else { return Ok(()) };
    if options.field_validation == FieldValidation::Strict {
        return Err(Failure::bad_request(format!(
            "error strict decoding patch: error converting YAML to JSON: yaml: unmarshal errors:\n  {duplicate}"
        )));
    }
    warnings.push(duplicate);
    Ok(())
}
