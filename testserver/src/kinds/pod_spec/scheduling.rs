//! Where pods may run: affinity, tolerations, spreading, gates.

use crate::kinds::access::Look;
use crate::kinds::label_selector;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::names;
use serde_json::Value;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
const WEIGHT: &str = "must be in the range 1-100";
pub(crate) const TAINT_EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

pub(super) fn check_affinity(affinity: &Value, path: Path<'_>, report: &mut Report) {
    let node = &affinity["nodeAffinity"];
    let node_path = path.child("nodeAffinity");
    if node.has(REQUIRED) {
        check_node_selector(&node[REQUIRED], node_path.child(REQUIRED), report);
    }
    let list = node_path.child(PREFERRED);
    for (index, term) in node.list(PREFERRED).iter().enumerate() {
        let path = list.index(index);
        weight(term, path, report);
        node_term(&term["preference"], false, path.child("preference"), report);
    }
    for field in ["podAffinity", "podAntiAffinity"] {
        let path = path.child(field);
        let list = path.child(REQUIRED);
        for (index, term) in affinity[field].list(REQUIRED).iter().enumerate() {
            pod_term(term, list.index(index), report);
        }
        let list = path.child(PREFERRED);
        for (index, term) in affinity[field].list(PREFERRED).iter().enumerate() {
            let path = list.index(index);
            weight(term, path, report);
            pod_term(&term["podAffinityTerm"], path.child("podAffinityTerm"), report);
        }
    }
}

fn weight(term: &Value, path: Path<'_>, report: &mut Report) {
    let weight = term.number("weight").unwrap_or_default();
    if !(1..=100).contains(&weight) {
        report.invalid(path.child("weight"), weight, WEIGHT);
    }
}

/// A selector of nodes.
pub(crate) fn check_node_selector(selector: &Value, path: Path<'_>, report: &mut Report) {
    let list = path.child("nodeSelectorTerms");
    let terms = selector.list("nodeSelectorTerms");
    if terms.is_empty() {
        report.required(list, "must have at least one node selector term");
    }
    for (index, term) in terms.iter().enumerate() {
        node_term(term, true, list.index(index), report);
    }
}

fn node_term(term: &Value, checks_values: bool, path: Path<'_>, report: &mut Report) {
    let list = path.child("matchExpressions");
    for (index, requirement) in term.list("matchExpressions").iter().enumerate() {
        node_requirement(requirement, checks_values, list.index(index), report);
    }
    let list = path.child("matchFields");
    for (index, requirement) in term.list("matchFields").iter().enumerate() {
        node_field(requirement, list.index(index), report);
    }
}

fn node_requirement(requirement: &Value, checks_values: bool, path: Path<'_>, report: &mut Report) {
    let values = path.child("values");
    let count = requirement.count("values");
    match requirement.text("operator") {
        "In" | "NotIn" if count == 0 => {
            report.required(values, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if count > 0 => {
            report.forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        "Gt" | "Lt" if count != 1 => {
            report.required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        other => report.invalid(path.child("operator"), other, "not a valid selector operator"),
    }
    let key = requirement.text("key");
    report.broken(path.child("key"), key, names::label_key(key));
    if checks_values {
        for (index, value) in requirement.texts("values").enumerate() {
            report.broken(values.index(index), value, names::label_value(value));
        }
    }
}

fn node_field(requirement: &Value, path: Path<'_>, report: &mut Report) {
    let values = path.child("values");
    match requirement.text("operator") {
        "In" | "NotIn" => {
            if requirement.count("values") != 1 {
                let detail =
                    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                report.required(values, detail);
            }
        }
        other => report.invalid(path.child("operator"), other, "not a valid selector operator"),
    }
    match requirement.text("key") {
        "metadata.name" => {
            for (index, value) in requirement.texts("values").enumerate() {
                report.broken(values.index(index), value, names::subdomain(value));
            }
        }
        other => report.invalid(path.child("key"), other, "not a valid field selector key"),
    }
}

fn pod_term(term: &Value, path: Path<'_>, report: &mut Report) {
    label_selector::check(&term["labelSelector"], path.child("labelSelector"), report);
    label_selector::check(&term["namespaceSelector"], path.child("namespaceSelector"), report);
    for namespace in term.texts("namespaces") {
        report.broken(path.child("namespace"), namespace, names::label(namespace));
    }
    label_keys(term, path, report);
    let key = term.text("topologyKey");
    if key.is_empty() {
        report.required(path.child("topologyKey"), "can not be empty");
    }
    report.broken(path.child("topologyKey"), key, names::label_key(key));
}

/// Keys of labels whose values are those of the pod.
fn label_keys(term: &Value, path: Path<'_>, report: &mut Report) {
    let selector = &term["labelSelector"];
    for field in ["matchLabelKeys", "mismatchLabelKeys"] {
        let path = path.child(field);
        if term.count(field) == 0 {
            continue;
        }
        if selector.is_null() {
            report.forbidden(path, "must not be specified when labelSelector is not set");
            continue;
        }
        for (index, key) in term.texts(field).enumerate() {
            report.broken(path.index(index), key, names::label_key(key));
        }
    }
    let mut selected: Vec<&str> = selector.entries("matchLabels").map(|(key, _)| key).collect();
    for expression in selector.list("matchExpressions") {
        let key = expression.text("key");
        let index = term.texts("matchLabelKeys").position(|match_key| match_key == key);
        if let Some(index) = index.filter(|_| selected.contains(&key)) {
            report.invalid(path.index(index), key, "exists in both matchLabelKeys and labelSelector");
        }
        selected.push(key);
    }
    let list = path.child("matchLabelKeys");
    for (index, key) in term.texts("matchLabelKeys").enumerate() {
        if term.texts("mismatchLabelKeys").any(|mismatch| mismatch == key) {
            let detail = "exists in both matchLabelKeys and mismatchLabelKeys";
            report.invalid(list.index(index), key, detail);
        }
    }
}

/// Tolerations of taints.
pub(crate) fn check_tolerations(tolerations: &[Value], path: Path<'_>, report: &mut Report) {
    for (index, toleration) in tolerations.iter().enumerate() {
        let path = path.index(index);
        let (key, operator) = (toleration.text("key"), toleration.text("operator"));
        let (value, effect) = (toleration.text("value"), toleration.text("effect"));
        if !key.is_empty() {
            report.broken(path.child("key"), key, names::label_key(key));
        } else if operator != "Exists" {
            let detail =
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            report.invalid(path.child("operator"), operator, detail);
        }
        if toleration.has("tolerationSeconds") && effect != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            report.invalid(path.child("effect"), effect, detail);
        }
        match operator {
            "Equal" | "" => {
                let broken = names::label_value(value);
                if !broken.is_empty() {
                    report.invalid(path.child("operator"), value, &broken.join(";"));
                }
            }
            "Exists" if !value.is_empty() => {
                let detail = "value must be empty when `operator` is 'Exists'";
                report.invalid(path.child("operator"), value, detail);
            }
            "Exists" => {}
            "Lt" | "Gt" => comparison(value, path.child("value"), report),
            other => report.not_supported(path.child("operator"), other, &["Equal", "Exists"]),
        }
        if !effect.is_empty() && !TAINT_EFFECTS.contains(&effect) {
            report.not_supported(path.child("effect"), effect, &TAINT_EFFECTS);
        }
    }
}

/// A number that a taint's value is compared with.
fn comparison(value: &str, path: Path<'_>, report: &mut Report) {
    if value.parse::<i64>().is_ok_and(|number| number.to_string() == value) {
        return;
    }
    let detail = if value.is_empty() {
        "must be non-empty"
    } else {
        "must be a valid decimal integer in canonical form"
    };
    report.invalid(path, value, detail);
    if value.parse::<i64>().is_err() {
        report.invalid(path, value, &format!("strconv.ParseInt: parsing {value:?}: invalid syntax"));
    }
}

/// Readiness gates and scheduling gates.
pub(super) fn check_gates(spec: &Value, path: Path<'_>, report: &mut Report) {
    let list = path.child("readinessGates");
    for (index, gate) in spec.list("readinessGates").iter().enumerate() {
        let kind = gate.text("conditionType");
        report.broken(list.index(index).child("conditionType"), kind, names::label_key(kind));
    }
    let list = path.child("schedulingGates");
    let mut known: Vec<&str> = Vec::new();
    for (index, gate) in spec.list("schedulingGates").iter().enumerate() {
        let name = gate.text("name");
        report.broken(list.index(index), name, names::label_key(name));
        if known.contains(&name) {
            report.duplicate(list.index(index), name);
        }
        known.push(name);
    }
}

/// Constraints on how pods spread.
pub(super) fn check_spread(spec: &Value, path: Path<'_>, report: &mut Report) {
    let constraints = spec.list("topologySpreadConstraints");
    for (index, constraint) in constraints.iter().enumerate() {
        let path = path.index(index);
        let skew = constraint.number("maxSkew").unwrap_or_default();
        report.positive(path.child("maxSkew"), Some(skew));
        let (key, action) = (constraint.text("topologyKey"), constraint.text("whenUnsatisfiable"));
        if key.is_empty() {
            report.required(path.child("topologyKey"), "can not be empty");
        }
        let actions = ["DoNotSchedule", "ScheduleAnyway"];
        if !actions.contains(&action) {
            report.not_supported(path.child("whenUnsatisfiable"), action, &actions);
        }
        let same =
            |other: &Value| other.text("topologyKey") == key && other.text("whenUnsatisfiable") == action;
        if constraints[index + 1..].iter().any(same) {
            let path = path.child("{topologyKey, whenUnsatisfiable}");
            report.duplicate(path, format!("{{{key}, {action}}}"));
        }
        if let Some(domains) = constraint.number("minDomains") {
            report.positive(path.child("minDomains"), Some(domains));
            if action != "DoNotSchedule" {
                let detail =
                    format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
                report.invalid(path.child("minDomains"), domains, &detail);
            }
        }
        for field in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            let policy = constraint.text(field);
            if constraint.has(field) && !["Honor", "Ignore"].contains(&policy) {
                report.not_supported(path.child(field), policy, &["Honor", "Ignore"]);
            }
        }
        label_keys(constraint, path, report);
        label_selector::check(&constraint["labelSelector"], path.child("labelSelector"), report);
    }
}
