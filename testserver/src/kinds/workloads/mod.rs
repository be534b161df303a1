//! Kinds that make pods from a template and keep them running.

mod controller_revision;
mod daemon_set;
mod deployment;
mod replica_set;
mod replication_controller;
mod stateful_set;

use super::access::{Change, Look};
use super::label_selector;
use super::path::Path;
use super::pod_spec;
use super::report::Report;
use super::strategy::Strategy;
use crate::names;
use serde_json::Value;

/// The strategy of a resource in `apps`.
pub(super) fn strategy(plural: &str) -> Option<&'static Strategy> {
    Some(match plural {
        "controllerrevisions" => &controller_revision::STRATEGY,
        "daemonsets" => &daemon_set::STRATEGY,
        "deployments" => &deployment::STRATEGY,
        "replicasets" => &replica_set::STRATEGY,
        "statefulsets" => &stateful_set::STRATEGY,
        _ => return None,
    })
}

pub(super) use replication_controller::STRATEGY as REPLICATION_CONTROLLER;

/// Fills in the template of a workload.
pub(super) fn default_template(spec: &mut Value) {
    if let Some(template) = spec.inside("template") {
        pod_spec::default_spec(template.inner("spec"));
    }
}

/// A selector that must select something, and the template that it must select; whether both can be used.
fn selected_template(spec: &Value, what: &str, path: Path<'_>, report: &mut Report) -> bool {
    let selector = &spec["selector"];
    let at = path.child("selector");
    if selector.is_null() {
        report.required(at, "");
    } else {
        label_selector::check(selector, at, report);
        if label_selector::is_empty(selector) {
            let detail = format!("empty selector is invalid for {what}");
            report.invalid(at, selector.clone(), &detail);
        }
    }
    if label_selector::problem(selector) {
        report.invalid(
            at,
            selector.clone(),
            if what == "statefulset" { "" } else { "invalid label selector" },
        );
        return false;
    }
    true
}

/// Labels of a template that its selector does not select.
fn unselected(spec: &Value, path: Path<'_>, report: &mut Report) {
    let labels = &spec["template"]["metadata"]["labels"];
    let selector = &spec["selector"];
    let selects = !selector.is_null() && label_selector::matches(selector, labels);
    let selects_all = !selector.is_null() && label_selector::is_empty(selector);
    if !selects && !selects_all {
        let detail = "`selector` does not match template `labels`";
        report.invalid(path.child("metadata.labels"), labels.clone(), detail);
    }
}

/// A template whose pods run until they are deleted. `owner` is told in messages.
fn endless_template(template: &Value, owner: &str, path: Path<'_>, report: &mut Report) {
    pod_spec::check_template(template, path, report);
    always_restarts(template, owner, path, report);
}

fn always_restarts(template: &Value, owner: &str, path: Path<'_>, report: &mut Report) {
    let spec = &template["spec"];
    let restart = spec.text("restartPolicy");
    if restart != "Always" {
        report.not_supported(path.child("spec.restartPolicy"), restart, &["Always"]);
    }
    if spec.has("activeDeadlineSeconds") {
        let detail = format!("activeDeadlineSeconds in {owner} is not Supported");
        report.forbidden(path.child("spec.activeDeadlineSeconds"), &detail);
    }
}

/// Counts that must not be negative.
fn counts(value: &Value, fields: &[&str], path: Path<'_>, report: &mut Report) {
    for field in fields {
        report.not_negative(path.child(field), value.number(field));
    }
}

/// Counts in a status that cannot be more than another one. `ready` is how messages call the ready replicas.
fn replica_counts(status: &Value, fields: &[&str], ready: &str, report: &mut Report) {
    let path = Path::root("status");
    let count = |field: &str| status.number(field).unwrap_or_default();
    for field in fields {
        if count(field) > count("replicas") {
            report.invalid(path.child(field), count(field), "cannot be greater than status.replicas");
        }
    }
    if count("availableReplicas") > count("readyReplicas") {
        let detail = format!("cannot be greater than {ready}");
        report.invalid(path.child("availableReplicas"), count("availableReplicas"), &detail);
    }
}

/// How often names collided never becomes less.
fn collisions(new: &Value, old: &Value, report: &mut Report) {
    let count = |object: &Value| object["status"].number("collisionCount");
    let new = count(new).unwrap_or_default();
    if count(old).is_some_and(|old| new < old) {
        report.invalid(Path::root("status.collisionCount"), new, "cannot be decremented");
    }
}

/// A number that is not negative, or a percentage.
fn number_or_percent(value: &Value, path: Path<'_>, report: &mut Report) {
    match value.as_str() {
        Some(text) => report.broken(path, text, names::percent(text)),
        None => report.not_negative(path, value.as_i64()),
    }
}

/// The number, or that of the percentage.
fn amount(value: &Value) -> i64 {
    match value.as_str() {
        Some(text) => {
            let number = text.strip_suffix('%').unwrap_or(text);
            number.parse().unwrap_or_default()
        }
        None => value.as_i64().unwrap_or_default(),
    }
}

fn at_most_all(value: &Value, path: Path<'_>, report: &mut Report) {
    let is_percent = value.as_str().is_some_and(|text| names::percent(text).is_empty());
    if is_percent && amount(value) > 100 {
        report.invalid(path, value.clone(), "must not be greater than 100%");
    }
}

/// What users should know of a template, when it is new or has changed.
fn warn_of_template(new: &Value, old: Option<&Value>) -> Vec<String> {
    if old.is_some_and(|old| old["metadata"]["generation"] == new["metadata"]["generation"]) {
        return Vec::new();
    }
    super::pod::warn_of_spec(&new["spec"]["template"]["spec"], "spec.template.spec")
}

/// The same, and whether the name is one that pods can have.
fn warn_of_name_and_template(new: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    let broken = names::label(new["metadata"].text("name"));
    if old.is_none() && !broken.is_empty() {
        warnings.push(format!(
            "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label \
             is recommended: [{}]",
            broken.join(" ")
        ));
    }
    warnings.extend(warn_of_template(new, old));
    warnings
}

#[cfg(test)]
pub(super) mod tests {
    use crate::kinds::strategy::Strategy;
    use serde_json::{Value, json};

    /// A new object after all steps, and what is wrong with it.
    pub(in crate::kinds) fn create(strategy: &Strategy, spec: Value) -> (Value, Vec<String>) {
        let metadata = json!({"name": "a", "namespace": "b", "resourceVersion": "1"});
        let mut object = json!({"metadata": metadata, "spec": spec});
        strategy.default(&mut object);
        strategy.prepare_create(&mut object);
        let told = strategy.validate(&object, true).iter().map(ToString::to_string).collect();
        (object, told)
    }

    pub(in crate::kinds) fn update(strategy: &Strategy, new: &Value, old: &Value) -> Vec<String> {
        let mut new = new.clone();
        strategy.default(&mut new);
        strategy.prepare_update(&mut new, old);
        strategy.validate_update(&new, old).iter().map(ToString::to_string).collect()
    }

    /// A specification with a template whose labels are selected.
    pub(in crate::kinds) fn spec() -> Value {
        json!({
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "c", "image": "i"}]},
            },
        })
    }
}
