//! The specification of a definition as a whole.
//!
//! Within kube-apiserver, what all versions have in common stands beside them, and messages tell of it there.

use super::{conversion, names, version};
use crate::failure::Cause;
use crate::kinds::{Look, Path, Report};
use crate::names::{label_1035, subdomain};
use serde_json::Value;

/// Which parts all versions have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared {
    pub(super) schema: bool,
    pub(super) subresources: bool,
    pub(super) columns: bool,
    pub(super) selectable: bool,
}

impl Shared {
    fn of(versions: &[Value]) -> Self {
        let same = |field: &str| versions.windows(2).all(|pair| pair[0][field] == pair[1][field]);
        Self {
            schema: same("schema"),
            subresources: same("subresources"),
            columns: same("additionalPrinterColumns"),
            selectable: same("selectableFields"),
        }
    }
}

/// What is wrong with a specification.
pub(super) fn check(spec: &Value, report: &mut Report) {
    let path = Path::root("spec");
    group(spec.text("group"), path.child("group"), report);
    report.one_of(path.child("scope"), spec.text("scope"), &["Cluster", "Namespaced"]);
    let versions = spec.list("versions");
    let shared = Shared::of(versions);
    let versions_path = path.child("versions");
    for (index, version) in versions.iter().enumerate() {
        if !version["schema"]["openAPIV3Schema"].is_object() {
            report.required(versions_path.index(index).child("schema.openAPIV3Schema"), "");
        }
    }
    for (index, version) in versions.iter().enumerate() {
        version::check(version, shared, versions_path.index(index), report);
    }
    version_list(&spec["versions"], shared, versions_path, report);
    names::require(&spec["names"], path.child("names"), report);
    names::check(&spec["names"], path.child("names"), report);
    if let Some(first) = versions.first() {
        version::check_shared(first, shared, path, report);
    }
    conversion::check(&spec["conversion"], path.child("conversion"), report);
}

fn group(group: &str, path: Path<'_>, report: &mut Report) {
    let broken = subdomain(group);
    if group.is_empty() {
        report.required(path, "");
    } else if !broken.is_empty() {
        report.invalid(path, group, &broken.join(","));
    } else if !group.contains('.') {
        report.invalid(path, group, "should be a domain with at least one dot");
    }
}

fn version_list(list: &Value, shared: Shared, path: Path<'_>, report: &mut Report) {
    let versions = list.as_array().map_or([].as_slice(), Vec::as_slice);
    let names: Vec<&str> = versions.iter().map(|version| version.text("name")).collect();
    let twice = (0..names.len()).any(|index| names[..index].contains(&names[index]));
    let mut refuse = |detail: &str| {
        let told = if list.is_null() { "null".to_owned() } else { told(versions, shared) };
        let message = format!("Invalid value: {told}: {detail}");
        report.push(Cause { reason: "FieldValueInvalid", field: path.to_string(), message });
    };
    if twice {
        refuse("must contain unique version names");
    }
    if versions.iter().filter(|version| version.is_true("storage")).count() != 1 {
        refuse("must have exactly one version marked as storage version");
    }
    // The name of the first version also stands where there was only one, once.
    if let Some(first) = names.first() {
        let broken = label_1035(first);
        if !broken.is_empty() {
            report.invalid(Path::root("spec.version"), *first, &broken.join(","));
        }
    }
}

/// Versions as kube-apiserver has them inside, without what they have in common.
fn told(versions: &[Value], shared: Shared) -> String {
    let each = |version: &Value| {
        let part = |field: &str, shared: bool| match &version[field] {
            _ if shared => "null".to_owned(),
            value => value.to_string(),
        };
        format!(
            r#"{{"Name":{},"Served":{},"Storage":{},"Deprecated":{},"DeprecationWarning":{},"Schema":{},"Subresources":{},"AdditionalPrinterColumns":{},"SelectableFields":{}}}"#,
            version["name"],
            version.is_true("served"),
            version.is_true("storage"),
            version.is_true("deprecated"),
            version["deprecationWarning"],
            part("schema", shared.schema),
            part("subresources", shared.subresources),
            part("additionalPrinterColumns", shared.columns),
            part("selectableFields", shared.selectable),
        )
    };
    format!("[{}]", versions.iter().map(each).collect::<Vec<_>>().join(","))
}
