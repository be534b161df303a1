//! The end of objects: finalizers, grace periods, and what happens to those that depend on them.

mod options;

pub(crate) use options::{DeleteOptions, Propagation};

use crate::catalog::{Resource, StorageKey};
use crate::failure::{Failure, Named};
use crate::object::{self, is_terminating, set_meta};
use crate::server::Server;
use crate::store::Entry;
use serde_json::{Value, json};
use std::sync::Arc;

/// Holds an owner back until those that depend on it are gone.
pub(crate) const FOREGROUND: &str = "foregroundDeletion";
/// Holds an owner back until those that depended on it have been told.
pub(crate) const ORPHAN: &str = "orphan";

/// What is to happen to an object that somebody deletes.
#[derive(Debug, PartialEq)]
pub(crate) enum Deletion {
    /// It goes now.
    Now,
    /// It is marked, as this state of it shows, and goes when others allow it.
    Later(Value),
    /// It is marked already, and nothing changes.
    UnderWay,
}

/// Decides what happens to an object that somebody deletes.
///
/// # Errors
///
/// If the object is not the one that the preconditions are about.
pub(crate) fn decide(
    resource: &Resource,
    object: &Value,
    options: &DeleteOptions,
) -> Result<Deletion, Failure> {
    let named = resource.named();
    check_preconditions(named, object, options)?;
    let mut marked = object.clone();
    let grace = grace_period(resource, object, options);
    if is_terminating(object) {
        return Ok(again(object, marked, grace, options));
    }
    set_finalizers(&mut marked, resource, options);
    let is_namespace = resource.group.is_empty() && resource.plural == "namespaces";
    let held = object::finalizers(&marked).next().is_some() || (is_namespace && has_spec_finalizers(&marked));
    if grace == 0 && !held {
        return Ok(Deletion::Now);
    }
    mark(&mut marked, grace);
    if is_namespace {
        marked["status"]["phase"] = "Terminating".into();
    }
    Ok(Deletion::Later(marked))
}

fn mark(object: &mut Value, grace: i64) {
    let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(grace.clamp(0, 1 << 32));
    set_meta(object, "deletionTimestamp", object::time(time));
    set_meta(object, "deletionGracePeriodSeconds", grace);
    let generation = object::at(object, &["metadata", "generation"]).and_then(Value::as_i64);
    if let Some(generation) = generation.filter(|generation| *generation > 0) {
        set_meta(object, "generation", generation + 1);
    }
}

/// Of an object that is marked already, only the grace period can get shorter.
fn again(object: &Value, mut marked: Value, grace: i64, options: &DeleteOptions) -> Deletion {
    let period = object::at(object, &["metadata", "deletionGracePeriodSeconds"]).and_then(Value::as_i64);
    let period = period.unwrap_or_default();
    let asked = options.grace_period.is_some();
    if period == 0 && object::finalizers(object).next().is_none() {
        return Deletion::Now;
    }
    if !asked || grace >= period {
        return Deletion::UnderWay;
    }
    if grace == 0 && object::finalizers(object).next().is_none() {
        return Deletion::Now;
    }
    let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(grace.clamp(0, 1 << 32));
    set_meta(&mut marked, "deletionTimestamp", object::time(time));
    set_meta(&mut marked, "deletionGracePeriodSeconds", grace);
    Deletion::Later(marked)
}

fn check_preconditions(named: Named<'_>, object: &Value, options: &DeleteOptions) -> Result<(), Failure> {
    let name = object::meta(object, "name");
    for (word, key, wanted) in
        [("UID", "uid", &options.uid), ("ResourceVersion", "resourceVersion", &options.resource_version)]
    {
        let is = object::meta(object, key);
        if let Some(wanted) = wanted.as_ref().filter(|wanted| *wanted != is) {
            let why =
                format!("Precondition failed: {word} in precondition: {wanted}, {word} in object meta: {is}");
            return Err(Failure::conflict(named, name, &why));
        }
    }
    Ok(())
}

/// How long an object stays after it was deleted, in seconds: only Pods that run somewhere do.
fn grace_period(resource: &Resource, object: &Value, options: &DeleteOptions) -> i64 {
    if !(resource.group.is_empty() && resource.plural == "pods") {
        return 0;
    }
    let own = object::at(object, &["spec", "terminationGracePeriodSeconds"]).and_then(Value::as_i64);
    let period = options.grace_period.or(own).unwrap_or(30);
    let runs = object::text(object, &["spec", "nodeName"]).is_some_and(|node| !node.is_empty());
    let ended = matches!(object::text(object, &["status", "phase"]), Some("Succeeded" | "Failed"));
    if !runs || ended {
        return 0;
    }
    if period < 0 { 1 } else { period }
}

fn has_spec_finalizers(object: &Value) -> bool {
    object::at(object, &["spec", "finalizers"]).and_then(Value::as_array).is_some_and(|list| !list.is_empty())
}

/// Adds or removes the finalizers that stand for a way of propagation.
fn set_finalizers(object: &mut Value, resource: &Resource, options: &DeleteOptions) {
    let has = |name: &str| object::finalizers(object).any(|finalizer| finalizer == name);
    let (orphan, foreground) = match options.propagation {
        Some(Propagation::Orphan) => (true, false),
        Some(Propagation::Foreground) => (false, true),
        Some(Propagation::Background) => (false, false),
        // What the object's finalizers say stays; some old kinds orphan unless told otherwise.
        None => (has(ORPHAN) || orphans_by_default(resource), has(FOREGROUND)),
    };
    let mut finalizers: Vec<Value> = object::finalizers(object)
        .filter(|finalizer| *finalizer != ORPHAN && *finalizer != FOREGROUND)
        .map(Value::from)
        .collect();
    finalizers.extend(orphan.then(|| json!(ORPHAN)));
    finalizers.extend(foreground.then(|| json!(FOREGROUND)));
    if finalizers.is_empty() {
        object::meta_mut(object).remove("finalizers");
    } else {
        set_meta(object, "finalizers", finalizers);
    }
}

/// Kinds whose dependents were kept before there was a collector, and are so still.
pub(crate) fn orphans_by_default(resource: &Resource) -> bool {
    matches!(
        (resource.group.as_ref(), resource.plural.as_ref()),
        ("batch", "jobs") | ("", "replicationcontrollers")
    )
}

/// Whether an object that is being deleted has nothing left that holds it back.
pub(crate) fn is_finished(object: &Value, resource: &StorageKey) -> bool {
    let grace = object::at(object, &["metadata", "deletionGracePeriodSeconds"]).and_then(Value::as_i64);
    let is_namespace = resource.group.is_empty() && resource.plural == "namespaces";
    is_terminating(object)
        && grace.unwrap_or_default() == 0
        && object::finalizers(object).next().is_none()
        && !(is_namespace && has_spec_finalizers(object))
}

/// Called with the last state of each object that is gone.
pub(crate) fn after(server: &Arc<Server>, resource: &StorageKey, entry: &Arc<Entry>) {
    let _ = (server, resource, entry);
}

/// Called with each object that is new.
pub(crate) fn after_create(server: &Arc<Server>, resource: &StorageKey, entry: &Arc<Entry>) {
    let _ = (server, resource, entry);
}
