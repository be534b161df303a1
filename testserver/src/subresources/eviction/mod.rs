//! Pods that are asked to go, as far as the budgets of their applications allow.

mod budget;

use super::{Sent, as_own_kind, conditions};
use crate::answer::{Answer, stored_object};
use crate::call::Call;
use crate::catalog::Resource;
use crate::deletion::{self, DeleteOptions};
use crate::failure::Failure;
use crate::object::{self, is_terminating};
use crate::store::Entry;
use crate::verbs;
use budget::Budget;
use http::StatusCode;
use serde_json::Value;
use std::sync::Arc;

/// How often an eviction is begun again because the Pod has changed meanwhile.
const ATTEMPTS: usize = 20;

pub(super) fn create(call: &Call) -> Result<Answer, Failure> {
    let sent = Sent::read(&in_its_version(call))?;
    let eviction = &sent.object;
    verbs::check_namespace(call, &call.route.name)?;
    if object::meta(eviction, "name") != call.route.name {
        return Err(Failure::bad_request("name in URL does not match name in Eviction object"));
    }
    let options = options(call, eviction)?;
    for _ in 0..ATTEMPTS {
        let pod = call.stored()?;
        match evict(call, &pod, &options) {
            // Whoever says in which version the Pod must be, wants to know.
            Err(failure) if failure.reason == "Conflict" && options.resource_version.is_none() => {
                let same = |uid: &String| *uid == pod.uid;
                if !options.uid.as_ref().is_none_or(same) {
                    return Err(failure);
                }
            }
            evicted => return evicted.map(|()| sent.success()),
        }
    }
    Err(Failure::conflict(call.resource.named(), &call.route.name, "the pod changes all the time"))
}

/// The request as one for evictions, in the version that it is sent in: there are two.
fn in_its_version(call: &Call) -> Call {
    let mut own = as_own_kind(call);
    let said: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    if said["apiVersion"] == "policy/v1beta1" {
        own.resource = Arc::new(Resource { version: "v1beta1".into(), ..(*own.resource).clone() });
    }
    own
}

/// How the Pod is to be deleted. The eviction and the request may both say that it is a dry run.
fn options(call: &Call, eviction: &Value) -> Result<DeleteOptions, Failure> {
    let given = &eviction["deleteOptions"];
    let asked: Vec<&str> = call.query.all("dryRun").collect();
    let told = given["dryRun"].as_array().into_iter().flatten();
    let told: Vec<&str> = told.filter_map(Value::as_str).collect();
    if !asked.is_empty() && !told.is_empty() && asked != told {
        let message = format!(
            "Non-matching dry-run options in request and content: [{}] and [{}]",
            asked.join(" "),
            told.join(" ")
        );
        return Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "", message));
    }
    let options = DeleteOptions::of(given)?;
    Ok(DeleteOptions { dry_run: options.dry_run || !asked.is_empty(), ..options })
}

fn evict(call: &Call, entry: &Arc<Entry>, options: &DeleteOptions) -> Result<(), Failure> {
    let pod = stored_object(entry, &call.resource);
    let phase = object::text(&pod, &["status", "phase"]).unwrap_or_default();
    let over = matches!(phase, "Succeeded" | "Failed") || is_terminating(&pod);
    let version = Some(object::meta(&pod, "resourceVersion").to_owned());
    let in_this_version =
        DeleteOptions { resource_version: options.resource_version.clone().or(version), ..options.clone() };
    if over {
        return delete(call, options);
    }
    if phase == "Pending" {
        // It must not have become one that counts meanwhile.
        return delete(call, &in_this_version);
    }
    let Some(budget) = Budget::of(call, &pod)? else { return delete(call, options) };
    if !conditions::is_ready(&pod) && budget.lets_unhealthy_go() {
        return delete(call, &in_this_version).map_err(|failure| {
            let unasked = options.resource_version.is_none() && options.uid.is_none();
            if failure.reason == "Conflict" && unasked { budget.busy() } else { failure }
        });
    }
    budget.take_one(call, options.dry_run)?;
    delete(call, options)
}

/// Deletes the Pod, which says why in its conditions.
fn delete(call: &Call, options: &DeleteOptions) -> Result<(), Failure> {
    let mut options = options.clone();
    if !options.dry_run {
        let marked = deletion::modify(&call.server, &call.resource, &call.object_key(), |pod| {
            deletion::check_preconditions(&call.resource, pod, &options)?;
            let before = pod.clone();
            let (reason, message) = ("EvictionByEvictionAPI", "Eviction API: evicting");
            conditions::set(pod, "DisruptionTarget", "True", reason, message);
            Ok(*pod != before)
        })?;
        options.resource_version = options.resource_version.map(|_| marked.revision.to_string());
    }
    deletion::end(&call.server, &call.resource, call.stored()?, &options).map(|_| ())
}
