//! CronJobs.

use super::super::access::{Change, Look};
use super::super::path::Path;
use super::super::pod;
use super::super::report::Report;
use super::super::strategy::Strategy;
use super::{job, schedule};
use serde_json::Value;

pub(super) static STRATEGY: Strategy = Strategy {
    default,
    check: |object, report| {
        check(&object["spec"], None, report);
        let name = object["metadata"].text("name");
        if name.len() > NAME_MAX {
            let detail = format!("must be no more than {NAME_MAX} characters");
            report.invalid(Path::root("metadata.name"), name, &detail);
        }
    },
    check_update: |new, old, report| check(&new["spec"], Some(&old["spec"]), report),
    warn,
    ..Strategy::WITH_STATUS
};

const SPEC: Path<'static> = Path::root("spec");
/// Names of jobs have eleven more characters.
const NAME_MAX: usize = 52;
const POLICIES: [&str; 3] = ["Allow", "Forbid", "Replace"];

fn default(object: &mut Value) {
    let spec = object.inner("spec");
    spec.or_text("concurrencyPolicy", "Allow");
    spec.or_set("suspend", false);
    spec.or_set("successfulJobsHistoryLimit", 3);
    spec.or_set("failedJobsHistoryLimit", 1);
    job::default_template(spec.inner("jobTemplate").inner("spec"));
}

fn check(spec: &Value, old: Option<&Value>, report: &mut Report) {
    let path = SPEC.child("schedule");
    let text = spec.text("schedule");
    if !text.is_empty() {
        if let Err(problem) = schedule::check(text) {
            report.invalid(path, text, &problem);
        }
        let had_zone = old.is_some_and(|old| old.text("schedule").contains("TZ"));
        if text.contains("TZ") && had_zone && spec.has("timeZone") {
            let detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
            report.invalid(path, text, detail);
        } else if text.contains("TZ") && !had_zone {
            let detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
            report.invalid(path, text, detail);
        }
    }
    report.not_negative(SPEC.child("startingDeadlineSeconds"), spec.number("startingDeadlineSeconds"));
    if spec.has("timeZone") && old.is_none_or(|old| old["timeZone"] != spec["timeZone"]) {
        time_zone(spec.text("timeZone"), SPEC.child("timeZone"), report);
    }
    report.one_of(SPEC.child("concurrencyPolicy"), spec.text("concurrencyPolicy"), &POLICIES);
    let template = SPEC.child("jobTemplate");
    let path = template.child("spec");
    let of_job = &spec["jobTemplate"]["spec"];
    job::check(of_job, path, report);
    if of_job.has("selector") {
        let detail = "`selector` will be auto-generated";
        report.invalid(path.child("selector"), of_job["selector"].clone(), detail);
    }
    if of_job.is_true("manualSelector") {
        report.not_supported(path.child("manualSelector"), true, &["nil", "false"]);
    }
    for field in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        report.not_negative(SPEC.child(field), spec.number(field));
    }
    if text.is_empty() {
        report.required(SPEC.child("schedule"), "");
    }
}

fn time_zone(zone: &str, path: Path<'_>, report: &mut Report) {
    if zone.is_empty() {
        return report.invalid(path, zone, "timeZone must be nil or non-empty string");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    let is_part = |part: &str| {
        (1..=14).contains(&part.len())
            && !matches!(part, "." | "..")
            && !part.starts_with('-')
            && part.bytes().all(allowed)
    };
    let unknown = format!("unknown time zone {zone}");
    if !zone.split('/').all(is_part) {
        return report.invalid(path, zone, &unknown);
    }
    if zone.eq_ignore_ascii_case("local") {
        let detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        report.invalid(path, zone, detail);
    }
    let database = jiff::tz::db();
    let known =
        matches!(zone, "UTC" | "Local") || database.is_definitively_empty() || database.get(zone).is_ok();
    if !known {
        report.invalid(path, zone, &unknown);
    }
}

fn warn(new: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    let changed = old.is_none_or(|old| old["metadata"]["generation"] != new["metadata"]["generation"]);
    if changed {
        let spec = &new["spec"]["jobTemplate"]["spec"]["template"]["spec"];
        warnings.extend(pod::warn_of_spec(spec, "spec.jobTemplate.spec.template.spec"));
    }
    if new["spec"].text("schedule").contains("TZ") {
        warnings.push(
            "spec.schedule: CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/\
             concepts/workloads/controllers/cron-jobs/ for more details"
                .into(),
        );
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_cron_job_has_a_schedule_and_a_job() {
        let mut object = json!({"metadata": {"name": "a", "namespace": "b"}, "spec": {"schedule": "* * * *",
            "timeZone": "Nowhere/Else"}});
        STRATEGY.default(&mut object);
        STRATEGY.prepare_create(&mut object);
        let told: Vec<_> = STRATEGY.validate(&object, true).iter().map(ToString::to_string).collect();
        assert_eq!(
            told[0],
            "spec.schedule: Invalid value: \"* * * *\": expected exactly 5 fields, found 4: [* * * *]"
        );
        assert_eq!(object["spec"]["successfulJobsHistoryLimit"], 3);
    }
}
