//! Roles, and bindings of them.

use super::access::{Change, Look};
use super::label_selector;
use super::path::Path;
use super::report::Report;
use super::strategy::Strategy;
use crate::names::{self, NameRule};
use serde_json::Value;

const GROUP: &str = "rbac.authorization.k8s.io";

const BASE: Strategy = Strategy { name: NameRule::PathSegment, creates_on_update: true, ..Strategy::PLAIN };

static ROLE: Strategy = Strategy {
    check: |role, report| rules(role, true, report),
    check_update: |new, _, report| rules(new, true, report),
    ..BASE
};

static CLUSTER_ROLE: Strategy =
    Strategy { check: cluster_role, check_update: |new, _, report| cluster_role(new, report), ..BASE };

static ROLE_BINDING: Strategy = Strategy {
    default: default_binding,
    check: |binding, report| self::binding(binding, &["Role", "ClusterRole"], report),
    check_update: |new, old, report| {
        binding(new, &["Role", "ClusterRole"], report);
        same_role(new, old, report);
    },
    ..BASE
};

static CLUSTER_ROLE_BINDING: Strategy = Strategy {
    default: default_binding,
    check: |binding, report| self::binding(binding, &["ClusterRole"], report),
    check_update: |new, old, report| {
        binding(new, &["ClusterRole"], report);
        same_role(new, old, report);
    },
    ..BASE
};

/// The strategy of a resource of the group.
pub(super) fn strategy(plural: &str) -> Option<&'static Strategy> {
    Some(match plural {
        "roles" => &ROLE,
        "clusterroles" => &CLUSTER_ROLE,
        "rolebindings" => &ROLE_BINDING,
        "clusterrolebindings" => &CLUSTER_ROLE_BINDING,
        _ => return None,
    })
}

fn default_binding(binding: &mut Value) {
    binding.inner("roleRef").or_text("apiGroup", GROUP);
    for subject in binding.list_mut("subjects") {
        if matches!(subject.text("kind"), "User" | "Group") {
            subject.or_text("apiGroup", GROUP);
        }
    }
}

fn rules(role: &Value, namespaced: bool, report: &mut Report) {
    let list = Path::root("rules");
    for (index, rule) in role.list("rules").iter().enumerate() {
        self::rule(rule, namespaced, list.index(index), report);
    }
    // Servers tell what is declared with the types after the rest.
    for (index, rule) in role.list("rules").iter().enumerate() {
        if rule.count("verbs") == 0 {
            report.required(list.index(index).child("verbs"), "");
        }
    }
}

fn rule(rule: &Value, namespaced: bool, path: Path<'_>, report: &mut Report) {
    if rule.count("nonResourceURLs") > 0 {
        let path = path.child("nonResourceURLs");
        let shown = rule["nonResourceURLs"].clone();
        if namespaced {
            report.invalid(path, shown.clone(), "namespaced rules cannot apply to non-resource URLs");
        }
        if ["apiGroups", "resources", "resourceNames"].iter().any(|field| rule.count(field) > 0) {
            let detail = "rules cannot apply to both regular resources and non-resource URLs";
            report.invalid(path, shown, detail);
        }
        return;
    }
    if rule.count("apiGroups") == 0 {
        report.required(path.child("apiGroups"), "resource rules must supply at least one api group");
    }
    if rule.count("resources") == 0 {
        report.required(path.child("resources"), "resource rules must supply at least one resource");
    }
}

fn cluster_role(role: &Value, report: &mut Report) {
    let selectors = role["aggregationRule"].list("clusterRoleSelectors");
    let list = Path::root("aggregationRule.clusterRoleSelectors");
    if role.has("aggregationRule") && selectors.is_empty() {
        report.required(list, "at least one clusterRoleSelector required if aggregationRule is non-nil");
    }
    for (index, selector) in selectors.iter().enumerate() {
        label_selector::check(selector, list.index(index), report);
        if label_selector::problem(selector) {
            report.invalid(list.index(index), Value::Null, "invalid label selector.");
        }
    }
    rules(role, false, report);
}

fn binding(binding: &Value, kinds: &[&str], report: &mut Report) {
    let path = Path::root("roleRef");
    let role = &binding["roleRef"];
    let (group, kind, name) = (role.text("apiGroup"), role.text("kind"), role.text("name"));
    if group != GROUP {
        report.not_supported(path.child("apiGroup"), group, &[GROUP]);
    }
    if !kinds.contains(&kind) {
        report.not_supported(path.child("kind"), kind, kinds);
    }
    report.broken(path.child("name"), name, names::path_segment(name, false));
    let list = Path::root("subjects");
    for (index, subject) in binding.list("subjects").iter().enumerate() {
        self::subject(subject, kinds.contains(&"Role"), list.index(index), report);
    }
    // Servers tell what is declared with the types after the rest.
    for (index, subject) in binding.list("subjects").iter().enumerate() {
        if subject.text("name").is_empty() {
            report.required(list.index(index).child("name"), "");
        }
    }
    if name.is_empty() {
        report.required(path.child("name"), "");
    }
}

fn subject(subject: &Value, namespaced: bool, path: Path<'_>, report: &mut Report) {
    let (group, name) = (subject.text("apiGroup"), subject.text("name"));
    match subject.text("kind") {
        "ServiceAccount" => {
            if !name.is_empty() {
                report.broken(path.child("name"), name, names::subdomain(name));
            }
            if !group.is_empty() {
                report.not_supported(path.child("apiGroup"), group, &[""]);
            }
            if !namespaced && subject.text("namespace").is_empty() {
                report.required(path.child("namespace"), "");
            }
        }
        "User" | "Group" => {
            if group != GROUP {
                report.not_supported(path.child("apiGroup"), group, &[GROUP]);
            }
        }
        other => report.not_supported(path.child("kind"), other, &["ServiceAccount", "User", "Group"]),
    }
}

fn same_role(new: &Value, old: &Value, report: &mut Report) {
    if new["roleRef"] != old["roleRef"] {
        let role = &new["roleRef"];
        let fields = [("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")];
        let shown = fields.map(|(name, field)| format!("\"{name}\":{}", Value::from(role.text(field))));
        report.invalid_as(Path::root("roleRef"), &format!("{{{}}}", shown.join(",")), "field is immutable");
    }
}

#[cfg(test)]
mod tests {
    use super::strategy;
    use serde_json::{Value, json};

    fn told(plural: &str, object: Value, namespaced: bool) -> Vec<String> {
        let strategy = strategy(plural).unwrap();
        let mut object = object;
        object["metadata"] = json!({"name": "a:b"});
        if namespaced {
            object["metadata"]["namespace"] = "n".into();
        }
        strategy.default(&mut object);
        strategy.validate(&object, namespaced).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rules_have_verbs_and_resources_or_paths() {
        assert_eq!(
            told("roles", json!({"rules": [{}, {"verbs": ["get"], "nonResourceURLs": ["/x"]}]}), true),
            [
                "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
                "rules[0].resources: Required value: resource rules must supply at least one resource",
                "rules[1].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs",
                "rules[0].verbs: Required value",
            ]
        );
        let paths = json!({"rules": [{"verbs": ["get"], "nonResourceURLs": ["/x"]}]});
        assert_eq!(told("clusterroles", paths, false), [""; 0]);
    }

    #[test]
    fn a_binding_refers_to_a_role_and_subjects() {
        let binding = json!({"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [
            {"kind": "User", "name": "jane"}, {"kind": "ServiceAccount", "name": "s"}]});
        assert_eq!(told("rolebindings", binding.clone(), true), [""; 0]);
        assert_eq!(told("clusterrolebindings", binding, false), ["subjects[1].namespace: Required value"]);
        let binding = json!({"roleRef": {"kind": "Role", "name": ""}});
        assert_eq!(
            told("clusterrolebindings", binding, false),
            [
                "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"",
                "roleRef.name: Required value",
            ]
        );
    }

    #[test]
    fn the_role_of_a_binding_does_not_change() {
        let strategy = strategy("rolebindings").unwrap();
        let binding = |name: &str| {
            let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
            json!({"metadata": {"name": "a", "resourceVersion": "1"}, "roleRef": role})
        };
        let causes = strategy.validate_update(&binding("x"), &binding("y"));
        let expected = "roleRef: Invalid value: {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"Role\",\"Name\":\
                        \"x\"}: field is immutable";
        assert_eq!(causes.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    }
}
