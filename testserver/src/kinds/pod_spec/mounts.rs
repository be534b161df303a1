//! Volumes as containers see them.

use super::volumes::{Volumes, relative_path};
use crate::kinds::access::Look;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use serde_json::Value;
use std::collections::BTreeMap;

const BIND_OPTIONS: [&str; 3] = ["nodev", "noexec", "nosuid"];

/// The mounts of a container.
pub(super) fn check(container: &Value, volumes: &Volumes<'_>, path: Path<'_>, report: &mut Report) {
    let list = path.child("volumeMounts");
    let devices = by_name(container.list("volumeDevices"), "devicePath");
    let mut places: Vec<&str> = Vec::new();
    for (index, mount) in container.list("volumeMounts").iter().enumerate() {
        let path = list.index(index);
        let (name, place) = (mount.text("name"), mount.text("mountPath"));
        if name.is_empty() {
            report.required(path.child("name"), "");
        }
        if !volumes.contains_key(name) {
            report.not_found(path.child("name"), name);
        }
        if place.is_empty() {
            report.required(path.child("mountPath"), "");
        }
        if places.contains(&place) {
            report.invalid(path.child("mountPath"), place, "must be unique");
        }
        places.push(place);
        if devices.contains_key(name) {
            report.invalid(path.child("name"), name, "must not already exist in volumeDevices");
        }
        if devices.values().any(|device| *device == place) {
            let detail = "must not already exist as a path in volumeDevices";
            report.invalid(path.child("mountPath"), place, detail);
        }
        // What follows is told with the path of the list.
        let (sub_path, expression) = (mount.text("subPath"), mount.text("subPathExpr"));
        if !sub_path.is_empty() {
            relative_path(sub_path, list.child("subPath"), report);
        }
        if !expression.is_empty() {
            if !sub_path.is_empty() {
                let detail = "subPathExpr and subPath are mutually exclusive";
                report.invalid(path.child("subPathExpr"), expression, detail);
            }
            relative_path(expression, list.child("subPathExpr"), report);
        }
        propagation(mount, container, list, report);
        bind_options(mount, volumes.get(name).copied(), path.child("bindMountOptions"), report);
    }
}

/// Places by name; of those with the same name, the last one.
fn by_name<'a>(list: &'a [Value], place: &str) -> BTreeMap<&'a str, &'a str> {
    list.iter().map(|item| (item.text("name"), item.text(place))).collect()
}

fn propagation(mount: &Value, container: &Value, list: Path<'_>, report: &mut Report) {
    let mode = mount.text("mountPropagation");
    if mount.has("mountPropagation") {
        let path = list.child("mountPropagation");
        let known = ["Bidirectional", "HostToContainer", "None"];
        if !known.contains(&mode) {
            report.not_supported(path, mode, &known);
        }
        if mode == "Bidirectional" && !container["securityContext"].is_true("privileged") {
            let detail = "Bidirectional mount propagation is available only to privileged containers";
            report.forbidden(path, detail);
        }
    }
    if !mount.has("recursiveReadOnly") {
        return;
    }
    let path = list.child("recursiveReadOnly");
    match mount.text("recursiveReadOnly") {
        "Disabled" => {}
        "Enabled" | "IfPossible" => {
            if !mount.is_true("readOnly") {
                report.forbidden(path, "may only be specified when readOnly is true");
            }
            if !matches!(mode, "" | "None") {
                let detail = "may only be specified when mountPropagation is None or not specified";
                report.forbidden(path, detail);
            }
        }
        other => report.not_supported(path, other, &["Disabled", "Enabled", "IfPossible"]),
    }
}

fn bind_options(mount: &Value, volume: Option<&Value>, path: Path<'_>, report: &mut Report) {
    let mut known: Vec<&str> = Vec::new();
    for (index, option) in mount.texts("bindMountOptions").enumerate() {
        if !BIND_OPTIONS.contains(&option) {
            report.not_supported(path.index(index), option, &BIND_OPTIONS);
        }
        if known.contains(&option) {
            report.duplicate(path.index(index), option);
        }
        known.push(option);
    }
    if !known.is_empty() && volume.is_some_and(|volume| volume.has("image")) {
        let detail = "bindMountOptions may not be used with image volumes";
        report.invalid(path, mount["bindMountOptions"].clone(), detail);
    }
}

/// The block devices of a container.
pub(super) fn check_devices(container: &Value, volumes: &Volumes<'_>, list: Path<'_>, report: &mut Report) {
    let mounts = by_name(container.list("volumeMounts"), "mountPath");
    let (mut names, mut places): (Vec<&str>, Vec<&str>) = Default::default();
    for (index, device) in container.list("volumeDevices").iter().enumerate() {
        let path = list.index(index);
        let (name, place) = (device.text("name"), device.text("devicePath"));
        if name.is_empty() {
            report.required(path.child("name"), "");
        }
        if names.contains(&name) {
            report.invalid(path.child("name"), name, "must be unique");
        }
        match volumes.get(name) {
            None => report.not_found(path.child("name"), name),
            Some(volume) if !volume.has("persistentVolumeClaim") && !volume.has("ephemeral") => {
                let detail =
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                report.invalid(path.child("name"), name, detail);
            }
            Some(_) => {}
        }
        if place.is_empty() {
            report.required(path.child("devicePath"), "");
        }
        if places.contains(&place) {
            report.invalid(path.child("devicePath"), place, "must be unique");
        }
        if place.split('/').any(|part| part == "..") {
            report.invalid(path.child("devicePath"), place, "can not contain backsteps ('..')");
        } else {
            places.push(place);
        }
        if mounts.contains_key(name) {
            report.invalid(path.child("name"), name, "must not already exist in volumeMounts");
        }
        if mounts.values().any(|mount| *mount == place) {
            let detail = "must not already exist as a path in volumeMounts";
            report.invalid(path.child("devicePath"), place, detail);
        }
        if !name.is_empty() {
            names.push(name);
        }
    }
}
