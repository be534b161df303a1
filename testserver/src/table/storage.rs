//! Kinds about volumes.

use super::column::{AGE, Column, NAME, Row, at, boolean, column, integer, list, or, text};
use serde_json::Value;

const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

pub(super) const PERSISTENT_VOLUME: &[Column] = &[
    NAME,
    column("Capacity", "How much the volume holds", |row| row.text_or("spec.capacity.storage", "0").into()),
    column("Access Modes", "How it can be mounted", |row| access_modes(row.list("spec.accessModes")).into()),
    column("Reclaim Policy", "What becomes of it after use", |row| {
        row.text("spec.persistentVolumeReclaimPolicy").into()
    }),
    column("Status", "Whether it is used", |row| phase(row).into()),
    column("Claim", "By whom it is used", |row| match row.at("spec.claimRef") {
        None => "".into(),
        Some(claim) => format!("{}/{}", text(claim, "namespace"), text(claim, "name")).into(),
    }),
    STORAGE_CLASS_NAME,
    VOLUME_ATTRIBUTES_CLASS_NAME,
    column("Reason", "Why it is in this state", |row| row.text("status.reason").into()),
    AGE,
    VOLUME_MODE,
];

pub(super) const PERSISTENT_VOLUME_CLAIM: &[Column] = &[
    NAME,
    column("Status", "Whether there is a volume", |row| phase(row).into()),
    column("Volume", "The volume", |row| row.text("spec.volumeName").into()),
    column("Capacity", "How much the volume holds", |row| {
        if row.text("spec.volumeName").is_empty() {
            return "".into();
        }
        row.text_or("status.capacity.storage", "0").into()
    }),
    column("Access Modes", "How the volume can be mounted", |row| {
        if row.text("spec.volumeName").is_empty() {
            return "".into();
        }
        access_modes(row.list("status.accessModes")).into()
    }),
    STORAGE_CLASS_NAME,
    VOLUME_ATTRIBUTES_CLASS_NAME,
    AGE,
    VOLUME_MODE,
];

const STORAGE_CLASS_NAME: Column = column("StorageClass", "The class of the storage", |row| {
    or(row.annotation(CLASS_ANNOTATION), row.text("spec.storageClassName")).into()
});

const VOLUME_ATTRIBUTES_CLASS_NAME: Column =
    column("VolumeAttributesClass", "The class of the volume's attributes", |row| {
        row.at("spec.volumeAttributesClassName").and_then(Value::as_str).unwrap_or("<unset>").into()
    });

const VOLUME_MODE: Column = column("VolumeMode", "Whether it is a file system or a block device", |row| {
    row.at("spec.volumeMode").and_then(Value::as_str).unwrap_or("<unset>").into()
})
.wide();

fn phase<'a>(row: &Row<'a>) -> &'a str {
    if row.is_being_deleted() { "Terminating" } else { row.text("status.phase") }
}

fn access_modes(modes: &[Value]) -> String {
    let known = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let has = |mode: &str| modes.iter().any(|found| found == mode);
    let short: Vec<&str> = known.into_iter().filter(|(mode, _)| has(mode)).map(|(_, short)| short).collect();
    short.join(",")
}

pub(super) const STORAGE_CLASS: &[Column] = &[
    Column {
        cell: |row| format!("{}{}", row.name(), if row.is_default { " (default)" } else { "" }).into(),
        ..NAME
    },
    column("Provisioner", "Who makes the volumes", |row| row.text("provisioner").into()),
    column("ReclaimPolicy", "What becomes of volumes after use", |row| {
        row.text_or("reclaimPolicy", "Delete").into()
    }),
    column("VolumeBindingMode", "When volumes are made", |row| {
        row.text_or("volumeBindingMode", "Immediate").into()
    }),
    column("AllowVolumeExpansion", "Whether volumes can become larger", |row| {
        row.flag("allowVolumeExpansion").into()
    }),
    AGE,
];

/// The storage class that is used when none is named: the youngest of those that say so.
pub(super) fn default_class<'a>(classes: &[&'a Value]) -> Option<&'a str> {
    let says_so = |class: &&&'a Value| {
        let annotation = |name: &str| {
            at(class, "metadata.annotations").and_then(|annotations| annotations.get(name)?.as_str())
                == Some("true")
        };
        annotation("storageclass.kubernetes.io/is-default-class")
            || annotation("storageclass.beta.kubernetes.io/is-default-class")
    };
    // Of those made within the same second, the first name.
    let age = |class: &&&Value| {
        let name = text(class, "metadata.name").to_owned();
        (text(class, "metadata.creationTimestamp").to_owned(), std::cmp::Reverse(name))
    };
    let chosen = classes.iter().filter(says_so).max_by_key(age)?;
    Some(text(chosen, "metadata.name"))
}

pub(super) const VOLUME_ATTRIBUTES_CLASS: &[Column] = &[
    NAME,
    column("DriverName", "The driver that knows the attributes", |row| row.text("driverName").into()),
    AGE,
];

pub(super) const VOLUME_ATTACHMENT: &[Column] = &[
    NAME,
    Column {
        format: "name",
        ..column("Attacher", "Who attaches the volume", |row| row.text("spec.attacher").into())
    },
    column("PV", "The volume", |row| row.text("spec.source.persistentVolumeName").into()),
    column("Node", "The Node", |row| row.text("spec.nodeName").into()),
    boolean("Attached", "Whether the volume is attached", |row| row.flag("status.attached").into()),
    AGE,
];

pub(super) const CSI_NODE: &[Column] =
    &[NAME, integer("Drivers", "How many drivers the Node has", |row| row.count("spec.drivers").into()), AGE];

pub(super) const CSI_DRIVER: &[Column] = &[
    NAME,
    boolean("AttachRequired", "Whether volumes must be attached", |row| {
        row.at("spec.attachRequired").and_then(Value::as_bool).unwrap_or(true).into()
    }),
    boolean("PodInfoOnMount", "Whether the driver is told of the Pod", |row| {
        row.flag("spec.podInfoOnMount").into()
    }),
    boolean("StorageCapacity", "Whether the driver says how much room there is", |row| {
        row.flag("spec.storageCapacity").into()
    }),
    column("TokenRequests", "For whom the driver gets tokens", |row| match row.at("spec.tokenRequests") {
        None => "<unset>".into(),
        Some(_) => {
            let requests = list(row.object, "spec.tokenRequests").iter();
            requests.map(|request| text(request, "audience")).collect::<Vec<_>>().join(",").into()
        }
    }),
    boolean("RequiresRepublish", "Whether the driver is called again and again", |row| {
        row.flag("spec.requiresRepublish").into()
    }),
    column("Modes", "How long volumes can live", |row| {
        or(&row.joined("spec.volumeLifecycleModes", ","), "<none>").into()
    }),
    AGE,
];
