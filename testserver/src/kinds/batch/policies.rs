//! When a job has failed, when it has succeeded, and when its pods are replaced.

use super::super::access::Look;
use super::super::path::Path;
use super::super::report::Report;
use super::indexes;
use crate::failure::Cause;
use crate::names;
use serde_json::Value;

const RULES_MAX: usize = 20;
const VALUES_MAX: usize = 255;
const ACTIONS: [&str; 4] = ["Count", "FailIndex", "FailJob", "Ignore"];

pub(super) fn check(spec: &Value, path: Path<'_>, report: &mut Report) {
    if spec.has("podFailurePolicy") {
        failure(spec, path.child("podFailurePolicy"), report);
    }
    if spec.has("successPolicy") {
        success(spec, path.child("successPolicy"), report);
    }
    let replacement = spec.text("podReplacementPolicy");
    let supported: &[&str] =
        if spec.has("podFailurePolicy") { &["Failed"] } else { &["Failed", "TerminatingOrFailed"] };
    if spec.has("podReplacementPolicy") && !supported.contains(&replacement) {
        report.not_supported(path.child("podReplacementPolicy"), replacement, supported);
    }
    let minimum = spec["scheduling"]["schedulingPolicy"]["gang"].number("minCount");
    let parallelism = spec.number("parallelism").unwrap_or(1);
    if let Some(minimum) = minimum.filter(|minimum| *minimum > parallelism) {
        let detail = format!("must not be greater than parallelism ({parallelism})");
        report.invalid(path.child("scheduling.schedulingPolicy.gang.minCount"), minimum, &detail);
    }
}

fn failure(spec: &Value, path: Path<'_>, report: &mut Report) {
    let rules = spec["podFailurePolicy"].list("rules");
    let list = path.child("rules");
    if rules.len() > RULES_MAX {
        report.too_many(list, rules.len(), RULES_MAX);
    }
    for (index, rule) in rules.iter().enumerate() {
        let path = list.index(index);
        match rule.text("action") {
            "" => {
                let detail = "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]";
                report.required(path.child("action"), detail);
            }
            "FailIndex" if !spec.has("backoffLimitPerIndex") => {
                let detail = "requires the backoffLimitPerIndex to be set";
                report.invalid(path.child("action"), "FailIndex", detail);
            }
            action if ACTIONS.contains(&action) => {}
            other => report.not_supported(path.child("action"), other, &ACTIONS),
        }
        if rule.has("onExitCodes") {
            exit_codes(&rule["onExitCodes"], &spec["template"]["spec"], path.child("onExitCodes"), report);
        }
        conditions(rule, path.child("onPodConditions"), report);
        let detail = match (rule.has("onExitCodes"), rule.count("onPodConditions") > 0) {
            (true, true) => "specifying both OnExitCodes and OnPodConditions is not supported",
            (false, false) => "specifying one of OnExitCodes and OnPodConditions is required",
            _ => continue,
        };
        without_value(path, detail, report);
    }
}

/// A finding whose value is not told.
pub(super) fn without_value(path: Path<'_>, detail: &str, report: &mut Report) {
    let message = format!("Invalid value: {detail}");
    report.push(Cause { reason: "FieldValueInvalid", field: path.into(), message });
}

fn conditions(rule: &Value, list: Path<'_>, report: &mut Report) {
    let patterns = rule.list("onPodConditions");
    if patterns.len() > RULES_MAX {
        report.too_many(list, patterns.len(), RULES_MAX);
    }
    for (index, pattern) in patterns.iter().enumerate() {
        let path = list.index(index);
        let kind = pattern.text("type");
        report.broken(path.child("type"), kind, names::label_key(kind));
        match pattern.text("status") {
            "True" | "False" | "Unknown" => {}
            "" => report.required(path.child("status"), "valid values: [\"False\" \"True\" \"Unknown\"]"),
            other => report.not_supported(path.child("status"), other, &["False", "True", "Unknown"]),
        }
    }
}

fn exit_codes(codes: &Value, pod: &Value, path: Path<'_>, report: &mut Report) {
    let operator = codes.text("operator");
    match operator {
        "In" | "NotIn" => {}
        "" => report.required(path.child("operator"), "valid values: [\"In\" \"NotIn\"]"),
        other => report.not_supported(path.child("operator"), other, &["In", "NotIn"]),
    }
    let container = codes.text("containerName");
    let mut containers = pod.list("containers").iter().chain(pod.list("initContainers"));
    if codes.has("containerName") && !containers.any(|known| known.text("name") == container) {
        let detail = "must be one of the container or initContainer names in the pod template";
        report.invalid(path.child("containerName"), container, detail);
    }
    let list = path.child("values");
    let values: Vec<i64> = codes.list("values").iter().filter_map(Value::as_i64).collect();
    if values.is_empty() {
        report.invalid(list, codes["values"].clone(), "at least one value is required");
    } else if values.len() > VALUES_MAX {
        report.too_many(list, values.len(), VALUES_MAX);
    }
    for (index, value) in values.iter().enumerate() {
        if operator == "In" && *value == 0 {
            report.invalid(list.index(index), 0, "must not be 0 for the In operator");
        }
        if values[..index].contains(value) {
            report.duplicate(list.index(index), *value);
        }
    }
    if !values.is_sorted() {
        report.invalid(list, codes["values"].clone(), "must be ordered");
    }
}

fn success(spec: &Value, path: Path<'_>, report: &mut Report) {
    let policy = &spec["successPolicy"];
    if spec.text("completionMode") != "Indexed" {
        let rules = policy.list("rules").iter().map(|rule| {
            format!(
                "{{\"SucceededIndexes\":{},\"SucceededCount\":{}}}",
                rule["succeededIndexes"], rule["succeededCount"]
            )
        });
        let shown = format!("{{\"Rules\":[{}]}}", rules.collect::<Vec<_>>().join(","));
        return report.invalid_as(path, &shown, "requires indexed completion mode");
    }
    let list = path.child("rules");
    let rules = policy.list("rules");
    if rules.is_empty() {
        let detail = "at least one rules must be specified when the successPolicy is specified";
        report.required(list, detail);
    }
    if rules.len() > RULES_MAX {
        report.too_many(list, rules.len(), RULES_MAX);
    }
    for (index, rule) in rules.iter().enumerate() {
        success_rule(rule, spec.number("completions").unwrap_or_default(), list.index(index), report);
    }
}

fn success_rule(rule: &Value, completions: i64, path: Path<'_>, report: &mut Report) {
    let has_indexes = rule.has("succeededIndexes");
    if !has_indexes && !rule.has("succeededCount") {
        report.required(path, "at least one of succeededCount or succeededIndexes must be specified");
    }
    let indexes = rule.text("succeededIndexes");
    let total = indexes::count(indexes, completions).unwrap_or_else(|problem| {
        let detail = format!("error parsing succeededIndexes: {problem}");
        report.invalid(path.child("succeededIndexes"), indexes, &detail);
        0
    });
    let Some(count) = rule.number("succeededCount") else { return };
    let path = path.child("succeededCount");
    report.not_negative(path, Some(count));
    if count > completions {
        let detail =
            format!("must be less than or equal to {completions} (the number of specified completions)");
        report.invalid(path, count, &detail);
    }
    if has_indexes && count > total {
        let detail = format!(
            "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        );
        report.invalid(path, count, &detail);
    }
}
