//! Values as messages of the server show them: in the notation of the language it is written in.

pub(crate) use kubeset_selectors::wording::{is_printable, quoted};

use serde_json::{Number, Value};

/// As `%v` prints it: `map[a:1 b:[x y]]`.
pub(crate) fn printed(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number_text(number),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(printed).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}:{}", printed(value))).collect();
            format!("map[{}]", entries.join(" "))
        }
    }
}

/// As `%#v` prints it: `map[string]interface {}{"a":1}`.
pub(crate) fn in_full(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::String(text) => quoted(text),
        Value::Bool(_) | Value::Number(_) => printed(value),
        Value::Array(items) => {
            format!("[]interface {{}}{{{}}}", items.iter().map(in_full).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{}:{}", quoted(key), in_full(value))).collect();
            format!("map[string]interface {{}}{{{}}}", entries.join(", "))
        }
    }
}

/// The type that a value has once it is decoded.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// What the decoder calls a kind of JSON value.
pub(crate) fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A fraction is printed with an exponent if it is very large or small.
fn number_text(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) => {
            let size = float.abs();
            if size != 0.0 && !(1e-4..1e21).contains(&size) {
                let text = format!("{float:e}");
                let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let (sign, exponent) = exponent.strip_prefix('-').map_or(("+", exponent), |rest| ("-", rest));
                format!("{digits}e{sign}{exponent:0>2}")
            } else {
                float.to_string()
            }
        }
        None => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{in_full, printed};
    use serde_json::json;

    #[test]
    fn values_are_printed_as_maps_and_lists() {
        let value = json!({"b": [1, "x", null], "a": {"c": true}});
        assert_eq!(printed(&value), "map[a:map[c:true] b:[1 x <nil>]]");
        assert_eq!(
            in_full(&value),
            "map[string]interface {}{\"a\":map[string]interface {}{\"c\":true}, \"b\":[]interface {}{1, \"x\", \
             interface {}(nil)}}"
        );
    }

    #[test]
    fn large_and_small_fractions_have_exponents() {
        assert_eq!(printed(&json!([1.5, 1e21, 0.00001, 100.0])), "[1.5 1e+21 1e-05 100]");
    }
}
