//! `ResourceQuotas`.

use super::access::{Change, Look};
use super::path::Path;
use super::pod_spec::{check_quantity, check_resource_name, round_list};
use super::quantity::Quantity;
use super::report::Report;
use super::strategy::{InitialStatus, Strategy};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) static STRATEGY: Strategy = Strategy {
    status: InitialStatus::Reset,
    default: |quota| {
        for (part, field) in [("spec", "hard"), ("status", "hard"), ("status", "used")] {
            if let Some(list) = quota.inside(part).and_then(|part| part.inside(field)) {
                round_list(list);
            }
        }
    },
    check: |quota, report| check(&quota["spec"], report),
    check_update: |new, old, report| {
        check(&new["spec"], report);
        let scopes =
            |quota: &Value| quota["spec"].texts("scopes").map(str::to_owned).collect::<BTreeSet<_>>();
        if scopes(new) != scopes(old) {
            let value = new["spec"]["scopes"].clone();
            report.invalid(Path::root("spec.scopes"), value, "field is immutable");
        }
    },
    check_status: |new, _, report| {
        let path = Path::root("status");
        for field in ["hard", "used"] {
            check_list(&new["status"][field], path.child(field), report);
        }
    },
    warn: warnings,
    ..Strategy::PLAIN
};

const SCOPES: [&str; 7] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "VolumeAttributesClass",
    "CrossNamespacePodAffinity",
];
const PAIRS: [[&str; 2]; 2] = [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]];
const COMPUTE: [&str; 7] =
    ["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

/// Whether a resource is among those that quotas know.
fn is_standard(name: &str) -> bool {
    !name.contains('/') && name != "storage"
}

/// Whether something in a scope has a resource.
fn fits(scope: &str, resource: &str) -> bool {
    match scope {
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => matches!(resource, "persistentvolumeclaims" | "requests.storage"),
        scope if SCOPES.contains(&scope) => COMPUTE.contains(&resource),
        _ => true,
    }
}

fn check_list(list: &Value, path: Path<'_>, report: &mut Report) {
    for (name, value) in list.as_object().into_iter().flatten() {
        let path = path.key(name);
        let is_known = check_resource_name(name, path, report) || name.contains('/');
        if !is_known || name == "storage" {
            report.invalid(path, name.as_str(), "must be a standard resource for quota");
        }
        check_quantity(name, value, path, report);
    }
}

fn check(spec: &Value, report: &mut Report) {
    let path = Path::root("spec");
    check_list(&spec["hard"], path.child("hard"), report);
    let scopes: Vec<&str> = spec.texts("scopes").collect();
    let at = path.child("scopes");
    let resources = || spec.entries("hard").map(|(name, _)| name).filter(|name| is_standard(name));
    for scope in &scopes {
        if !SCOPES.contains(scope) {
            report.invalid(at, spec["scopes"].clone(), "unsupported scope");
        }
        for _ in resources().filter(|resource| !fits(scope, resource)) {
            report.invalid(at, spec["scopes"].clone(), "unsupported scope applied to resource");
        }
    }
    if PAIRS.iter().any(|pair| pair.iter().all(|scope| scopes.contains(scope))) {
        report.invalid(at, spec["scopes"].clone(), "conflicting scopes");
    }
    let at = path.child("scopeSelector.matchExpressions");
    for requirement in spec["scopeSelector"].list("matchExpressions") {
        check_requirement(requirement, at, report);
        let scope = requirement.text("scopeName");
        for _ in resources().filter(|resource| !fits(scope, resource)) {
            let told = told(&spec["scopeSelector"]);
            report.invalid_as(at, &told, "unsupported scope applied to resource");
        }
    }
}

/// A selector as servers quote it.
fn told(selector: &Value) -> String {
    let requirements = selector.list("matchExpressions").iter().map(|requirement| {
        format!(
            r#"{{"ScopeName":{},"Operator":{},"Values":{}}}"#,
            requirement["scopeName"], requirement["operator"], requirement["values"]
        )
    });
    format!(r#"{{"MatchExpressions":[{}]}}"#, requirements.collect::<Vec<_>>().join(","))
}

fn check_requirement(requirement: &Value, path: Path<'_>, report: &mut Report) {
    let (scope, operator) = (requirement.text("scopeName"), requirement.text("operator"));
    if !SCOPES.contains(&scope) {
        report.invalid(path.child("scopeName"), scope, "unsupported scope");
    }
    let only_exists = SCOPES.contains(&scope) && !["PriorityClass", "VolumeAttributesClass"].contains(&scope);
    if only_exists && operator != "Exists" {
        let detail = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, \
                      ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or \
                      ResourceQuotaScopeCrossNamespacePodAffinity";
        report.invalid(path.child("operator"), operator, detail);
    }
    let values = path.child("values");
    match operator {
        "In" | "NotIn" if requirement.count("values") == 0 => {
            let detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
            report.required(values, detail);
        }
        "Exists" | "DoesNotExist" if requirement.count("values") > 0 => {
            let detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
            report.invalid(values, requirement["values"].clone(), detail);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => report.invalid(path.child("operator"), other, "not a valid selector operator"),
    }
}

/// Requests that are more than limits.
fn warnings(quota: &Value, old: Option<&Value>) -> Vec<String> {
    let hard = &quota["spec"]["hard"];
    let amount = |name: &str| hard[name].as_str().and_then(|text| Quantity::parse(text).ok());
    let mut warnings = Vec::new();
    for name in ["cpu", "memory", "storage", "ephemeral-storage"] {
        let mut request_name = format!("requests.{name}");
        if amount(&request_name).is_none() && matches!(name, "cpu" | "memory") {
            name.clone_into(&mut request_name);
        }
        let limit_name = format!("limits.{name}");
        if let (Some(request), Some(limit)) = (amount(&request_name), amount(&limit_name))
            && request > limit
            && old.is_none()
        {
            warnings.push(format!(
                "ResourceQuota {request_name} ({request}) should be less than {limit_name} ({limit})"
            ));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_quota_is_of_resources_that_its_scopes_have() {
        let quota = json!({"metadata": {"name": "a", "namespace": "b"}, "spec": {
            "hard": {"pods": "1.5", "secrets": "3", "storage": "1"}, "scopes": ["BestEffort"]}});
        let told: Vec<String> = STRATEGY.validate(&quota, true).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "spec.hard[pods]: Invalid value: \"1500m\": must be an integer",
                "spec.hard[storage]: Invalid value: \"storage\": must be a standard resource for quota",
                "spec.scopes: Invalid value: [\"BestEffort\"]: unsupported scope applied to resource",
            ]
        );
    }
}
