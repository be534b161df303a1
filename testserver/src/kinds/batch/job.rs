//! Jobs.

use super::super::access::{Change, Look};
use super::super::label_selector;
use super::super::path::Path;
use super::super::pod;
use super::super::pod_spec;
use super::super::report::Report;
use super::super::strategy::Strategy;
use super::{policies, status};
use crate::names;
use serde_json::Value;

pub(super) static STRATEGY: Strategy = Strategy {
    default,
    create,
    check: |job, report| {
        generated(job, report);
        check(&job["spec"], Path::root("spec"), report);
        selected(&job["spec"], report);
        names_of_pods(job, report);
    },
    check_update,
    check_status: status::check,
    warn,
    ..Strategy::WITH_STATUS
};

/// Labels of a job's pods, and those that they are called by since.
const NAME_LABELS: [&str; 2] = ["job-name", "batch.kubernetes.io/job-name"];
const UID_LABELS: [&str; 2] = ["controller-uid", "batch.kubernetes.io/controller-uid"];
const INDEXED_PARALLELISM_MAX: i64 = 100_000;
const FAILED_INDEXES_MAX: i64 = 100_000;
const MANY_COMPLETIONS: i64 = 100_000;
/// Limits of jobs with many completions.
const LIMIT_OF_MANY: i64 = 10_000;
const MANAGER_MAX: usize = 63;

/// A job without labels has those of its pods.
fn label(job: &mut Value) {
    let labels = job["spec"]["template"]["metadata"]["labels"].clone();
    if labels.is_object() && job["metadata"].count("labels") == 0 {
        job.inner("metadata").set("labels", labels);
    }
}

fn default(job: &mut Value) {
    label(job);
    let spec = job.inner("spec");
    default_template(spec);
    if !spec.has("completions") && !spec.has("parallelism") {
        spec.set("completions", 1);
    }
    spec.or_set("parallelism", 1);
    let limit = if spec.has("backoffLimitPerIndex") { i32::MAX } else { 6 };
    spec.or_set("backoffLimit", limit);
    spec.or_set("completionMode", "NonIndexed");
    spec.or_set("suspend", false);
    let replacement = if spec.has("podFailurePolicy") { "Failed" } else { "TerminatingOrFailed" };
    spec.or_set("podReplacementPolicy", replacement);
    spec.or_set("manualSelector", false);
}

/// What templates of jobs get, too.
pub(super) fn default_template(spec: &mut Value) {
    if let Some(template) = spec.inside("template") {
        pod_spec::default_spec(template.inner("spec"));
    }
    let rules = spec.inside("podFailurePolicy").into_iter().flat_map(|policy| policy.list_mut("rules"));
    for pattern in rules.flat_map(|rule| rule.list_mut("onPodConditions")) {
        pattern.or_text("status", "True");
    }
}

/// Pods of a job are told by its UID.
fn create(job: &mut Value) {
    if job["spec"].is_true("manualSelector") {
        return;
    }
    let (name, uid) = {
        let metadata = &job["metadata"];
        (metadata.text("name").to_owned(), metadata.text("uid").to_owned())
    };
    let spec = job.inner("spec");
    let labels = spec.inner("template").inner("metadata").inner("labels");
    for label in NAME_LABELS {
        labels.or_set(label, name.as_str());
    }
    for label in UID_LABELS {
        labels.or_set(label, uid.as_str());
    }
    spec.inner("selector").inner("matchLabels").or_set(UID_LABELS[1], uid);
    // The server fills in once more whenever it reads the object.
    label(job);
}

fn generated(job: &Value, report: &mut Report) {
    let spec = &job["spec"];
    if spec.is_true("manualSelector") || !spec.has("selector") {
        return;
    }
    let (name, uid) = (job["metadata"].text("name"), job["metadata"].text("uid"));
    let labels = &spec["template"]["metadata"]["labels"];
    let path = Path::root("spec.template.metadata.labels");
    for (label, expected) in
        [(UID_LABELS[0], uid), (NAME_LABELS[0], name), (UID_LABELS[1], uid), (NAME_LABELS[1], name)]
    {
        let detail = format!("must be '{expected}'");
        if !labels.has(label) {
            report.required(path.key(label), &detail);
        } else if labels.text(label) != expected {
            report.invalid(path.key(label), labels.clone(), &detail);
        }
    }
    let mut expected = serde_json::json!({});
    for label in NAME_LABELS {
        expected.set(label, name);
    }
    for label in UID_LABELS {
        expected.set(label, uid);
    }
    let selector = &spec["selector"];
    if !label_selector::problem(selector) && !label_selector::matches(selector, &expected) {
        report.invalid(Path::root("spec.selector"), selector.clone(), "`selector` not auto-generated");
    }
}

/// The specification of a job, also in templates of jobs.
pub(super) fn check(spec: &Value, path: Path<'_>, report: &mut Report) {
    for field in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        report.not_negative(path.child(field), spec.number(field));
    }
    if spec.has("maxFailedIndexes") && !spec.has("backoffLimitPerIndex") {
        report.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
    }
    managed_by(spec, path.child("managedBy"), report);
    let mode = spec.text("completionMode");
    if spec.has("completionMode") && !["NonIndexed", "Indexed"].contains(&mode) {
        report.not_supported(path.child("completionMode"), mode, &["NonIndexed", "Indexed"]);
    }
    match mode {
        "Indexed" => indexed(spec, path, report),
        "" | "NonIndexed" => {
            for field in ["backoffLimitPerIndex", "maxFailedIndexes"] {
                if let Some(limit) = spec.number(field) {
                    report.invalid(path.child(field), limit, "requires indexed completion mode");
                }
            }
        }
        _ => {}
    }
    policies::check(spec, path, report);
    let template = path.child("template");
    pod_spec::check_template(&spec["template"], template, report);
    restart(spec, template.child("spec.restartPolicy"), report);
}

fn managed_by(spec: &Value, path: Path<'_>, report: &mut Report) {
    if !spec.has("managedBy") {
        return;
    }
    let manager = spec.text("managedBy");
    match manager.split_once('/') {
        _ if manager.is_empty() => report.required(path, ""),
        Some((domain, rest)) if !domain.is_empty() && !rest.is_empty() => {
            report.broken(path, domain, names::subdomain(domain));
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
            if !rest.bytes().all(allowed) {
                let detail = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
                report.invalid(path, rest, detail);
            }
        }
        _ => report.invalid(path, manager, "must be a domain-prefixed path (such as \"acme.io/foo\")"),
    }
    if manager.len() > MANAGER_MAX {
        report.too_long(path, MANAGER_MAX);
    }
}

fn indexed(spec: &Value, path: Path<'_>, report: &mut Report) {
    let completions = spec.number("completions");
    let parallelism = spec.number("parallelism").unwrap_or_default();
    let failed = spec.number("maxFailedIndexes");
    if completions.is_none() {
        report.required(path.child("completions"), "when completion mode is Indexed");
    }
    if parallelism > INDEXED_PARALLELISM_MAX {
        let detail = format!(
            "must be less than or equal to {INDEXED_PARALLELISM_MAX} when completion mode is Indexed"
        );
        report.invalid(path.child("parallelism"), parallelism, &detail);
    }
    let at = path.child("maxFailedIndexes");
    if let (Some(completions), Some(failed)) = (completions, failed)
        && failed > completions
    {
        report.invalid(at, failed, "must be less than or equal to completions");
    }
    if let Some(failed) = failed.filter(|failed| *failed > FAILED_INDEXES_MAX) {
        report.invalid(at, failed, &format!("must be less than or equal to {FAILED_INDEXES_MAX}"));
    }
    let has_many = completions.is_some_and(|completions| completions > MANY_COMPLETIONS);
    if !has_many || !spec.has("backoffLimitPerIndex") {
        return;
    }
    let detail = format!(
        "must be less than or equal to {LIMIT_OF_MANY} when completions are above {MANY_COMPLETIONS} and used with \
         backoff limit per index"
    );
    if failed.is_none() {
        report.required(at, &format!("must be specified when completions is above {MANY_COMPLETIONS}"));
    }
    if parallelism > LIMIT_OF_MANY {
        report.invalid(path.child("parallelism"), parallelism, &detail);
    }
    if let Some(failed) = failed.filter(|failed| *failed > LIMIT_OF_MANY) {
        report.invalid(at, failed, &detail);
    }
}

fn restart(spec: &Value, path: Path<'_>, report: &mut Report) {
    match spec["template"]["spec"].text("restartPolicy") {
        "Always" | "" => report.required(path, "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" if spec.has("podFailurePolicy") => {
            let detail = "only \"Never\" is supported when podFailurePolicy is specified";
            report.invalid(path, "OnFailure", detail);
        }
        "OnFailure" | "Never" => {}
        other => report.not_supported(path, other, &["OnFailure", "Never"]),
    }
}

fn selected(spec: &Value, report: &mut Report) {
    let path = Path::root("spec.selector");
    let selector = &spec["selector"];
    if selector.is_null() {
        report.required(path, "");
    }
    label_selector::check(selector, path, report);
    let labels = &spec["template"]["metadata"]["labels"];
    let selects = !selector.is_null() && label_selector::matches(selector, labels);
    if !selects && !label_selector::problem(selector) {
        let detail = "`selector` does not match template `labels`";
        report.invalid(Path::root("spec.template.metadata.labels"), labels.clone(), detail);
    }
}

/// Pods of indexed jobs are called by their index.
fn names_of_pods(job: &Value, report: &mut Report) {
    let completions = job["spec"].number("completions").unwrap_or_default();
    if job["spec"].text("completionMode") != "Indexed" || completions <= 0 {
        return;
    }
    let name = job["metadata"].text("name");
    let last = format!("{name}-{}", completions - 1);
    if !names::label(&last).is_empty() {
        let detail = format!("will not able to create pod with invalid DNS label: {last}");
        report.invalid(Path::root("metadata.name"), name, &detail);
    }
}

fn check_update(new: &Value, old: &Value, report: &mut Report) {
    let path = Path::root("spec");
    let (spec, before) = (&new["spec"], &old["spec"]);
    check(spec, path, report);
    selected(spec, report);
    completions(spec, before, path.child("completions"), report);
    report.immutable(path.child("selector"), &spec["selector"], &before["selector"]);
    template(new, old, report);
    for field in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"]
    {
        report.immutable(path.child(field), &spec[field], &before[field]);
    }
    names_of_pods(new, report);
}

fn completions(new: &Value, old: &Value, path: Path<'_>, report: &mut Report) {
    if new.text("completionMode") != "Indexed" {
        return report.immutable(path, &new["completions"], &old["completions"]);
    }
    if new["completions"] != old["completions"] && new.has("completions") {
        let completions = &new["completions"];
        if *completions != new["parallelism"] {
            let detail = "can only be modified in tandem with spec.parallelism";
            report.invalid(path, completions.clone(), detail);
        }
    }
}

/// The template may change a little while the job is suspended and none of its pods run.
fn template(new: &Value, old: &Value, report: &mut Report) {
    let (template, mut before) = (&new["spec"]["template"], old["spec"]["template"].clone());
    let is_suspended = old["spec"].is_true("suspend");
    let status = &old["status"];
    let rests = !status.has("startTime") || status::has(old, "Suspended");
    let is_mutable = is_suspended && rests && status.number("active").unwrap_or_default() == 0;
    let path = Path::root("spec.template");
    if !is_mutable {
        return report.immutable(path, template, &before);
    }
    for field in ["labels", "annotations"] {
        before.inner("metadata").copy_field(field, &template["metadata"]);
    }
    let spec = before.inner("spec");
    for field in ["nodeSelector", "tolerations", "schedulingGates"] {
        spec.copy_field(field, &template["spec"]);
    }
    let affinity = &template["spec"]["affinity"];
    if affinity.has("nodeAffinity") || spec["affinity"].has("nodeAffinity") {
        spec.inner("affinity").copy_field("nodeAffinity", affinity);
        if spec["affinity"].as_object().is_some_and(serde_json::Map::is_empty) && affinity.is_null() {
            spec.remove_field("affinity");
        }
    }
    for field in ["containers", "initContainers"] {
        for (container, new) in spec.list_mut(field).zip(template["spec"].list(field)) {
            if container["name"] == new["name"] {
                container.copy_field("resources", new);
            }
        }
    }
    report.immutable(path.child("spec"), &template["spec"], &before["spec"]);
}

fn warn(new: &Value, old: Option<&Value>) -> Vec<String> {
    if old.is_some_and(|old| old["metadata"]["generation"] == new["metadata"]["generation"]) {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    let broken = names::label(new["metadata"].text("name"));
    if old.is_none() && !broken.is_empty() {
        warnings.push(format!(
            "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label \
             is recommended: [{}]",
            broken.join(" ")
        ));
    }
    warnings.extend(pod::warn_of_spec(&new["spec"]["template"]["spec"], "spec.template.spec"));
    warnings
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::{Value, json};

    fn create(spec: Value) -> (Value, Vec<String>) {
        let mut job = json!({"metadata": {"name": "j", "namespace": "b", "uid": "u", "resourceVersion": "1"},
            "spec": spec});
        STRATEGY.default(&mut job);
        STRATEGY.prepare_create(&mut job);
        let told = STRATEGY.validate(&job, true).iter().map(ToString::to_string).collect();
        (job, told)
    }

    fn spec() -> Value {
        json!({"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}})
    }

    #[test]
    fn pods_of_a_job_are_selected_by_its_uid() {
        let (job, told) = create(spec());
        assert_eq!(told, [""; 0]);
        assert_eq!(
            job["spec"]["selector"],
            json!({"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}})
        );
        assert_eq!(job["spec"]["template"]["metadata"]["labels"]["job-name"], "j");
        assert_eq!(job["spec"]["completions"], 1);
        assert_eq!(job["spec"]["backoffLimit"], 6);
    }

    #[test]
    fn pods_of_a_job_end() {
        let mut endless = spec();
        endless["template"]["spec"].as_object_mut().unwrap().remove("restartPolicy");
        let expected =
            "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"";
        assert_eq!(create(endless).1, [expected]);
    }

    #[test]
    fn the_template_changes_only_before_the_job_begins() {
        let (old, _) = create(spec());
        let mut new = old.clone();
        new["spec"]["template"]["spec"]["nodeSelector"] = json!({"a": "b"});
        let causes = STRATEGY.validate_update(&new, &old);
        assert_eq!(causes.len(), 1);
        assert_eq!(causes[0].field, "spec.template");
        let mut old = old;
        old["spec"]["suspend"] = true.into();
        assert_eq!(STRATEGY.validate_update(&new, &old), []);
    }

    #[test]
    fn completions_change_only_with_parallelism() {
        let (old, _) = create(spec());
        let mut new = old.clone();
        new["spec"]["completions"] = 2.into();
        let told: Vec<_> = STRATEGY.validate_update(&new, &old).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["spec.completions: Invalid value: 2: field is immutable"]);
    }
}
