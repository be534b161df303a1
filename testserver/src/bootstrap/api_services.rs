//! Which part of the server serves which version of which group: itself, all of them.

use super::Maker;
use crate::time::now;
use serde_json::json;

/// The order of groups: the highest comes first.
const GROUPS: [(&str, u32); 23] = [
    ("", 18000),
    ("admissionregistration.k8s.io", 16700),
    ("apiextensions.k8s.io", 16700),
    ("apps", 17800),
    ("authentication.k8s.io", 17700),
    ("authorization.k8s.io", 17600),
    ("autoscaling", 17500),
    ("batch", 17400),
    ("certificates.k8s.io", 17300),
    ("coordination.k8s.io", 16500),
    ("discovery.k8s.io", 16200),
    ("events.k8s.io", 17750),
    ("flowcontrol.apiserver.k8s.io", 16100),
    ("internal.apiserver.k8s.io", 16000),
    ("lifecycle.k8s.io", 15700),
    ("networking.k8s.io", 17200),
    ("node.k8s.io", 16300),
    ("policy", 17100),
    ("rbac.authorization.k8s.io", 17000),
    ("resource.k8s.io", 16200),
    ("scheduling.k8s.io", 16600),
    ("storage.k8s.io", 16800),
    ("storagemigration.k8s.io", 15800),
];

fn priority_of_version(group: &str, version: &str) -> u32 {
    match (group, version) {
        ("", "v1") => 1,
        ("autoscaling", "v2") => 30,
        ("flowcontrol.apiserver.k8s.io" | "resource.k8s.io", "v1") => 21,
        (_, "v1") | ("resource.k8s.io", "v1beta2") => 15,
        ("coordination.k8s.io", "v1beta1") => 13,
        ("coordination.k8s.io", "v1alpha2") | ("admissionregistration.k8s.io", "v1beta1") => 12,
        (_, "v1beta1") | ("admissionregistration.k8s.io" | "internal.apiserver.k8s.io", "v1alpha1") => 9,
        ("scheduling.k8s.io", "v1alpha3") => 3,
        _ => 1,
    }
}

/// Makes an object for each version of each group.
pub(super) fn fill(maker: &Maker<'_>) {
    for (group, order) in GROUPS {
        let Some(versions) = maker.snapshot.groups.get(group) else { continue };
        for version in versions.keys() {
            let mut spec = json!({
                "version": version,
                "groupPriorityMinimum": order,
                "versionPriority": priority_of_version(group, version),
            });
            if !group.is_empty() {
                spec["group"] = group.into();
            }
            let available = json!({
                "type": "Available",
                "status": "True",
                "lastTransitionTime": now(),
                "reason": "Local",
                "message": "Local APIServices are always available",
            });
            let service = json!({
                "metadata": {
                    "name": format!("{version}.{group}"),
                    "labels": {"kube-aggregator.kubernetes.io/automanaged": "onstart"},
                },
                "spec": spec,
                "status": {"conditions": [available]},
            });
            maker.add("apiregistration.k8s.io", "v1", "apiservices", service);
        }
    }
}
