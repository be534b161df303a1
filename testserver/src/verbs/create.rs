//! New objects.

use super::update::Part;
use super::write::{self, Outcome};
use crate::answer::Answer;
use crate::call::{Call, WriteOptions};
use crate::convert;
use crate::failure::Failure;
use crate::kinds;
use crate::managed_fields;
use crate::names;
use crate::object::{self, new_uid};
use crate::store::{Changed, Entry};
use crate::time::now;
use http::StatusCode;
use serde_json::{Map, Value};

/// How many generated names are tried.
const NAMES: usize = 8;

/// Makes an object.
pub(super) fn create(call: &Call) -> Result<Answer, Failure> {
    let options = call.write_options("CreateOptions")?;
    let mut warnings = Vec::new();
    let object = write::read_body(call, &options, &mut warnings);
    let outcome = object.and_then(|object| add(call, object, &options, &mut warnings));
    write::warned(outcome.map(|outcome| created(call, &outcome)), warnings)
}

/// The answer if there is a new object.
pub(super) fn created(call: &Call, outcome: &Outcome) -> Answer {
    match outcome {
        Outcome::Stored(entry) => call.answer_entry(StatusCode::CREATED, entry),
        Outcome::Unstored(object) => call.answer_object(StatusCode::CREATED, object),
    }
}

/// Adds an object that has been read from a body or made by an apply.
pub(super) fn add(
    call: &Call,
    mut object: Value,
    options: &WriteOptions,
    warnings: &mut Vec<String>,
) -> Result<Outcome, Failure> {
    write::place(call, &mut object)?;
    let called = ["name", "generateName"].map(|key| object::meta(&object, key));
    write::check_namespace(call, called.into_iter().find(|name| !name.is_empty()).unwrap_or_default())?;
    for attempt in 1.. {
        if !name(&mut object)? {
            return add_named(call, object, options, warnings);
        }
        match add_named(call, object.clone(), options, warnings) {
            Err(failure) if failure.reason == "AlreadyExists" && attempt < NAMES => {
                object::meta_mut(&mut object).remove("name");
            }
            outcome => return outcome,
        }
    }
    Err(Failure::internal("no name could be generated"))
}

/// Gives the object a name if it only has the start of one; says whether it did.
fn name(object: &mut Value) -> Result<bool, Failure> {
    if !object::meta(object, "name").is_empty() {
        return Ok(false);
    }
    let base = object::meta(object, "generateName");
    if base.is_empty() {
        return Ok(false);
    }
    let name = names::generate(base);
    object::set_meta(object, "name", name);
    Ok(true)
}

fn add_named(
    call: &Call,
    mut object: Value,
    options: &WriteOptions,
    warnings: &mut Vec<String>,
) -> Result<Outcome, Failure> {
    let resource = &call.resource;
    let strategy = write::strategy(call);
    if !object::meta(&object, "resourceVersion").is_empty() {
        let message = "resourceVersion should not be set on objects to be created";
        return Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "", message));
    }
    for key in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
        object::meta_mut(&mut object).remove(key);
    }
    write::default(call, &mut object);
    managed_fields::of_create(call, &mut object, options);
    let name = object::meta(&object, "name").to_owned();
    write::check_definition(call, &name)?;
    strategy.admit(&mut object, None, &*call.server)?;
    begin(&mut object);
    if resource.kind == "CertificateSigningRequest" && resource.custom.is_none() {
        kinds::stamp_request(&mut object, &call.user);
    }
    strategy.prepare_create(&mut object);
    write::tidy(&mut object);
    let mut causes = strategy.validate(&object, resource.namespaced);
    write::check_custom(call, &object, None, Part::Main, &mut causes);
    write::refuse(call, &name, causes)?;
    warnings.extend(strategy.warnings(&object, None));
    warnings.extend(write::custom_warnings(call, &object, None));
    strategy.canonicalise(&mut object);
    let key = call.storage_key();
    let exists = |existing: &Entry| {
        let mut failure = Failure::already_exists(resource.named(), &name);
        if object::is_terminating(&existing.value()) {
            failure.message = format!("object is being deleted: {}", failure.message);
        }
        failure
    };
    if options.dry_run {
        let existing = call.server.store.get(&key, &crate::store::ObjectKey::of(&object));
        return existing.map_or(Ok(Outcome::Unstored(object)), |existing| Err(exists(&existing)));
    }
    let index = write::index(&object, resource);
    let stored = convert::to_stored(object, resource);
    match call.server.store.create(&key, stored, index) {
        Ok(entry) => {
            crate::crd::after_change(&call.server, &key, &entry);
            Ok(Outcome::Stored(entry))
        }
        Err(Changed::Exists(existing) | Changed::Other(existing)) => Err(exists(&existing)),
        Err(Changed::Gone) => Err(Failure::already_exists(resource.named(), &name)),
    }
}

/// Sets what the server decides about every new object.
fn begin(object: &mut Value) {
    let meta: &mut Map<String, Value> = object::meta_mut(object);
    meta.insert("uid".into(), new_uid().into());
    meta.insert("creationTimestamp".into(), now().into());
}
