//! What may change of a pod.

use crate::kinds::access::{Change, Look};
use crate::kinds::difference;
use crate::kinds::path::Path;
use crate::kinds::pod_spec;
use crate::kinds::report::Report;
use crate::names;
use serde_json::Value;

const SPEC: Path<'static> = Path::root("spec");
const MUTABLE: &str = "pod updates may not change fields other than \
                       `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,\
                       `spec.tolerations` (only additions to existing tolerations),\
                       `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

pub(super) fn check(new: &Value, old: &Value, report: &mut Report) {
    pod_spec::check_pod(new, report);
    annotations(new, old, report);
    let (new, old) = (&new["spec"], &old["spec"]);
    for field in ["containers", "initContainers"] {
        if new.count(field) != old.count(field) {
            let detail = "pod updates may not add or remove containers";
            return report.forbidden(SPEC.child(field), detail);
        }
    }
    if !deadline(new, old, report) {
        return;
    }
    tolerations(new, old, report);
    gates(new, old, report);
    if new != old {
        rest(new, old, report);
    }
}

/// Annotations that mark a pod as the image of one that a node runs by itself.
pub(in crate::kinds) fn annotations(new: &Value, old: &Value, report: &mut Report) {
    const MIRROR: &str = "kubernetes.io/config.mirror";
    let path = Path::root("metadata.annotations");
    let (new, old) = (&new["metadata"]["annotations"], &old["metadata"]["annotations"]);
    match (old.has(MIRROR), new[MIRROR] == old[MIRROR]) {
        (_, true) => {}
        (true, false) => report.forbidden(path.key(MIRROR), "may not remove or update mirror pod annotation"),
        (false, false) => report.forbidden(path.key(MIRROR), "may not add mirror pod annotation"),
    }
}

/// Whether the rest should be looked at.
fn deadline(new: &Value, old: &Value, report: &mut Report) -> bool {
    let path = SPEC.child("activeDeadlineSeconds");
    let most = i64::from(i32::MAX);
    match (new.number("activeDeadlineSeconds"), old.number("activeDeadlineSeconds")) {
        (Some(new), _) if !(0..=most).contains(&new) => {
            report.invalid(path, new, &names::between(0, most));
            false
        }
        (Some(new), Some(old)) if old < new => {
            report.invalid(path, new, "must be less than or equal to previous value");
            false
        }
        (None, Some(_)) => {
            report.invalid(path, Value::Null, "must not update from a positive integer to nil value");
            true
        }
        _ => true,
    }
}

fn tolerations(new: &Value, old: &Value, report: &mut Report) {
    for old in old.list("tolerations") {
        let same = |new: &&Value| {
            let mut old = old.clone();
            old.copy_field("tolerationSeconds", new);
            old == **new
        };
        if !new.list("tolerations").iter().any(|toleration| same(&toleration)) {
            let detail = "existing toleration can not be modified except its tolerationSeconds";
            return report.forbidden(SPEC.child("tolerations"), detail);
        }
    }
}

fn gates(new: &Value, old: &Value, report: &mut Report) {
    let path = SPEC.child("schedulingGates");
    for (index, gate) in new.list("schedulingGates").iter().enumerate() {
        let name = gate.text("name");
        if !old.list("schedulingGates").iter().any(|old| old.text("name") == name) {
            let detail = format!("only deletion is allowed, but found new scheduling gate '{name}'");
            report.forbidden(path.index(index).child("name"), &detail);
        }
    }
}

/// What is not told apart above must not change; while a pod is gated, it may be confined further.
fn rest(new: &Value, old: &Value, report: &mut Report) {
    let mut munged = new.clone();
    for field in ["containers", "initContainers"] {
        for (container, old) in munged.list_mut(field).zip(old.list(field)) {
            container.copy_field("image", old);
        }
    }
    for field in ["activeDeadlineSeconds", "schedulingGates", "tolerations"] {
        munged.copy_field(field, old);
    }
    let grace = "terminationGracePeriodSeconds";
    if old.number(grace).is_some_and(|seconds| seconds < 0) && munged.number(grace) == Some(1) {
        munged.copy_field(grace, old);
    }
    if old.count("schedulingGates") > 0 {
        confined(&mut munged, old, report);
    }
    if munged != *old {
        let detail = format!("{MUTABLE}\n{}", difference::unified(old, &munged));
        report.forbidden(SPEC, &detail);
    }
}

fn confined(munged: &mut Value, old: &Value, report: &mut Report) {
    if munged["nodeSelector"] != old["nodeSelector"] {
        let kept = old.entries("nodeSelector").all(|(key, value)| munged["nodeSelector"][key] == *value);
        if !kept {
            let path = SPEC.child("nodeSelector");
            let detail = "only additions are allowed (no mutations or deletions)";
            report.invalid(path, munged["nodeSelector"].clone(), detail);
        }
        munged.copy_field("nodeSelector", old);
    }
    if munged["affinity"]["nodeAffinity"] != old["affinity"]["nodeAffinity"] {
        if old["affinity"].has("nodeAffinity") {
            munged.inner("affinity").copy_field("nodeAffinity", &old["affinity"]);
        } else if let Some(affinity) = munged.inside("affinity") {
            affinity.remove_field("nodeAffinity");
            if affinity.as_object().is_some_and(serde_json::Map::is_empty) && !old.has("affinity") {
                munged.remove_field("affinity");
            }
        }
    }
}
