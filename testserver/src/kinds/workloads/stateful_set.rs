//! StatefulSets.

use super::super::access::{Change, Look};
use super::super::path::Path;
use super::super::persistent_volume_claim;
use super::super::pod_spec;
use super::super::report::Report;
use super::super::strategy::Strategy;
use super::{amount, at_most_all, number_or_percent};
use crate::names::{self, NameRule};
use crate::version::MINOR;
use serde_json::{Value, json};

pub(super) static STRATEGY: Strategy = Strategy {
    name: NameRule::Label,
    default,
    create: |object| object.set("status", json!({"replicas": 0, "availableReplicas": 0})),
    check: |object, report| check(&object["spec"], report),
    check_update: |new, old, report| {
        check(&new["spec"], report);
        for field in ["selector", "volumeClaimTemplates", "serviceName", "podManagementPolicy"] {
            report.immutable(SPEC.child(field), &new["spec"][field], &old["spec"][field]);
        }
    },
    check_status,
    warn,
    ..Strategy::WITH_STATUS
};

const SPEC: Path<'static> = Path::root("spec");

fn default(object: &mut Value) {
    let spec = object.inner("spec");
    super::default_template(spec);
    spec.or_text("podManagementPolicy", "OrderedReady");
    let strategy = spec.inner("updateStrategy");
    if strategy.text("type").is_empty() {
        strategy.set("type", "RollingUpdate");
        strategy.inner("rollingUpdate");
    }
    if strategy.text("type") == "RollingUpdate"
        && let Some(rolling) = strategy.inside("rollingUpdate")
    {
        rolling.or_set("partition", 0);
        if MINOR >= 35 {
            rolling.or_set("maxUnavailable", 1);
        }
    }
    let retention = spec.inner("persistentVolumeClaimRetentionPolicy");
    retention.or_text("whenDeleted", "Retain");
    retention.or_text("whenScaled", "Retain");
    spec.or_set("replicas", 1);
    spec.or_set("revisionHistoryLimit", 10);
    for claim in spec.list_mut("volumeClaimTemplates") {
        claim.set("kind", "PersistentVolumeClaim");
        claim.set("apiVersion", "v1");
        persistent_volume_claim::default_spec(claim.inner("spec"));
        claim.inner("status").or_text("phase", "Pending");
    }
}

fn check(spec: &Value, report: &mut Report) {
    match spec.text("podManagementPolicy") {
        "OrderedReady" | "Parallel" => {}
        "" => report.required(SPEC.child("podManagementPolicy"), ""),
        other => {
            let detail = "must be 'OrderedReady' or 'Parallel'";
            report.invalid(SPEC.child("podManagementPolicy"), other, detail);
        }
    }
    update_strategy(&spec["updateStrategy"], SPEC.child("updateStrategy"), report);
    let retention = SPEC.child("persistentVolumeClaimRetentionPolicy");
    for field in ["whenDeleted", "whenScaled"] {
        let policy = spec["persistentVolumeClaimRetentionPolicy"].text(field);
        if !["Retain", "Delete"].contains(&policy) {
            report.not_supported(retention.child(field), policy, &["Retain", "Delete"]);
        }
    }
    let templates = SPEC.child("volumeClaimTemplates");
    for (index, claim) in spec.list("volumeClaimTemplates").iter().enumerate() {
        let path = templates.index(index);
        persistent_volume_claim::check_spec(&claim["spec"], path.child("spec"), report);
    }
    super::counts(spec, &["replicas", "minReadySeconds"], SPEC, report);
    report.not_negative(SPEC.child("ordinals.start"), spec["ordinals"].number("start"));
    let service = spec.text("serviceName");
    if !service.is_empty() {
        report.broken(SPEC.child("serviceName"), service, names::label(service));
    }
    if super::selected_template(spec, "statefulset", SPEC, report) {
        super::unselected(spec, SPEC.child("template"), report);
        pod_spec::check_template(&with_claims(spec), SPEC.child("template"), report);
    }
    super::always_restarts(&spec["template"], "StatefulSet", SPEC.child("template"), report);
}

/// The template as its pods are made of it: with a volume for each claim, and without a name of its own.
fn with_claims(spec: &Value) -> Value {
    let mut template = spec["template"].clone();
    let pod = template.inner("spec");
    pod.remove_field("subdomain");
    pod.remove_field("hostname");
    let claims = spec.list("volumeClaimTemplates").iter().map(|claim| claim["metadata"].text("name"));
    let claims: Vec<&str> = claims.collect();
    if claims.is_empty() {
        return template;
    }
    let of_claims =
        claims.iter().map(|name| json!({"name": name, "persistentVolumeClaim": {"claimName": name}}));
    let others = pod.list("volumes").iter().filter(|volume| !claims.contains(&volume.text("name"))).cloned();
    let volumes: Vec<Value> = of_claims.chain(others).collect();
    pod.set("volumes", volumes);
    template
}

fn update_strategy(strategy: &Value, path: Path<'_>, report: &mut Report) {
    let rolling = &strategy["rollingUpdate"];
    let at = path.child("rollingUpdate");
    let shown = || match rolling {
        Value::Null => "null".to_owned(),
        rolling => format!(
            "{{\"Partition\":{},\"MaxUnavailable\":{}}}",
            rolling.number("partition").unwrap_or_default(),
            rolling["maxUnavailable"]
        ),
    };
    match strategy.text("type") {
        "" => report.required(path, ""),
        "OnDelete" | "Recreate" => {
            if !rolling.is_null() {
                report.invalid_as(at, &shown(), "only allowed for updateStrategy 'RollingUpdate'");
            }
        }
        "RollingUpdate" => {
            report.not_negative(at.child("partition"), rolling.number("partition"));
            let unavailable = &rolling["maxUnavailable"];
            let at = at.child("maxUnavailable");
            if !unavailable.is_null() {
                number_or_percent(unavailable, at, report);
                if amount(unavailable) == 0 {
                    report.invalid(at, unavailable.clone(), "cannot be 0");
                }
                at_most_all(unavailable, at, report);
            }
        }
        _ => {
            let told = format!("{{\"Type\":{},\"RollingUpdate\":{}}}", strategy["type"], shown());
            report.invalid_as(path, &told, "must be 'RollingUpdate', 'OnDelete', or 'Recreate'");
        }
    }
}

fn check_status(new: &Value, old: &Value, report: &mut Report) {
    let status = &new["status"];
    let parts = ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"];
    let fields = ["replicas", parts[0], parts[1], parts[2], parts[3], "observedGeneration", "collisionCount"];
    super::counts(status, &fields, Path::root("status"), report);
    super::replica_counts(status, &parts, "status.readyReplicas", report);
    super::collisions(new, old, report);
}

fn warn(new: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = super::warn_of_template(new, old);
    if new["spec"].number("revisionHistoryLimit").is_some_and(|limit| limit < 0) {
        warnings.push(
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"
                .into(),
        );
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::super::tests::{create, spec, update};
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn claims_are_volumes_of_the_pods() {
        let mut spec = spec();
        spec["volumeClaimTemplates"] = json!([{"metadata": {"name": "data"}, "spec": {
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]);
        spec["template"]["spec"]["containers"][0]["volumeMounts"] =
            json!([{"name": "data", "mountPath": "/data"}]);
        let (object, told) = create(&STRATEGY, spec);
        assert_eq!(told, [""; 0]);
        let claim = &object["spec"]["volumeClaimTemplates"][0];
        assert_eq!(claim["kind"], "PersistentVolumeClaim");
        assert_eq!(claim["status"], json!({"phase": "Pending"}));
        assert_eq!(claim["spec"]["volumeMode"], "Filesystem");
    }

    #[test]
    fn the_service_does_not_change() {
        let (old, _) = create(&STRATEGY, spec());
        let mut new = old.clone();
        new["spec"]["serviceName"] = "s".into();
        assert_eq!(
            update(&STRATEGY, &new, &old),
            ["spec.serviceName: Invalid value: \"s\": field is immutable"]
        );
    }
}
