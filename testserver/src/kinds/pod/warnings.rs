//! What users should know about pods that are in order.

use crate::kinds::access::Look;
use crate::names;
use serde_json::Value;

/// Labels of nodes that have other names by now.
const RENAMED: [(&str, &str, &str); 5] = [
    ("beta.kubernetes.io/arch", "v1.14", "kubernetes.io/arch"),
    ("beta.kubernetes.io/instance-type", "v1.17", "node.kubernetes.io/instance-type"),
    ("beta.kubernetes.io/os", "v1.14", "kubernetes.io/os"),
    ("failure-domain.beta.kubernetes.io/region", "v1.17", "topology.kubernetes.io/region"),
    ("failure-domain.beta.kubernetes.io/zone", "v1.17", "topology.kubernetes.io/zone"),
];

pub(super) fn of(pod: &Value, old: Option<&Value>) -> Vec<String> {
    if old.is_some() {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    let broken = names::label(pod["metadata"].text("name"));
    if !broken.is_empty() {
        warnings.push(format!(
            "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is \
             recommended: [{}]",
            broken.join(" ")
        ));
    }
    warnings.extend(of_spec(&pod["spec"], "spec"));
    warnings
}

/// What users should know about the specification at `path`.
pub(in crate::kinds) fn of_spec(spec: &Value, path: &str) -> Vec<String> {
    let mut warnings = Vec::new();
    for (label, since, now) in RENAMED {
        if spec["nodeSelector"].has(label) {
            warnings
                .push(format!("{path}.nodeSelector[{label}]: deprecated since {since}; use {now:?} instead"));
        }
    }
    for (index, constraint) in spec.list("topologySpreadConstraints").iter().enumerate() {
        if !constraint.has("labelSelector") {
            warnings.push(format!(
                "{path}.topologySpreadConstraints[{index}].labelSelector: a null labelSelector results in matching no pod"
            ));
        }
    }
    for (index, secret) in spec.list("imagePullSecrets").iter().enumerate() {
        if secret.text("name").is_empty() {
            warnings.push(format!("{path}.imagePullSecrets[{index}].name: invalid empty name \"\""));
        }
    }
    for field in ["initContainers", "containers"] {
        for (index, container) in spec.list(field).iter().enumerate() {
            of_container(container, &format!("{path}.{field}[{index}]"), &mut warnings);
        }
    }
    warnings
}

fn of_container(container: &Value, path: &str, warnings: &mut Vec<String>) {
    let variables = container.list("env");
    for (index, variable) in variables.iter().enumerate() {
        let name = variable.text("name");
        let hides = variables[..index].iter().any(|earlier| earlier.text("name") == name)
            && !variable.text("value").contains(&format!("$({name})"));
        if hides {
            warnings.push(format!(
                "{path}.env[{index}]: hides previous definition of {name:?}, which may be dropped when using apply"
            ));
        }
    }
    let ports = container.list("ports");
    for (index, port) in ports.iter().enumerate() {
        let same = |earlier: &Value| {
            ["containerPort", "protocol"].iter().all(|field| earlier[*field] == port[*field])
                && ["hostPort", "hostIP"].iter().all(|field| earlier[*field] == port[*field])
        };
        if let Some(earlier) = ports[..index].iter().position(same) {
            warnings.push(format!(
                "{path}.ports[{index}]: duplicate port definition with {path}.ports[{earlier}]"
            ));
        }
    }
}
