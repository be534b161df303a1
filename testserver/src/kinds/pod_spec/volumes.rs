//! Volumes of pods.

use super::environment::{FILE_FIELDS, check_field, check_resource};
use crate::kinds::access::Look;
use crate::kinds::path::Path;
use crate::kinds::persistent_volume_claim;
use crate::kinds::quantity::Quantity;
use crate::kinds::report::Report;
use crate::names;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The volumes of a pod that are in order, by name.
pub(super) type Volumes<'a> = BTreeMap<&'a str, &'a Value>;

const FILE_MODE_MAX: i64 = 0o777;
const FILE_MODE: &str = "must be a number between 0 and 0777 (octal), both inclusive";
const DIRECTORY_MODE_MAX: i64 = 0o1777;
const DIRECTORY_MODE: &str = "must be a number between 0 and 01777 (octal), both inclusive";
/// The largest user or group.
pub(super) const USER_MAX: i64 = i32::MAX as i64;

/// Types of volumes, in the order of validation; most need little more than some fields.
const SOURCES: [(&str, &[&str]); 30] = [
    ("emptyDir", &[]),
    ("hostPath", &[]),
    ("gitRepo", &["repository"]),
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("secret", &["secretName"]),
    ("nfs", &["server", "path"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("glusterfs", &["endpoints", "path"]),
    ("flocker", &[]),
    ("persistentVolumeClaim", &["claimName"]),
    ("rbd", &["monitors", "image"]),
    ("cinder", &["volumeID"]),
    ("cephfs", &["monitors"]),
    ("quobyte", &["registry", "volume"]),
    ("downwardAPI", &[]),
    ("fc", &[]),
    ("flexVolume", &["driver"]),
    ("configMap", &["name"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("storageos", &["volumeName"]),
    ("projected", &[]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("csi", &["driver"]),
    ("ephemeral", &[]),
    ("image", &["reference"]),
];

/// Checks the volumes and gives those that are in order.
pub(super) fn check<'a>(
    spec: &'a Value,
    metadata: &Value,
    path: Path<'_>,
    report: &mut Report,
) -> Volumes<'a> {
    let list = path.child("volumes");
    let pod = metadata.text("name");
    let mut volumes = Volumes::new();
    let volume_names = spec.list("volumes").iter();
    let claims: Vec<String> = volume_names
        .filter(|volume| !pod.is_empty() && volume.has("ephemeral"))
        .map(|volume| format!("{pod}-{}", volume.text("name")))
        .collect();
    for (index, volume) in spec.list("volumes").iter().enumerate() {
        let path = list.index(index);
        let name = volume.text("name");
        let before = report.len();
        source(volume, pod, path, report);
        if name.is_empty() {
            report.required(path.child("name"), "");
        } else {
            report.broken(path.child("name"), name, names::label(name));
        }
        if volumes.contains_key(name) {
            report.duplicate(path.child("name"), name);
        }
        if report.len() == before {
            volumes.insert(name, volume);
        }
        let claim = volume["persistentVolumeClaim"].text("claimName");
        if claims.iter().any(|created| created == claim) {
            let detail = "must not reference a PVC that gets created for an ephemeral volume";
            report.invalid(path.child("persistentVolumeClaim.claimName"), claim, detail);
        }
    }
    volumes
}

fn source(volume: &Value, pod: &str, path: Path<'_>, report: &mut Report) {
    let mut found = false;
    for (kind, required) in SOURCES {
        let source = &volume[kind];
        if source.is_null() {
            continue;
        }
        // Some types are told by names that their fields do not have.
        let (told, twice) = match kind {
            "gcePersistentDisk" => ("persistentDisk", kind),
            "cephfs" => (kind, "cephFS"),
            "downwardAPI" => (kind, "downwarAPI"),
            _ => (kind, kind),
        };
        if found {
            report.forbidden(path.child(twice), "may not specify more than 1 volume type");
            continue;
        }
        found = true;
        let path = path.child(told);
        for field in required {
            if source.text(field).is_empty() && source.count(field) == 0 {
                report.required(path.child(field), "");
            }
        }
        of_kind(kind, source, path, report);
    }
    if !found {
        report.required(path, "must specify a volume type");
    }
    if volume.has("ephemeral") && !pod.is_empty() {
        let name = volume.text("name");
        let claim = format!("{pod}-{name}");
        for message in names::subdomain(&claim) {
            report.invalid(path.child("name"), name, &format!("PVC name {claim:?}: {message}"));
        }
    }
}

fn of_kind(kind: &str, source: &Value, path: Path<'_>, report: &mut Report) {
    match kind {
        "emptyDir" => {
            let limit = source["sizeLimit"].as_str().and_then(|text| Quantity::parse(text).ok());
            if limit.is_some_and(|limit| limit.sign() == Ordering::Less) {
                report
                    .forbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
            }
            let mode = source.number("mode").filter(|mode| !(0..=DIRECTORY_MODE_MAX).contains(mode));
            if let Some(mode) = mode {
                report.invalid(path.child("mode"), mode, DIRECTORY_MODE);
            }
        }
        "hostPath" => host_path(source, path, report),
        "nfs" if !source.text("path").starts_with('/') => {
            report.invalid(path.child("path"), source.text("path"), "must be an absolute path");
        }
        "secret" | "configMap" => {
            file_mode(source, "defaultMode", path, report);
            user(source, "defaultUser", path, report);
            keys(source, path, report);
        }
        "downwardAPI" => {
            file_mode(source, "defaultMode", path, report);
            user(source, "defaultUser", path, report);
            for file in source.list("items") {
                downward_file(file, path, report);
            }
        }
        "projected" => {
            file_mode(source, "defaultMode", path, report);
            user(source, "defaultUser", path, report);
            projections(source, path, report);
        }
        "csi" => driver(source.text("driver"), path.child("driver"), report),
        "ephemeral" if source.has("volumeClaimTemplate") => {
            persistent_volume_claim::check_template(
                &source["volumeClaimTemplate"],
                path.child("volumeClaimTemplate"),
                report,
            );
        }
        "ephemeral" => report.required(path.child("volumeClaimTemplate"), ""),
        "image" => {
            let known = ["Always", "IfNotPresent", "Never"];
            report.one_of(path.child("pullPolicy"), source.text("pullPolicy"), &known);
        }
        _ => {}
    }
}

/// The name of a CSI driver.
pub(crate) fn driver(name: &str, path: Path<'_>, report: &mut Report) {
    const MAX: usize = 63;
    if name.is_empty() {
        return;
    }
    if name.len() > MAX {
        report.too_long(path, MAX);
    }
    report.broken(path, name, names::subdomain(&name.to_lowercase()));
}

pub(crate) fn host_path(source: &Value, path: Path<'_>, report: &mut Report) {
    let place = source.text("path");
    if place.is_empty() {
        return report.required(path.child("path"), "");
    }
    no_backsteps(place, path.child("path"), report);
    let known =
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
    let kind = source.text("type");
    if !known.contains(&kind) {
        report.not_supported(path.child("type"), kind, &known);
    }
}

fn no_backsteps(text: &str, path: Path<'_>, report: &mut Report) {
    if text.split('/').any(|part| part == "..") {
        report.invalid(path, text, "must not contain '..'");
    }
}

/// A path below another.
pub(super) fn relative_path(text: &str, path: Path<'_>, report: &mut Report) {
    if text.starts_with('/') {
        report.invalid(path, text, "must be a relative path");
    }
    no_backsteps(text, path, report);
}

/// A relative path that is none of the files which Kubernetes itself keeps there.
fn free_path(text: &str, path: Path<'_>, report: &mut Report) {
    relative_path(text, path, report);
    if text.starts_with("..") && !text.starts_with("../") {
        report.invalid(path, text, "must not start with '..'");
    }
}

fn file_mode(source: &Value, field: &str, path: Path<'_>, report: &mut Report) {
    if let Some(mode) = source.number(field).filter(|mode| !(0..=FILE_MODE_MAX).contains(mode)) {
        report.invalid(path.child(field), mode, FILE_MODE);
    }
}

/// The owner of files.
fn user(source: &Value, field: &str, path: Path<'_>, report: &mut Report) {
    if let Some(user) = source.number(field).filter(|user| !(0..=USER_MAX).contains(user)) {
        report.invalid(path.child(field), user, &names::between(0, USER_MAX));
    }
}

fn keys(source: &Value, path: Path<'_>, report: &mut Report) {
    let list = path.child("items");
    for (index, item) in source.list("items").iter().enumerate() {
        let path = list.index(index);
        for field in ["key", "path"] {
            if item.text(field).is_empty() {
                report.required(path.child(field), "");
            }
        }
        free_path(item.text("path"), path.child("path"), report);
        file_mode(item, "mode", path, report);
        user(item, "user", path, report);
    }
}

fn downward_file(file: &Value, path: Path<'_>, report: &mut Report) {
    let place = file.text("path");
    if place.is_empty() {
        report.required(path.child("path"), "");
    }
    free_path(place, path.child("path"), report);
    if file.has("fieldRef") {
        check_field(&file["fieldRef"], &FILE_FIELDS, path.child("fieldRef"), report);
        if file.has("resourceFieldRef") {
            let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
            report.invalid(path, "resource", detail);
        }
    } else if file.has("resourceFieldRef") {
        check_resource(&file["resourceFieldRef"], true, path.child("resourceFieldRef"), report);
    } else {
        report.required(path, "one of fieldRef and resourceFieldRef is required");
    }
    file_mode(file, "mode", path, report);
    user(file, "user", path, report);
}

const PROJECTIONS: [&str; 6] =
    ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"];

fn projections<'a>(source: &'a Value, path: Path<'_>, report: &mut Report) {
    let list = path.child("sources");
    let mut places: Vec<&'a str> = Vec::new();
    for (index, projection) in source.list("sources").iter().enumerate() {
        let at = list.index(index);
        let given = PROJECTIONS.into_iter().filter(|kind| projection.has(kind)).count();
        for kind in ["secret", "configMap"] {
            let part = &projection[kind];
            if part.is_null() {
                continue;
            }
            let at = at.child(kind);
            if part.text("name").is_empty() {
                report.required(at.child("name"), "");
            }
            keys(part, at, report);
            for item in part.list("items") {
                place(item.text("path"), part.text("name"), &mut places, path, report);
            }
        }
        for file in projection["downwardAPI"].list("items") {
            downward_file(file, at.child("downwardAPI"), report);
            place(file.text("path"), file.text("path"), &mut places, path, report);
        }
        if projection.has("serviceAccountToken") {
            token(&projection["serviceAccountToken"], at.child("serviceAccountToken"), path, report);
        }
        if given > 1 {
            report.forbidden(at, "may not specify more than 1 volume type per source");
        }
    }
}

/// A file that nothing else in the volume is.
fn place<'a>(text: &'a str, told: &str, places: &mut Vec<&'a str>, path: Path<'_>, report: &mut Report) {
    if text.is_empty() {
        return;
    }
    if places.contains(&text) {
        report.invalid(path, told, "conflicting duplicate paths");
    }
    places.push(text);
}

fn token(token: &Value, path: Path<'_>, volume: Path<'_>, report: &mut Report) {
    const SECONDS_MIN: i64 = 600;
    const SECONDS_MAX: i64 = 1 << 32;
    let at = path.child("expirationSeconds");
    match token.number("expirationSeconds") {
        None => report.required(at, ""),
        Some(seconds) if seconds < SECONDS_MIN => {
            report.invalid(at, seconds, "may not specify a duration less than 10 minutes");
        }
        Some(seconds) if seconds > SECONDS_MAX => {
            report.invalid(at, seconds, "may not specify a duration larger than 2^32 seconds");
        }
        Some(_) => {}
    }
    // The server tells these with the path of the volume.
    match token.text("path") {
        "" => report.required(volume.child("path"), ""),
        text => free_path(text, volume.child("path"), report),
    }
    user(token, "user", path, report);
}

/// Tokens are of the pod's service account.
pub(super) fn check_service_account_tokens(spec: &Value, path: Path<'_>, report: &mut Report) {
    if !spec.text("serviceAccountName").is_empty() {
        return;
    }
    let volumes = path.child("volumes");
    for (index, volume) in spec.list("volumes").iter().enumerate() {
        let volume_path = volumes.index(index);
        let sources = volume_path.child("projected.sources");
        for (index, source) in volume["projected"].list("sources").iter().enumerate() {
            if source.has("serviceAccountToken") {
                let detail = "must not be specified when serviceAccountName is not set";
                report.forbidden(sources.index(index).child("serviceAccountToken"), detail);
            }
        }
    }
}
