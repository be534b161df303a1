//! DaemonSets.

use super::super::access::{Change, Look};
use super::super::label_selector;
use super::super::path::Path;
use super::super::report::Report;
use super::super::strategy::Strategy;
use super::{amount, at_most_all, number_or_percent};
use serde_json::{Value, json};

pub(super) static STRATEGY: Strategy = Strategy {
    default,
    create: |object| {
        count_templates(object, 1);
        object.set(
            "status",
            json!({
                "currentNumberScheduled": 0,
                "numberMisscheduled": 0,
                "desiredNumberScheduled": 0,
                "numberReady": 0,
            }),
        );
    },
    update: |new, old| {
        let changed = new["spec"]["template"] != old["spec"]["template"];
        count_templates(new, generation(old) + i64::from(changed));
    },
    check: |object, report| check(&object["spec"], report),
    check_update: |new, old, report| {
        report.immutable(SPEC.child("selector"), &new["spec"]["selector"], &old["spec"]["selector"]);
        check(&new["spec"], report);
    },
    check_status,
    warn: super::warn_of_template,
    ..Strategy::WITH_STATUS
};

const SPEC: Path<'static> = Path::root("spec");
/// Where clients of old find how often the template has changed.
const TEMPLATES: &str = "deprecated.daemonset.template.generation";

fn generation(object: &Value) -> i64 {
    object["metadata"]["annotations"].text(TEMPLATES).parse().unwrap_or_default()
}

fn count_templates(object: &mut Value, count: i64) {
    object.inner("metadata").inner("annotations").set(TEMPLATES, count.to_string());
}

fn default(object: &mut Value) {
    object.inner("metadata").inner("annotations").or_text(TEMPLATES, "0");
    let spec = object.inner("spec");
    super::default_template(spec);
    let strategy = spec.inner("updateStrategy");
    strategy.or_text("type", "RollingUpdate");
    if strategy.text("type") == "RollingUpdate" {
        let rolling = strategy.inner("rollingUpdate");
        rolling.or_set("maxUnavailable", 1);
        rolling.or_set("maxSurge", 0);
    }
    spec.or_set("revisionHistoryLimit", 10);
}

fn check(spec: &Value, report: &mut Report) {
    let selector = &spec["selector"];
    label_selector::check(selector, SPEC.child("selector"), report);
    if !selector.is_null() && label_selector::is_empty(selector) {
        let detail = "empty selector is invalid for daemonset";
        report.invalid(SPEC.child("selector"), selector.clone(), detail);
    }
    let path = SPEC.child("template");
    if !label_selector::problem(selector) {
        super::unselected(spec, path, report);
    }
    super::super::pod_spec::check_template(&spec["template"], path, report);
    super::always_restarts(&spec["template"], "DaemonSet", path, report);
    super::counts(spec, &["minReadySeconds"], SPEC, report);
    let strategy = &spec["updateStrategy"];
    match strategy.text("type") {
        "OnDelete" => {}
        "RollingUpdate" => {
            rolling_update(&strategy["rollingUpdate"], SPEC.child("updateStrategy.rollingUpdate"), report);
        }
        other => {
            let supported = ["RollingUpdate", "OnDelete"];
            let mut cause =
                crate::failure::Cause::not_supported(SPEC.child("updateStrategy"), &Value::Null, &supported);
            let shown = format!("{{\"Type\":{},\"RollingUpdate\":null}}", Value::from(other));
            cause.message = cause.message.replacen("null", &shown, 1);
            report.push(cause);
        }
    }
    super::counts(spec, &["revisionHistoryLimit"], SPEC, report);
}

fn rolling_update(rolling: &Value, path: Path<'_>, report: &mut Report) {
    let (unavailable, surge) = (&rolling["maxUnavailable"], &rolling["maxSurge"]);
    let (at_unavailable, at_surge) = (path.child("maxUnavailable"), path.child("maxSurge"));
    number_or_percent(unavailable, at_unavailable, report);
    number_or_percent(surge, at_surge, report);
    at_most_all(unavailable, at_unavailable, report);
    at_most_all(surge, at_surge, report);
    match (amount(unavailable) != 0, amount(surge) != 0) {
        (true, true) => {
            report.invalid(at_surge, surge.clone(), "may not be set when maxUnavailable is non-zero");
        }
        (false, false) => report.required(at_unavailable, "cannot be 0 when maxSurge is 0"),
        _ => {}
    }
}

fn check_status(new: &Value, old: &Value, report: &mut Report) {
    let fields = [
        "currentNumberScheduled",
        "numberMisscheduled",
        "desiredNumberScheduled",
        "numberReady",
        "observedGeneration",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
        "collisionCount",
    ];
    super::counts(&new["status"], &fields, Path::root("status"), report);
    super::collisions(new, old, report);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{create, spec};
    use super::{STRATEGY, TEMPLATES};

    #[test]
    fn changes_of_the_template_are_counted_in_an_annotation() {
        let (old, told) = create(&STRATEGY, spec());
        assert_eq!(told, [""; 0]);
        assert_eq!(old["metadata"]["annotations"][TEMPLATES], "1");
        let mut new = old.clone();
        new["spec"]["template"]["spec"]["hostname"] = "h".into();
        STRATEGY.prepare_update(&mut new, &old);
        assert_eq!(new["metadata"]["annotations"][TEMPLATES], "2");
        assert_eq!(new["metadata"]["generation"], 2);
    }
}
