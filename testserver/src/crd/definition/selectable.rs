//! Which fields objects can be selected by.

use crate::kinds::{Look, Path, Report};
use serde_json::Value;

const FIELDS_MAX: usize = 8;

/// What is wrong with the selectable fields of a version.
pub(super) fn check(version: &Value, path: Path<'_>, report: &mut Report) {
    let fields = version.list("selectableFields");
    let schema = &version["schema"]["openAPIV3Schema"];
    let mut known: Vec<&str> = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let path = path.index(index);
        let path = path.child("jsonPath");
        let text = field.text("jsonPath");
        if text.is_empty() {
            report.required(path, "");
            continue;
        }
        let place = match find(text, schema) {
            Ok(place) => place,
            Err(why) => {
                report.invalid(path, text, &format!("is an invalid path: {why}"));
                continue;
            }
        };
        if text.strip_prefix('.').unwrap_or(text).split('.').next() == Some("metadata") {
            report.invalid(path, text, "must not point to fields in metadata");
        }
        if !matches!(place.text("type"), "string" | "boolean" | "integer") {
            let detail = "must point to a field of type string, boolean or integer. Enum string fields and strings with \
                          formats are allowed.";
            report.invalid(path, text, detail);
        }
        if known.contains(&text) {
            report.duplicate(path, text);
        } else {
            known.push(text);
        }
    }
    if known.len() > FIELDS_MAX {
        report.too_many(path, known.len(), FIELDS_MAX);
    }
}

/// Servers do not find the schema if versions have one of schema and fields in common, and not the other.
pub(super) fn refuse(version: &Value, detail: &str, path: Path<'_>, report: &mut Report) {
    if !version.list("selectableFields").is_empty() {
        report.invalid(path, "", detail);
    }
}

/// The schema of the place that a path leads to.
fn find<'a>(path: &str, schema: &'a Value) -> Result<&'a Value, String> {
    if path.contains('[') {
        return Err("array notation is not allowed".into());
    }
    let Some(path) = path.strip_prefix('.') else {
        let first = path.split(['.', ']']).next().unwrap_or_default();
        return Err(format!("expected [ or . but got: {first}"));
    };
    let step = |schema: &'a Value, name: &str| {
        schema["properties"].get(name).ok_or_else(|| "does not refer to a valid field".to_owned())
    };
    path.split('.').try_fold(schema, step)
}
