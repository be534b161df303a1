//! ConfigMaps.

use super::access::Look;
use super::path::Path;
use super::report::Report;
use super::strategy::Strategy;
use crate::names;
use serde_json::Value;

/// What the values of a ConfigMap or Secret have at most, in bytes.
pub(super) const SIZE_MAX: usize = 1024 * 1024;
const IMMUTABLE: &str = "field is immutable when `immutable` is set";

pub(super) static STRATEGY: Strategy = Strategy { check, check_update, ..Strategy::PLAIN };

fn check(object: &Value, report: &mut Report) {
    let data = Path::root("data");
    let binary = Path::root("binaryData");
    let mut size = 0;
    for (key, value) in object.entries("data") {
        report.broken(data.key(key), key, names::config_key(key));
        if object["binaryData"].has(key) {
            report.invalid(data.key(key), key, "duplicate of key present in binaryData");
        }
        size += value.as_str().map_or(0, str::len);
    }
    for (key, value) in object.entries("binaryData") {
        report.broken(binary.key(key), key, names::config_key(key));
        size += decoded_length(value);
    }
    if size > SIZE_MAX {
        // The whole object is meant, which servers write like a field without a name.
        report.too_long(Path::root("[]"), SIZE_MAX);
    }
}

fn check_update(new: &Value, old: &Value, report: &mut Report) {
    frozen(new, old, &["data", "binaryData"], report);
    check(new, report);
}

/// What must not change once an object is immutable, which it then stays.
pub(super) fn frozen(new: &Value, old: &Value, fields: &[&str], report: &mut Report) {
    if !old.is_true("immutable") {
        return;
    }
    if !new.is_true("immutable") {
        report.forbidden(Path::root("immutable"), IMMUTABLE);
    }
    for field in fields {
        if new[*field] != old[*field] {
            report.forbidden(Path::root(field), IMMUTABLE);
        }
    }
}

/// How many bytes a base64 text stands for.
pub(super) fn decoded_length(value: &Value) -> usize {
    let text = value.as_str().unwrap_or_default();
    let padding = text.bytes().rev().take_while(|byte| *byte == b'=').count();
    (text.len() / 4 * 3).saturating_sub(padding)
}

#[cfg(test)]
mod tests {
    use super::{SIZE_MAX, STRATEGY, decoded_length};
    use serde_json::{Value, json};

    fn told(causes: &[crate::failure::Cause]) -> Vec<String> {
        causes.iter().map(ToString::to_string).collect()
    }

    fn config_map(fields: Value) -> Value {
        let mut object = json!({"metadata": {"name": "a", "namespace": "b", "resourceVersion": "1"}});
        for (field, value) in fields.as_object().unwrap() {
            object[field] = value.clone();
        }
        object
    }

    #[test]
    fn a_key_is_in_one_map_only() {
        let object = config_map(json!({"data": {"a": "1", "b c": "2"}, "binaryData": {"a": "MQ=="}}));
        let told = told(&STRATEGY.validate(&object, true));
        assert_eq!(told[0], "data[a]: Invalid value: \"a\": duplicate of key present in binaryData");
        assert!(told[1].starts_with("data[b c]: Invalid value: \"b c\": a valid config key must consist of"));
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn values_have_a_mebibyte_together() {
        let object = config_map(json!({"data": {"a": "x".repeat(SIZE_MAX)}}));
        assert_eq!(told(&STRATEGY.validate(&object, true)), [""; 0]);
        let object = config_map(json!({"data": {"a": "x".repeat(SIZE_MAX), "b": "x"}}));
        assert_eq!(
            told(&STRATEGY.validate(&object, true)),
            ["[]: Too long: may not be more than 1048576 bytes"]
        );
    }

    #[test]
    fn what_is_immutable_stays_as_it_is() {
        let old = config_map(json!({"data": {"a": "1"}, "immutable": true}));
        let new = config_map(json!({"data": {"a": "2"}}));
        assert_eq!(
            told(&STRATEGY.validate_update(&new, &old)),
            [
                "immutable: Forbidden: field is immutable when `immutable` is set",
                "data: Forbidden: field is immutable when `immutable` is set",
            ]
        );
        assert_eq!(told(&STRATEGY.validate_update(&new, &new)), [""; 0]);
    }

    #[test]
    fn base64_is_longer_than_what_it_stands_for() {
        for (text, length) in [("", 0), ("MQ==", 1), ("MTI=", 2), ("MTIz", 3)] {
            assert_eq!(decoded_length(&json!(text)), length);
        }
    }
}
