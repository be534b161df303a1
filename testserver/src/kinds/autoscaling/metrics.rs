//! What an autoscaler scales by.

use super::{check_reference, check_version};
use crate::kinds::access::Look;
use crate::kinds::path::Path;
use crate::kinds::quantity::Quantity;
use crate::kinds::report::Report;
use crate::names;
use serde_json::Value;
use std::cmp::Ordering;

/// Types of metrics with their fields, in the order in which servers look at them.
const TYPES: [(&str, &str); 5] = [
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];
const KNOWN: [&str; 5] = ["ContainerResource", "External", "Object", "Pods", "Resource"];

/// Whether a quantity is more than, less than or equal to nothing.
pub(super) fn sign(value: &Value) -> Option<Ordering> {
    value.as_str().and_then(|text| Quantity::parse(text).ok()).map(|quantity| quantity.sign())
}

pub(super) fn check(spec: &Value, list: Path<'_>, report: &mut Report) {
    for (index, metric) in spec.list("metrics").iter().enumerate() {
        check_metric(metric, list.index(index), report);
    }
    let wakes = |metric: &Value| matches!(metric.text("type"), "Object" | "External");
    if spec.number("minReplicas") == Some(0) && !spec.list("metrics").iter().any(wakes) {
        let detail =
            "must specify at least one Object or External metric to support scaling to zero replicas";
        report.forbidden(list, detail);
    }
}

fn check_metric(metric: &Value, path: Path<'_>, report: &mut Report) {
    let kind = metric.text("type");
    if kind.is_empty() {
        report.required(path.child("type"), "must specify a metric source type");
    }
    let field = TYPES.iter().find(|(known, _)| *known == kind).map(|(_, field)| *field);
    if field.is_none() {
        report.not_supported(path.child("type"), kind, &KNOWN);
    }
    let present: Vec<&str> =
        TYPES.iter().map(|(_, field)| *field).filter(|field| metric.has(field)).collect();
    if let Some(first) = present.first() {
        check_source(&metric[*first], first, path.child(first), report);
    }
    if let Some(field) = field.filter(|field| !metric.has(field)) {
        report.required(path.child(field), "must populate information for the given metric source");
    }
    if present.len() != 1 {
        for other in present.into_iter().filter(|other| Some(*other) != field) {
            report.forbidden(path.child(other), "must populate the given metric source only");
        }
    }
}

fn check_source(source: &Value, field: &str, path: Path<'_>, report: &mut Report) {
    let target = path.child("target");
    let has = |field: &str| source["target"].has(field);
    match field {
        "object" => {
            let described = path.child("describedObject");
            check_reference(&source["describedObject"], described, report);
            check_version(&source["describedObject"], true, described, report);
            check_identifier(&source["metric"], path.child("metric"), report);
            check_target(&source["target"], target, report);
            if !has("value") && !has("averageValue") {
                report
                    .required(target.child("averageValue"), "must set either a target value or averageValue");
            }
        }
        "external" => {
            check_identifier(&source["metric"], path.child("metric"), report);
            check_target(&source["target"], target, report);
            if !has("value") && !has("averageValue") {
                let detail = "must set either a target value for metric or a per-pod target";
                report.required(target.child("averageValue"), detail);
            }
            if has("value") && has("averageValue") {
                let detail = "may not set both a target value for metric and a per-pod target";
                report.forbidden(target.child("value"), detail);
            }
        }
        "pods" => {
            check_identifier(&source["metric"], path.child("metric"), report);
            check_target(&source["target"], target, report);
            if !has("averageValue") {
                report.required(target.child("averageValue"), "must specify a positive target averageValue");
            }
        }
        _ => check_resource(source, field == "containerResource", path, report),
    }
}

fn check_resource(source: &Value, of_container: bool, path: Path<'_>, report: &mut Report) {
    let target = path.child("target");
    if source.text("name").is_empty() {
        report.required(path.child("name"), "must specify a resource name");
    }
    if of_container {
        let container = source.text("container");
        if container.is_empty() {
            report.required(path.child("container"), "must specify a container");
        } else {
            report.broken(path.child("container"), container, names::label(container));
        }
    }
    check_target(&source["target"], target, report);
    match (source["target"].has("averageUtilization"), source["target"].has("averageValue")) {
        (false, false) => {
            let detail = "must set either a target raw value or a target utilization";
            report.required(target.child("averageUtilization"), detail);
        }
        (true, true) => {
            let detail = "may not set both a target raw value and a target utilization";
            report.forbidden(target.child("averageValue"), detail);
        }
        _ => {}
    }
}

fn check_target(target: &Value, path: Path<'_>, report: &mut Report) {
    let kind = target.text("type");
    if kind.is_empty() {
        report.required(path.child("type"), "must specify a metric target type");
    }
    if !["Utilization", "Value", "AverageValue"].contains(&kind) {
        report.invalid(path.child("type"), kind, "must be either Utilization, Value, or AverageValue");
    }
    for field in ["value", "averageValue"] {
        if sign(&target[field]).is_some_and(|sign| sign != Ordering::Greater) {
            report.invalid(path.child(field), target[field].clone(), "must be positive");
        }
    }
    if let Some(percent) = target.number("averageUtilization").filter(|percent| *percent < 1) {
        report.invalid(path.child("averageUtilization"), percent, "must be greater than 0");
    }
}

fn check_identifier(metric: &Value, path: Path<'_>, report: &mut Report) {
    let name = metric.text("name");
    if name.is_empty() {
        report.required(path.child("name"), "must specify a metric name");
    } else {
        report.broken(path.child("name"), name, names::path_segment(name, false));
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::kinds::path::Path;
    use crate::kinds::report::Report;
    use serde_json::json;

    #[test]
    fn a_metric_has_the_source_of_its_type() {
        let spec = json!({"minReplicas": 0, "metrics": [
            {"type": "Pods", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 0}}},
        ]});
        let mut report = Report::default();
        check(&spec, Path::root("metrics"), &mut report);
        let told: Vec<String> = report.into_causes().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
                "metrics[0].pods: Required value: must populate information for the given metric source",
                "metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas",
            ]
        );
    }
}
