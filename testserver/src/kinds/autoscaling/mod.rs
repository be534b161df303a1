//! `HorizontalPodAutoscalers`. They are stored as those of v2.

mod conversion;
mod metrics;

use super::access::{Change, Look};
use super::path::Path;
use super::report::Report;
use super::strategy::Strategy;
use crate::names;
use serde_json::{Value, json};

pub(crate) use conversion::{from_stored, to_stored};

/// Those of v2.
pub(super) static STRATEGY: Strategy = Strategy {
    default,
    create: |scaler| scaler.set("status", json!({"currentMetrics": null, "desiredReplicas": 0})),
    check: |scaler, report| check(&scaler["spec"], &Value::Null, report),
    check_update: |new, old, report| check(&new["spec"], &old["spec"], report),
    check_status: |new, _, report| check_status(&new["status"], report),
    ..Strategy::WITH_STATUS
};

/// Those of v1, which keep in annotations what the version has no fields for.
pub(super) static V1: Strategy = Strategy {
    default: |scaler| {
        let metrics = as_stored(scaler)["spec"]["metrics"].clone();
        let spec = scaler.inner("spec");
        spec.or_set("minReplicas", 1);
        if metrics == default_metrics() {
            spec.set("targetCPUUtilizationPercentage", DEFAULT_UTILIZATION);
        }
    },
    create: |scaler| {
        scaler.set("status", json!({"currentReplicas": 0, "desiredReplicas": 0}));
        forget_status(scaler, None);
    },
    update: |new, old| forget_status(new, Some(old)),
    changes: |new, old| as_stored(new)["spec"] != as_stored(old)["spec"],
    check: |scaler, report| check(&as_stored(scaler)["spec"], &Value::Null, report),
    check_update: |new, old, report| check(&as_stored(new)["spec"], &as_stored(old)["spec"], report),
    check_status: |new, _, report| check_status(&as_stored(new)["status"], report),
    ..Strategy::WITH_STATUS
};

const PERIOD_MAX: i64 = 1800;
const WINDOW_MAX: i64 = 3600;
const DEFAULT_UTILIZATION: i64 = 80;

fn as_stored(scaler: &Value) -> Value {
    let mut stored = scaler.clone();
    to_stored(&mut stored);
    stored
}

/// The part of the status that is in annotations is that of the old state.
fn forget_status(new: &mut Value, old: Option<&Value>) {
    for annotation in [conversion::STATUSES, conversion::CONDITIONS] {
        let before = old.and_then(|old| old["metadata"]["annotations"][annotation].as_str());
        match before {
            Some(before) => new.inner("metadata").inner("annotations").set(annotation, before),
            None => {
                if let Some(annotations) = new.inner("metadata").inside("annotations") {
                    annotations.remove_field(annotation);
                }
            }
        }
    }
}

/// What is scaled by if nothing else is said.
fn default_metrics() -> Value {
    json!([{"type": "Resource", "resource": {"name": "cpu",
        "target": {"type": "Utilization", "averageUtilization": DEFAULT_UTILIZATION}}}])
}

fn default(scaler: &mut Value) {
    let spec = scaler.inner("spec");
    spec.or_set("minReplicas", 1);
    if spec.count("metrics") == 0 {
        spec.set("metrics", default_metrics());
    }
    if let Some(behavior) = spec.inside("behavior") {
        let percent = json!({"type": "Percent", "value": 100, "periodSeconds": 15});
        let pods = json!({"type": "Pods", "value": 4, "periodSeconds": 15});
        let up = behavior.inner("scaleUp");
        up.or_set("stabilizationWindowSeconds", 0);
        up.or_set("selectPolicy", "Max");
        up.or_set("policies", json!([pods, percent]));
        let down = behavior.inner("scaleDown");
        down.or_set("selectPolicy", "Max");
        down.or_set("policies", json!([percent]));
    }
}

fn check(spec: &Value, old: &Value, report: &mut Report) {
    let path = Path::root("spec");
    let (least, most) = (spec.number("minReplicas"), spec.number("maxReplicas").unwrap_or_default());
    let at_most = path.child("maxReplicas");
    if least.is_some_and(|least| most < least) {
        report.invalid(at_most, most, "must be greater than or equal to `minReplicas`");
    }
    let target = path.child("scaleTargetRef");
    let reference = &spec["scaleTargetRef"];
    let before = &old["scaleTargetRef"];
    let same = ["apiVersion", "kind"].iter().all(|field| reference[*field] == before[*field]);
    check_reference(reference, target, report);
    if old.is_null() || !same {
        check_version(reference, reference.text("kind") == "ReplicationController", target, report);
    }
    metrics::check(spec, path.child("metrics"), report);
    for field in ["scaleUp", "scaleDown"] {
        let rules = &spec["behavior"][field];
        if rules.is_object() {
            let behavior = path.child("behavior");
            check_rules(rules, behavior.child(field), report);
        }
    }
    // The rest is checked last.
    if let Some(least) = least.filter(|least| *least < 0) {
        report.invalid(path.child("minReplicas"), least, "must be greater than or equal to 0");
    }
    match most {
        0 => report.required(at_most, ""),
        most if most < 0 => report.invalid(at_most, most, "must be greater than or equal to 1"),
        _ => {}
    }
}

/// What is wrong with the kind and name of a reference.
fn check_reference(reference: &Value, path: Path<'_>, report: &mut Report) {
    for field in ["kind", "name"] {
        let text = reference.text(field);
        if text.is_empty() {
            report.required(path.child(field), "");
        }
        report.broken(path.child(field), text, names::path_segment(text, false));
    }
}

fn check_version(reference: &Value, core_too: bool, path: Path<'_>, report: &mut Report) {
    let version = reference.text("apiVersion");
    let detail = match version.matches('/').count() {
        0 if core_too => return,
        0 => "apiVersion must specify API group".to_owned(),
        1 if version == "/" => return,
        1 if version.starts_with('/') && !core_too => "apiVersion must specify API group".to_owned(),
        1 => return,
        _ => format!("unexpected GroupVersion string: {version}"),
    };
    report.invalid(path.child("apiVersion"), version, &detail);
}

fn check_rules(rules: &Value, path: Path<'_>, report: &mut Report) {
    const SELECT: [&str; 3] = ["Disabled", "Max", "Min"];
    const TYPES: [&str; 2] = ["Percent", "Pods"];
    let window = path.child("stabilizationWindowSeconds");
    match rules.number("stabilizationWindowSeconds") {
        Some(seconds) if seconds < 0 => {
            report.invalid(window, seconds, "must be greater than or equal to zero");
        }
        Some(seconds) if seconds > WINDOW_MAX => {
            report.invalid(window, seconds, &format!("must be less than or equal to {WINDOW_MAX}"));
        }
        _ => {}
    }
    let select = rules.text("selectPolicy");
    if rules.has("selectPolicy") && !SELECT.contains(&select) {
        report.not_supported(path.child("selectPolicy"), select, &SELECT);
    }
    let list = path.child("policies");
    if rules.count("policies") == 0 {
        report.required(list, "must specify at least one Policy");
    }
    for (index, policy) in rules.list("policies").iter().enumerate() {
        let path = list.index(index);
        let kind = policy.text("type");
        if !TYPES.contains(&kind) {
            report.not_supported(path.child("type"), kind, &TYPES);
        }
        for field in ["value", "periodSeconds"] {
            report.positive(path.child(field), Some(policy.number(field).unwrap_or_default()));
        }
        if let Some(seconds) = policy.number("periodSeconds").filter(|seconds| *seconds > PERIOD_MAX) {
            let detail = format!("must be less than or equal to {PERIOD_MAX}");
            report.invalid(path.child("periodSeconds"), seconds, &detail);
        }
    }
    if metrics::sign(&rules["tolerance"]) == Some(std::cmp::Ordering::Less) {
        let detail = "must be greater than or equal to 0";
        report.invalid(path.child("tolerance"), rules["tolerance"].clone(), detail);
    }
}

fn check_status(status: &Value, report: &mut Report) {
    let path = Path::root("status");
    let list = path.child("conditions");
    for (index, condition) in status.list("conditions").iter().enumerate() {
        let path = list.index(index);
        report.not_negative(path.child("observedGeneration"), condition.number("observedGeneration"));
    }
    for field in ["currentReplicas", "desiredReplicas"] {
        report.not_negative(path.child(field), status.number(field));
    }
}

#[cfg(test)]
mod tests {
    use super::{STRATEGY, V1};
    use serde_json::json;

    #[test]
    fn an_autoscaler_has_a_metric_and_complete_behavior() {
        let mut object = json!({"spec": {"behavior": {"scaleUp": {"selectPolicy": "Min"}}}});
        STRATEGY.default(&mut object);
        let percent = json!({"type": "Percent", "value": 100, "periodSeconds": 15});
        let expected = json!({"spec": {
            "minReplicas": 1,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu",
                "target": {"type": "Utilization", "averageUtilization": 80}}}],
            "behavior": {
                "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Min",
                    "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}, percent]},
                "scaleDown": {"selectPolicy": "Max", "policies": [percent]},
            },
        }});
        assert_eq!(object, expected);
    }

    #[test]
    fn the_old_version_says_what_the_default_is() {
        let mut object = json!({"metadata": {"name": "a"}, "spec": {"maxReplicas": 3}, "status": {}});
        V1.default(&mut object);
        V1.prepare_create(&mut object);
        let expected = json!({
            "metadata": {"name": "a", "generation": 1},
            "spec": {"maxReplicas": 3, "minReplicas": 1, "targetCPUUtilizationPercentage": 80},
            "status": {"currentReplicas": 0, "desiredReplicas": 0},
        });
        assert_eq!(object, expected);
    }

    #[test]
    fn an_autoscaler_says_what_it_scales_and_how_far() {
        let object = json!({"metadata": {"name": "a", "namespace": "b"},
            "spec": {"minReplicas": 2, "scaleTargetRef": {"kind": "Deployment", "apiVersion": "v1"}}});
        let told: Vec<String> = STRATEGY.validate(&object, true).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`",
                "spec.scaleTargetRef.name: Required value",
                "spec.scaleTargetRef.apiVersion: Invalid value: \"v1\": apiVersion must specify API group",
                "spec.maxReplicas: Required value",
            ]
        );
    }
}
