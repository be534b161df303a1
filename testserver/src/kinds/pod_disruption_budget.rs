//! `PodDisruptionBudgets`.

use super::access::{Change, Look};
use super::conditions;
use super::label_selector;
use super::path::Path;
use super::report::Report;
use super::strategy::Strategy;
use crate::names;
use serde_json::Value;

pub(super) static STRATEGY: Strategy = Strategy {
    updates_unconditionally: false,
    create: |budget| {
        budget.set("status", zero_status());
        forget_own_label(budget, &Value::Null);
    },
    update: forget_own_label,
    check: |budget, report| check(&budget["spec"], report),
    check_update: |new, _, report| check(&new["spec"], report),
    check_status: |new, _, report| check_status(&new["status"], report),
    ..Strategy::WITH_STATUS
};

/// A label of a version that is gone, in which an empty selector selected nothing.
const OWN_LABEL: &str = "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match";

/// Its numbers are told even if they are zero.
fn zero_status() -> Value {
    serde_json::json!({"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0})
}

/// The label may not be in selectors together with others.
fn forget_own_label(new: &mut Value, old: &Value) {
    let selector = &new["spec"]["selector"];
    let requirements = selector.list("matchExpressions");
    let is_own = |requirement: &Value| requirement.text("key") == OWN_LABEL;
    let alone = requirements.len() == 1
        && selector.count("matchLabels") == 0
        && matches!(requirements[0].text("operator"), "Exists" | "DoesNotExist")
        && requirements[0].count("values") == 0;
    if *selector == old["spec"]["selector"] || alone {
        return;
    }
    if requirements.iter().any(is_own) || selector["matchLabels"].has(OWN_LABEL) {
        let kept: Vec<Value> =
            requirements.iter().filter(|requirement| !is_own(requirement)).cloned().collect();
        let selector = new.inner("spec").inner("selector");
        if kept.is_empty() {
            selector.remove_field("matchExpressions");
        } else {
            selector.set("matchExpressions", kept);
        }
        if let Some(labels) = selector.inside("matchLabels") {
            labels.remove_field(OWN_LABEL);
        }
    }
}

fn check(spec: &Value, report: &mut Report) {
    const POLICIES: [&str; 2] = ["AlwaysAllow", "IfHealthyBudget"];
    let path = Path::root("spec");
    if spec.has("minAvailable") && spec.has("maxUnavailable") {
        let detail = "minAvailable and maxUnavailable cannot be both set";
        report.invalid_as(path, &told(spec), detail);
    }
    for field in ["minAvailable", "maxUnavailable"] {
        amount(&spec[field], path.child(field), report);
    }
    label_selector::check(&spec["selector"], path.child("selector"), report);
    let policy = spec.text("unhealthyPodEvictionPolicy");
    if spec.has("unhealthyPodEvictionPolicy") && !POLICIES.contains(&policy) {
        report.not_supported(path.child("unhealthyPodEvictionPolicy"), policy, &POLICIES);
    }
}

/// A specification as servers quote it.
fn told(spec: &Value) -> String {
    format!(
        r#"{{"MinAvailable":{},"Selector":{},"MaxUnavailable":{},"UnhealthyPodEvictionPolicy":{}}}"#,
        spec["minAvailable"], spec["selector"], spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]
    )
}

/// A number that is not negative, or a percentage of at most all.
fn amount(value: &Value, path: Path<'_>, report: &mut Report) {
    let Some(text) = value.as_str() else { return report.not_negative(path, value.as_i64()) };
    let broken = names::percent(text);
    let is_percent = broken.is_empty();
    report.broken(path, text, broken);
    if is_percent && text.trim_end_matches('%').parse::<u64>().is_ok_and(|number| number > 100) {
        report.invalid(path, text, "must not be greater than 100%");
    }
}

fn check_status(status: &Value, report: &mut Report) {
    let path = Path::root("status");
    conditions::check(status.list("conditions"), path.child("conditions"), report);
    for field in ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] {
        report.not_negative(path.child(field), status.number(field));
    }
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_new_budget_has_a_status_of_zeros() {
        let mut object = json!({"metadata": {"name": "a"}, "spec": {"minAvailable": 1}, "status": {}});
        STRATEGY.prepare_create(&mut object);
        let status =
            json!({"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0});
        let expected = json!({"metadata": {"name": "a", "generation": 1}, "spec": {"minAvailable": 1}, "status": status});
        assert_eq!(object, expected);
    }

    #[test]
    fn a_budget_has_one_limit_of_at_most_all() {
        let object = json!({"metadata": {"name": "a", "namespace": "b"},
            "spec": {"minAvailable": "101%", "maxUnavailable": -1}});
        let told: Vec<String> = STRATEGY.validate(&object, true).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "spec: Invalid value: {\"MinAvailable\":\"101%\",\"Selector\":null,\"MaxUnavailable\":-1,\
                 \"UnhealthyPodEvictionPolicy\":null}: minAvailable and maxUnavailable cannot be both set",
                "spec.minAvailable: Invalid value: \"101%\": must not be greater than 100%",
                "spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0",
            ]
        );
    }

    #[test]
    fn the_label_of_an_old_version_is_not_mixed_with_others() {
        let own = "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match";
        let mut object = json!({"metadata": {"name": "a"}, "spec": {"selector": {
            "matchLabels": {"app": "x"}, "matchExpressions": [{"key": own, "operator": "Exists"}]}}});
        STRATEGY.prepare_create(&mut object);
        assert_eq!(object["spec"], json!({"selector": {"matchLabels": {"app": "x"}}}));
    }
}
