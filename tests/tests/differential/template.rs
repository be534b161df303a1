//! Variables in paths and bodies: `{name}`.

use std::collections::BTreeMap;

use serde_json::Value;

/// The values of variables on one server.
pub(crate) type Variables = BTreeMap<String, Value>;

/// The text with every `{name}` of a variable replaced. Other braces stay.
pub(crate) fn text(text: &str, variables: &Variables) -> String {
    let mut text = text.to_owned();
    for (name, value) in variables {
        let placeholder = format!("{{{name}}}");
        if text.contains(&placeholder) {
            text = text.replace(&placeholder, &shown(value));
        }
    }
    text
}

/// The value with the variables in all its strings and keys replaced. A string that is nothing but a variable
/// becomes its value, whatever type that has.
pub(crate) fn value(template: &Value, variables: &Variables) -> Value {
    match template {
        Value::String(string) => {
            let whole = string.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            match whole.and_then(|name| variables.get(name)) {
                Some(value) => value.clone(),
                None => Value::String(text(string, variables)),
            }
        }
        Value::Array(items) => items.iter().map(|item| value(item, variables)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, field)| (text(key, variables), value(field, variables))).collect()
        }
        other => other.clone(),
    }
}

/// A value within a text.
fn shown(value: &Value) -> String {
    match value {
        Value::String(string) => string.clone(),
        other => other.to_string(),
    }
}

/// The path with what a URL cannot hold escaped, so that scripts are readable.
pub(crate) fn escaped(path: &str) -> String {
    let mut escaped = String::new();
    for byte in path.bytes() {
        match byte {
            b' ' | b'"' | b'<' | b'>' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`' | 0x7f.. => {
                escaped.push_str(&format!("%{byte:02X}"));
            }
            byte => escaped.push(char::from(byte)),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{Variables, escaped, text, value};
    use serde_json::json;

    #[test]
    fn variables_are_replaced_and_other_braces_stay() {
        let variables = Variables::from([("a".to_owned(), json!("x")), ("n".to_owned(), json!(3))]);
        assert_eq!(text("/{a}/{n}/{b}", &variables), "/x/3/{b}");
        assert_eq!(value(&json!({"{a}": ["{n}", "n{n}"]}), &variables), json!({"x": [3, "n3"]}));
    }

    #[test]
    fn a_path_is_escaped_but_for_what_is_escaped_already() {
        assert_eq!(escaped("/a?b=c in (d)&e=%2Cf"), "/a?b=c%20in%20(d)&e=%2Cf");
    }
}
