//! `IngressClasses`.

use crate::kinds::access::{Change, Look};
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::kinds::strategy::Strategy;
use crate::names;
use serde_json::Value;

pub(super) static STRATEGY: Strategy = Strategy {
    has_generation: true,
    default: |class| {
        if let Some(parameters) = class.inner("spec").inside("parameters") {
            parameters.or_set("scope", "Cluster");
        }
    },
    check: |class, report| check(&class["spec"], report),
    check_update: |new, old, report| {
        let path = Path::root("spec.controller");
        report.immutable(path, &new["spec"]["controller"], &old["spec"]["controller"]);
        check(&new["spec"], report);
    },
    ..Strategy::PLAIN
};

const CONTROLLER_MAX: usize = 250;

fn check(spec: &Value, report: &mut Report) {
    let path = Path::root("spec");
    let controller = spec.text("controller");
    if controller.len() > CONTROLLER_MAX {
        report.too_long(path.child("controller"), CONTROLLER_MAX);
    }
    check_controller(controller, path.child("controller"), report);
    if spec.has("parameters") {
        check_parameters(&spec["parameters"], path.child("parameters"), report);
    }
}

/// A path with a domain before it.
fn check_controller(text: &str, path: Path<'_>, report: &mut Report) {
    if text.is_empty() {
        return report.required(path, "");
    }
    match text.split_once('/') {
        Some((host, rest)) if !host.is_empty() && !rest.is_empty() => {
            report.broken(path, host, names::subdomain(host));
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
            if !rest.bytes().all(fits) {
                let format = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
                let detail = format!("Invalid path (regex used for validation is '{format}')");
                report.invalid(path, rest, &detail);
            }
        }
        _ => report.invalid(path, text, "must be a domain-prefixed path (such as \"acme.io/foo\")"),
    }
}

fn check_parameters(parameters: &Value, path: Path<'_>, report: &mut Report) {
    if parameters.has("apiGroup") {
        let group = parameters.text("apiGroup");
        report.broken(path.child("apiGroup"), group, names::subdomain(group));
    }
    for field in ["kind", "name"] {
        let text = parameters.text(field);
        report.broken(path.child(field), text, names::path_segment(text, false));
    }
    let namespace = path.child("namespace");
    match (parameters.text("scope"), parameters["namespace"].as_str()) {
        ("Namespace", None) => report.required(namespace, "`parameters.scope` is set to 'Namespace'"),
        ("Namespace", Some(name)) => report.broken(namespace, name, names::label(name)),
        ("Cluster", Some(_)) => report.forbidden(namespace, "`parameters.scope` is set to 'Cluster'"),
        ("Cluster", None) => {}
        (other, _) => report.not_supported(path.child("scope"), other, &["Cluster", "Namespace"]),
    }
    for field in ["kind", "name"] {
        if parameters.text(field).is_empty() {
            report.required(path.child(field), "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn parameters_are_of_the_cluster_or_in_a_namespace() {
        let mut object = json!({"metadata": {"name": "a"}, "spec": {"controller": "example.com",
            "parameters": {"kind": "K", "name": "n", "namespace": "x"}}});
        STRATEGY.default(&mut object);
        let told: Vec<String> = STRATEGY.validate(&object, false).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "spec.controller: Invalid value: \"example.com\": must be a domain-prefixed path (such as \"acme.io/foo\")",
                "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
            ]
        );
    }
}
