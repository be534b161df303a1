//! The status of pods.

use super::update;
use crate::kinds::access::{Change, Look};
use crate::kinds::ip;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::names;
use serde_json::{Value, json};

const STATUS: Path<'static> = Path::root("status");

/// One address is told in two places.
pub(super) fn default(status: &mut Value) {
    let single = status.text("podIP").to_owned();
    let first = status.list("podIPs").first().map(|address| address.text("ip").to_owned());
    match first {
        None if !single.is_empty() => status.set("podIPs", json!([{"ip": single}])),
        Some(first) if single.is_empty() => status.set("podIP", first),
        Some(first) if first != single => status.set("podIPs", json!([{"ip": single}])),
        _ => {}
    }
}

/// What writers of the status need not repeat.
pub(super) fn keep(new: &mut Value, old: &Value) {
    new.inner("metadata").copy_field("deletionTimestamp", &old["metadata"]);
    let (status, old) = (new.inner("status"), &old["status"]);
    status.or_text("qosClass", old.text("qosClass"));
    for field in
        ["resourceClaimStatuses", "extendedResourceClaimStatus", "nodeAllocatableResourceClaimStatuses"]
    {
        if old.has(field) {
            status.or_set(field, old[field].clone());
        }
    }
    if let Some(generation) = old.number("observedGeneration") {
        status.or_set("observedGeneration", generation);
    }
    for condition in status.list_mut("conditions") {
        let same = old.list("conditions").iter().find(|old| old.text("type") == condition.text("type"));
        if let Some(generation) = same.and_then(|same| same.number("observedGeneration")) {
            condition.or_set("observedGeneration", generation);
        }
    }
}

pub(super) fn check(new: &Value, old: &Value, report: &mut Report) {
    update::annotations(new, old, report);
    let (spec, old_status) = (&old["spec"], &old["status"]);
    let status = &new["status"];
    conditions(status, report);
    let nominated = status.text("nominatedNodeName");
    if nominated != old_status.text("nominatedNodeName") && !nominated.is_empty() {
        let path = STATUS.child("nominatedNodeName");
        report.broken(path, nominated, names::subdomain(nominated));
        if !spec.text("nodeName").is_empty() {
            report.forbidden(path, "may not be set on pods that are already bound to a node");
        }
    }
    if let Some(generation) = status.number("observedGeneration").filter(|generation| *generation < 0) {
        report.invalid(STATUS.child("observedGeneration"), generation, "must be a non-negative integer");
    }
    report.immutable(STATUS.child("qosClass"), &status["qosClass"], &old_status["qosClass"]);
    for field in ["containerStatuses", "initContainerStatuses"] {
        transitions(status, old_status, spec, field, report);
    }
    addresses(status, report);
}

fn conditions(status: &Value, report: &mut Report) {
    let path = STATUS.child("conditions");
    for (index, condition) in status.list("conditions").iter().enumerate() {
        let path = path.index(index);
        if let Some(generation) = condition.number("observedGeneration").filter(|generation| *generation < 0)
        {
            report.invalid(path.child("observedGeneration"), generation, "must be a non-negative integer");
        }
        let kind = condition.text("type");
        if !["PodScheduled", "Ready", "Initialized"].contains(&kind) {
            report.broken(path.child("Type"), kind, names::label_key(kind));
        }
    }
}

/// A container that has ended does not run again, unless the pod or the container says so.
fn transitions(status: &Value, old: &Value, spec: &Value, field: &str, report: &mut Report) {
    let path = STATUS.child(field);
    let containers = spec.list(field.trim_end_matches("Statuses")).iter();
    let containers: Vec<&Value> = containers
        .chain(spec.list(if field.starts_with("init") { "initContainers" } else { "containers" }))
        .collect();
    for (index, old) in old.list(field).iter().enumerate() {
        let ended = &old["state"]["terminated"];
        let name = old.text("name");
        let new = status.list(field).iter().find(|new| new.text("name") == name);
        if ended.is_null() || new.is_none_or(|new| new["state"].has("terminated")) {
            continue;
        }
        let container = containers.iter().find(|container| container.text("name") == name);
        let own = container.map_or("", |container| container.text("restartPolicy"));
        let policy = match (own, spec.text("restartPolicy")) {
            ("", "Always") if field.starts_with("init") => "OnFailure",
            ("", policy) => policy,
            (own, _) => own,
        };
        let failed = ended.number("exitCode").unwrap_or_default() != 0;
        if !(policy == "Always" || policy == "OnFailure" && failed) {
            let detail = "may not be transitioned to non-terminated state";
            report.forbidden(path.index(index).child("state"), detail);
        }
    }
}

fn addresses(status: &Value, report: &mut Report) {
    for (field, single) in [("podIPs", "podIP"), ("hostIPs", "hostIP")] {
        let path = STATUS.child(field);
        let list = status.list(field);
        for (index, address) in list.iter().enumerate() {
            ip::check(address.text("ip"), path.index(index), report);
        }
        let is_v4 = |address: &Value| address.text("ip").contains('.');
        let dual = list.len() == 2 && is_v4(&list[0]) != is_v4(&list[1]);
        if list.len() > 1 && !dual {
            let detail = "may specify no more than one IP for each IP family";
            let shown: Vec<String> =
                list.iter().map(|address| format!("{{\"IP\":{}}}", address["ip"])).collect();
            report.invalid_as(path, &format!("[{}]", shown.join(",")), detail);
        }
        let single_told = status.text(single);
        match list.first() {
            Some(first) if first.text("ip") != single_told => {
                let detail = format!("must be equal to `{single}`");
                report.invalid(path.index(0).child("ip"), first.text("ip"), &detail);
            }
            _ => {}
        }
    }
}
