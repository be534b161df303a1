//! `scale`: how many replicas an object wants and has, in one form for all kinds.

mod paths;
mod selector;

use super::as_own_kind;
use crate::answer::{Answer, stored_object};
use crate::call::{Call, WriteOptions};
use crate::failure::{Cause, Failure, Named};
use crate::managed_fields::{self, scale::ScaleOwners};
use crate::object;
use crate::patch;
use crate::verbs::{self, Outcome, Part, Patch, Patched};
use http::StatusCode;
use paths::Paths;
use serde_json::{Map, Value, json};

/// Stands for replicas of a custom resource that nobody has set: no request can mean it.
const UNSET: i64 = i32::MIN as i64;

pub(super) fn run(call: &Call) -> Result<Answer, Failure> {
    let own = as_own_kind(call);
    match call.verb {
        "get" => get(call, &own),
        "update" => replace(call, &own),
        _ if call.is_apply() => apply(call, &own),
        _ => patch(call, &own),
    }
}

fn get(call: &Call, own: &Call) -> Result<Answer, Failure> {
    let paths = Paths::of(&call.resource);
    let object = stored_object(call.stored()?.as_ref(), &call.resource);
    if paths.is_custom && paths.replicas_of(&object)?.is_none() {
        let why = format!("the spec replicas field {:?} does not exist", paths.written);
        return Err(Failure::internal(why));
    }
    Ok(own.answer_object(StatusCode::OK, &scale(&object, &paths)?))
}

/// The scale of an object.
fn scale(object: &Value, paths: &Paths<'_>) -> Result<Value, Failure> {
    let mut metadata = Map::new();
    for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = object::at(object, &["metadata", key]) {
            metadata.insert(key.into(), value.clone());
        }
    }
    let mut spec = Map::new();
    if let Some(replicas) = paths.replicas_of(object)?.filter(|replicas| *replicas != 0) {
        spec.insert("replicas".into(), replicas.into());
    }
    let mut status = json!({"replicas": paths.status_of(object)?});
    let selector = paths.selector_of(object)?;
    if !selector.is_empty() {
        status["selector"] = selector.into();
    }
    Ok(json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": status,
    }))
}

fn replace(call: &Call, own: &Call) -> Result<Answer, Failure> {
    let options = own.write_options("UpdateOptions")?;
    let mut warnings = Vec::new();
    let mut given = verbs::read_body(own, &options, &mut warnings)?;
    verbs::place(own, &mut given)?;
    verbs::check_name(own, &given)?;
    let mut answer = change(call, own, &options, |_, _| Ok(given.clone()))?;
    answer.warnings.splice(..0, warnings);
    Ok(answer)
}

fn patch(call: &Call, own: &Call) -> Result<Answer, Failure> {
    if call.resource.custom.is_some() && call.media_type() == patch::STRATEGIC {
        let accepted = [patch::JSON, patch::MERGE, patch::APPLY, "application/apply-patch+cbor"].join(", ");
        return Err(Failure::unsupported_media_type(&accepted));
    }
    let patch = Patch::read(own)?;
    change(call, own, &patch.options, |old, warnings| patch.of(old, warnings))
}

fn apply(call: &Call, own: &Call) -> Result<Answer, Failure> {
    let options = own.write_options("PatchOptions")?;
    let config = patch::configuration::read(&call.body)?;
    change(call, own, &options, |old, warnings| {
        let new = managed_fields::of_apply(own, Some(old), &config, &options)?;
        verbs::read_patched(own, new, Patched::Applied, &options, warnings)
    })
}

/// Changes an object by what `make` makes of its scale.
fn change(
    call: &Call,
    own: &Call,
    options: &WriteOptions,
    make: impl Fn(&Value, &mut Vec<String>) -> Result<Value, Failure>,
) -> Result<Answer, Failure> {
    let paths = Paths::of(&call.resource);
    let version = call.resource.api_version();
    let owners = ScaleOwners { replicas: &paths.replicas, api_version: &version };
    let mut warnings = Vec::new();
    let outcome = verbs::change_object(call, Part::Scale, options, &mut warnings, |object, warnings| {
        let mut old = scale(object, &paths)?;
        if paths.is_custom && paths.replicas_of(object)?.is_none() {
            old["spec"]["replicas"] = UNSET.into();
        }
        if let Some(managed) = owners.of(object) {
            object::set_meta(&mut old, "managedFields", managed);
        }
        let mut new = make(&old, warnings)?;
        verbs::check_name(own, &new)?;
        verbs::place(own, &mut new)?;
        managed_fields::of_update(own, &old, &mut new, options);
        check(call, object, &new, &paths)?;
        Ok(changed(call, object, &new, &paths, &owners))
    })?;
    let object = match outcome {
        Outcome::Stored(entry) => stored_object(&entry, &call.resource),
        Outcome::Unstored(object) => object,
    };
    let mut answer = own.answer_object(StatusCode::OK, &scale(&object, &paths)?);
    answer.warnings = warnings;
    Ok(answer)
}

/// What is wrong with the new scale of an object.
fn check(call: &Call, object: &Value, new: &Value, paths: &Paths<'_>) -> Result<(), Failure> {
    let name = object::meta(object, "name");
    let replicas = new["spec"]["replicas"].as_i64().unwrap_or_default();
    if paths.is_custom && replicas == UNSET {
        let why = format!("the spec replicas field {:?} cannot be empty", paths.written);
        return Err(Failure::bad_request(why));
    }
    // Of a custom resource the rules are those of its objects.
    if !paths.is_custom && replicas < 0 {
        let detail = "must be greater than or equal to 0";
        let cause = Cause::invalid("spec.replicas", &replicas.into(), detail);
        return Err(Failure::invalid(Named { group: "autoscaling", resource: "Scale" }, name, vec![cause]));
    }
    // What replaces a scale is checked as what replaces an object is.
    let (wanted, is) = (object::meta(new, "uid"), object::meta(object, "uid"));
    if call.verb == "patch" && !paths.is_custom && !wanted.is_empty() && wanted != is {
        let resource = format!("{}/scale", call.resource.plural);
        let named = Named { group: &call.resource.group, resource: &resource };
        let why = format!("Precondition failed: UID in precondition: {wanted}, UID in object meta: {is}");
        return Err(Failure::conflict(named, name, &why));
    }
    Ok(())
}

/// The object with a new scale.
fn changed(call: &Call, object: &Value, scale: &Value, paths: &Paths<'_>, owners: &ScaleOwners<'_>) -> Value {
    let mut new = object.clone();
    paths.set_replicas(&mut new, scale["spec"]["replicas"].as_i64().unwrap_or_default());
    for key in ["resourceVersion", "uid"] {
        let given = object::meta(scale, key);
        if !given.is_empty() && (key == "resourceVersion" || call.verb == "update") {
            object::set_meta(&mut new, key, given);
        }
    }
    match owners.merged(object, scale) {
        Some(managed) => object::set_meta(&mut new, "managedFields", managed),
        None => {
            object::meta_mut(&mut new).remove("managedFields");
        }
    }
    new
}
