//! Nodes.

use super::access::{Change, Look};
use super::ip;
use super::path::Path;
use super::pod_spec::{self, TAINT_EFFECTS};
use super::report::Report;
use super::strategy::{InitialStatus, Strategy};
use crate::failure::Cause;
use crate::names;
use serde_json::{Value, json};

pub(super) static STRATEGY: Strategy = Strategy {
    // The kubelet tells the status of its node with the node.
    status: InitialStatus::Given,
    default,
    admit: |node, old, _| {
        if old.is_none() {
            taint(node);
        }
        Ok(())
    },
    create: |node| {
        node.inner("spec").remove_field("configSource");
        node.inner("status").remove_field("config");
    },
    update: |new, old| {
        if !old["spec"].has("configSource") {
            new.inner("spec").remove_field("configSource");
        }
    },
    check,
    check_update: |new, old, report| {
        check(new, report);
        update(new, old, report);
    },
    check_status: update,
    warn,
    ..Strategy::PLAIN
};

fn default(node: &mut Value) {
    let spec = node.inner("spec");
    let (single, first) = (spec.text("podCIDR").to_owned(), spec["podCIDRs"][0].clone());
    match first {
        Value::Null if !single.is_empty() => spec.set("podCIDRs", vec![single]),
        Value::String(first) if first != single => spec.set("podCIDR", first),
        _ => {}
    }
    let status = node.inner("status");
    for field in ["capacity", "allocatable"] {
        if let Some(list) = status.inside(field) {
            pod_spec::round_list(list);
        }
    }
    if status.has("capacity") {
        let capacity = status["capacity"].clone();
        status.or_set("allocatable", capacity);
    }
}

/// A new node is not ready until a controller finds that it is.
fn taint(node: &mut Value) {
    const NOT_READY: &str = "node.kubernetes.io/not-ready";
    let spec = node.inner("spec");
    let mut taints = spec.list("taints").to_vec();
    let is_there = |taint: &Value| taint.text("key") == NOT_READY && taint.text("effect") == "NoSchedule";
    if !taints.iter().any(is_there) {
        taints.push(json!({"key": NOT_READY, "effect": "NoSchedule"}));
        spec.set("taints", taints);
    }
}

fn check(node: &Value, report: &mut Report) {
    taints(node["spec"].list("taints"), report);
    resources(&node["status"], report);
    let list = Path::root("spec.podCIDRs");
    for (index, range) in node["spec"].texts("podCIDRs").enumerate() {
        ip::check_range(range, list.index(index), report);
    }
    let ranges: Vec<&str> = node["spec"].texts("podCIDRs").collect();
    let v6 = ranges.iter().filter(|range| range.contains(':')).count();
    if ranges.len() > 2 || ranges.len() == 2 && v6 != 1 {
        let detail = "may specify no more than one CIDR for each IP family";
        report.invalid(list, node["spec"]["podCIDRs"].clone(), detail);
    }
}

fn taints(taints: &[Value], report: &mut Report) {
    // The server tells taints as if they were metadata.
    let list = Path::root("metadata.taints");
    for (index, taint) in taints.iter().enumerate() {
        let path = list.index(index);
        let (key, value, effect) = (taint.text("key"), taint.text("value"), taint.text("effect"));
        report.broken(path.child("key"), key, names::label_key(key));
        let broken = names::label_value(value);
        if !broken.is_empty() {
            report.invalid(path.child("value"), value, &broken.join(";"));
        }
        report.one_of(path.child("effect"), effect, &TAINT_EFFECTS);
        let same = |other: &Value| other.text("key") == key && other.text("effect") == effect;
        if taints[..index].iter().any(same) {
            let mut cause = Cause::duplicate(path, &Value::Null);
            cause.message = format!(
                "Duplicate value: {{\"Key\":{},\"Value\":{},\"Effect\":{},\"TimeAdded\":{}}}: taints must be unique by \
                 key and effect pair",
                Value::from(key),
                Value::from(value),
                Value::from(effect),
                taint["timeAdded"]
            );
            report.push(cause);
        }
    }
}

fn resources(status: &Value, report: &mut Report) {
    for (field, path) in
        [("capacity", Path::root("status.capacity")), ("allocatable", Path::root("status.allocatable"))]
    {
        for (name, value) in status.entries(field) {
            pod_spec::check_quantity(name, value, path.child(name), report);
        }
    }
}

fn update(new: &Value, old: &Value, report: &mut Report) {
    resources(&new["status"], report);
    let list = Path::root("status.addresses");
    let addresses = new["status"].list("addresses");
    for (index, address) in addresses.iter().enumerate() {
        if addresses[..index].contains(address) {
            let mut cause = Cause::duplicate(list.index(index), &Value::Null);
            cause.message = format!(
                "Duplicate value: {{\"Type\":{},\"Address\":{}}}",
                Value::from(address.text("type")),
                Value::from(address.text("address"))
            );
            report.push(cause);
        }
    }
    let (spec, before) = (&new["spec"], &old["spec"]);
    if before.count("podCIDRs") > 0 && spec["podCIDRs"] != before["podCIDRs"] {
        let detail = "node updates may not change podCIDR except from \"\" to valid";
        report.forbidden(Path::root("spec.podCIDRs"), detail);
    }
    let (provider, given) = (spec.text("providerID"), before.text("providerID"));
    if !given.is_empty() && provider != given {
        let detail = if provider.is_empty() {
            "field cannot be cleared once set"
        } else {
            "field cannot be modified once set"
        };
        report.invalid(Path::root("spec.providerID"), Value::Null, detail);
    }
    taints(spec.list("taints"), report);
    if spec.text("externalID") != before.text("externalID") {
        report.forbidden(Path::root("spec.externalID"), "may not be updated");
    }
}

fn warn(new: &Value, _: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    if new["spec"].has("configSource") {
        warnings.push("spec.configSource: the feature is removed".into());
    }
    if !new["spec"].text("externalID").is_empty() {
        warnings.push("spec.externalID: this field is deprecated, and is unused by Kubernetes".into());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::{STRATEGY, taint};
    use serde_json::json;

    #[test]
    fn a_new_node_is_tainted_and_keeps_its_status() {
        let mut node = json!({"metadata": {"name": "n"}, "spec": {"podCIDR": "10.1.0.0/24"},
            "status": {"capacity": {"cpu": "2"}}});
        STRATEGY.default(&mut node);
        taint(&mut node);
        STRATEGY.prepare_create(&mut node);
        assert_eq!(
            node["spec"]["taints"],
            json!([{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}])
        );
        assert_eq!(node["spec"]["podCIDRs"], json!(["10.1.0.0/24"]));
        assert_eq!(node["status"]["allocatable"], json!({"cpu": "2"}));
        assert_eq!(STRATEGY.validate(&node, false), []);
    }

    #[test]
    fn what_the_cloud_gave_stays() {
        let old = json!({"metadata": {"name": "n", "resourceVersion": "1"}, "spec": {"providerID": "a",
            "podCIDRs": ["10.1.0.0/24"]}});
        let mut new = old.clone();
        new["spec"] = json!({"providerID": "b", "podCIDRs": ["10.2.0.0/24"]});
        let told: Vec<_> = STRATEGY.validate_update(&new, &old).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid",
                "spec.providerID: Invalid value: null: field cannot be modified once set",
            ]
        );
    }
}
