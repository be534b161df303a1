//! What is to happen to an object that somebody deletes.

use super::options::{DeleteOptions, Propagation};
use super::{FOREGROUND, ORPHAN, has_spec_finalizers, is_namespaces};
use crate::catalog::Resource;
use crate::crd;
use crate::failure::{Failure, Named};
use crate::object::{self, is_terminating, set_meta};
use crate::time;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Namespaces that stay.
const IMMORTAL: [&str; 3] = ["default", "kube-public", "kube-system"];

/// What is to happen to an object that somebody deletes.
#[derive(Debug, PartialEq)]
pub(crate) enum Deletion {
    /// It goes now.
    Now,
    /// It is marked, as this state of it shows, and goes when others allow it. It may have been marked like this before.
    Later(Value),
    /// It is marked, as this state of it shows, and goes at once all the same: those who watch see both.
    MarkedAndGone(Value),
    /// It is marked already, and nothing changes.
    UnderWay,
}

/// Decides what happens to an object that somebody deletes.
///
/// # Errors
///
/// If it is not the one that the preconditions are about, or one that stays.
pub(crate) fn decide(
    resource: &Resource,
    object: &Value,
    options: &DeleteOptions,
) -> Result<Deletion, Failure> {
    if is_namespaces(&resource.group, &resource.plural) {
        return of_namespace(resource, object, options);
    }
    if crd::is_definitions(&resource.storage_key()) && !is_terminating(object) {
        return of_definition(resource, object, options);
    }
    of_object(resource, object, options)
}

/// The first deletion of a CustomResourceDefinition marks it. It goes when its objects have.
fn of_definition(resource: &Resource, object: &Value, options: &DeleteOptions) -> Result<Deletion, Failure> {
    check_stored(resource, object, options, "precondition failed")?;
    let mut marked = object.clone();
    crd::mark(&mut marked);
    Ok(Deletion::Later(marked))
}

fn of_object(resource: &Resource, object: &Value, options: &DeleteOptions) -> Result<Deletion, Failure> {
    check_preconditions(resource, object, options)?;
    let mut marked = object.clone();
    let grace = begin(resource, object, &mut marked, options);
    if grace == Grace::Pending {
        return Ok(Deletion::UnderWay);
    }
    set_finalizers(&mut marked, resource, options);
    let held = object::finalizers(&marked).next().is_some();
    Ok(match grace {
        Grace::None if !held => Deletion::Now,
        Grace::None => {
            mark_without_grace(&mut marked);
            Deletion::Later(marked)
        }
        Grace::Period(0) if !held => Deletion::MarkedAndGone(marked),
        Grace::Pending | Grace::Period(_) => Deletion::Later(marked),
    })
}

/// The first deletion of a namespace marks it. It goes when what finalizes it has.
fn of_namespace(resource: &Resource, object: &Value, options: &DeleteOptions) -> Result<Deletion, Failure> {
    let name = object::meta(object, "name");
    check_stored(resource, object, options, "Precondition failed")?;
    if IMMORTAL.contains(&name) {
        return Err(Failure::forbidden(resource.named(), name, "this namespace may not be deleted"));
    }
    if is_terminating(object) {
        return if has_spec_finalizers(object) {
            Ok(Deletion::UnderWay)
        } else {
            of_object(resource, object, options)
        };
    }
    let mut marked = object.clone();
    set_meta(&mut marked, "deletionTimestamp", time::now());
    object::map(&mut marked, "status").insert("phase".into(), "Terminating".into());
    let has = |name: &str| object::finalizers(object).any(|finalizer| finalizer == name);
    let (orphan, foreground) = match options.propagation {
        Some(Propagation::Orphan) => (true, false),
        Some(Propagation::Foreground) => (false, true),
        // The old way to say so meant more for namespaces than for others.
        Some(Propagation::Background) => (false, options.cascades),
        None => (has(ORPHAN), has(FOREGROUND)),
    };
    replace_finalizers(&mut marked, orphan, foreground);
    Ok(Deletion::Later(marked))
}

/// Checks that an object is the one that the options are about.
///
/// # Errors
///
/// If it is another one, or in another version.
pub(crate) fn check_preconditions(
    resource: &Resource,
    object: &Value,
    options: &DeleteOptions,
) -> Result<(), Failure> {
    let named = Named { group: &resource.group, resource: &resource.kind };
    let conflict = |why: String| Err(Failure::conflict(named, object::meta(object, "name"), &why));
    let uid = object::meta(object, "uid");
    if let Some(wanted) = options.uid.as_ref().filter(|wanted| *wanted != uid) {
        return conflict(format!(
            "the UID in the precondition ({wanted}) does not match the UID in record ({uid}). The object might have \
             been deleted and then recreated"
        ));
    }
    let version = object::meta(object, "resourceVersion");
    if let Some(wanted) = options.resource_version.as_ref().filter(|wanted| *wanted != version) {
        return conflict(format!(
            "the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record \
             ({version}). The object might have been modified"
        ));
    }
    Ok(())
}

/// The same check for the kinds whose deletion begins in their own storage, which tells it in other words.
fn check_stored(
    resource: &Resource,
    object: &Value,
    options: &DeleteOptions,
    told: &str,
) -> Result<(), Failure> {
    let wanted =
        [("UID", "uid", &options.uid), ("ResourceVersion", "resourceVersion", &options.resource_version)];
    for (word, key, wanted) in wanted {
        let is = object::meta(object, key);
        if let Some(wanted) = wanted.as_ref().filter(|wanted| *wanted != is) {
            let why = format!("{told}: {word} in precondition: {wanted}, {word} in object meta: {is}");
            return Err(Failure::conflict(resource.named(), object::meta(object, "name"), &why));
        }
    }
    Ok(())
}

/// How long an object stays after it was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grace {
    /// Its kind has no such time.
    None,
    /// So many seconds, from now or from an earlier deletion on.
    Period(i64),
    /// As long as an earlier deletion says.
    Pending,
}

/// Marks an object whose kind goes gracefully: only Pods do.
fn begin(resource: &Resource, object: &Value, marked: &mut Value, options: &DeleteOptions) -> Grace {
    if !(resource.group.is_empty() && resource.plural == "pods") {
        return Grace::None;
    }
    // What is negative means at once, but gracefully.
    let asked = options.grace_period.map(|seconds| if seconds < 0 { 1 } else { seconds });
    if is_terminating(object) {
        return shorten(object, marked, asked);
    }
    let own = object::at(object, &["spec", "terminationGracePeriodSeconds"]).and_then(Value::as_i64);
    let runs = object::text(object, &["spec", "nodeName"]).is_some_and(|node| !node.is_empty());
    let ended = matches!(object::text(object, &["status", "phase"]), Some("Succeeded" | "Failed"));
    let period = match asked.or(own).unwrap_or(0) {
        _ if !runs || ended => 0,
        ..0 => 1,
        period => period,
    };
    set_meta(marked, "deletionTimestamp", time::seconds(after(Timestamp::now(), period)));
    set_meta(marked, "deletionGracePeriodSeconds", period);
    count(marked);
    Grace::Period(period)
}

/// Of an object that is marked already, the time can only get shorter.
fn shorten(object: &Value, marked: &mut Value, asked: Option<i64>) -> Grace {
    let period = object::at(object, &["metadata", "deletionGracePeriodSeconds"]).and_then(Value::as_i64);
    let period = match period.unwrap_or(0) {
        0 => return Grace::None,
        ..0 => 1,
        period => period,
    };
    let Some(mut shorter) = asked.filter(|asked| *asked < period) else { return Grace::Pending };
    let now = Timestamp::now();
    let end: Timestamp = object::meta(object, "deletionTimestamp").parse().unwrap_or(now);
    let mut end = after(end, shorter - period);
    if end < now {
        end = now;
        // It was to be graceful, so whoever runs it still has the last word.
        shorter = shorter.min(1);
    }
    set_meta(marked, "deletionTimestamp", time::seconds(end));
    set_meta(marked, "deletionGracePeriodSeconds", shorter);
    Grace::Period(shorter)
}

fn after(time: Timestamp, seconds: i64) -> Timestamp {
    time.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(time)
}

fn mark_without_grace(object: &mut Value) {
    let now = Timestamp::now();
    if !is_terminating(object) {
        count(object);
    }
    let earlier =
        object::meta(object, "deletionTimestamp").parse::<Timestamp>().is_ok_and(|time| time <= now);
    if !earlier {
        set_meta(object, "deletionTimestamp", time::seconds(now));
    }
    set_meta(object, "deletionGracePeriodSeconds", 0);
}

/// A deletion counts as a change.
fn count(object: &mut Value) {
    let generation = object::at(object, &["metadata", "generation"]).and_then(Value::as_i64);
    if let Some(generation) = generation.filter(|generation| *generation > 0) {
        set_meta(object, "generation", generation.saturating_add(1));
    }
}

/// Adds or removes the finalizers that stand for a way of propagation.
fn set_finalizers(object: &mut Value, resource: &Resource, options: &DeleteOptions) {
    let first = object::finalizers(object).find(|finalizer| [ORPHAN, FOREGROUND].contains(finalizer));
    let (orphan, foreground) = match options.propagation {
        // Nothing depends on events.
        _ if resource.plural == "events" => (false, false),
        Some(Propagation::Orphan) => (true, false),
        Some(Propagation::Foreground) => (false, true),
        Some(Propagation::Background) => (false, false),
        None => match first {
            Some(finalizer) => (finalizer == ORPHAN, finalizer == FOREGROUND),
            None => (orphans_by_default(resource), false),
        },
    };
    replace_finalizers(object, orphan, foreground);
}

fn replace_finalizers(object: &mut Value, orphan: bool, foreground: bool) {
    let has = |name: &str| object::finalizers(object).any(|finalizer| finalizer == name);
    if (has(ORPHAN), has(FOREGROUND)) == (orphan, foreground) {
        return;
    }
    let others = object::finalizers(object).filter(|finalizer| ![ORPHAN, FOREGROUND].contains(finalizer));
    let mut finalizers: Vec<Value> = others.map(Value::from).collect();
    finalizers.extend(orphan.then(|| json!(ORPHAN)));
    finalizers.extend(foreground.then(|| json!(FOREGROUND)));
    if finalizers.is_empty() {
        object::meta_mut(object).remove("finalizers");
    } else {
        set_meta(object, "finalizers", finalizers);
    }
}

/// Kinds whose dependents were kept before there was a collector, and are so still.
pub(super) fn orphans_by_default(resource: &Resource) -> bool {
    matches!(
        (resource.group.as_ref(), resource.plural.as_ref()),
        ("batch", "jobs") | ("", "replicationcontrollers")
    )
}
