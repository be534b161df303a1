//! The kinds of `admissionregistration.k8s.io`: webhooks and policies that judge requests. They are kept, not asked.

use super::access::{Change, Look};
use super::label_selector;
use super::path::Path;
use super::report::Report;
use super::strategy::Strategy;
use crate::names;
use serde_json::{Value, json};

/// The strategy of a resource of the group.
pub(super) fn strategy(plural: &str) -> Option<&'static Strategy> {
    Some(match plural {
        "mutatingwebhookconfigurations" => &MUTATING,
        "validatingwebhookconfigurations" => &VALIDATING,
        "mutatingadmissionpolicies" => &MUTATING_POLICY,
        "validatingadmissionpolicies" => &VALIDATING_POLICY,
        "mutatingadmissionpolicybindings" | "validatingadmissionpolicybindings" => &BINDING,
        _ => return None,
    })
}

static VALIDATING: Strategy = Strategy {
    has_generation: true,
    updates_unconditionally: false,
    changes: |new, old| new["webhooks"] != old["webhooks"],
    default: |object| object.list_mut("webhooks").for_each(default_webhook),
    check: check_webhooks,
    check_update: |new, _, report| check_webhooks(new, report),
    ..Strategy::PLAIN
};

static MUTATING: Strategy = Strategy {
    default: |object| {
        for webhook in object.list_mut("webhooks") {
            default_webhook(webhook);
            webhook.or_set("reinvocationPolicy", "Never");
        }
    },
    ..VALIDATING
};

static VALIDATING_POLICY: Strategy = Strategy {
    updates_unconditionally: false,
    status_resets: &["metadata", "spec"],
    default: default_policy,
    ..Strategy::WITH_STATUS
};

static MUTATING_POLICY: Strategy = Strategy {
    has_generation: true,
    updates_unconditionally: false,
    default: default_policy,
    ..Strategy::PLAIN
};

static BINDING: Strategy = Strategy {
    has_generation: true,
    updates_unconditionally: false,
    default: |object| {
        if let Some(resources) = object.inner("spec").inside("matchResources") {
            default_match(resources);
        }
    },
    ..Strategy::PLAIN
};

const TIMEOUT_SECONDS: i64 = 10;
const PORT: i64 = 443;

fn default_webhook(webhook: &mut Value) {
    webhook.or_set("failurePolicy", "Fail");
    webhook.or_set("timeoutSeconds", TIMEOUT_SECONDS);
    default_selectors(webhook);
    default_rules(webhook, "rules");
    if let Some(service) = webhook.inside("clientConfig").and_then(|config| config.inside("service")) {
        service.or_set("port", PORT);
    }
}

fn default_selectors(value: &mut Value) {
    value.or_set("matchPolicy", "Equivalent");
    value.or_set("namespaceSelector", json!({}));
    value.or_set("objectSelector", json!({}));
}

fn default_rules(value: &mut Value, field: &str) {
    for rule in value.list_mut(field) {
        rule.or_set("scope", "*");
    }
}

fn default_policy(policy: &mut Value) {
    let spec = policy.inner("spec");
    spec.or_set("failurePolicy", "Fail");
    if let Some(resources) = spec.inside("matchConstraints") {
        default_match(resources);
    }
}

fn default_match(resources: &mut Value) {
    default_selectors(resources);
    default_rules(resources, "resourceRules");
    default_rules(resources, "excludeResourceRules");
}

fn check_webhooks(object: &Value, report: &mut Report) {
    let list = Path::root("webhooks");
    let webhooks = object.list("webhooks");
    for (index, webhook) in webhooks.iter().enumerate() {
        let path = list.index(index);
        check_webhook(webhook, path, report);
        check_versions(webhook, path.child("admissionReviewVersions"), report);
        let name = webhook.text("name");
        if !name.is_empty() && webhooks[..index].iter().any(|earlier| earlier.text("name") == name) {
            report.duplicate(path.child("name"), name);
        }
    }
}

fn check_webhook(webhook: &Value, path: Path<'_>, report: &mut Report) {
    const EFFECTS: [&str; 2] = ["None", "NoneOnDryRun"];
    check_name(webhook.text("name"), path.child("name"), report);
    let list = path.child("rules");
    for (index, rule) in webhook.list("rules").iter().enumerate() {
        check_rule(rule, list.index(index), report);
    }
    for (field, known) in [("failurePolicy", ["Fail", "Ignore"]), ("matchPolicy", ["Equivalent", "Exact"])] {
        let policy = webhook.text(field);
        if !known.contains(&policy) {
            report.not_supported(path.child(field), policy, &known);
        }
    }
    let effects = path.child("sideEffects");
    match webhook["sideEffects"].as_str() {
        None => report.required(effects, &format!("must specify one of {}", EFFECTS.join(", "))),
        Some(effect) if !EFFECTS.contains(&effect) => report.not_supported(effects, effect, &EFFECTS),
        Some(_) => {}
    }
    let seconds = webhook.number("timeoutSeconds").unwrap_or(TIMEOUT_SECONDS);
    if !(1..=30).contains(&seconds) {
        let detail = "the timeout value must be between 1 and 30 seconds";
        report.invalid(path.child("timeoutSeconds"), seconds, detail);
    }
    for field in ["namespaceSelector", "objectSelector"] {
        label_selector::check(&webhook[field], path.child(field), report);
    }
    let reinvocation = webhook.text("reinvocationPolicy");
    if !["", "IfNeeded", "Never"].contains(&reinvocation) {
        report.not_supported(path.child("reinvocationPolicy"), reinvocation, &["IfNeeded", "Never"]);
    }
    let config = &webhook["clientConfig"];
    let path = path.child("clientConfig");
    if config.has("url") == config.has("service") {
        report.required(path, "exactly one of url or service is required");
    } else if config.has("service") {
        check_service(&config["service"], path.child("service"), report);
    }
}

/// Servers take the name for the namespace and the namespace for the name.
fn check_service(service: &Value, path: Path<'_>, report: &mut Report) {
    for (field, told) in [("namespace", "name"), ("name", "namespace")] {
        if service.text(field).is_empty() {
            report.required(path.child(told), "");
        }
    }
    let port = service.number("port").unwrap_or(PORT);
    for message in names::port_number(port) {
        report.invalid(path.child("port"), port, &format!("port is not valid: {message}"));
    }
    check_place(service.text("path"), path.child("path"), report);
}

/// A path below the service.
fn check_place(place: &str, path: Path<'_>, report: &mut Report) {
    if matches!(place, "" | "/") {
        return;
    }
    if !place.starts_with('/') {
        report.invalid(path, place, "must start with a '/'");
    }
    // Servers take the first character for the slash.
    let mut characters = place.chars();
    characters.next();
    let rest = characters.as_str();
    for (index, step) in rest.strip_suffix('/').unwrap_or(rest).split('/').enumerate() {
        if step.is_empty() {
            report.invalid(path, place, &format!("segment[{index}] may not be empty"));
            continue;
        }
        for message in names::subdomain(step) {
            report.invalid(path, place, &format!("segment[{index}]: {message}"));
        }
    }
}

/// A domain of at least three parts.
fn check_name(name: &str, path: Path<'_>, report: &mut Report) {
    if name.is_empty() {
        return report.required(path, "");
    }
    let broken = names::subdomain(name);
    if !broken.is_empty() {
        report.invalid(path, name, &broken.join(","));
    } else if name.split('.').count() < 3 {
        report.invalid(path, name, "should be a domain with at least three segments separated by dots");
    }
}

fn check_rule(rule: &Value, path: Path<'_>, report: &mut Report) {
    const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
    const SCOPES: [&str; 3] = ["*", "Cluster", "Namespaced"];
    let list = path.child("operations");
    let operations: Vec<&str> = rule.texts("operations").collect();
    if operations.is_empty() {
        report.required(list, "");
    }
    if operations.len() > 1 && operations.contains(&"*") {
        let detail = "if '*' is present, must not specify other operations";
        report.invalid(list, rule["operations"].clone(), detail);
    }
    for (index, operation) in operations.iter().enumerate() {
        if !OPERATIONS.contains(operation) {
            report.not_supported(list.index(index), *operation, &OPERATIONS);
        }
    }
    for (field, what) in [("apiGroups", "API groups"), ("apiVersions", "API versions")] {
        let values: Vec<&str> = rule.texts(field).collect();
        if values.is_empty() {
            report.required(path.child(field), "");
        }
        if values.len() > 1 && values.contains(&"*") {
            let detail = format!("if '*' is present, must not specify other {what}");
            report.invalid(path.child(field), rule[field].clone(), &detail);
        }
    }
    let versions = path.child("apiVersions");
    for (index, _) in rule.texts("apiVersions").enumerate().filter(|(_, version)| version.is_empty()) {
        report.required(versions.index(index), "");
    }
    if rule.count("resources") == 0 {
        report.required(path.child("resources"), "");
    }
    let scope = rule.text("scope");
    if !SCOPES.contains(&scope) {
        report.not_supported(path.child("scope"), scope, &SCOPES);
    }
}

fn check_versions(webhook: &Value, path: Path<'_>, report: &mut Report) {
    const KNOWN: [&str; 2] = ["v1", "v1beta1"];
    let versions: Vec<&str> = webhook.texts("admissionReviewVersions").collect();
    if versions.is_empty() {
        return report.required(path, &format!("must specify one of {}", KNOWN.join(", ")));
    }
    for (index, version) in versions.iter().enumerate() {
        if versions[..index].contains(version) {
            report.invalid(path.index(index), *version, "duplicate version");
            continue;
        }
        report.broken(path.index(index), version, names::label_1035(version));
    }
    if !versions.iter().any(|version| KNOWN.contains(version)) {
        let detail = format!("must include at least one of {}", KNOWN.join(", "));
        report.invalid(path, webhook["admissionReviewVersions"].clone(), &detail);
    }
}

#[cfg(test)]
mod tests {
    use super::{MUTATING, VALIDATING};
    use serde_json::json;

    #[test]
    fn a_webhook_is_asked_about_everything_if_nothing_is_said() {
        let mut object =
            json!({"webhooks": [{"name": "a.b.c", "rules": [{}], "clientConfig": {"service": {}}}]});
        MUTATING.default(&mut object);
        let expected = json!({"webhooks": [{
            "name": "a.b.c",
            "rules": [{"scope": "*"}],
            "clientConfig": {"service": {"port": 443}},
            "failurePolicy": "Fail",
            "matchPolicy": "Equivalent",
            "namespaceSelector": {},
            "objectSelector": {},
            "timeoutSeconds": 10,
            "reinvocationPolicy": "Never",
        }]});
        assert_eq!(object, expected);
    }

    #[test]
    fn a_webhook_says_who_is_asked_and_what_that_does() {
        let mut object = json!({"metadata": {"name": "a"}, "webhooks": [{"name": "a", "clientConfig": {}}]});
        VALIDATING.default(&mut object);
        let told: Vec<String> = VALIDATING.validate(&object, false).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "webhooks[0].name: Invalid value: \"a\": should be a domain with at least three segments separated by \
                 dots",
                "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun",
                "webhooks[0].clientConfig: Required value: exactly one of url or service is required",
                "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1",
            ]
        );
    }
}
