//! The status of jobs.

use super::super::access::Look;
use super::super::path::Path;
use super::super::report::Report;
use super::indexes;
use super::policies::without_value;
use serde_json::Value;

const STATUS: Path<'static> = Path::root("status");

/// Whether a condition of a job is true.
pub(super) fn has(job: &Value, kind: &str) -> bool {
    let mut conditions = job["status"].list("conditions").iter();
    conditions.any(|condition| condition.text("type") == kind && condition.text("status") == "True")
}

pub(super) fn check(new: &Value, old: &Value, report: &mut Report) {
    let status = &new["status"];
    for field in ["active", "succeeded", "failed", "ready", "terminating"] {
        report.not_negative(STATUS.child(field), status.number(field));
    }
    uncounted(status, report);
    if new["status"] == old["status"] {
        return;
    }
    conditions(new, true, report);
    times(new, report);
    conditions(new, false, report);
    finished(new, report);
    completed_indexes(new, report);
    let count = |field: &str| status.number(field).unwrap_or_default();
    if status.has("ready") && count("ready") > count("active") {
        report.invalid(STATUS.child("ready"), count("ready"), "cannot set more ready pods than active");
    }
    progress(new, old, report);
}

fn uncounted(status: &Value, report: &mut Report) {
    let pods = &status["uncountedTerminatedPods"];
    let path = STATUS.child("uncountedTerminatedPods");
    let mut known: Vec<&str> = Vec::new();
    for field in ["succeeded", "failed"] {
        let list = path.child(field);
        for (index, uid) in pods.texts(field).enumerate() {
            if uid.is_empty() {
                report.invalid(list.index(index), uid, "must not be empty");
            } else if known.contains(&uid) {
                report.duplicate(list.index(index), uid);
            }
            known.push(uid);
        }
    }
}

/// Conditions that exclude or need each other.
fn conditions(job: &Value, first: bool, report: &mut Report) {
    let path = STATUS.child("conditions");
    let [complete, failed, target, met] =
        ["Complete", "Failed", "FailureTarget", "SuccessCriteriaMet"].map(|kind| has(job, kind));
    let before_times = [
        (complete && failed, "cannot set Complete=True and Failed=true conditions"),
        (complete && target, "cannot set Complete=True and FailureTarget=true conditions"),
    ];
    let after_times = [
        (failed && !target, "cannot set Failed=True condition without the FailureTarget=true condition"),
        (
            complete && !met,
            "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
        ),
        (met && failed, "cannot set SuccessCriteriaMet=True and Failed=true conditions"),
        (met && target, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"),
    ];
    let rules = if first { &before_times[..] } else { &after_times[..] };
    for (_, detail) in rules.iter().filter(|(broken, _)| *broken) {
        without_value(path, detail, report);
    }
}

fn times(job: &Value, report: &mut Report) {
    let status = &job["status"];
    let (start, end) = (status.text("startTime"), status.text("completionTime"));
    let path = STATUS.child("completionTime");
    match (has(job, "Complete"), end.is_empty()) {
        (false, false) => {
            let detail = "cannot set completionTime when there is no Complete=True condition";
            report.invalid(path, end, detail);
        }
        (true, true) => report.required(path, "completionTime is required for Complete jobs"),
        _ => {}
    }
    // Both are in the same format, so that their texts compare as the times do.
    if !start.is_empty() && !end.is_empty() && end < start {
        report.invalid(path, end, "must be equal to or after `startTime`");
    }
}

fn finished(job: &Value, report: &mut Report) {
    if !has(job, "Complete") && !has(job, "Failed") {
        return;
    }
    let status = &job["status"];
    if let Some(active) = status.number("active").filter(|active| *active > 0) {
        report.invalid(STATUS.child("active"), active, "active>0 is invalid for finished job");
    }
    if !status.has("startTime") {
        report.required(STATUS.child("startTime"), "startTime is required for finished job");
    }
    let pods = &status["uncountedTerminatedPods"];
    if pods.count("failed") + pods.count("succeeded") > 0 {
        let path = STATUS.child("uncountedTerminatedPods");
        let list = |field: &str| if pods.has(field) { pods[field].to_string() } else { "null".into() };
        let shown = format!("{{\"Succeeded\":{},\"Failed\":{}}}", list("succeeded"), list("failed"));
        report.invalid_as(path, &shown, "must be empty for finished job");
    }
    if let Some(terminating) = status.number("terminating").filter(|terminating| *terminating > 0) {
        report.invalid(STATUS.child("terminating"), terminating, "terminating>0 is invalid for finished job");
    }
}

fn completed_indexes(job: &Value, report: &mut Report) {
    let (spec, status) = (&job["spec"], &job["status"]);
    let completed = status.text("completedIndexes");
    let path = STATUS.child("completedIndexes");
    if let Some(completions) = spec.number("completions")
        && let Err(problem) = indexes::count(completed, completions)
    {
        report.invalid(path, completed, &format!("error parsing completedIndexes: {problem}"));
    }
    if !completed.is_empty() && spec.text("completionMode") != "Indexed" {
        let detail = "cannot set non-empty completedIndexes when non-indexed completion mode";
        report.invalid(path, completed, detail);
    }
    if status.has("failedIndexes") && !spec.has("backoffLimitPerIndex") {
        let detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null";
        report.invalid(STATUS.child("failedIndexes"), status.text("failedIndexes"), detail);
    }
}

/// What was reached is not given up.
fn progress(new: &Value, old: &Value, report: &mut Report) {
    let path = STATUS.child("conditions");
    for kind in ["Failed", "Complete", "FailureTarget"] {
        if has(old, kind) && !has(new, kind) {
            without_value(path, &format!("cannot disable the terminal {kind}=True condition"), report);
        }
    }
    let count = |job: &Value, field: &str| job["status"].number(field).unwrap_or_default();
    for field in ["failed", "succeeded"] {
        if count(new, field) < count(old, field) {
            let detail = format!("cannot decrease the {field} counter");
            report.invalid(STATUS.child(field), count(new, field), &detail);
        }
    }
    let (status, before) = (&new["status"], &old["status"]);
    if status.has("completionTime") && before.has("completionTime") {
        report.immutable(
            STATUS.child("completionTime"),
            &status["completionTime"],
            &before["completionTime"],
        );
    }
    let restarted = before.has("startTime") && status["startTime"] != before["startTime"];
    if restarted && !new["spec"].is_true("suspend") {
        let detail = "field is immutable for unsuspended job once set";
        report.invalid(STATUS.child("startTime"), status["startTime"].clone(), detail);
    }
    if has(old, "SuccessCriteriaMet") && !has(new, "SuccessCriteriaMet") {
        without_value(path, "cannot disable the SuccessCriteriaMet=True condition", report);
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::kinds::report::Report;
    use serde_json::{Value, json};

    fn told(status: Value, before: Value) -> Vec<String> {
        let mut report = Report::default();
        let spec = json!({"completions": 1, "completionMode": "NonIndexed"});
        check(
            &json!({"spec": spec, "status": status}),
            &json!({"spec": spec, "status": before}),
            &mut report,
        );
        report.into_causes().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_job_completes_in_steps() {
        let condition = |kind: &str| json!({"type": kind, "status": "True"});
        let done = json!({"startTime": "2020-01-01T00:00:00Z", "completionTime": "2020-01-01T00:00:01Z",
            "conditions": [condition("SuccessCriteriaMet"), condition("Complete")]});
        assert_eq!(told(done, json!({})), [""; 0]);
        assert_eq!(
            told(json!({"conditions": [condition("Complete")]}), json!({})),
            [
                "status.completionTime: Required value: completionTime is required for Complete jobs",
                "status.conditions: Invalid value: cannot set Complete=True condition without the \
                 SuccessCriteriaMet=true condition",
                "status.startTime: Required value: startTime is required for finished job",
            ]
        );
    }

    #[test]
    fn counters_do_not_decrease() {
        assert_eq!(
            told(json!({"failed": 1}), json!({"failed": 2})),
            ["status.failed: Invalid value: 1: cannot decrease the failed counter"]
        );
    }
}
