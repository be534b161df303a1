//! Objects that patches have made: whether they are still objects of their kind, and what servers say if not.

use super::write;
use crate::call::{Call, FieldValidation, WriteOptions};
use crate::catalog::Resource;
use crate::failure::{Cause, Failure, Named};
use crate::kinds;
use crate::patch::{self, go, without_ordered_lists};
use crate::schema::builtin;
use http::StatusCode;
use serde_json::{Map, Value};

/// How an object was patched.
#[derive(Clone, Copy)]
pub(crate) enum Patched<'a> {
    /// By a merge patch of this object: the outcome is read like any text.
    Text(&'a Value),
    /// By a JSON patch of this object.
    Operations { old: &'a Value, patch: &'a Value },
    /// By this strategic merge patch.
    Strategic(&'a Value),
    /// By an apply.
    Applied,
}

/// Reads an object that a patch has made.
///
/// # Errors
///
/// If it is none of the call's resource.
pub(crate) fn read(
    call: &Call,
    mut new: Value,
    patched: Patched<'_>,
    options: &WriteOptions,
    warnings: &mut Vec<String>,
) -> Result<Value, Failure> {
    let resource = &call.resource;
    let expected = write::expected(resource);
    let checked = match patched {
        Patched::Text(_) | Patched::Operations { .. } => check_kind(call, &new),
        Patched::Strategic(_) | Patched::Applied => Ok(()),
    };
    let mut findings = match patched {
        Patched::Operations { patch, .. } => patch::unknown_fields(patch),
        _ => Vec::new(),
    };
    let found =
        checked.and_then(|()| kinds::check(&new, &resource.schema, expected)).map_err(
            |failure| match failure.code {
                StatusCode::UNPROCESSABLE_ENTITY => failure,
                _ => patched.refusal(resource, &new, why(&failure.message)),
            },
        )?;
    findings.extend(found);
    match options.field_validation {
        FieldValidation::Ignore => {}
        FieldValidation::Warn => warnings.extend(findings),
        FieldValidation::Strict if findings.is_empty() => {}
        FieldValidation::Strict => {
            let why = format!("strict decoding error: {}", findings.join(", "));
            return Err(patched.refusal(resource, &new, &why));
        }
    }
    write::set_type(&mut new, resource);
    kinds::normalise(&mut new, &resource.schema);
    Ok(new)
}

/// Refuses an object that says itself to be something else. If that is known, it is first read as that.
fn check_kind(call: &Call, new: &Value) -> Result<(), Failure> {
    write::check_kind(call, write::expected(&call.resource), new, &call.body, true).map_err(|failure| {
        if failure.code == StatusCode::UNPROCESSABLE_ENTITY {
            return failure;
        }
        let text = |key| new.get(key).and_then(Value::as_str).unwrap_or_default();
        let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
        let other = call.server.catalog.snapshot().kind(group, version, text("kind")).cloned();
        let mistake = other.and_then(|other| kinds::check(new, &other.schema, write::expected(&other)).err());
        mistake.unwrap_or(failure)
    })
}

/// What a refusal says after naming the kind.
fn why(message: &str) -> &str {
    message
        .split_once(" cannot be handled as a ")
        .and_then(|(_, rest)| rest.split_once(": "))
        .map_or(message, |(_, why)| why)
}

impl Patched<'_> {
    fn refusal(self, resource: &Resource, new: &Value, why: &str) -> Failure {
        let (text, why) = match self {
            Self::Text(old) | Self::Operations { old, .. } => {
                (text(old, new, resource.custom.is_none()), why.to_owned())
            }
            Self::Strategic(patch) => (go::printed(&without_ordered_lists(patch)), of_tree(why)),
            Self::Applied => {
                let meta = |key| crate::object::meta(new, key);
                let group = if resource.group.is_empty() { "/" } else { "" };
                let kind = format!("{group}{}, Kind={}", resource.api_version(), resource.kind);
                let message = format!(
                    "failed to convert new object ({}/{}; {kind}) to proper version: unable to convert unstructured \
                     object to {kind}: {}",
                    meta("namespace"),
                    meta("name"),
                    of_tree(why)
                );
                return Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "", message);
            }
        };
        let cause = Cause::invalid("patch", &Value::String(text), &why);
        Failure::invalid(Named { group: "", resource: "" }, "", vec![cause])
    }
}

/// Keys of metadata in the order in which servers write them.
const METADATA: &[&str] = &[
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
];

/// Keys of managed fields in the order in which servers write them.
const MANAGED_FIELDS: &[&str] =
    &["manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource"];

/// A patched object as servers write it. Of a custom one all is sorted; of others: what a patch has touched is sorted, the rest is in the order of its type. That is
/// known here of metadata only.
fn text(old: &Value, new: &Value, typed: bool) -> String {
    let Value::Object(entries) = new else { return new.to_string() };
    if !typed {
        return new.to_string();
    }
    let same = old.get("metadata") == new.get("metadata");
    let written = entries.iter().map(|(key, value)| match value {
        Value::Object(metadata) if key == "metadata" => {
            let order = if same { METADATA } else { &[] };
            (
                key,
                object(metadata, order, &|key, value| match value {
                    Value::Array(list) if key == "managedFields" => {
                        let entry = |entry: &Value| match entry {
                            Value::Object(entry) => {
                                object(entry, MANAGED_FIELDS, &|_, value| value.to_string())
                            }
                            other => other.to_string(),
                        };
                        format!("[{}]", list.iter().map(entry).collect::<Vec<_>>().join(","))
                    }
                    other => other.to_string(),
                }),
            )
        }
        other => (key, other.to_string()),
    });
    braced(written)
}

fn object(entries: &Map<String, Value>, order: &[&str], write: &dyn Fn(&str, &Value) -> String) -> String {
    let mut keys: Vec<&String> = entries.keys().collect();
    keys.sort_by_key(|key| order.iter().position(|known| known == key).unwrap_or(order.len()));
    braced(keys.into_iter().map(|key| (key, write(key, &entries[key]))))
}

fn braced<'a>(entries: impl Iterator<Item = (&'a String, String)>) -> String {
    let entries: Vec<String> =
        entries.map(|(key, value)| format!("{}:{value}", Value::from(key.as_str()))).collect();
    format!("{{{}}}", entries.join(","))
}

/// What servers say of a tree that does not fit a type, given what they say of such a text.
fn of_tree(why: &str) -> String {
    if why.starts_with("illegal base64") {
        return format!("error decoding from json: {why}");
    }
    let told = why.strip_prefix("json: cannot unmarshal ").and_then(|rest| {
        let (kind, rest) = rest.split_once(" into Go ")?;
        let (_, ty) = rest.rsplit_once(" of type ")?;
        Some((kind, ty))
    });
    let Some((kind, ty)) = told else { return why.to_owned() };
    let fraction = kind.starts_with("number ") && kind.contains(['.', 'e', 'E']);
    let kind = match kind.split(' ').next().unwrap_or_default() {
        "object" => "map",
        "array" => "slice",
        "number" if fraction => "float64",
        "number" => "int64",
        other => other,
    };
    let number = |ty: &str| ["int", "float", "uint"].iter().any(|prefix| ty.starts_with(prefix));
    if ty.starts_with("[]") {
        format!("cannot restore slice from {kind}")
    } else if ty.starts_with("map[") {
        format!("cannot restore map from {kind}")
    } else if is_struct(ty) {
        format!("cannot restore struct from: {kind}")
    } else if kind == "float64" && number(ty) || kind == "int64" && !number(ty) && ty != "bool" {
        format!("cannot convert {kind} to {ty}")
    } else {
        // Names of types other than structs stand for texts.
        format!("unrecognized type: {}", if ty.contains('.') { "string" } else { ty })
    }
}

fn is_struct(ty: &str) -> bool {
    let suffix = format!(".{ty}");
    ty.contains('.') && builtin::documents().any(|(name, _)| name.ends_with(&suffix))
}

#[cfg(test)]
mod tests {
    use super::{of_tree, text};
    use serde_json::json;

    #[test]
    fn untouched_metadata_is_written_in_the_order_of_its_type() {
        let old = json!({"metadata": {
            "labels": {"a": "b"}, "name": "x", "uid": "u",
            "managedFields": [{"apiVersion": "v1", "manager": "m", "operation": "Update"}]
        }});
        let mut new = old.clone();
        new["data"] = json!({"z": 1, "a": 2});
        assert_eq!(
            text(&old, &new, true),
            r#"{"data":{"a":2,"z":1},"metadata":{"name":"x","uid":"u","labels":{"a":"b"},"managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1"}]}}"#
        );
        new["metadata"]["labels"] = json!({});
        assert!(text(&old, &new, true).contains(r#""metadata":{"labels":{},"managedFields":[{"manager""#));
    }

    #[test]
    fn trees_that_do_not_fit_are_told_by_their_kinds() {
        let of = |kind: &str, ty: &str| {
            of_tree(&format!("json: cannot unmarshal {kind} into Go struct field A.b of type {ty}"))
        };
        assert_eq!(of("object", "[]v1.Container"), "cannot restore slice from map");
        assert_eq!(of("string", "map[string]string"), "cannot restore map from string");
        assert_eq!(of("array", "v1.ObjectMeta"), "cannot restore struct from: slice");
        assert_eq!(of("string", "int32"), "unrecognized type: int32");
        assert_eq!(of("bool", "v1.DNSPolicy"), "unrecognized type: string");
        assert_eq!(of("number", "v1.DNSPolicy"), "cannot convert int64 to v1.DNSPolicy");
        assert_eq!(of("number 1.5", "int32"), "cannot convert float64 to int32");
        assert_eq!(
            of_tree("illegal base64 data at input byte 0"),
            "error decoding from json: illegal base64 data at input byte 0"
        );
        assert_eq!(of_tree("quantities must match"), "quantities must match");
    }
}
