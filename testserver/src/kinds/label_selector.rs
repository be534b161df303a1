//! Label selectors in objects: what is wrong with them, and what they select.

use super::access::Look;
use super::metadata;
use super::path::Path;
use super::report::Report;
use crate::names;
use serde_json::Value;

/// What is wrong with a selector; null is in order.
pub(crate) fn check(selector: &Value, path: Path<'_>, report: &mut Report) {
    metadata::labels(&selector["matchLabels"], path.child("matchLabels"), report);
    let list = path.child("matchExpressions");
    for (index, requirement) in selector.list("matchExpressions").iter().enumerate() {
        let path = list.index(index);
        let values = path.child("values");
        match requirement.text("operator") {
            "In" | "NotIn" => {
                if requirement.count("values") == 0 {
                    report.required(values, "must be specified when `operator` is 'In' or 'NotIn'");
                }
            }
            "Exists" | "DoesNotExist" => {
                if requirement.count("values") > 0 {
                    let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                    report.forbidden(values, detail);
                }
            }
            other => report.invalid(path.child("operator"), other, "not a valid selector operator"),
        }
        let key = requirement.text("key");
        report.broken(path.child("key"), key, names::label_key(key));
        for (index, value) in requirement.texts("values").enumerate() {
            report.broken(values.index(index), value, names::label_value(value));
        }
    }
}

/// Whether a selector selects everything: one that says nothing.
pub(crate) fn is_empty(selector: &Value) -> bool {
    selector.count("matchLabels") + selector.count("matchExpressions") == 0
}

/// Whether a selector selects what has these labels.
pub(crate) fn matches(selector: &Value, labels: &Value) -> bool {
    let equal = selector.entries("matchLabels").all(|(key, value)| labels[key] == *value);
    equal
        && selector.list("matchExpressions").iter().all(|requirement| {
            let label = labels[requirement.text("key")].as_str();
            let among = label.is_some_and(|label| requirement.texts("values").any(|value| value == label));
            match requirement.text("operator") {
                "In" => among,
                "NotIn" => !among,
                "Exists" => label.is_some(),
                "DoesNotExist" => label.is_none(),
                _ => false,
            }
        })
}

/// Whether a selector has a requirement that nothing can be selected by.
pub(crate) fn problem(selector: &Value) -> bool {
    let valid = |value: &str| names::label_value(value).is_empty();
    let is_label =
        |(key, value): (&str, &Value)| names::label_key(key).is_empty() && value.as_str().is_none_or(valid);
    !selector.entries("matchLabels").all(is_label)
        || selector.list("matchExpressions").iter().any(|requirement| {
            let values = requirement.count("values");
            let values_fit = match requirement.text("operator") {
                "In" | "NotIn" => values > 0,
                "Exists" | "DoesNotExist" => values == 0,
                _ => false,
            };
            !values_fit
                || !names::label_key(requirement.text("key")).is_empty()
                || !requirement.texts("values").all(valid)
        })
}

#[cfg(test)]
mod tests {
    use super::matches;
    use serde_json::json;

    #[test]
    fn a_selector_selects_by_all_it_says() {
        let selector = json!({"matchLabels": {"a": "1"}, "matchExpressions": [
            {"key": "b", "operator": "In", "values": ["x", "y"]},
            {"key": "c", "operator": "DoesNotExist"},
            {"key": "d", "operator": "NotIn", "values": ["z"]},
        ]});
        assert!(matches(&selector, &json!({"a": "1", "b": "y"})));
        assert!(!matches(&selector, &json!({"a": "1", "b": "z"})));
        assert!(!matches(&selector, &json!({"a": "1", "b": "x", "c": ""})));
        assert!(!matches(&selector, &json!({"a": "1", "b": "x", "d": "z"})));
        assert!(matches(&json!({}), &json!(null)));
    }
}
