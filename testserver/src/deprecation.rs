//! Versions of kinds that are on their way out, of which every answer warns.

use crate::catalog::Resource;
use crate::version::MINOR;

/// A version of kinds: group, version, the minor version of Kubernetes that deprecated it, the one that is to be without
/// it (0 if none), what to use in its place, and the kinds.
type Row = (&'static str, &'static str, u8, u8, &'static str, &'static [&'static str]);

const POLICIES: &[&str] = &["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"];
const OLD_POLICIES: &[&str] = &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
const DEVICES: &[&str] = &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"];
/// The version v1 of the same kind.
const SAME: &str = "v1";

const TABLE: &[Row] = &[
    ("", "v1", 33, 0, "discovery.k8s.io/v1 EndpointSlice", &["Endpoints"]),
    ("", "v1", 19, 0, "", &["ComponentStatus"]),
    ("admissionregistration.k8s.io", "v1alpha1", 35, 38, "", POLICIES),
    ("admissionregistration.k8s.io", "v1alpha1", 29, 32, "", OLD_POLICIES),
    ("admissionregistration.k8s.io", "v1beta1", 37, 40, SAME, POLICIES),
    ("admissionregistration.k8s.io", "v1beta1", 31, 34, "", OLD_POLICIES),
    ("certificates.k8s.io", "v1alpha1", 34, 37, "", &["ClusterTrustBundle"]),
    ("certificates.k8s.io", "v1beta1", 37, 40, SAME, &["ClusterTrustBundle", "PodCertificateRequest"]),
    ("coordination.k8s.io", "v1alpha2", 35, 38, "", &["LeaseCandidate"]),
    ("coordination.k8s.io", "v1beta1", 36, 39, "", &["LeaseCandidate"]),
    ("networking.k8s.io", "v1beta1", 34, 37, "", &["IPAddress", "ServiceCIDR"]),
    ("resource.k8s.io", "v1alpha3", 36, 39, "", &["DeviceTaintRule"]),
    ("resource.k8s.io", "v1beta1", 35, 38, "", DEVICES),
    ("resource.k8s.io", "v1beta2", 36, 39, "", DEVICES),
    ("storage.k8s.io", "v1alpha1", 32, 35, SAME, &["VolumeAttributesClass"]),
    ("storage.k8s.io", "v1beta1", 34, 37, SAME, &["VolumeAttributesClass"]),
    ("storagemigration.k8s.io", "v1beta1", 37, 40, SAME, &["StorageVersionMigration"]),
];

/// What to say about the version of a resource, if it is on its way out.
pub(crate) fn warning(resource: &Resource) -> Option<String> {
    if resource.custom.is_some() {
        return None;
    }
    of(&resource.group, &resource.version, &resource.kind)
}

fn of(group: &str, version: &str, kind: &str) -> Option<String> {
    let is_meant = |row: &&Row| row.0 == group && row.1 == version && row.5.contains(&kind) && row.2 <= MINOR;
    let (_, _, since, removed, instead, _) = TABLE.iter().find(is_meant)?;
    let slash = if group.is_empty() { "" } else { "/" };
    let mut text = format!("{group}{slash}{version} {kind} is deprecated in v1.{since}+");
    if *removed > 0 {
        text += &format!(", unavailable in v1.{removed}+");
    }
    match *instead {
        "" => {}
        SAME => text += &format!("; use {group}/v1 {kind}"),
        other => text += &format!("; use {other}"),
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_warning_says_since_when_until_when_and_what_to_use() {
        let told = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
        assert_eq!(of("", "v1", "Endpoints").as_deref(), Some(told));
        let told = "storage.k8s.io/v1alpha1 VolumeAttributesClass is deprecated in v1.32+, unavailable in v1.35+; use \
                    storage.k8s.io/v1 VolumeAttributesClass";
        assert_eq!(of("storage.k8s.io", "v1alpha1", "VolumeAttributesClass").as_deref(), Some(told));
        assert_eq!(of("", "v1", "Pod"), None);
    }
}
