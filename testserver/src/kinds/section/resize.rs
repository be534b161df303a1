//! `resize` of Pods: what containers request and are limited to while they run.

use super::{Section, keep_pod};
use crate::kinds::access::{Change, Look};
use crate::kinds::metadata::{self, Origin};
use crate::kinds::path::Path;
use crate::kinds::pod_spec;
use crate::kinds::report::Report;
use serde_json::Value;

pub(super) static SECTION: Section = Section { prepare, check, admit: super::node::admit };

const SPEC: Path<'static> = Path::root("spec");
const LISTS: [&str; 2] = ["containers", "initContainers"];
const PARTS: [&str; 2] = ["requests", "limits"];

fn prepare(new: &mut Value, old: &Value) {
    let old_spec = &old["spec"];
    if LISTS.iter().any(|list| new["spec"].count(list) != old_spec.count(list)) {
        // Validation tells what is wrong with this.
        return;
    }
    let mut spec = old_spec.clone();
    for list in LISTS {
        let given = new["spec"].list(list);
        if given.iter().zip(old_spec.list(list)).any(|(new, old)| new.text("name") != old.text("name")) {
            spec.copy_field(list, &new["spec"]);
            continue;
        }
        for (container, new) in spec.list_mut(list).zip(given) {
            for field in ["resources", "resizePolicy"] {
                container.copy_field(field, new);
            }
        }
    }
    if new["spec"].has("resources") {
        spec.copy_field("resources", &new["spec"]);
    }
    keep_pod(new, old, spec);
}

fn check(new: &Value, old: &Value, report: &mut Report) {
    metadata::validate_update(new, old, Origin::Core, report);
    pod_spec::check_pod(new, report);
    if old["metadata"]["annotations"].has("kubernetes.io/config.mirror") {
        return report.forbidden(Path::root(""), "static pods cannot be resized");
    }
    let quality = old["status"].text("qosClass");
    if quality != pod_spec::quality(&new["spec"]) {
        let detail = "Pod QOS Class may not change as a result of resizing";
        report.invalid(SPEC, new["status"].text("qosClass"), detail);
    }
    let mut statuses = old["status"].list("containerStatuses").iter();
    let running = statuses.find(|status| status["state"].has("running"));
    if running.is_some_and(|status| !status.has("resources")) {
        report.forbidden(SPEC, "Pod running on node without support for resize");
    }
    let (new, old) = (&new["spec"], &old["spec"]);
    if !in_order(new, old, report) {
        return;
    }
    removed(new, old, report);
    let before = report.len();
    others(new, old, report);
    if report.len() == before && without_sizes(new, old) != *old && report.is_empty() {
        report.forbidden(SPEC, "only cpu and memory resources are mutable");
    }
}

/// Whether the containers are the same, in the same order.
fn in_order(new: &Value, old: &Value, report: &mut Report) -> bool {
    let before = report.len();
    for list in LISTS {
        let path = SPEC.child(list);
        if new.count(list) != old.count(list) {
            report.forbidden(path, &format!("{list} may not be added or removed on resize"));
            continue;
        }
        for (index, (new, old)) in new.list(list).iter().zip(old.list(list)).enumerate() {
            if new.text("name") != old.text("name") {
                let path = path.index(index);
                report.forbidden(
                    path.child("name"),
                    &format!("{list} may not be renamed or reordered on resize"),
                );
            }
        }
    }
    report.len() == before
}

/// What was requested or limited stays so, to another extent.
fn removed(new: &Value, old: &Value, report: &mut Report) {
    for list in ["initContainers", "containers"] {
        let path = SPEC.child(list);
        for (index, (new, old)) in new.list(list).iter().zip(old.list(list)).enumerate() {
            let path = path.index(index);
            let path = path.child("resources");
            for (part, one) in PARTS.into_iter().zip(["request", "limit"]) {
                let mut names = old["resources"].entries(part).map(|(name, _)| name);
                if names.any(|name| !new["resources"][part].has(name)) {
                    report.forbidden(path.child(part), &format!("resource {one}s cannot be removed"));
                }
            }
        }
    }
}

/// Nothing but CPU and memory has another extent.
fn others(new: &Value, old: &Value, report: &mut Report) {
    for (new, old) in new.list("containers").iter().zip(old.list("containers")) {
        if with_sizes_of(new, old) != *old {
            report.forbidden(SPEC, "only cpu and memory resources are mutable");
        }
    }
    let path = SPEC.child("initContainers");
    for (index, (new, old)) in new.list("initContainers").iter().zip(old.list("initContainers")).enumerate() {
        if with_sizes_of(new, old) != *old {
            let detail = "only cpu and memory resources for init or sidecar containers are mutable";
            report.forbidden(path.index(index), detail);
        }
    }
}

/// A specification with the CPU and memory of another one.
fn without_sizes(new: &Value, old: &Value) -> Value {
    let mut same = new.clone();
    for list in LISTS {
        for (container, old) in same.list_mut(list).zip(old.list(list)) {
            *container = with_sizes_of(container, old);
        }
    }
    let pod = with_sizes_of(new, old);
    same.copy_field("resources", &pod);
    same
}

/// A container with the CPU and memory of another one.
fn with_sizes_of(new: &Value, old: &Value) -> Value {
    let mut same = new.clone();
    if !same.has("resources") {
        same.copy_field("resources", old);
        return same;
    }
    let resources = same.inner("resources");
    for part in PARTS {
        let list = resources.inner(part);
        for name in ["cpu", "memory"] {
            list.copy_field(name, &old["resources"][part]);
        }
        if resources.count(part) == 0 {
            resources.copy_field(part, &old["resources"]);
        }
    }
    if !old.has("resources") && same.count("resources") == 0 {
        same.remove_field("resources");
    }
    same
}
