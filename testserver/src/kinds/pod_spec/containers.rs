//! The lists of a pod's containers.

use super::container::{self, Surroundings};
use super::volumes::Volumes;
use super::{Owner, probes};
use crate::kinds::access::Look;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use serde_json::Value;

/// Fields that ephemeral containers may not have.
const NOT_EPHEMERAL: [&str; 6] =
    ["ports", "resources", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];
const RESTART_RULES_MAX: usize = 20;

pub(super) fn check(spec: &Value, volumes: &Volumes<'_>, _: Owner<'_>, path: Path<'_>, report: &mut Report) {
    let path = path.child("containers");
    let containers = spec.list("containers");
    if containers.is_empty() {
        return report.required(path, "");
    }
    let mut known: Vec<&str> = Vec::new();
    for (index, container) in containers.iter().enumerate() {
        let path = path.index(index);
        container::check(container, Surroundings { spec, volumes }, path, report);
        let name = container.text("name");
        if known.contains(&name) {
            report.duplicate(path.child("name"), name);
        }
        known.push(name);
        probes::check(container, spec, path, report);
        restart_policy(container, path, report);
    }
    host_ports(containers, path, report);
}

pub(super) fn check_init(spec: &Value, volumes: &Volumes<'_>, path: Path<'_>, report: &mut Report) {
    let path = path.child("initContainers");
    let mut known: Vec<&str> =
        spec.list("containers").iter().map(|container| container.text("name")).collect();
    for (index, container) in spec.list("initContainers").iter().enumerate() {
        let path = path.index(index);
        container::check(container, Surroundings { spec, volumes }, path, report);
        restart_policy(container, path, report);
        let name = container.text("name");
        if known.contains(&name) {
            report.duplicate(path.child("name"), name);
        } else if !name.is_empty() {
            known.push(name);
        }
        host_ports(std::slice::from_ref(container), path, report);
        if container.text("restartPolicy") == "Always" {
            probes::check(container, spec, path, report);
            continue;
        }
        for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            if container.has(field) {
                let detail = "may not be set for init containers without restartPolicy=Always";
                report.forbidden(path.child(field), detail);
            }
        }
        for (index, policy) in container.list("resizePolicy").iter().enumerate() {
            if policy.text("restartPolicy") == "RestartContainer" {
                let detail = "must not be set to 'RestartContainer' for non-sidecar initContainers";
                let path = path.child("resizePolicy");
                report.invalid(path.index(index).child("restartPolicy"), "RestartContainer", detail);
            }
        }
    }
}

pub(super) fn check_ephemeral(spec: &Value, volumes: &Volumes<'_>, path: Path<'_>, report: &mut Report) {
    let path = path.child("ephemeralContainers");
    let others = spec.list("containers").iter().chain(spec.list("initContainers"));
    let others: Vec<&str> = others.map(|container| container.text("name")).collect();
    let mut known = others.clone();
    for (index, container) in spec.list("ephemeralContainers").iter().enumerate() {
        let path = path.index(index);
        container::check(container, Surroundings { spec, volumes }, path, report);
        padding(container, path, report);
        let name = container.text("name");
        if known.contains(&name) {
            report.duplicate(path.child("name"), name);
        }
        known.push(name);
        let target = container.text("targetContainerName");
        if !target.is_empty() && !others.contains(&target) {
            report.not_found(path.child("targetContainerName"), target);
        }
        for field in NOT_EPHEMERAL {
            if container.count(field) > 0 {
                report.forbidden(path.child(field), "cannot be set for an Ephemeral Container");
            }
        }
        for (index, mount) in container.list("volumeMounts").iter().enumerate() {
            for field in ["subPath", "subPathExpr"] {
                if !mount.text(field).is_empty() {
                    let path = path.child("volumeMounts");
                    report.forbidden(
                        path.index(index).child(field),
                        "cannot be set for an Ephemeral Container",
                    );
                }
            }
        }
    }
}

/// Images of pods have no spaces around them; those of templates may.
pub(super) fn check_padding(spec: &Value, path: Path<'_>, report: &mut Report) {
    for field in ["containers", "initContainers"] {
        for (index, container) in spec.list(field).iter().enumerate() {
            padding(container, path.child(field).index(index), report);
        }
    }
}

fn padding(container: &Value, path: Path<'_>, report: &mut Report) {
    let image = container.text("image");
    if image.trim() != image {
        report.invalid(path.child("image"), image, "must not have leading or trailing whitespace");
    }
}

fn restart_policy(container: &Value, path: Path<'_>, report: &mut Report) {
    let rules = container.list("restartPolicyRules");
    let policy_path = path.child("restartPolicy");
    if container.has("restartPolicy") {
        let policy = container.text("restartPolicy");
        let supported = ["Always", "Never", "OnFailure"];
        if !supported.contains(&policy) {
            report.not_supported(policy_path, policy, &supported);
        }
    } else if !rules.is_empty() {
        report.required(policy_path, "must specify restartPolicy when restart rules are used");
    }
    let path = path.child("restartPolicyRules");
    if rules.len() > RESTART_RULES_MAX {
        report.too_many(path, rules.len(), RESTART_RULES_MAX);
    }
    for (index, rule) in rules.iter().enumerate() {
        let path = path.index(index);
        let (action, actions) = (rule.text("action"), ["Restart", "RestartAllContainers"]);
        if !actions.contains(&action) {
            report.not_supported(path.child("action"), action, &actions);
        }
        let codes = path.child("exitCodes");
        if !rule.has("exitCodes") {
            report.required(codes, "must be specified");
            continue;
        }
        let (operator, operators) = (rule["exitCodes"].text("operator"), ["In", "NotIn"]);
        if !operators.contains(&operator) {
            report.not_supported(codes.child("operator"), operator, &operators);
        }
    }
}

fn host_ports(containers: &[Value], path: Path<'_>, report: &mut Report) {
    let mut known: Vec<String> = Vec::new();
    for (index, container) in containers.iter().enumerate() {
        let path = path.index(index);
        let path = path.child("ports");
        for (index, port) in container.list("ports").iter().enumerate() {
            let number = port.number("hostPort").unwrap_or_default();
            if number == 0 {
                continue;
            }
            let told = format!("{}/{}/{number}", port.text("protocol"), port.text("hostIP"));
            if known.contains(&told) {
                report.duplicate(path.index(index).child("hostPort"), told.clone());
            }
            known.push(told);
        }
    }
}
