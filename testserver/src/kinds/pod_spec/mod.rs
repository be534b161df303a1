//! Specifications of pods, in pods and in the templates of workloads.

mod container;
mod containers;
mod defaults;
mod environment;
mod images;
mod mounts;
mod probes;
mod qos;
mod resources;
mod scheduling;
mod security;
mod settings;
mod volumes;

use super::access::Look;
use super::metadata;
use super::path::Path;
use super::report::Report;
use serde_json::Value;

pub(crate) use defaults::{default_pod, default_pod_level, default_spec};
pub(crate) use probes::port as check_port;
pub(crate) use qos::quality;
pub(crate) use resources::{
    check_list as check_resource_list, check_quantity, container_name as check_container_resource_name,
    round_list, standard_name as check_resource_name,
};
pub(crate) use scheduling::{TAINT_EFFECTS, check_node_selector, check_tolerations};
pub(crate) use volumes::{driver as check_driver, host_path as check_host_path};

/// What a specification belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner<'a> {
    /// The metadata of the pod; null for templates.
    pub(super) metadata: &'a Value,
    /// Whether it is a pod, not a template.
    pub(super) is_pod: bool,
}

/// What is wrong with the specification of a pod, which includes what only pods are checked for.
pub(crate) fn check_pod(pod: &Value, report: &mut Report) {
    let spec = &pod["spec"];
    let path = Path::root("spec");
    settings::annotations(pod, report);
    check_spec(spec, Owner { metadata: &pod["metadata"], is_pod: true }, path, report);
    volumes::check_service_account_tokens(spec, path, report);
    report.not_negative(
        path.child("terminationGracePeriodSeconds"),
        spec.number("terminationGracePeriodSeconds"),
    );
    containers::check_padding(spec, path, report);
}

/// What is wrong with a template of pods.
pub(crate) fn check_template(template: &Value, path: Path<'_>, report: &mut Report) {
    let metadata = &template["metadata"];
    // The server leaves the metadata out of these paths.
    metadata::labels(&metadata["labels"], path.child("labels"), report);
    let annotations = path.child("annotations");
    metadata::annotations(&metadata["annotations"], annotations, report);
    settings::specific_annotations(&metadata["annotations"], &template["spec"], annotations, report);
    let spec = &template["spec"];
    let path = path.child("spec");
    check_spec(spec, Owner { metadata: &Value::Null, is_pod: false }, path, report);
    if spec.count("ephemeralContainers") > 0 {
        report
            .forbidden(path.child("ephemeralContainers"), "ephemeral containers not allowed in pod template");
    }
}

fn check_spec(spec: &Value, owner: Owner<'_>, path: Path<'_>, report: &mut Report) {
    if !spec.has("terminationGracePeriodSeconds") {
        report.required(path.child("terminationGracePeriodSeconds"), "");
    }
    let volumes = volumes::check(spec, owner.metadata, path, report);
    settings::resource_claims(spec, path.child("resourceClaims"), report);
    containers::check(spec, &volumes, owner, path, report);
    containers::check_init(spec, &volumes, path, report);
    containers::check_ephemeral(spec, &volumes, path, report);
    resources::check_pod_level(spec, path, report);
    settings::host_network(spec, owner, path, report);
    let restart = ["Always", "OnFailure", "Never"];
    report.one_of(path.child("restartPolicy"), spec.text("restartPolicy"), &restart);
    let dns = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    report.one_of(path.child("dnsPolicy"), spec.text("dnsPolicy"), &dns);
    metadata::labels(&spec["nodeSelector"], path.child("nodeSelector"), report);
    security::check_pod(spec, path, report);
    scheduling::check_affinity(&spec["affinity"], path.child("affinity"), report);
    settings::dns(spec, path.child("dnsConfig"), report);
    scheduling::check_gates(spec, path, report);
    scheduling::check_spread(spec, path.child("topologySpreadConstraints"), report);
    settings::users_and_hostname(spec, path, report);
    settings::names(spec, path, report);
    settings::limits_and_hosts(spec, path, report);
    settings::classes(spec, path, report);
    settings::operating_system(spec, path, report);
    environment::check_file_volumes(spec, path, report);
}

/// All containers of a specification, with the fields they are in.
pub(super) fn each_container(spec: &Value) -> impl Iterator<Item = (&'static str, usize, &Value)> {
    ["initContainers", "containers", "ephemeralContainers"].into_iter().flat_map(|field| {
        spec.list(field).iter().enumerate().map(move |(index, container)| (field, index, container))
    })
}
