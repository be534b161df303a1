//! Which strategy each resource has.

use super::metadata::Origin;
use super::strategy::{InitialStatus, Strategy};
use super::{admission_registration, flow_control};
use super::{
    autoscaling, batch, certificate_signing_request, config_map, custom_resource_definition, lease,
    namespace, node, persistent_volume_claim, pod, rbac, secret, service, service_account, workloads,
};
use super::{endpoint_slice, endpoints, event, networking, pod_disruption_budget};
use super::{
    limit_range, persistent_volume, pod_template, priority_class, resource_quota, runtime_class, storage,
};

/// A custom resource whose status is written with the rest.
static CUSTOM: Strategy = Strategy {
    has_generation: true,
    origin: Origin::Extension,
    updates_unconditionally: false,
    status_resets: &["metadata", "spec"],
    changes: |new, old| differs(new, old, &["metadata"]),
    ..Strategy::PLAIN
};

/// A custom resource whose status is written apart.
static CUSTOM_WITH_STATUS: Strategy = Strategy {
    has_generation: true,
    status: InitialStatus::Reset,
    origin: Origin::Extension,
    updates_unconditionally: false,
    status_resets: &["metadata", "spec"],
    create: |object| {
        super::access::Change::remove_field(object, "status");
    },
    changes: |new, old| differs(new, old, &["metadata", "status"]),
    ..Strategy::PLAIN
};

static PLAIN: Strategy = Strategy::PLAIN;

/// Whether two objects differ in other fields than these.
fn differs(new: &serde_json::Value, old: &serde_json::Value, except: &[&str]) -> bool {
    let fields = |object: &serde_json::Value| {
        let fields = object.as_object().into_iter().flatten();
        let fields = fields.filter(|(field, _)| !except.contains(&field.as_str()));
        fields.map(|(field, value)| (field.clone(), value.clone())).collect::<Vec<_>>()
    };
    fields(new) != fields(old)
}

/// The strategy of a custom resource, which has a status that is written apart or not.
pub(crate) fn custom(has_status: bool) -> &'static Strategy {
    if has_status { &CUSTOM_WITH_STATUS } else { &CUSTOM }
}

/// The strategy of a version of a resource of Kubernetes.
pub(crate) fn strategy_of_version(group: &str, version: &str, plural: &str) -> &'static Strategy {
    match (group, version, plural) {
        ("autoscaling", "v1", "horizontalpodautoscalers") => &autoscaling::V1,
        _ => strategy(group, plural),
    }
}

/// The strategy of a resource of Kubernetes, in versions that have no other.
pub(crate) fn strategy(group: &str, plural: &str) -> &'static Strategy {
    match (group, plural) {
        ("certificates.k8s.io", "certificatesigningrequests") => &certificate_signing_request::STRATEGY,
        ("", "configmaps") => &config_map::STRATEGY,
        ("", "namespaces") => &namespace::STRATEGY,
        ("", "nodes") => &node::STRATEGY,
        ("", "persistentvolumeclaims") => &persistent_volume_claim::STRATEGY,
        ("", "pods") => &pod::STRATEGY,
        ("", "secrets") => &secret::STRATEGY,
        ("apiextensions.k8s.io", "customresourcedefinitions") => &custom_resource_definition::STRATEGY,
        ("", "replicationcontrollers") => &workloads::REPLICATION_CONTROLLER,
        ("", "serviceaccounts") => &service_account::STRATEGY,
        ("", "services") => &service::STRATEGY,
        ("apps", plural) => workloads::strategy(plural).unwrap_or(&PLAIN),
        ("batch", plural) => batch::strategy(plural).unwrap_or(&PLAIN),
        ("rbac.authorization.k8s.io", plural) => rbac::strategy(plural).unwrap_or(&PLAIN),
        ("coordination.k8s.io", "leases") => &lease::STRATEGY,
        ("admissionregistration.k8s.io", plural) => {
            admission_registration::strategy(plural).unwrap_or(&PLAIN)
        }
        ("flowcontrol.apiserver.k8s.io", "flowschemas") => &flow_control::FLOW_SCHEMA,
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations") => &flow_control::PRIORITY_LEVEL,
        ("", "limitranges") => &limit_range::STRATEGY,
        ("", "persistentvolumes") => &persistent_volume::STRATEGY,
        ("", "podtemplates") => &pod_template::STRATEGY,
        ("", "resourcequotas") => &resource_quota::STRATEGY,
        ("node.k8s.io", "runtimeclasses") => &runtime_class::STRATEGY,
        ("scheduling.k8s.io", "priorityclasses") => &priority_class::STRATEGY,
        ("storage.k8s.io", plural) => storage::strategy(plural).unwrap_or(&PLAIN),
        ("", "endpoints") => &endpoints::STRATEGY,
        ("", "events") => &event::CORE,
        ("autoscaling", "horizontalpodautoscalers") => &autoscaling::STRATEGY,
        ("discovery.k8s.io", "endpointslices") => &endpoint_slice::STRATEGY,
        ("events.k8s.io", "events") => &event::STRATEGY,
        ("networking.k8s.io", plural) => networking::strategy(plural).unwrap_or(&PLAIN),
        ("policy", "poddisruptionbudgets") => &pod_disruption_budget::STRATEGY,
        _ => &PLAIN,
    }
}
