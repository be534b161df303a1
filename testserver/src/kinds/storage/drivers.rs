//! What CSI drivers offer: `CSIDrivers`, `CSINodes`, `CSIStorageCapacities` and `VolumeAttachments`.

use crate::kinds::access::{Change, Look};
use crate::kinds::label_selector;
use crate::kinds::path::Path;
use crate::kinds::pod_spec::check_driver;
use crate::kinds::report::Report;
use crate::kinds::strategy::{InitialStatus, Strategy};
use crate::names;
use crate::version::MINOR;
use serde_json::{Value, json};

pub(super) static CSI_DRIVER: Strategy = Strategy {
    // The first change makes the first generation.
    has_generation: true,
    updates_unconditionally: false,
    default: default_driver,
    create: |driver| {
        driver.inner("metadata").remove_field("generation");
    },
    check: |driver, report| check_driver_spec(&driver["spec"], report),
    check_update: |new, old, report| {
        let (spec, before) = (&new["spec"], &old["spec"]);
        check_driver_spec(spec, report);
        let path = Path::root("spec.attachedRequired");
        report.immutable(path, &spec["attachRequired"], &before["attachRequired"]);
        let path = Path::root("spec.volumeLifecycleModes");
        report.immutable(path, &spec["volumeLifecycleModes"], &before["volumeLifecycleModes"]);
    },
    warn: |new, old| {
        let changed = old.is_none_or(|old| old["spec"]["tokenRequests"] != new["spec"]["tokenRequests"]);
        let spec = &new["spec"];
        if changed
            && spec.count("tokenRequests") > 0
            && !spec.has("serviceAccountTokenInSecrets")
            && MINOR > 34
        {
            vec![RECOMMENDED.into()]
        } else {
            Vec::new()
        }
    },
    ..Strategy::PLAIN
};

pub(super) static CSI_NODE: Strategy = Strategy {
    updates_unconditionally: false,
    check: |node, report| check_node(&node["spec"], report),
    check_update: |new, old, report| {
        check_node(&new["spec"], report);
        let bare = |driver: &Value| {
            let mut driver = driver.clone();
            driver.remove_field("allocatable");
            driver
        };
        for before in old["spec"].list("drivers") {
            let same = |driver: &&Value| driver["name"] == before["name"];
            for driver in new["spec"].list("drivers").iter().filter(same) {
                if bare(driver) != bare(before) {
                    report.invalid_as(Path::root("spec.drivers"), &told(driver), "field is immutable");
                }
            }
        }
    },
    ..Strategy::PLAIN
};

pub(super) static CSI_STORAGE_CAPACITY: Strategy = Strategy {
    updates_unconditionally: false,
    check: check_capacity,
    check_update: |new, old, report| {
        check_capacity(new, report);
        for field in ["nodeTopology", "storageClassName"] {
            report.immutable(Path::root(field), &new[field], &old[field]);
        }
    },
    ..Strategy::PLAIN
};

pub(super) static VOLUME_ATTACHMENT: Strategy = Strategy {
    updates_unconditionally: false,
    status: InitialStatus::Reset,
    status_resets: &["metadata", "spec"],
    create: |attachment| attachment.set("status", json!({"attached": false})),
    check: check_attachment,
    check_update: |new, old, report| {
        check_attachment(new, report);
        if new["spec"] != old["spec"] {
            report.invalid(Path::root("spec"), Value::Null, "field is immutable");
        }
    },
    ..Strategy::PLAIN
};

const RECOMMENDED: &str = "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to \
                           prevent possible logging of tokens in volume attributes";
const NODE_ID_MAX: usize = 256;

/// A driver of a node as servers quote it.
fn told(driver: &Value) -> String {
    let text = |field| Value::from(driver.text(field));
    let keys = &driver["topologyKeys"];
    format!(
        r#"{{"Name":{},"NodeID":{},"TopologyKeys":{keys},"Allocatable":null}}"#,
        text("name"),
        text("nodeID")
    )
}

fn default_driver(driver: &mut Value) {
    let spec = driver.inner("spec");
    spec.or_set("attachRequired", true);
    for field in ["podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"] {
        spec.or_set(field, false);
    }
    spec.or_set("fsGroupPolicy", "ReadWriteOnceWithFSType");
    if spec.count("volumeLifecycleModes") == 0 {
        spec.set("volumeLifecycleModes", json!(["Persistent"]));
    }
    if MINOR >= 37 {
        spec.or_set("preventPodSchedulingIfMissing", false);
    }
}

fn check_driver_spec(spec: &Value, report: &mut Report) {
    const POLICIES: [&str; 3] = ["File", "None", "ReadWriteOnceWithFSType"];
    const MODES: [&str; 2] = ["Persistent", "Ephemeral"];
    const LEAST_SECONDS: i64 = 600;
    let path = Path::root("spec");
    let policy = spec.text("fsGroupPolicy");
    if !POLICIES.contains(&policy) {
        report.not_supported(path.child("fsGroupPolicy"), policy, &POLICIES);
    }
    let list = path.child("tokenRequests");
    let requests = spec.list("tokenRequests");
    for (index, request) in requests.iter().enumerate() {
        let path = list.index(index);
        let audience = request.text("audience");
        if requests[..index].iter().any(|earlier| earlier.text("audience") == audience) {
            report.duplicate(path.child("audience"), audience);
            continue;
        }
        if let Some(seconds) = request.number("expirationSeconds").filter(|seconds| *seconds < LEAST_SECONDS)
        {
            let detail = "may not specify a duration less than 10 minutes";
            report.invalid(path.child("expirationSeconds"), seconds, detail);
        }
    }
    for mode in spec.texts("volumeLifecycleModes").filter(|mode| !MODES.contains(mode)) {
        report.not_supported(path.child("volumeLifecycleModes"), mode, &MODES);
    }
    if let Some(seconds) = spec.number("nodeAllocatableUpdatePeriodSeconds").filter(|seconds| *seconds < 10) {
        let detail = "must be greater than or equal to 10 seconds";
        report.invalid(path.child("nodeAllocatableUpdatePeriodSeconds"), seconds, detail);
    }
    if spec.has("serviceAccountTokenInSecrets") && requests.is_empty() {
        let detail = "serviceAccountTokenInSecrets is set but no tokenRequests are specified";
        let value = spec["serviceAccountTokenInSecrets"].clone();
        report.invalid(path.child("serviceAccountTokenInSecrets"), value, detail);
    }
}

fn check_node(spec: &Value, report: &mut Report) {
    let list = Path::root("spec.drivers");
    let drivers = spec.list("drivers");
    for (index, driver) in drivers.iter().enumerate() {
        let path = list.index(index);
        let (name, id) = (driver.text("name"), driver.text("nodeID"));
        if name.is_empty() {
            report.required(path.child("name"), "");
        }
        check_driver(name, path.child("name"), report);
        if id.is_empty() {
            report.required(path.child("nodeID"), "");
        }
        if id.len() > NODE_ID_MAX {
            let detail = format!("must be {NODE_ID_MAX} characters or less");
            report.invalid(path.child("nodeID"), id, &detail);
        }
        report.not_negative(path.child("allocatable.count"), driver["allocatable"].number("count"));
        if drivers[..index].iter().any(|earlier| earlier.text("name") == name) {
            report.duplicate(path.child("name"), name);
        }
        for key in driver.texts("topologyKeys") {
            if key.is_empty() {
                report.required(path, "");
            }
            report.broken(path, key, names::label_key(key));
        }
    }
}

fn check_capacity(capacity: &Value, report: &mut Report) {
    label_selector::check(&capacity["nodeTopology"], Path::root("nodeTopology"), report);
    let class = capacity.text("storageClassName");
    report.broken(Path::root("storageClassName"), class, names::subdomain(class));
}

fn check_attachment(attachment: &Value, report: &mut Report) {
    let spec = &attachment["spec"];
    let path = Path::root("spec");
    let attacher = spec.text("attacher");
    check_driver(attacher, path.child("attacher"), report);
    let source = &spec["source"];
    let detail = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    match (source.has("inlineVolumeSpec"), source["persistentVolumeName"].as_str()) {
        (false, None) => report.required(path.child("source"), detail),
        (true, Some(_)) => report.forbidden(path.child("source"), detail),
        (false, Some("")) => {
            let detail = "must specify non empty persistentVolumeName";
            report.required(path.child("source.persistentVolumeName"), detail);
        }
        _ => {}
    }
    let node = spec.text("nodeName");
    report.broken(path.child("nodeName"), node, names::subdomain(node));
    if let Some(volume) = source["persistentVolumeName"].as_str() {
        report.broken(path.child("source.persistentVolumeName"), volume, names::subdomain(volume));
    }
    if attacher.is_empty() {
        report.required(path.child("attacher"), "");
    }
}

#[cfg(test)]
mod tests {
    use super::{CSI_NODE, VOLUME_ATTACHMENT};
    use serde_json::json;

    #[test]
    fn an_attachment_is_of_one_volume() {
        let object =
            json!({"metadata": {"name": "a"}, "spec": {"attacher": "x", "nodeName": "n", "source": {}}});
        let told: Vec<String> =
            VOLUME_ATTACHMENT.validate(&object, false).iter().map(ToString::to_string).collect();
        let expected = "spec.source: Required value: must specify exactly one of inlineVolumeSpec and \
                        persistentVolumeName";
        assert_eq!(told, [expected]);
    }

    #[test]
    fn a_driver_knows_the_node_by_another_name() {
        let object = json!({"metadata": {"name": "a"}, "spec": {"drivers": [{"name": "d"}]}});
        let told: Vec<String> = CSI_NODE.validate(&object, false).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["spec.drivers[0].nodeID: Required value"]);
    }
}
