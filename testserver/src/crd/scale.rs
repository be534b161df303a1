//! What the paths of a scale subresource lead to must be numbers of replicas, and a selector.

use crate::catalog::Custom;
use crate::failure::Cause;
use crate::kinds::Look;
use serde_json::Value;

/// Finds what is wrong where the paths of a scale subresource lead.
pub(super) fn check(custom: &Custom, object: &Value, with_spec: bool, causes: &mut Vec<Cause>) {
    let Some(scale) = &custom.scale else { return };
    if with_spec {
        replicas(scale.text("specReplicasPath"), object, causes);
    }
    replicas(scale.text("statusReplicasPath"), object, causes);
    let path = scale.text("labelSelectorPath");
    let (found, wanted) = match find(path, object) {
        Ok(Value::Null | Value::String(_)) => return,
        Ok(found) => (found, "string"),
        Err(other) => (other, "map[string]interface{}"),
    };
    if !path.is_empty() {
        causes.push(Cause::invalid(path, &Value::from(""), &mistyped(path, found, wanted)));
    }
}

/// What is at a path; or what is on the way there, though nothing can be below it.
fn find<'a>(path: &str, object: &'a Value) -> Result<&'a Value, &'a Value> {
    let path = path.strip_prefix('.').unwrap_or(path);
    path.split('.').try_fold(object, |value, name| match value {
        Value::Object(_) | Value::Null => Ok(&value[name]),
        other => Err(other),
    })
}

fn replicas(path: &str, object: &Value, causes: &mut Vec<Cause>) {
    let found = match find(path, object) {
        Ok(Value::Null) => return,
        Ok(found) => found,
        Err(other) => {
            let detail = mistyped(path, other, "map[string]interface{}");
            causes.push(Cause::invalid(path, &Value::from(0), &detail));
            return;
        }
    };
    let Some(number) = found.as_i64() else {
        causes.push(Cause::invalid(path, &Value::from(0), &mistyped(path, found, "int64")));
        return;
    };
    if number < 0 {
        causes.push(Cause::invalid(path, found, "should be a non-negative integer"));
    } else if number > i64::from(i32::MAX) {
        causes.push(Cause::invalid(path, found, &format!("should be less than or equal to {}", i32::MAX)));
    }
}

/// In Go's words.
fn mistyped(path: &str, found: &Value, wanted: &str) -> String {
    let (shown, kind) = match found {
        Value::Null => ("<nil>".to_owned(), "<nil>"),
        Value::Bool(flag) => (flag.to_string(), "bool"),
        Value::Number(number) if number.is_f64() => {
            let text = number.to_string();
            (text.strip_suffix(".0").unwrap_or(&text).to_owned(), "float64")
        }
        Value::Number(number) => (number.to_string(), "int64"),
        Value::String(text) => (text.clone(), "string"),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            (format!("[{}]", items.join(" ")), "[]interface {}")
        }
        Value::Object(_) => (found.to_string(), "map[string]interface {}"),
    };
    format!("{path} accessor error: {shown} is of the type {kind}, expected {wanted}")
}
