//! Changes of objects: as a whole, by patches, and by applying configurations.

use super::create;
use super::patched::{self, Patched};
use super::write::{self, Base, Outcome, Retry};
use crate::answer::Answer;
use crate::call::{Call, WriteOptions};
use crate::failure::{Cause, Failure};
use crate::kinds::Section;
use crate::schema::Schema;
use crate::{managed_fields, object, patch, subresources};
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
    /// What its scale shows, with the managed fields that go with it.
    Scale,
    /// What another subresource shows.
    Section(&'static Section),
}

/// Replaces an object.
pub(super) fn update(call: &Call) -> Result<Answer, Failure> {
    replace(call, Part::Main)
}

/// Replaces a part of an object by that of the body.
pub(crate) fn replace(call: &Call, part: Part) -> Result<Answer, Failure> {
    let options = call.write_options("UpdateOptions")?;
    let mut warnings = Vec::new();
    let given = write::read_body(call, &options, &mut warnings);
    let answer = given.and_then(|given| replace_by(call, part, &options, given, &mut warnings));
    write::warned(answer, warnings)
}

fn replace_by(
    call: &Call,
    part: Part,
    options: &WriteOptions,
    mut given: Value,
    warnings: &mut Vec<String>,
) -> Result<Answer, Failure> {
    write::check_name(call, &given)?;
    write::place(call, &mut given)?;
    let strategy = write::strategy(call);
    if part == Part::Main && strategy.creates_on_update && call.stored().is_err() {
        let outcome = create::add(call, given, options, warnings)?;
        return Ok(create::created(call, &outcome));
    }
    if !strategy.updates_unconditionally && object::meta(&given, "resourceVersion").is_empty() {
        let detail = "must be specified for an update";
        let cause = Cause::invalid("metadata.resourceVersion", &Value::from(0), detail);
        // It is the storage that says so, which knows the resource and not the kind.
        return Err(Failure::invalid(call.resource.named(), &call.route.name, vec![cause]));
    }
    change(call, part, options, |_, _| Ok(given.clone()))
}

/// Changes an object by what `make` makes of it, again and again if it changes meanwhile.
pub(crate) fn change(
    call: &Call,
    part: Part,
    options: &WriteOptions,
    make: impl Fn(&Value, &mut Vec<String>) -> Result<Value, Failure>,
) -> Result<Answer, Failure> {
    let mut warnings = Vec::new();
    let outcome = change_object(call, part, options, &mut warnings, make);
    let answer = outcome.map(|outcome| match outcome {
        Outcome::Stored(entry) => call.answer_entry(StatusCode::OK, &entry),
        Outcome::Unstored(object) => call.answer_object(StatusCode::OK, &object),
    });
    write::warned(answer, warnings)
}

/// Does what [`change`] does, without an answer.
pub(crate) fn change_object(
    call: &Call,
    part: Part,
    options: &WriteOptions,
    warnings: &mut Vec<String>,
    make: impl Fn(&Value, &mut Vec<String>) -> Result<Value, Failure>,
) -> Result<Outcome, Failure> {
    for _ in 0..ATTEMPTS {
        warnings.clear();
        let base = Base::new(call.stored()?, call);
        let new = make(&base.object, warnings)?;
        if let Ok(outcome) = finish(call, part, &base, new, options, warnings)? {
            return Ok(outcome);
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
    warnings: &mut Vec<String>,
) -> Result<Result<Outcome, Retry>, Failure> {
    let strategy = write::strategy(call);
    write::carry_over(call, base, &mut new)?;
    write::place(call, &mut new)?;
    write::default(call, &mut new);
    if part != Part::Scale {
        managed_fields::of_update(call, &base.object, &mut new, options);
    }
    strategy.admit(&mut new, Some(&base.object), &*call.server)?;
    let mut causes = match part {
        Part::Main | Part::Scale => {
            strategy.prepare_update(&mut new, &base.object);
            write::tidy(&mut new);
            strategy.validate_update(&new, &base.object)
        }
        Part::Status => {
            strategy.prepare_status(&mut new, &base.object);
            write::tidy(&mut new);
            strategy.validate_status(&new, &base.object)
        }
        Part::Section(section) => {
            section.prepare(&mut new, &base.object);
            write::tidy(&mut new);
            section.validate(&new, &base.object)
        }
    };
    write::check_custom(call, &new, Some(&base.object), part, &mut causes);
    write::refuse(call, &call.route.name, causes)?;
    if let Part::Section(section) = part {
        section.admit(&new, &base.object, &*call.server)?;
    }
    subresources::check_signer(call, &new, &base.object)?;
    if part == Part::Main {
        warnings.extend(strategy.warnings(&new, Some(&base.object)));
    }
    warnings.extend(write::custom_warnings(call, &new, Some(&base.object)));
    strategy.canonicalise(&mut new);
    Ok(write::store(call, base, new, options))
}

/// Patches an object.
pub(super) fn patch(call: &Call) -> Result<Answer, Failure> {
    patch_part(call, Part::Main)
}

/// Patches a part of an object.
pub(crate) fn patch_part(call: &Call, part: Part) -> Result<Answer, Failure> {
    if call.is_apply() {
        return super::apply::apply(call, part);
    }
    let patch = Patch::read(call)?;
    change(call, part, &patch.options, |old, warnings| patch.of(old, warnings))
}

/// The patch that a request is.
pub(crate) struct Patch<'a> {
    call: &'a Call,
    function: fn(&Value, &Value, &Schema) -> Result<Value, Failure>,
    document: Value,
    /// The options of the request.
    pub(crate) options: WriteOptions,
}

impl<'a> Patch<'a> {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// If it is of a kind that the resource does not take, or not JSON.
    pub(crate) fn read(call: &'a Call) -> Result<Self, Failure> {
        let is_custom = call.resource.custom.is_some();
        let function: fn(&Value, &Value, &Schema) -> Result<Value, Failure> = match call.media_type() {
            patch::JSON => |old, patch, _| patch::json_patch(old, patch),
            patch::MERGE => |old, patch, _| patch::merge_patch(old, patch),
            patch::STRATEGIC if !is_custom => patch::strategic_merge_patch,
            patch::STRATEGIC => {
                let accepted =
                    [patch::JSON, patch::MERGE, patch::APPLY, "application/apply-patch+cbor"].join(", ");
                return Err(Failure::unsupported_media_type(&accepted));
            }
            _ => return Err(Failure::unsupported_patch()),
        };
        let options = call.write_options("PatchOptions")?;
        Ok(Self { call, function, document: patch::read(&call.body)?, options })
    }

    /// What it makes of an object.
    ///
    /// # Errors
    ///
    /// If it does not fit the object, or makes something else of it.
    pub(crate) fn of(&self, old: &Value, warnings: &mut Vec<String>) -> Result<Value, Failure> {
        let new = (self.function)(old, &self.document, &self.call.resource.schema)?;
        let patched = match self.call.media_type() {
            patch::STRATEGIC => Patched::Strategic(&self.document),
            patch::JSON => Patched::Operations { old, patch: &self.document },
            _ => Patched::Text(old),
        };
        patched::read(self.call, new, patched, &self.options, warnings)
    }
}
