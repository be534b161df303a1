//! Deployments.

use super::super::access::{Change, Look};
use super::super::path::Path;
use super::super::report::Report;
use super::super::strategy::Strategy;
use super::{amount, at_most_all, number_or_percent};
use serde_json::{Value, json};

pub(super) static STRATEGY: Strategy = Strategy {
    default,
    status_resets: &["spec", "metadata.labels"],
    changes: |new, old| {
        new["spec"] != old["spec"] || new["metadata"]["annotations"] != old["metadata"]["annotations"]
    },
    check: |object, report| check(&object["spec"], report),
    check_update: |new, old, report| {
        check(&new["spec"], report);
        report.immutable(SPEC.child("selector"), &new["spec"]["selector"], &old["spec"]["selector"]);
    },
    check_status,
    warn: super::warn_of_name_and_template,
    ..Strategy::WITH_STATUS
};

const SPEC: Path<'static> = Path::root("spec");

fn default(object: &mut Value) {
    let spec = object.inner("spec");
    super::default_template(spec);
    spec.or_set("replicas", 1);
    let strategy = spec.inner("strategy");
    strategy.or_text("type", "RollingUpdate");
    if strategy.text("type") == "RollingUpdate" {
        let rolling = strategy.inner("rollingUpdate");
        rolling.or_set("maxUnavailable", "25%");
        rolling.or_set("maxSurge", "25%");
    }
    spec.or_set("revisionHistoryLimit", 10);
    spec.or_set("progressDeadlineSeconds", 600);
}

fn check(spec: &Value, report: &mut Report) {
    report.not_negative(SPEC.child("replicas"), spec.number("replicas"));
    if super::selected_template(spec, "deployment", SPEC, report) {
        let path = SPEC.child("template");
        super::unselected(spec, path, report);
        super::endless_template(&spec["template"], "ReplicaSet", path, report);
    }
    strategy(&spec["strategy"], SPEC.child("strategy"), report);
    super::counts(
        spec,
        &["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"],
        SPEC,
        report,
    );
    if let Some(deadline) = spec.number("progressDeadlineSeconds")
        && deadline <= spec.number("minReadySeconds").unwrap_or_default()
    {
        let detail = "must be greater than minReadySeconds";
        report.invalid(SPEC.child("progressDeadlineSeconds"), deadline, detail);
    }
}

fn strategy(strategy: &Value, path: Path<'_>, report: &mut Report) {
    let rolling = &strategy["rollingUpdate"];
    let at = path.child("rollingUpdate");
    match strategy.text("type") {
        "Recreate" => {
            if !rolling.is_null() {
                report.forbidden(at, "may not be specified when strategy `type` is 'Recreate'");
            }
        }
        "RollingUpdate" => {
            let (unavailable, surge) = (&rolling["maxUnavailable"], &rolling["maxSurge"]);
            let at_unavailable = at.child("maxUnavailable");
            number_or_percent(unavailable, at_unavailable, report);
            number_or_percent(surge, at.child("maxSurge"), report);
            if amount(unavailable) == 0 && amount(surge) == 0 {
                report.invalid(at_unavailable, unavailable.clone(), "may not be 0 when `maxSurge` is 0");
            }
            at_most_all(unavailable, at_unavailable, report);
        }
        _ => {
            let mut cause =
                crate::failure::Cause::not_supported(path, &Value::Null, &["Recreate", "RollingUpdate"]);
            cause.message = cause.message.replacen("null", &shown(strategy), 1);
            report.push(cause);
        }
    }
}

/// A strategy as a server shows it: its own type has no JSON names.
fn shown(strategy: &Value) -> String {
    let rolling = match &strategy["rollingUpdate"] {
        Value::Null => Value::Null,
        rolling => json!({"MaxUnavailable": rolling["maxUnavailable"], "MaxSurge": rolling["maxSurge"]}),
    };
    format!("{{\"Type\":{},\"RollingUpdate\":{rolling}}}", strategy["type"])
}

fn check_status(new: &Value, old: &Value, report: &mut Report) {
    let status = &new["status"];
    let fields = [
        "observedGeneration",
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "unavailableReplicas",
        "terminatingReplicas",
        "collisionCount",
    ];
    super::counts(status, &fields, Path::root("status"), report);
    let parts = ["updatedReplicas", "readyReplicas", "availableReplicas"];
    super::replica_counts(status, &parts, "readyReplicas", report);
    super::collisions(new, old, report);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{create, spec, update};
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_deployment_rolls_out_by_quarters() {
        let (object, told) = create(&STRATEGY, spec());
        assert_eq!(told, [""; 0]);
        let strategy =
            json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}});
        assert_eq!(object["spec"]["strategy"], strategy);
        assert_eq!(object["spec"]["replicas"], 1);
        assert_eq!(object["spec"]["progressDeadlineSeconds"], 600);
        assert_eq!(object["spec"]["template"]["spec"]["restartPolicy"], "Always");
    }

    #[test]
    fn the_selector_selects_the_template() {
        let told = create(&STRATEGY, json!({"template": {"spec": {}}})).1;
        let expected = [
            "spec.selector: Required value",
            "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`",
            "spec.template.spec.containers: Required value",
        ];
        assert_eq!(told, expected);
        let mut other = spec();
        other["selector"]["matchLabels"]["a"] = "c".into();
        let told = create(&STRATEGY, other).1;
        let expected = "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template \
                        `labels`";
        assert_eq!(told, [expected]);
    }

    #[test]
    fn the_selector_does_not_change() {
        let (old, _) = create(&STRATEGY, spec());
        let mut new = old.clone();
        new["spec"]["selector"]["matchLabels"] = json!({"a": "b", "c": "d"});
        new["spec"]["template"]["metadata"]["labels"] = json!({"a": "b", "c": "d"});
        let expected =
            "spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\",\"c\":\"d\"}}: field is immutable";
        assert_eq!(update(&STRATEGY, &new, &old), [expected]);
        new = old.clone();
        new["spec"]["replicas"] = 5.into();
        assert_eq!(update(&STRATEGY, &new, &old), [""; 0]);
    }

    #[test]
    fn something_may_be_unavailable_or_surge() {
        let mut both = spec();
        both["strategy"] = json!({"rollingUpdate": {"maxUnavailable": 0, "maxSurge": "0%"}});
        let told = create(&STRATEGY, both).1;
        let expected =
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0";
        assert_eq!(told, [expected]);
    }
}
