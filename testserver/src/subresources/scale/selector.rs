//! Label selectors of objects, in the form that queries have.

use serde_json::Value;

/// A label selector, or labels that must be there, as text.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn text(selector: &Value) -> Result<String, String> {
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    // Old kinds have the labels themselves.
    let is_old = selector.as_object().is_some_and(|map| map.values().all(Value::is_string));
    let labels = if is_old { Some(selector) } else { selector.get("matchLabels") };
    let labels = labels.and_then(Value::as_object).into_iter().flatten();
    let mut requirements: Vec<(&str, String)> = labels
        .map(|(key, value)| (key.as_str(), format!("{key}={}", value.as_str().unwrap_or_default())))
        .collect();
    for expression in expressions.into_iter().flatten() {
        let key = expression["key"].as_str().unwrap_or_default();
        let values = expression["values"].as_array().into_iter().flatten();
        let mut values: Vec<&str> = values.filter_map(Value::as_str).collect();
        values.sort_unstable();
        let values = values.join(",");
        let text = match expression["operator"].as_str().unwrap_or_default() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_owned(),
            "DoesNotExist" => format!("!{key}"),
            other => return Err(format!("{other:?} is not a valid label selector operator")),
        };
        requirements.push((key, text));
    }
    requirements.sort_by_key(|(key, _)| *key);
    Ok(requirements.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::text;
    use serde_json::json;

    #[test]
    fn requirements_are_told_in_the_order_of_their_keys() {
        let selector = json!({
            "matchLabels": {"b": "1", "a": "b"},
            "matchExpressions": [
                {"key": "z", "operator": "DoesNotExist"},
                {"key": "x", "operator": "NotIn", "values": ["q", "p"]},
                {"key": "b", "operator": "Exists"},
                {"key": "y", "operator": "In", "values": ["v"]},
            ],
        });
        assert_eq!(text(&selector).unwrap(), "a=b,b=1,b,x notin (p,q),y in (v),!z");
    }

    #[test]
    fn a_replication_controller_selects_by_labels_alone() {
        assert_eq!(text(&json!({"b": "1", "a": "2"})).unwrap(), "a=2,b=1");
        assert_eq!(text(&json!({})).unwrap(), "");
    }

    #[test]
    fn an_operator_that_is_none_is_told() {
        let selector = json!({"matchExpressions": [{"key": "z", "operator": "Is"}]});
        assert_eq!(text(&selector).unwrap_err(), "\"Is\" is not a valid label selector operator");
    }
}
