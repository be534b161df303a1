//! The names of a resource.

use crate::kinds::{Look, Path, Report};
use crate::names::label_1035;
use serde_json::Value;

/// What is wrong with names that are there.
pub(super) fn check(names: &Value, path: Path<'_>, report: &mut Report) {
    for field in ["plural", "singular"] {
        label(names.text(field), names.text(field), "", path.child(field), report);
    }
    for field in ["kind", "listKind"] {
        let name = names.text(field);
        let detail = "may have mixed case, but should otherwise match: ";
        label(name, &name.to_lowercase(), detail, path.child(field), report);
    }
    for (index, name) in names.texts("shortNames").enumerate() {
        each(name, path.child("shortNames").index(index), report);
    }
    let kind = names.text("kind");
    if !kind.is_empty() && kind == names.text("listKind") {
        report.invalid(path.child("listKind"), kind, "kind and listKind may not be the same");
    }
    for (index, name) in names.texts("categories").enumerate() {
        each(name, path.child("categories").index(index), report);
    }
}

/// Names that have to be there.
pub(super) fn require(names: &Value, path: Path<'_>, report: &mut Report) {
    for field in ["plural", "singular", "kind", "listKind"] {
        if names.text(field).is_empty() {
            report.required(path.child(field), "");
        }
    }
}

fn label(told: &str, name: &str, detail: &str, path: Path<'_>, report: &mut Report) {
    if !name.is_empty() {
        let broken = label_1035(name);
        if !broken.is_empty() {
            report.invalid(path, told, &format!("{detail}{}", broken.join(",")));
        }
    }
}

/// A name of a list, which must not be empty either.
fn each(name: &str, path: Path<'_>, report: &mut Report) {
    let broken = label_1035(name);
    if !broken.is_empty() {
        report.invalid(path, name, &broken.join(","));
    }
}
