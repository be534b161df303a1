//! PersistentVolumeClaims, and templates of them.

use super::access::{Change, Look};
use super::difference;
use super::label_selector;
use super::metadata;
use super::path::Path;
use super::pod_spec::round_list;
use super::quantity::Quantity;
use super::report::Report;
use super::strategy::{Cluster, InitialStatus, Strategy};
use crate::failure::Failure;
use crate::names;
use serde_json::{Value, json};
use std::cmp::Ordering;

pub(super) static STRATEGY: Strategy = Strategy {
    status: InitialStatus::Reset,
    default: |claim| {
        default_spec(claim.inner("spec"));
        claim.inner("status").or_text("phase", "Pending");
        for field in ["capacity", "allocatedResources"] {
            if let Some(list) = claim.inner("status").inside(field) {
                round_list(list);
            }
        }
    },
    admit,
    create: |claim| {
        claim.set("status", json!({"phase": "Pending"}));
        pair_sources(claim.inner("spec"));
    },
    update: |claim, _| pair_sources(claim.inner("spec")),
    check: |claim, report| check_spec(&claim["spec"], Path::root("spec"), report),
    check_update,
    ..Strategy::PLAIN
};

const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

/// Fills in what a specification leaves out.
pub(crate) fn default_spec(spec: &mut Value) {
    spec.or_set("volumeMode", "Filesystem");
    if let Some(resources) = spec.inside("resources") {
        for field in ["limits", "requests"] {
            if let Some(list) = resources.inside(field) {
                round_list(list);
            }
        }
    }
}

/// The default class, and the finalizer that keeps claims which are in use.
fn admit(claim: &mut Value, old: Option<&Value>, cluster: &dyn Cluster) -> Result<(), Failure> {
    if old.is_some() {
        return Ok(());
    }
    let beta = claim["metadata"]["annotations"].has("volume.beta.kubernetes.io/storage-class");
    if !claim["spec"].has("storageClassName") && !beta {
        let classes = cluster.objects("storage.k8s.io", "storageclasses", "");
        let mut classes: Vec<&Value> = classes
            .iter()
            .filter(|class| class["metadata"]["annotations"].text(DEFAULT_CLASS) == "true")
            .collect();
        // The newest wins, then the first by name.
        classes.sort_by_key(|class| class["metadata"].text("name").to_owned());
        let newest = classes
            .into_iter()
            .rev()
            .max_by_key(|class| class["metadata"].text("creationTimestamp").to_owned());
        if let Some(class) = newest {
            claim.inner("spec").set("storageClassName", class["metadata"].text("name"));
        }
    }
    protect(claim, "kubernetes.io/pvc-protection");
    Ok(())
}

/// Adds a finalizer.
pub(super) fn protect(object: &mut Value, finalizer: &str) {
    let metadata = object.inner("metadata");
    let mut finalizers = metadata.list("finalizers").to_vec();
    if !finalizers.iter().any(|known| known == finalizer) {
        finalizers.push(finalizer.into());
        metadata.set("finalizers", finalizers);
    }
}

/// Where the contents come from is told in two fields.
fn pair_sources(spec: &mut Value) {
    let source = &spec["dataSource"];
    let is_known = matches!(
        (source.text("apiGroup"), source.text("kind")),
        ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
    );
    if spec.has("dataSource") && !spec.has("dataSourceRef") {
        if is_known {
            let source = spec["dataSource"].clone();
            spec.set("dataSourceRef", source);
        } else {
            spec.remove_field("dataSource");
        }
    } else if spec.has("dataSourceRef") && !spec.has("dataSource") && !spec["dataSourceRef"].has("namespace")
    {
        let source = spec["dataSourceRef"].clone();
        spec.set("dataSource", source);
    }
}

/// What is wrong with a template.
pub(crate) fn check_template(template: &Value, path: Path<'_>, report: &mut Report) {
    let own = path.child("metadata");
    let fields = &template["metadata"];
    metadata::annotations(&fields["annotations"], own.child("annotations"), report);
    metadata::labels(&fields["labels"], own.child("labels"), report);
    for field in ["name", "generateName", "namespace", "finalizers", "ownerReferences"] {
        if fields.has(field) {
            report.forbidden(own.child(field), "cannot be set");
        }
    }
    check_spec(&template["spec"], path.child("spec"), report);
}

/// What is wrong with a specification.
pub(crate) fn check_spec(spec: &Value, path: Path<'_>, report: &mut Report) {
    let modes_path = path.child("accessModes");
    if spec.count("accessModes") == 0 {
        report.required(modes_path, "at least 1 access mode is required");
    }
    label_selector::check(&spec["selector"], path.child("selector"), report);
    access_modes(spec, modes_path, report);
    size(spec, path, report);
    for field in ["storageClassName", "volumeAttributesClassName"] {
        let class = spec.text(field);
        if !class.is_empty() {
            report.broken(path.child(field), class, names::subdomain(class));
        }
    }
    let mode = spec.text("volumeMode");
    if spec.has("volumeMode") && !["Block", "Filesystem"].contains(&mode) {
        report.not_supported(path.child("volumeMode"), mode, &["Block", "Filesystem"]);
    }
    for field in ["dataSource", "dataSourceRef"] {
        if spec.has(field) {
            check_source(&spec[field], path.child(field), report);
        }
    }
    let (source, reference) = (&spec["dataSource"], &spec["dataSourceRef"]);
    let differs = ["apiGroup", "kind", "name"].iter().any(|field| source[*field] != reference[*field]);
    if source.is_object() && reference.is_object() && differs {
        report.invalid_as(path, "{}", "must match dataSourceRef");
    }
}

/// Access modes of claims and volumes.
pub(super) fn access_modes(spec: &Value, path: Path<'_>, report: &mut Report) {
    const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
    for mode in spec.texts("accessModes") {
        if !MODES.contains(&mode) {
            report.not_supported(path, mode, &MODES);
        }
    }
    let has = |wanted: fn(&str) -> bool| spec.texts("accessModes").any(wanted);
    if has(|mode| mode == "ReadWriteOncePod")
        && has(|mode| mode != "ReadWriteOncePod" && MODES.contains(&mode))
    {
        report.forbidden(path, "may not use ReadWriteOncePod with other access modes");
    }
}

fn size(spec: &Value, path: Path<'_>, report: &mut Report) {
    let resources = path.child("resources");
    let path = resources.key("storage");
    match storage(&spec["resources"]["requests"]) {
        None => report.required(path, ""),
        Some(size) if size.sign() != Ordering::Greater => {
            report.invalid(path, size.to_string(), "must be greater than zero");
        }
        Some(_) => {}
    }
}

fn storage(list: &Value) -> Option<Quantity> {
    list["storage"].as_str().and_then(|text| Quantity::parse(text).ok())
}

fn check_source(source: &Value, path: Path<'_>, report: &mut Report) {
    for field in ["name", "kind"] {
        if source.text(field).is_empty() {
            report.required(path.child(field), "");
        }
    }
    let (group, kind) = (source.text("apiGroup"), source.text("kind"));
    if group.is_empty() && kind != "PersistentVolumeClaim" {
        let detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
        report.invalid(path, kind, detail);
    }
    if !group.is_empty() {
        report.broken(path.child("apiGroup"), group, names::subdomain(group));
    }
    let namespace = source.text("namespace");
    if !namespace.is_empty() {
        report.broken(path.child("namespace"), namespace, names::label(namespace));
    }
}

fn check_update(new: &Value, old: &Value, report: &mut Report) {
    let path = Path::root("spec");
    check_spec(&new["spec"], path, report);
    let is_bound = new["status"].text("phase") == "Bound";
    let mut munged = new["spec"].clone();
    let mut before = old["spec"].clone();
    if before.text("volumeName").is_empty() {
        before.copy_field("volumeName", &munged);
    }
    if !before.has("storageClassName") && munged.has("storageClassName") {
        before.copy_field("storageClassName", &munged);
    }
    if is_bound {
        if munged["resources"].has("requests") {
            let requests = munged.inner("resources").inner("requests");
            requests.copy_field("storage", &before["resources"]["requests"]);
        }
        munged.copy_field("volumeAttributesClassName", &before);
    }
    if munged != before {
        let detail = format!(
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n{}",
            difference::unified(&before, &munged)
        );
        report.forbidden(path, &detail);
    }
    let sizes = [&new["spec"], &old["spec"]].map(|spec| storage(&spec["resources"]["requests"]));
    if let [Some(size), Some(before)] = sizes {
        let capacity = storage(&old["status"]["capacity"]).unwrap_or_else(|| Quantity::whole(0));
        if size < before && size <= capacity {
            let detail = "field can not be less than status.capacity";
            report.forbidden(Path::root("spec.resources.requests.storage"), detail);
        }
    }
    report.immutable(Path::root("volumeMode"), &new["spec"]["volumeMode"], &old["spec"]["volumeMode"]);
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_claim_says_how_much_and_how() {
        let mut claim = json!({"metadata": {"name": "a", "namespace": "b"}, "spec": {}});
        STRATEGY.default(&mut claim);
        STRATEGY.prepare_create(&mut claim);
        assert_eq!(claim["spec"], json!({"volumeMode": "Filesystem"}));
        assert_eq!(claim["status"], json!({"phase": "Pending"}));
        let told: Vec<_> = STRATEGY.validate(&claim, true).iter().map(ToString::to_string).collect();
        let expected = [
            "spec.accessModes: Required value: at least 1 access mode is required",
            "spec.resources[storage]: Required value",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn the_size_of_a_bound_claim_may_grow() {
        let old = json!({"metadata": {"name": "a", "resourceVersion": "1"}, "status": {"phase": "Bound"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
        let mut new = old.clone();
        new["spec"]["resources"]["requests"]["storage"] = "2Gi".into();
        assert_eq!(STRATEGY.validate_update(&new, &old), []);
        new["spec"]["accessModes"] = json!(["ReadWriteMany"]);
        let causes = STRATEGY.validate_update(&new, &old);
        assert!(causes[0].message.starts_with("Forbidden: spec is immutable after creation except"));
    }
}
