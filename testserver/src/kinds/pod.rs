//! Pods.

mod admission;
mod status;
mod update;
mod warnings;

pub(super) use update::annotations as check_annotations;
pub(super) use warnings::of_spec as warn_of_spec;

use super::access::{Change, Look};
use super::path::Path;
use super::pod_spec;
use super::report::Report;
use super::strategy::{InitialStatus, Strategy};
use super::time;
use serde_json::{Value, json};

pub(super) static STRATEGY: Strategy = Strategy {
    has_generation: true,
    status: InitialStatus::Reset,
    default,
    admit: admission::admit,
    create,
    update: |new, old| {
        if old["spec"].has("resources") {
            new.inner("spec").or_set("resources", old["spec"]["resources"].clone());
        }
    },
    update_status: status::keep,
    status_resets: &["spec", "metadata.deletionTimestamp", "metadata.ownerReferences"],
    check: |pod, report| {
        pod_spec::check_pod(pod, report);
        check_new(pod, report);
    },
    check_update: update::check,
    check_status: status::check,
    warn: warnings::of,
    ..Strategy::PLAIN
};

fn default(pod: &mut Value) {
    let spec = pod.inner("spec");
    pod_spec::default_pod(spec);
    pod_spec::default_spec(spec);
    if let Some(status) = pod.inside("status") {
        status::default(status);
    }
}

fn create(pod: &mut Value) {
    let labels = pod["metadata"]["labels"].clone();
    let spec = pod.inner("spec");
    let is_gated = spec.count("schedulingGates") > 0;
    for term in affinity_terms(spec) {
        select_labels(term, &labels);
    }
    for constraint in spec.list_mut("topologySpreadConstraints") {
        select_labels(constraint, &labels);
    }
    pod_spec::default_pod_level(spec);
    let mut status = json!({"phase": "Pending"});
    if is_gated {
        status.set(
            "conditions",
            json!([{
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": null,
                "lastTransitionTime": time::now(),
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }]),
        );
    }
    status.set("qosClass", pod_spec::quality(spec));
    pod.set("status", status);
}

/// The terms of a pod's affinities to other pods.
fn affinity_terms(spec: &mut Value) -> impl Iterator<Item = &mut Value> {
    let affinities = spec.inside("affinity").and_then(Value::as_object_mut).into_iter().flatten();
    let affinities = affinities.filter(|(field, _)| field.starts_with("pod")).map(|(_, affinity)| affinity);
    affinities.flat_map(|affinity| {
        let terms =
            affinity.as_object_mut().into_iter().flatten().filter_map(|(_, terms)| terms.as_array_mut());
        terms.flatten().map(|term| {
            let is_weighted = term.has("podAffinityTerm");
            if is_weighted { &mut term["podAffinityTerm"] } else { term }
        })
    })
}

/// Makes of keys, whose values are those of the pod's own labels, requirements of the selector.
fn select_labels(term: &mut Value, labels: &Value) {
    if !term.has("labelSelector") {
        return;
    }
    for (field, operator) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
        let keys: Vec<String> = term.texts(field).map(str::to_owned).collect();
        for key in keys {
            if let Some(value) = labels[&key].as_str() {
                let selector = term.inner("labelSelector");
                let mut requirements = selector.list("matchExpressions").to_vec();
                requirements.push(json!({"key": key, "operator": operator, "values": [value]}));
                selector.set("matchExpressions", requirements);
            }
        }
    }
}

fn check_new(pod: &Value, report: &mut Report) {
    let spec = &pod["spec"];
    if spec.count("ephemeralContainers") > 0 {
        report.forbidden(Path::root("spec.ephemeralContainers"), "cannot be set on create");
    }
    if !spec.text("nodeName").is_empty() && spec.count("schedulingGates") > 0 {
        let detail = "cannot be set until all schedulingGates have been cleared";
        report.forbidden(Path::root("spec.nodeName"), detail);
    }
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use crate::kinds::strategy::Cluster;
    use serde_json::{Value, json};

    struct Nothing;

    impl Cluster for Nothing {
        fn object(&self, _: &str, _: &str, _: &str, _: &str) -> Option<Value> {
            None
        }

        fn objects(&self, _: &str, _: &str, _: &str) -> Vec<Value> {
            Vec::new()
        }
    }

    fn pod(spec: Value) -> Value {
        json!({"metadata": {"name": "a", "namespace": "b", "resourceVersion": "1"}, "spec": spec})
    }

    #[track_caller]
    fn create(spec: Value) -> (Value, Vec<String>) {
        let mut pod = pod(spec);
        STRATEGY.default(&mut pod);
        STRATEGY.admit(&mut pod, None, &Nothing).unwrap();
        STRATEGY.prepare_create(&mut pod);
        let told = STRATEGY.validate(&pod, true).iter().map(ToString::to_string).collect();
        (pod, told)
    }

    #[test]
    fn a_minimal_pod_is_pending_and_has_tolerations_and_a_priority() {
        let (pod, told) = create(json!({"containers": [{"name": "c", "image": "i"}]}));
        assert_eq!(told, [""; 0]);
        assert_eq!(pod["status"], json!({"phase": "Pending", "qosClass": "BestEffort"}));
        assert_eq!(pod["spec"]["priority"], 0);
        assert_eq!(pod["spec"]["preemptionPolicy"], "PreemptLowerPriority");
        assert_eq!(pod["spec"]["tolerations"][1]["key"], "node.kubernetes.io/unreachable");
        assert_eq!(pod["metadata"]["generation"], 1);
    }

    #[test]
    fn containers_are_required_and_told_apart_by_name() {
        assert_eq!(create(json!({})).1, ["spec.containers: Required value"]);
        let (_, told) = create(json!({"containers": [{"name": "c"}, {"name": "c", "image": "i"}]}));
        let expected =
            ["spec.containers[0].image: Required value", "spec.containers[1].name: Duplicate value: \"c\""];
        assert_eq!(told, expected);
    }

    #[test]
    fn mounts_refer_to_volumes() {
        let (_, told) = create(json!({"containers": [{"name": "c", "image": "i", "volumeMounts": [
            {"name": "v", "mountPath": "/v"}]}]}));
        assert_eq!(told, ["spec.containers[0].volumeMounts[0].name: Not found: \"v\""]);
    }

    #[test]
    fn a_pod_with_a_scheduling_gate_says_so() {
        let (pod, told) =
            create(json!({"containers": [{"name": "c", "image": "i"}], "schedulingGates": [{"name": "g"}]}));
        assert_eq!(told, [""; 0]);
        assert_eq!(pod["status"]["conditions"][0]["reason"], "SchedulingGated");
    }

    #[test]
    fn little_of_a_pod_may_change() {
        let (old, _) = create(json!({"containers": [{"name": "c", "image": "i"}]}));
        let mut new = old.clone();
        new["spec"]["containers"][0]["image"] = "j".into();
        STRATEGY.prepare_update(&mut new, &old);
        assert_eq!(STRATEGY.validate_update(&new, &old), []);
        assert_eq!(new["metadata"]["generation"], 2);
        new["spec"]["hostname"] = "h".into();
        let causes = STRATEGY.validate_update(&new, &old);
        assert_eq!(causes.len(), 1);
        assert!(causes[0].message.starts_with("Forbidden: pod updates may not change fields other than"));
        new["spec"]["containers"] = json!([]);
        let told: Vec<_> = STRATEGY.validate_update(&new, &old).iter().map(ToString::to_string).collect();
        let expected = [
            "spec.containers: Required value",
            "spec.containers: Forbidden: pod updates may not add or remove containers",
        ];
        assert_eq!(told, expected);
    }
}
