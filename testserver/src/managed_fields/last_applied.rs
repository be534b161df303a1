//! Objects that kubectl applied by itself before it applies them on the server.
//!
//! It kept what it applied in an annotation. That counts as owned by it, so that the switch has no conflicts.

use super::compare::compare;
use super::leaves::fields;
use super::set::FieldSet;
use super::types::Type;
use super::validate::validate;
use crate::schema::Schema;
use serde_json::{Map, Value};

const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The manager for which servers do this.
pub(super) const KUBECTL: &str = "kubectl";

/// How large annotations may be, in bytes.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// The fields that are as they were last applied; none if that is not known.
pub(super) fn unchanged(live: &Value, schema: &Schema, api_version: &str) -> Option<FieldSet> {
    let annotation = live.get("metadata")?.get("annotations")?.get(ANNOTATION)?.as_str()?;
    let applied: Value = serde_json::from_str(annotation).ok()?;
    if applied.get("apiVersion")?.as_str()? != api_version {
        return None;
    }
    let ty = Type::of(schema);
    validate(ty, &applied).ok()?;
    let comparison = compare(schema, &applied, live).ok()?;
    let mut fields = fields(ty, &applied);
    fields.subtract(&comparison.modified);
    fields.subtract(&comparison.added);
    fields.subtract(&comparison.removed);
    Some(fields)
}

/// Keeps the annotation up with what is applied on the server, if there is one.
pub(super) fn refresh(object: &mut Value, applied: &Value) {
    let annotations = object.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"));
    let Some(Value::Object(annotations)) = annotations else { return };
    if annotations.get(ANNOTATION).and_then(Value::as_str).is_none_or(str::is_empty) {
        return;
    }
    let mut applied = applied.clone();
    if let Some(Value::Object(given)) =
        applied.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"))
    {
        given.remove(ANNOTATION);
    }
    // Servers write an object with a line break at its end.
    annotations.insert(ANNOTATION.into(), format!("{applied}\n").into());
    if size(annotations) > MAX_ANNOTATIONS {
        annotations.remove(ANNOTATION);
    }
}

fn size(annotations: &Map<String, Value>) -> usize {
    annotations.iter().map(|(key, value)| key.len() + value.as_str().map_or(0, str::len)).sum()
}
