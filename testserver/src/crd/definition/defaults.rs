//! Defaults must be values that their schemas allow.

use crate::crd::rules::Rules;
use crate::crd::{pruning, structural};
use crate::kinds::{Look, Path, Report};
use serde_json::Value;

/// What is wrong with the defaults of a schema.
pub(super) fn check(schema: &Value, path: Path<'_>, report: &mut Report) {
    if let Some(default) = schema.get("default").filter(|default| !default.is_null()) {
        one(schema, default, path.child("default"), report);
    }
    if schema["items"].is_object() {
        check(&schema["items"], path.child("items"), report);
    }
    let properties = path.child("properties");
    for (name, property) in schema.entries("properties") {
        check(property, properties.key(name), report);
    }
}

fn one(schema: &Value, default: &Value, path: Path<'_>, report: &mut Report) {
    let mut pruned = default.clone();
    pruning::prune_unknown(&mut pruned, &structural::part(schema));
    if pruned != *default {
        report.invalid(path, default.clone(), "must not have unknown fields");
    }
    for finding in Rules::read(schema).check(default, None) {
        report.push(finding.into_cause(&path.to_string()));
    }
}
