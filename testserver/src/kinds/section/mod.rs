//! Subresources that show a whole object, of which they let one part be changed.

mod approval;
mod ephemeral_containers;
mod finalize;
mod node;
mod resize;

use super::access::{Change, Look};
use super::report::Report;
use super::strategy::Cluster;
use crate::failure::{Cause, Failure};
use serde_json::Value;

/// The part of an object that a subresource lets be changed.
#[derive(Debug)]
pub(crate) struct Section {
    prepare: fn(&mut Value, &Value),
    check: fn(&Value, &Value, &mut Report),
    admit: fn(&Value, &Value, &dyn Cluster) -> Result<(), Failure>,
}

impl Section {
    /// The section of a subresource; none if it is of another sort.
    pub(crate) fn of(group: &str, plural: &str, subresource: &str) -> Option<&'static Self> {
        match (group, plural, subresource) {
            ("", "namespaces", "finalize") => Some(&finalize::SECTION),
            ("", "pods", "ephemeralcontainers") => Some(&ephemeral_containers::SECTION),
            ("", "pods", "resize") => Some(&resize::SECTION),
            ("certificates.k8s.io", "certificatesigningrequests", "approval") => Some(&approval::SECTION),
            _ => None,
        }
    }

    /// Takes everything else from the new state of an object.
    pub(crate) fn prepare(&self, new: &mut Value, old: &Value) {
        (self.prepare)(new, old);
    }

    /// What is wrong with the new state of an object.
    pub(crate) fn validate(&self, new: &Value, old: &Value) -> Vec<Cause> {
        let mut report = Report::default();
        (self.check)(new, old, &mut report);
        report.into_causes()
    }

    /// Refuses a valid change that does not fit what else is there.
    ///
    /// # Errors
    ///
    /// What is against it.
    pub(crate) fn admit(&self, new: &Value, old: &Value, cluster: &dyn Cluster) -> Result<(), Failure> {
        (self.admit)(new, old, cluster)
    }
}

/// Nothing is against a change.
fn always(_: &Value, _: &Value, _: &dyn Cluster) -> Result<(), Failure> {
    Ok(())
}

impl PartialEq for Section {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Section {}

/// Keeps what a pod's parts do not change, and counts the change.
fn keep_pod(new: &mut Value, old: &Value, spec: Value) {
    new.copy_field("status", old);
    for field in ["labels", "annotations", "finalizers", "ownerReferences"] {
        new.inner("metadata").copy_field(field, &old["metadata"]);
    }
    if spec != old["spec"] {
        let generation = old["metadata"].number("generation").unwrap_or_default();
        new.inner("metadata").set("generation", generation.saturating_add(1));
    }
    new.set("spec", spec);
}

#[cfg(test)]
mod tests {
    use super::Section;
    use serde_json::{Value, json};

    fn told(section: &Section, new: &mut Value, old: &Value) -> Vec<String> {
        section.prepare(new, old);
        section.validate(new, old).iter().map(ToString::to_string).collect()
    }

    fn pod() -> Value {
        let container = json!({
            "name": "a", "image": "b", "resources": {"requests": {"cpu": "100m"}},
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
            "imagePullPolicy": "Always",
        });
        json!({
            "metadata": {"name": "p", "namespace": "x", "resourceVersion": "1", "generation": 1},
            "spec": {
                "containers": [container], "restartPolicy": "Always", "dnsPolicy": "ClusterFirst",
                "terminationGracePeriodSeconds": 30,
            },
            "status": {"phase": "Running", "qosClass": "Burstable"},
        })
    }

    #[test]
    fn only_ephemeral_containers_are_added() {
        let section = Section::of("", "pods", "ephemeralcontainers").unwrap();
        let old = pod();
        let mut new = old.clone();
        new["spec"]["nodeName"] = "other".into();
        new["metadata"]["labels"] = json!({"a": "b"});
        new["spec"]["ephemeralContainers"] = json!([{
            "name": "d", "image": "c", "imagePullPolicy": "Always", "terminationMessagePolicy": "File",
        }]);
        assert_eq!(told(section, &mut new, &old), [""; 0]);
        assert_eq!((new["spec"].get("nodeName"), &new["metadata"]["generation"]), (None, &json!(2)));
        assert_eq!(new["metadata"].get("labels"), None);
        let mut less = new.clone();
        less["spec"]["ephemeralContainers"] = json!([]);
        let expected =
            ["spec.ephemeralContainers: Forbidden: existing ephemeral containers \"d\" may not be removed\n"];
        assert_eq!(told(section, &mut less, &new), expected);
    }

    #[test]
    fn only_cpu_and_memory_are_resized_and_nothing_is_taken_away() {
        let section = Section::of("", "pods", "resize").unwrap();
        let old = pod();
        let resized = |resources: Value| {
            let mut new = old.clone();
            new["spec"]["containers"][0]["resources"] = resources;
            new["spec"]["containers"][0]["image"] = "other".into();
            (told(section, &mut new, &old), new)
        };
        let (wrong, new) = resized(json!({"requests": {"cpu": "200m"}}));
        assert_eq!((wrong, &new["spec"]["containers"][0]["image"]), (vec![], &json!("b")));
        let (wrong, _) = resized(json!({"requests": {"cpu": "100m", "ephemeral-storage": "1Gi"}}));
        assert_eq!(wrong, ["spec: Forbidden: only cpu and memory resources are mutable"]);
        let (wrong, _) = resized(json!({}));
        assert_eq!(
            wrong,
            [
                "spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing",
                "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
            ]
        );
        let mut more = old.clone();
        more["spec"]["containers"].as_array_mut().unwrap().push(json!({
            "name": "c", "image": "b", "imagePullPolicy": "Always", "terminationMessagePolicy": "File",
        }));
        let expected = ["spec.containers: Forbidden: containers may not be added or removed on resize"];
        assert_eq!(told(section, &mut more, &old), expected);
    }

    #[test]
    fn finalizers_of_namespaces_are_known_or_qualified() {
        let section = Section::of("", "namespaces", "finalize").unwrap();
        let old = json!({
            "metadata": {"name": "x", "resourceVersion": "1"},
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
        });
        let mut new = old.clone();
        new["spec"]["finalizers"] = json!(["mine"]);
        new["status"]["phase"] = "Terminating".into();
        let expected = "spec.finalizers[0]: Invalid value: \"mine\": name is neither a standard finalizer name nor is it \
                        fully qualified";
        assert_eq!(told(section, &mut new, &old), [expected]);
        assert_eq!(new["status"]["phase"], "Active");
    }

    #[test]
    fn an_approval_stays_and_excludes_a_denial() {
        let section = Section::of("certificates.k8s.io", "certificatesigningrequests", "approval").unwrap();
        let metadata = json!({"name": "x", "resourceVersion": "1"});
        let approved = json!([{"type": "Approved", "status": "True", "lastUpdateTime": "2020-01-01T00:00:00Z",
            "lastTransitionTime": "2020-01-01T00:00:00Z"}]);
        let old = json!({"metadata": metadata, "spec": {}, "status": {"conditions": approved}});
        let mut new = old.clone();
        new["status"] = json!({"certificate": "x", "conditions": [{"type": "Denied", "status": "False"}]});
        assert_eq!(
            told(section, &mut new, &old),
            [
                "status.conditions[0].status: Unsupported value: \"False\": supported values: \"True\"",
                "status.conditions: Forbidden: updates may not remove a condition of type \"Approved\"",
            ]
        );
        assert_eq!(new["status"].get("certificate"), None);
        assert!(new["status"]["conditions"][0]["lastTransitionTime"].is_string());
    }
}
