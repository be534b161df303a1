//! Which fields a request cannot change, so that nobody owns them by it.

use super::compare::Comparison;
use super::set::FieldSet;

/// The paths of the fields that a request cannot change; all that is below them belongs to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ResetFields(&'static [&'static [&'static str]]);

const NOTHING: ResetFields = ResetFields(&[]);
const STATUS: ResetFields = ResetFields(&[&["status"]]);
const SPEC: ResetFields = ResetFields(&[&["spec"]]);
const SPEC_AND_METADATA: ResetFields = ResetFields(&[&["spec"], &["metadata"]]);

/// Groups whose kinds ignore metadata in requests for their status. In others, only the spec is ignored.
const IGNORE_METADATA: &[&str] = &[
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "lifecycle.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

impl ResetFields {
    /// Those of a request for a built-in resource, or one of its subresources.
    pub(super) fn of(group: &str, plural: &str, subresource: &str) -> Self {
        match (group, plural, subresource) {
            ("", "pods", "status") => {
                Self(&[&["spec"], &["metadata", "deletionTimestamp"], &["metadata", "ownerReferences"]])
            }
            ("", "namespaces", "finalize") => STATUS,
            ("apps", "deployments", "status") => Self(&[&["spec"], &["metadata", "labels"]]),
            ("certificates.k8s.io", "certificatesigningrequests", "") => Self(&[&["spec"], &["status"]]),
            ("certificates.k8s.io", "certificatesigningrequests", "status") => {
                Self(&[&["spec"], &["status", "conditions"]])
            }
            ("certificates.k8s.io", "certificatesigningrequests", "approval") => {
                Self(&[&["spec"], &["status", "certificate"]])
            }
            ("networking.k8s.io", "servicecidrs", "status")
            | ("certificates.k8s.io", "podcertificaterequests", "status") => SPEC_AND_METADATA,
            (group, _, "status") if IGNORE_METADATA.contains(&group) => SPEC_AND_METADATA,
            (_, _, "status") => SPEC,
            (_, _, "") => STATUS,
            _ => NOTHING,
        }
    }

    /// Those of a request for a custom resource.
    pub(super) fn of_custom(has_status: bool, subresource: &str) -> Self {
        match (has_status, subresource) {
            (true, "") => STATUS,
            (true, "status") => SPEC_AND_METADATA,
            _ => NOTHING,
        }
    }

    /// Takes them out of a set.
    pub(super) fn take_out_of(&self, set: &mut FieldSet) {
        let Self(paths) = self;
        let mut reset = FieldSet::default();
        for path in *paths {
            reset = reset.union(FieldSet::of_path(path));
        }
        set.subtract_with_all_below(&reset);
    }

    /// Takes them out of a comparison.
    pub(super) fn take_out_of_comparison(&self, comparison: &mut Comparison) {
        for set in [&mut comparison.added, &mut comparison.modified, &mut comparison.removed] {
            self.take_out_of(set);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields_v1;
    use super::ResetFields;
    use serde_json::{Value, json};

    fn left(reset: ResetFields, fields: &Value) -> Value {
        let mut set = fields_v1::read(fields).unwrap();
        reset.take_out_of(&mut set);
        fields_v1::write(&set)
    }

    #[test]
    fn a_request_for_the_object_leaves_the_status_alone() {
        let fields =
            json!({"f:metadata": {"f:labels": {}}, "f:spec": {"f:a": {}}, "f:status": {".": {}, "f:b": {}}});
        let reset = ResetFields::of("apps", "deployments", "");
        assert_eq!(left(reset, &fields), json!({"f:metadata": {"f:labels": {}}, "f:spec": {"f:a": {}}}));
    }

    #[test]
    fn a_request_for_the_status_leaves_the_spec_and_some_metadata_alone() {
        let fields = json!({
            "f:metadata": {"f:annotations": {"f:a": {}}, "f:labels": {".": {}, "f:a": {}}},
            "f:spec": {"f:a": {}},
            "f:status": {"f:b": {}}
        });
        let reset = ResetFields::of("apps", "deployments", "status");
        let kept = json!({"f:metadata": {"f:annotations": {"f:a": {}}}, "f:status": {"f:b": {}}});
        assert_eq!(left(reset, &fields), kept);
        let reset = ResetFields::of_custom(true, "status");
        assert_eq!(left(reset, &fields), json!({"f:status": {"f:b": {}}}));
    }

    #[test]
    fn a_custom_resource_without_status_subresource_owns_its_status() {
        let fields = json!({"f:spec": {"f:a": {}}, "f:status": {"f:b": {}}});
        assert_eq!(left(ResetFields::of_custom(false, ""), &fields), fields);
    }
}
