//! ReplicaSets.

use super::super::access::Change;
use super::super::path::Path;
use super::super::report::Report;
use super::super::strategy::Strategy;
use serde_json::{Value, json};

pub(super) static STRATEGY: Strategy = Strategy {
    default: |object| {
        let spec = object.inner("spec");
        super::default_template(spec);
        spec.or_set("replicas", 1);
    },
    create: |object| object.set("status", json!({"replicas": 0})),
    check: |object, report| check(&object["spec"], report),
    check_update: |new, old, report| {
        check(&new["spec"], report);
        report.immutable(SPEC.child("selector"), &new["spec"]["selector"], &old["spec"]["selector"]);
    },
    check_status: |new, _, report| check_status(&new["status"], report),
    warn: super::warn_of_name_and_template,
    ..Strategy::WITH_STATUS
};

const SPEC: Path<'static> = Path::root("spec");

fn check(spec: &Value, report: &mut Report) {
    super::counts(spec, &["replicas", "minReadySeconds"], SPEC, report);
    if super::selected_template(spec, "deployment", SPEC, report) {
        let path = SPEC.child("template");
        super::unselected(spec, path, report);
        super::endless_template(&spec["template"], "ReplicaSet", path, report);
    }
}

/// The status of a ReplicaSet or ReplicationController.
pub(super) fn check_status(status: &Value, report: &mut Report) {
    let fields = [
        "replicas",
        "fullyLabeledReplicas",
        "readyReplicas",
        "availableReplicas",
        "observedGeneration",
        "terminatingReplicas",
    ];
    super::counts(status, &fields, Path::root("status"), report);
    let parts = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"];
    super::replica_counts(status, &parts, "readyReplicas", report);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{create, spec};
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_new_replica_set_has_no_replicas_yet() {
        let (object, told) = create(&STRATEGY, spec());
        assert_eq!(told, [""; 0]);
        assert_eq!(object["status"], json!({"replicas": 0}));
        assert_eq!(object["spec"]["replicas"], 1);
    }

    #[test]
    fn no_more_replicas_are_ready_than_there_are() {
        let (old, _) = create(&STRATEGY, spec());
        let mut new = old.clone();
        new["status"] = json!({"replicas": 1, "readyReplicas": 2, "availableReplicas": 1});
        let told: Vec<_> = STRATEGY.validate_status(&new, &old).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"]);
    }

    #[test]
    fn pods_of_a_replica_set_restart() {
        let mut once = spec();
        once["template"]["spec"]["restartPolicy"] = "Never".into();
        let expected =
            "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"";
        assert_eq!(create(&STRATEGY, once).1, [expected]);
    }
}
