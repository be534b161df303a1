//! `LimitRanges`.

use super::access::{Change, Look};
use super::path::Path;
use super::pod_spec::{check_container_resource_name, round_list};
use super::quantity::Quantity;
use super::report::Report;
use super::strategy::Strategy;
use crate::names;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

pub(super) static STRATEGY: Strategy = Strategy {
    creates_on_update: true,
    default: |range| {
        for limit in range.inner("spec").list_mut("limits") {
            default(limit);
        }
    },
    check,
    check_update: |new, _, report| check(new, report),
    ..Strategy::PLAIN
};

const TYPES: [&str; 3] = ["Pod", "Container", "PersistentVolumeClaim"];

/// What containers are limited to and request comes from the most and the least that they may.
fn default(limit: &mut Value) {
    for field in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
        if let Some(list) = limit.inside(field) {
            round_list(list);
        }
    }
    if limit.text("type") != "Container" {
        return;
    }
    for (to, from) in [("default", "max"), ("defaultRequest", "default"), ("defaultRequest", "min")] {
        let given: Map<String, Value> = limit[from].as_object().cloned().unwrap_or_default();
        for (name, value) in given {
            limit.inner(to).or_set(&name, value);
        }
    }
}

fn check(range: &Value, report: &mut Report) {
    let list = Path::root("spec.limits");
    let limits = range["spec"].list("limits");
    for (index, limit) in limits.iter().enumerate() {
        let path = list.index(index);
        let kind = limit.text("type");
        let at = path.child("type");
        let broken = names::label_key(kind);
        if broken.is_empty() && !kind.contains('/') && !TYPES.contains(&kind) {
            report.invalid(at, kind, "must be a standard limit type or fully qualified");
        }
        report.broken(at, kind, broken);
        if limits[..index].iter().any(|earlier| earlier.text("type") == kind) {
            report.duplicate(at, kind);
        }
        check_names(limit, path, report);
        check_amounts(limit, path, report);
    }
}

fn check_names(limit: &Value, path: Path<'_>, report: &mut Report) {
    let kind = limit.text("type");
    let names = |field: &'static str, report: &mut Report| {
        let path = path.child(field);
        for (name, _) in limit.entries(field) {
            if matches!(kind, "Pod" | "Container") {
                check_container_resource_name(name, path.key(name), report);
            } else {
                super::pod_spec::check_resource_name(name, path.key(name), report);
            }
        }
    };
    names("max", report);
    names("min", report);
    for field in ["default", "defaultRequest"] {
        if kind != "Pod" {
            names(field, report);
        } else if limit.count(field) > 0 {
            report.forbidden(path.child(field), "may not be specified when `type` is 'Pod'");
        }
    }
    if kind == "PersistentVolumeClaim" && !limit["min"].has("storage") && !limit["max"].has("storage") {
        let detail = "either minimum or maximum storage value is required, but neither was provided";
        report.required(path.child("limits"), detail);
    }
    names("maxLimitRequestRatio", report);
}

fn check_amounts(limit: &Value, path: Path<'_>, report: &mut Report) {
    let is_pod = limit.text("type") == "Pod";
    let fields = ["min", "max", "default", "defaultRequest", "maxLimitRequestRatio"];
    let all = fields.iter().flat_map(|field| limit.entries(field)).map(|(name, _)| name);
    for name in all.collect::<BTreeSet<_>>() {
        let [least, most, default, request, ratio] = fields.map(|field| {
            let hidden = is_pod && field.starts_with("default");
            let text = limit[field][name].as_str().filter(|_| !hidden)?;
            Quantity::parse(text).ok()
        });
        let mut more = |field: &'static str,
                        low: &Option<Quantity>,
                        high: &Option<Quantity>,
                        told: [&str; 2],
                        shown: usize| {
            if let (Some(low), Some(high)) = (low, high)
                && low > high
            {
                let value = [low, high][shown].to_string();
                let detail = format!("{} value {low} is greater than {} value {high}", told[0], told[1]);
                report.invalid(path.child(field).key(name), value, &detail);
            }
        };
        more("min", &least, &most, ["min", "max"], 0);
        more("defaultRequest", &least, &request, ["min", "default request"], 1);
        more("defaultRequest", &request, &most, ["default request", "max"], 0);
        more("defaultRequest", &request, &default, ["default request", "default limit"], 0);
        more("default", &least, &default, ["min", "default"], 0);
        more("default", &default, &most, ["default", "max"], 1);
        if let Some(ratio) = ratio.filter(|ratio| *ratio < Quantity::whole(1)) {
            let detail = format!("ratio {ratio} is less than 1");
            report.invalid(path.child("maxLimitRequestRatio").key(name), ratio.to_string(), &detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn limits_of_containers_have_defaults() {
        let mut range = json!({"spec": {"limits": [
            {"type": "Container", "max": {"cpu": "2"}, "min": {"memory": "1Gi"}, "default": {"memory": "2Gi"}},
        ]}});
        STRATEGY.default(&mut range);
        let expected = json!({"spec": {"limits": [{
            "type": "Container",
            "max": {"cpu": "2"},
            "min": {"memory": "1Gi"},
            "default": {"cpu": "2", "memory": "2Gi"},
            "defaultRequest": {"cpu": "2", "memory": "2Gi"},
        }]}});
        assert_eq!(range, expected);
    }

    #[test]
    fn the_least_is_not_more_than_the_most() {
        let range = json!({"metadata": {"name": "a", "namespace": "b"},
            "spec": {"limits": [{"type": "Pod", "min": {"cpu": "2"}, "max": {"cpu": "1"}}]}});
        let told: Vec<String> = STRATEGY.validate(&range, true).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1"]
        );
    }
}
