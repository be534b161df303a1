//! Environment variables, and the references that they and downward API files take values from.

use super::each_container;
use crate::kinds::access::Look;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::names::{self, NameRule};
use serde_json::Value;

/// What a variable can hold of its pod.
const VARIABLE_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// What a file can hold of its pod.
pub(super) const FILE_FIELDS: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];
const SIZES: [&str; 13] = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
const SOURCES: [&str; 5] = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

/// The variables of a container.
pub(super) fn check(container: &Value, path: Path<'_>, report: &mut Report) {
    let list = path.child("env");
    for (index, variable) in container.list("env").iter().enumerate() {
        let path = list.index(index);
        let name = variable.text("name");
        if name.is_empty() {
            report.required(path.child("name"), "");
        } else {
            report.broken(path.child("name"), name, names::environment_variable(name));
        }
        if variable.has("valueFrom") {
            value_from(variable, path.child("valueFrom"), report);
        }
    }
    let list = path.child("envFrom");
    for (index, source) in container.list("envFrom").iter().enumerate() {
        env_from(source, list, index, report);
    }
}

fn value_from(variable: &Value, path: Path<'_>, report: &mut Report) {
    let source = &variable["valueFrom"];
    let mut sources = 0;
    for field in SOURCES {
        let reference = &source[field];
        if reference.is_null() {
            continue;
        }
        sources += 1;
        let path = path.child(field);
        match field {
            "fieldRef" => check_field(reference, &VARIABLE_FIELDS, path, report),
            "resourceFieldRef" => check_resource(reference, false, path, report),
            "fileKeyRef" => file_key(reference, path, report),
            _ => key(reference, path, report),
        }
    }
    if sources == 0 {
        let detail = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or \
                      `fileKeyRef`";
        report.invalid(path, "", detail);
    } else if !variable.text("value").is_empty() {
        report.invalid(path, "", "may not be specified when `value` is not empty");
    } else if sources > 1 {
        report.invalid(path, "", "may not have more than one field specified at a time");
    }
}

fn env_from(source: &Value, list: Path<'_>, index: usize, report: &mut Report) {
    let path = list.index(index);
    let prefix = source.text("prefix");
    if !prefix.is_empty() {
        report.broken(path.child("prefix"), prefix, names::environment_variable(prefix));
    }
    let mut sources = 0;
    for field in ["configMapRef", "secretRef"] {
        if !source.has(field) {
            continue;
        }
        sources += 1;
        let name = source[field].text("name");
        let path = path.child(field);
        if name.is_empty() {
            report.required(path.child("name"), "");
        } else {
            report.broken(path.child("name"), name, NameRule::Subdomain.broken_by(name, true));
        }
    }
    match sources {
        0 => report.invalid(list, "", "must specify one of: `configMapRef` or `secretRef`"),
        1 => {}
        _ => report.invalid(list, "", "may not have more than one field specified at a time"),
    }
}

/// A key of a ConfigMap or Secret.
fn key(reference: &Value, path: Path<'_>, report: &mut Report) {
    let (name, key) = (reference.text("name"), reference.text("key"));
    report.broken(path.child("name"), name, names::subdomain(name));
    if key.is_empty() {
        report.required(path.child("key"), "");
    } else {
        report.broken(path.child("key"), key, names::config_key(key));
    }
}

fn file_key(reference: &Value, path: Path<'_>, report: &mut Report) {
    let mut part = |field: &str, check: &dyn Fn(&str) -> Vec<String>| {
        let text = reference.text(field);
        if text.is_empty() {
            report.required(path.child(field), "");
        } else {
            report.broken(path.child(field), text, check(text));
        }
    };
    part("key", &names::environment_variable);
    part("volumeName", &names::label);
    part("path", &|text| {
        let leaves = text.split('/').any(|part| part == "..");
        if leaves { vec!["must not contain '..'".into()] } else { Vec::new() }
    });
}

/// A field of the pod.
pub(super) fn check_field(reference: &Value, known: &[&str], path: Path<'_>, report: &mut Report) {
    let (version, field) = (reference.text("apiVersion"), reference.text("fieldPath"));
    for part in ["apiVersion", "fieldPath"] {
        if reference.text(part).is_empty() {
            return report.required(path.child(part), "");
        }
    }
    let at = path.child("fieldPath");
    if version != "v1" {
        let detail = format!("error converting fieldPath: unsupported pod version: {version}");
        return report.invalid(at, field, &detail);
    }
    let subscript = field.strip_suffix("']").and_then(|field| field.split_once("['"));
    let (name, subscript) = match subscript {
        Some((name, key)) => (name, Some(key)),
        None => (field, None),
    };
    let convertible = VARIABLE_FIELDS.contains(&name)
        || FILE_FIELDS.contains(&name)
        || matches!(name, "spec.host" | "spec.restartPolicy" | "spec.schedulerName" | "status.phase");
    if !convertible {
        let detail = if subscript.is_some() {
            format!("error converting fieldPath: field label does not support subscript: {field}")
        } else {
            format!("error converting fieldPath: field label not supported: {field}")
        };
        return report.invalid(at, field, &detail);
    }
    match (name, subscript) {
        ("metadata.annotations", Some(key)) => {
            let key = key.to_lowercase();
            report.broken(path, &key, names::label_key(&key));
        }
        ("metadata.labels", Some(key)) => report.broken(path, key, names::label_key(key)),
        (_, Some(_)) => {
            let detail =
                format!("error converting fieldPath: field label does not support subscript: {field}");
            report.invalid(at, field, &detail);
        }
        (name, None) if !known.contains(&name) => {
            let name = if name == "spec.host" { "spec.nodeName" } else { name };
            if !known.contains(&name) {
                report.not_supported(at, name, known);
            }
        }
        _ => {}
    }
}

/// A resource of a container; files must name the container.
pub(super) fn check_resource(reference: &Value, is_file: bool, path: Path<'_>, report: &mut Report) {
    let resource = reference.text("resource");
    let is_huge_page =
        resource.starts_with("limits.hugepages-") || resource.starts_with("requests.hugepages-");
    if is_file && reference.text("containerName").is_empty() {
        report.required(path.child("containerName"), "");
    } else if resource.is_empty() {
        report.required(path.child("resource"), "");
    } else if !RESOURCES.contains(&resource) && !is_huge_page {
        report.not_supported(path.child("resource"), resource, &RESOURCES);
    }
    let divisor = reference.text("divisor");
    if matches!(divisor, "" | "0") {
        return;
    }
    let (known, values, what): (&[&str], &str, &str) = match resource {
        "limits.cpu" | "requests.cpu" => (&["1m", "1"], "1m and 1", "cpu"),
        "limits.memory" | "requests.memory" => (&SIZES, "", "memory"),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => (&SIZES, "", "local ephemeral storage"),
        _ if is_huge_page => (&SIZES, "", "hugepages"),
        _ => return,
    };
    if !known.contains(&divisor) {
        let values = if values.is_empty() { SIZES.join(", ") } else { values.to_owned() };
        let detail = format!("only divisor's values {values} are supported with the {what} resource");
        report.invalid(path.child("divisor"), resource, &detail);
    }
}

/// Files that variables come from lie in volumes of their pod.
pub(super) fn check_file_volumes(spec: &Value, path: Path<'_>, report: &mut Report) {
    for (field, container_index, container) in each_container(spec) {
        for (index, variable) in container.list("env").iter().enumerate() {
            let reference = &variable["valueFrom"]["fileKeyRef"];
            if reference.is_null() {
                continue;
            }
            let name = reference.text("volumeName");
            let volume = spec.list("volumes").iter().find(|volume| volume.text("name") == name);
            let list = path.child(field);
            let container = list.index(container_index);
            let env = container.child("env");
            let env = env.index(index);
            let path = env.child("valueFrom.fileKeyRef.volumeName");
            match volume {
                None => report.not_found(path, name),
                Some(volume) if !volume.has("emptyDir") => {
                    report.invalid(path, name, "referenced volume must be of type emptyDir");
                }
                Some(_) => {}
            }
        }
    }
}
