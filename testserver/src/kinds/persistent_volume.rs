//! `PersistentVolumes`.

use super::access::{Change, Look};
use super::difference;
use super::path::Path;
use super::persistent_volume_claim::{access_modes, protect};
use super::pod_spec::{check_driver, check_host_path, check_node_selector, round_list};
use super::quantity::Quantity;
use super::report::Report;
use super::strategy::{InitialStatus, Strategy};
use super::time;
use crate::names;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

pub(super) static STRATEGY: Strategy = Strategy {
    status: InitialStatus::Reset,
    default: |volume| {
        volume.inner("status").or_text("phase", "Pending");
        let spec = volume.inner("spec");
        spec.or_text("persistentVolumeReclaimPolicy", "Retain");
        spec.or_set("volumeMode", "Filesystem");
        if let Some(path) = spec.inside("hostPath") {
            path.or_set("type", "");
        }
        if let Some(list) = spec.inside("capacity") {
            round_list(list);
        }
    },
    admit: |volume, old, _| {
        if old.is_none() {
            protect(volume, "kubernetes.io/pv-protection");
        }
        Ok(())
    },
    create: |volume| {
        volume.set("status", json!({"phase": "Pending", "lastPhaseTransitionTime": time::now()}));
    },
    update_status: note_transition,
    check: |volume, report| check(&volume["spec"], report),
    check_update,
    ..Strategy::PLAIN
};

/// Kinds of volumes, in the order in which servers look for them, with the fields that they need.
const SOURCES: [(&str, &[&str]); 20] = [
    ("hostPath", &[]),
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("glusterfs", &["endpoints", "path"]),
    ("flocker", &[]),
    ("nfs", &["server", "path"]),
    ("rbd", &["monitors", "image"]),
    ("quobyte", &["registry", "volume"]),
    ("cephfs", &["monitors"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("cinder", &["volumeID"]),
    ("fc", &[]),
    ("flexVolume", &["driver"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("portworxVolume", &["volumeID"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("local", &["path"]),
    ("csi", &["driver", "volumeHandle"]),
];

/// Since when a volume is in its phase.
fn note_transition(new: &mut Value, old: &Value) {
    const SINCE: &str = "lastPhaseTransitionTime";
    let (status, before) = (&new["status"], &old["status"]);
    let same_phase = status["phase"] == before["phase"];
    if same_phase && !status.has(SINCE) {
        new.inner("status").copy_field(SINCE, before);
    } else if !same_phase && (!status.has(SINCE) || status[SINCE] == before[SINCE]) {
        new.inner("status").set(SINCE, time::now());
    }
}

fn check(spec: &Value, report: &mut Report) {
    const POLICIES: [&str; 3] = ["Delete", "Recycle", "Retain"];
    const MODES: [&str; 2] = ["Block", "Filesystem"];
    let path = Path::root("spec");
    if spec.count("accessModes") == 0 {
        report.required(path.child("accessModes"), "");
    }
    access_modes(spec, path.child("accessModes"), report);
    check_capacity(spec, path.child("capacity"), report);
    let policy = spec.text("persistentVolumeReclaimPolicy");
    if !policy.is_empty() && !POLICIES.contains(&policy) {
        report.not_supported(path.child("persistentVolumeReclaimPolicy"), policy, &POLICIES);
    }
    if spec.has("nodeAffinity") {
        let required = &spec["nodeAffinity"]["required"];
        let affinity = path.child("nodeAffinity");
        if required.is_object() {
            check_node_selector(required, affinity.child("required"), report);
        } else {
            report.required(affinity.child("required"), "must specify required node constraints");
        }
    }
    check_sources(spec, path, report);
    let class = spec.text("storageClassName");
    if !class.is_empty() {
        report.broken(path.child("storageClassName"), class, names::subdomain(class));
    }
    let mode = spec.text("volumeMode");
    if !MODES.contains(&mode) {
        report.not_supported(path.child("volumeMode"), mode, &MODES);
    }
    check_attributes(spec, path, report);
}

fn check_attributes(spec: &Value, path: Path<'_>, report: &mut Report) {
    let Some(attributes) = spec["volumeAttributesClassName"].as_str() else { return };
    let at = path.child("volumeAttributesClassName");
    if attributes.is_empty() {
        report.required(at, "an empty string is disallowed");
    } else {
        report.broken(at, attributes, names::subdomain(attributes));
    }
    if !spec.has("csi") {
        report.required(path.child("csi"), "has to be specified when using volumeAttributesClassName");
    }
}

fn check_capacity(spec: &Value, path: Path<'_>, report: &mut Report) {
    let capacity = &spec["capacity"];
    if spec.count("capacity") == 0 {
        report.required(path, "");
    }
    if !capacity.has("storage") || spec.count("capacity") > 1 {
        report.not_supported(path, capacity.clone(), &["storage"]);
    }
    for (name, value) in spec.entries("capacity") {
        let quantity = value.as_str().and_then(|text| Quantity::parse(text).ok());
        if let Some(quantity) = quantity.filter(|quantity| quantity.sign() != Ordering::Greater) {
            report.invalid(path.key(name), quantity.to_string(), "must be greater than zero");
        }
    }
}

fn check_sources(spec: &Value, path: Path<'_>, report: &mut Report) {
    let mut found = false;
    for (field, required) in SOURCES {
        let source = &spec[field];
        if source.is_null() {
            continue;
        }
        let at = path.child(field);
        if found {
            report.forbidden(at, "may not specify more than 1 volume type");
            continue;
        }
        found = true;
        for missing in
            required.iter().filter(|needed| source.text(needed).is_empty() && source.count(needed) == 0)
        {
            report.required(at.child(missing), "");
        }
        match field {
            "hostPath" => check_host_path(source, at, report),
            "nfs" if !source.text("path").starts_with('/') => {
                report.invalid(at.child("path"), source.text("path"), "must be an absolute path");
            }
            "csi" => check_driver(source.text("driver"), at.child("driver"), report),
            "local" => {
                if source.text("path").split('/').any(|part| part == "..") {
                    report.invalid(at.child("path"), source.text("path"), "must not contain '..'");
                }
                if !spec.has("nodeAffinity") {
                    report.required(path.child("nodeAffinity"), "Local volume requires node affinity");
                }
            }
            _ => {}
        }
    }
    if !found {
        report.required(path, "must specify a volume type");
    }
}

fn check_update(new: &Value, old: &Value, report: &mut Report) {
    check(&new["spec"], report);
    let sources = |spec: &Value| {
        let present = SOURCES.iter().filter(|(field, _)| spec.has(field));
        Value::from(
            present.map(|(field, _)| ((*field).to_owned(), spec[*field].clone())).collect::<Map<_, _>>(),
        )
    };
    let (mut after, before) = (sources(&new["spec"]), sources(&old["spec"]));
    if before["csi"].is_object()
        && !before["csi"].has("controllerExpandSecretRef")
        && let Some(source) = after.inside("csi")
    {
        source.remove_field("controllerExpandSecretRef");
    }
    if after != before {
        let detail = format!(
            "spec.persistentvolumesource is immutable after creation\n{}",
            difference::unified(&before, &after)
        );
        report.forbidden(Path::root("spec.persistentvolumesource"), &detail);
    }
    report.immutable(Path::root("volumeMode"), &new["spec"]["volumeMode"], &old["spec"]["volumeMode"]);
    let class = "volumeAttributesClassName";
    if old["spec"].has(class) && !new["spec"].has(class) {
        let detail = "update from non-nil value to nil is forbidden";
        report.forbidden(Path::root("spec").child(class), detail);
    }
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_volume_has_a_size_and_one_source() {
        let mut volume = json!({"metadata": {"name": "a"}, "spec": {"hostPath": {"path": "/x"}, "nfs": {}}});
        STRATEGY.default(&mut volume);
        let told: Vec<String> = STRATEGY.validate(&volume, false).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "spec.accessModes: Required value",
                "spec.capacity: Required value",
                "spec.capacity: Unsupported value: null: supported values: \"storage\"",
                "spec.nfs: Forbidden: may not specify more than 1 volume type",
            ]
        );
    }
}
