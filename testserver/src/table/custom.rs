//! The columns of custom kinds, as their definitions say: `additionalPrinterColumns`.

use super::age;
use super::column::{number, text};
use crate::selector::JsonPath;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A column of a custom kind.
#[derive(Clone, Debug)]
pub(super) struct CustomColumn {
    name: String,
    kind: String,
    format: String,
    description: String,
    priority: i64,
    path: JsonPath,
}

/// Reads `additionalPrinterColumns`, up to the first whose path cannot be read. Without any, the age is shown.
pub(super) fn columns(definitions: &[Value]) -> Vec<CustomColumn> {
    let age = [json!({
        "name": "Age",
        "type": "date",
        "description": "How long ago the object was created",
        "jsonPath": ".metadata.creationTimestamp",
    })];
    let definitions = if definitions.is_empty() { &age } else { definitions };
    definitions.iter().map_while(column).collect()
}

fn column(definition: &Value) -> Option<CustomColumn> {
    let path = text(definition, "jsonPath");
    let description = match text(definition, "description") {
        "" => format!("The value at {path}"),
        description => description.to_owned(),
    };
    Some(CustomColumn {
        name: text(definition, "name").to_owned(),
        kind: text(definition, "type").to_owned(),
        format: text(definition, "format").to_owned(),
        description,
        priority: number(definition, "priority"),
        path: JsonPath::parse(path)?,
    })
}

impl CustomColumn {
    /// The column's definition in a table.
    pub(super) fn definition(&self) -> Value {
        json!({
            "name": self.name,
            "type": self.kind,
            "format": self.format,
            "description": self.description,
            "priority": self.priority,
        })
    }

    /// An object's cell. Nothing, if the value is not there or is not of the column's type.
    pub(super) fn cell(&self, object: &Value, now: Timestamp) -> Value {
        let found = self.path.find(object);
        let Some(value) = found.as_deref().and_then(|found| found.first()) else { return Value::Null };
        match (self.kind.as_str(), value) {
            ("string", value) => printed(value).into(),
            ("integer", Value::Number(number)) => whole(number),
            ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) => (*value).clone(),
            ("date", Value::String(time)) => date(time, now).into(),
            _ => Value::Null,
        }
    }
}

fn whole(number: &serde_json::Number) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "the server cuts off what follows the point, too")]
    let truncated = || number.as_f64().map(|float| float as i64);
    number.as_i64().or_else(truncated).into()
}

fn date(time: &str, now: Timestamp) -> String {
    match time.parse() {
        _ if time.is_empty() => age::UNKNOWN.to_owned(),
        Err(_) => "<invalid>".to_owned(),
        Ok(time) => age::between(time, now),
    }
}

/// A value as Go prints it.
fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "<no value>".to_owned(),
        Value::Object(_) | Value::Array(_) => {
            value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::columns;
    use serde_json::{Value, json};

    fn cell(kind: &str, value: &Value) -> Value {
        let columns = columns(&[json!({"name": "X", "type": kind, "jsonPath": ".spec.x"})]);
        let object = json!({"spec": {"x": value}});
        columns[0].cell(&object, "2025-01-01T00:01:00Z".parse().unwrap())
    }

    #[test]
    fn cells_have_the_type_of_their_column_or_are_empty() {
        for (kind, value, wanted) in [
            ("string", json!("a"), json!("a")),
            ("string", json!(3), json!("3")),
            ("string", json!(true), json!("true")),
            ("string", json!({"a": ["<"]}), json!("{\"a\":[\"\\u003c\"]}")),
            ("string", json!(null), json!("<no value>")),
            ("integer", json!(3), json!(3)),
            ("integer", json!(3.7), json!(3)),
            ("integer", json!("3"), json!(null)),
            ("number", json!(3.5), json!(3.5)),
            ("boolean", json!(false), json!(false)),
            ("boolean", json!("x"), json!(null)),
            ("date", json!("2025-01-01T00:00:00Z"), json!("60s")),
            ("date", json!("soon"), json!("<invalid>")),
            ("date", json!(""), json!("<unknown>")),
            ("date", json!(1), json!(null)),
        ] {
            assert_eq!(cell(kind, &value), wanted, "{kind} {value}");
        }
    }

    #[test]
    fn without_columns_the_age_is_shown() {
        let columns = columns(&[]);
        let object = json!({"metadata": {"creationTimestamp": "2025-01-01T00:00:00Z"}});
        assert_eq!(columns[0].definition()["name"], "Age");
        assert_eq!(columns[0].cell(&object, "2025-01-01T00:01:00Z".parse().unwrap()), "60s");
    }

    #[test]
    fn a_value_that_is_not_there_has_no_cell() {
        let columns = columns(&[json!({"name": "X", "type": "string", "jsonPath": ".spec.y.z"})]);
        assert_eq!(columns[0].cell(&json!({"spec": {}}), jiff::Timestamp::UNIX_EPOCH), Value::Null);
    }
}
