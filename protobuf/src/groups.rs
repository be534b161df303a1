//! Which API groups are Kubernetes' own, and in which protobuf package their messages are.

/// What options, `Status` and metadata are in.
pub(crate) const META: &str = "apimachinery.pkg.apis.meta.v1";

/// The groups and where their packages are, but for the version. Custom resources can have groups of similar names.
const GROUPS: [(&str, &str); 29] = [
    ("", "api.core"),
    ("admission.k8s.io", "api.admission"),
    ("admissionregistration.k8s.io", "api.admissionregistration"),
    ("apiextensions.k8s.io", "apiextensions-apiserver.pkg.apis.apiextensions"),
    ("apiregistration.k8s.io", "kube-aggregator.pkg.apis.apiregistration"),
    ("apps", "api.apps"),
    ("authentication.k8s.io", "api.authentication"),
    ("authorization.k8s.io", "api.authorization"),
    ("autoscaling", "api.autoscaling"),
    ("batch", "api.batch"),
    ("certificates.k8s.io", "api.certificates"),
    ("coordination.k8s.io", "api.coordination"),
    ("discovery.k8s.io", "api.discovery"),
    ("events.k8s.io", "api.events"),
    ("extensions", "api.extensions"),
    ("flowcontrol.apiserver.k8s.io", "api.flowcontrol"),
    ("imagepolicy.k8s.io", "api.imagepolicy"),
    ("internal.apiserver.k8s.io", "api.apiserverinternal"),
    ("lifecycle.k8s.io", "api.lifecycle"),
    ("meta.k8s.io", "apimachinery.pkg.apis.meta"),
    ("networking.k8s.io", "api.networking"),
    ("node.k8s.io", "api.node"),
    ("policy", "api.policy"),
    ("rbac.authorization.k8s.io", "api.rbac"),
    ("resource.k8s.io", "api.resource"),
    ("scheduling.k8s.io", "api.scheduling"),
    ("storage.k8s.io", "api.storage"),
    ("storagemigration.k8s.io", "api.storagemigration"),
    ("apidiscovery.k8s.io", "api.apidiscovery"),
];

/// The protobuf package of a group and version, such as `apps/v1`; none if the group is not Kubernetes' own.
pub(crate) fn package(api_version: &str) -> Option<String> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let (_, package) = GROUPS.iter().find(|(name, _)| *name == group)?;
    Some(format!("{package}.{version}"))
}

/// Whether objects of this group and version (`v1`, `apps/v1`) have a protobuf form that this crate knows.
///
/// Custom resources have none. A group and version that is newer than this crate is not known.
pub fn is_built_in(api_version: &str) -> bool {
    package(api_version).is_some_and(|package| crate::message::has_package(&package))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kubernetes_own_groups_are_built_in() {
        for api_version in
            ["v1", "apps/v1", "rbac.authorization.k8s.io/v1", "apiextensions.k8s.io/v1", "meta.k8s.io/v1"]
        {
            assert!(is_built_in(api_version), "{api_version}");
        }
        for api_version in
            ["", "v2", "apps/v9", "apps.example.com/v1", "autoscaling.k8s.io/v1", "example.com/v1", "/v1/"]
        {
            assert!(!is_built_in(api_version), "{api_version}");
        }
    }
}
