//! Columns, and reading cells out of objects.

use super::age;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A column of a built-in kind.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// The type of cells, in the words of OpenAPI. kubectl does not mind if a cell is another.
    pub(super) kind: &'static str,
    /// `name` for the column that names the object.
    pub(super) format: &'static str,
    /// 0 for columns that are always shown, 1 for those of `-o wide`.
    pub(super) priority: i64,
    pub(super) cell: fn(&Row<'_>) -> Value,
    /// The server has a cell here, and no column for it.
    pub(super) headless: bool,
}

/// A column of text.
pub(super) const fn column(
    name: &'static str,
    description: &'static str,
    cell: fn(&Row<'_>) -> Value,
) -> Column {
    Column { name, description, kind: "string", format: "", priority: 0, cell, headless: false }
}

/// A column of whole numbers.
pub(super) const fn integer(
    name: &'static str,
    description: &'static str,
    cell: fn(&Row<'_>) -> Value,
) -> Column {
    Column { kind: "integer", ..column(name, description, cell) }
}

/// A column of flags.
pub(super) const fn boolean(
    name: &'static str,
    description: &'static str,
    cell: fn(&Row<'_>) -> Value,
) -> Column {
    Column { kind: "boolean", ..column(name, description, cell) }
}

impl Column {
    /// The column, for `-o wide` only.
    pub(super) const fn wide(self) -> Self {
        Self { priority: 1, ..self }
    }

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
}

pub(super) const NAME: Column =
    Column { format: "name", ..column("Name", "The object's name", |row| row.name().into()) };

pub(super) const AGE: Column = column("Age", "How long ago the object was created", |row| {
    row.since("metadata.creationTimestamp").into()
});

pub(super) const CREATED_AT: Column = Column {
    kind: "date",
    ..column("Created At", "When the object was created", |row| row.text("metadata.creationTimestamp").into())
};

/// One object of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) object: &'a Value,
    pub(super) now: Timestamp,
    /// Whether the object is the one that is used when none is named. Of storage classes only.
    pub(super) is_default: bool,
}

/// The value at a path of names with dots between them.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name)).filter(|value| !value.is_null())
}

/// The text at a path, or an empty one.
pub(super) fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    at(value, path).and_then(Value::as_str).unwrap_or_default()
}

/// The number at a path, or 0.
pub(super) fn number(value: &Value, path: &str) -> i64 {
    at(value, path).and_then(Value::as_i64).unwrap_or_default()
}

/// The flag at a path, or false.
pub(super) fn flag(value: &Value, path: &str) -> bool {
    at(value, path).and_then(Value::as_bool).unwrap_or_default()
}

/// The elements of the list at a path, or none.
pub(super) fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    at(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// How many members the object or list at a path has.
pub(super) fn count(value: &Value, path: &str) -> usize {
    match at(value, path) {
        Some(Value::Object(members)) => members.len(),
        Some(Value::Array(elements)) => elements.len(),
        _ => 0,
    }
}

/// The texts in the list at a path, with `separator` between them.
pub(super) fn joined(value: &Value, path: &str, separator: &str) -> String {
    let texts: Vec<&str> = list(value, path).iter().filter_map(Value::as_str).collect();
    texts.join(separator)
}

/// The first condition of a type.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    list(object, "status.conditions").iter().find(|condition| text(condition, "type") == kind)
}

/// Whether the first condition of a type is true.
pub(super) fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| text(condition, "status") == "True")
}

/// A text, or another one if it is empty.
pub(super) fn or<'a>(text: &'a str, fallback: &'a str) -> &'a str {
    if text.is_empty() { fallback } else { text }
}

impl<'a> Row<'a> {
    pub(super) fn name(&self) -> &'a str {
        self.text("metadata.name")
    }

    pub(super) fn at(&self, path: &str) -> Option<&'a Value> {
        at(self.object, path)
    }

    pub(super) fn text(&self, path: &str) -> &'a str {
        text(self.object, path)
    }

    /// The text at a path, or another one if it is empty or not there.
    pub(super) fn text_or(&self, path: &str, fallback: &'static str) -> &'a str {
        or(self.text(path), fallback)
    }

    pub(super) fn number(&self, path: &str) -> i64 {
        number(self.object, path)
    }

    pub(super) fn flag(&self, path: &str) -> bool {
        flag(self.object, path)
    }

    pub(super) fn list(&self, path: &str) -> &'a [Value] {
        list(self.object, path)
    }

    pub(super) fn count(&self, path: &str) -> usize {
        count(self.object, path)
    }

    pub(super) fn joined(&self, path: &str, separator: &str) -> String {
        joined(self.object, path, separator)
    }

    pub(super) fn annotation(&self, name: &str) -> &'a str {
        self.at("metadata.annotations")
            .and_then(|annotations| annotations.get(name)?.as_str())
            .unwrap_or_default()
    }

    /// How long ago the time at a path is.
    pub(super) fn since(&self, path: &str) -> String {
        age::since(self.at(path), self.now)
    }

    pub(super) fn is_being_deleted(&self) -> bool {
        self.at("metadata.deletionTimestamp").is_some()
    }

    /// The labels at a path: `a=b,c=d`.
    pub(super) fn labels(&self, path: &str) -> String {
        let labels = self.at(path).and_then(Value::as_object).into_iter().flatten();
        let labels: Vec<String> =
            labels.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
        if labels.is_empty() { "<none>".to_owned() } else { labels.join(",") }
    }

    /// The label selector at a path, or an empty text.
    pub(super) fn selector(&self, path: &str) -> String {
        self.at(path).map(selector).unwrap_or_default()
    }

    /// The label selector at a path, or `<none>`.
    pub(super) fn selector_or_none(&self, path: &str) -> String {
        or(&self.selector(path), "<none>").to_owned()
    }

    /// A property of each container of a Pod specification, with commas between them.
    pub(super) fn containers(&self, specification: &str, property: &str) -> String {
        let containers = self.at(specification).map_or(&[][..], |value| list(value, "containers"));
        let texts: Vec<&str> = containers.iter().map(|container| text(container, property)).collect();
        texts.join(",")
    }
}

/// A label selector as it would be written in a query, in the order of keys.
fn selector(selector: &Value) -> String {
    let labels = at(selector, "matchLabels").and_then(Value::as_object).into_iter().flatten();
    let mut terms: Vec<(&str, String)> = labels
        .map(|(key, value)| (key.as_str(), format!("{key}={}", value.as_str().unwrap_or_default())))
        .collect();
    for expression in list(selector, "matchExpressions") {
        let key = text(expression, "key");
        let mut values: Vec<&str> = list(expression, "values").iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let values = values.join(",");
        let term = match text(expression, "operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        };
        terms.push((key, term));
    }
    terms.sort_by_key(|(key, _)| *key);
    terms.into_iter().map(|(_, term)| term).collect::<Vec<_>>().join(",")
}

/// At most `most` texts, and how many more there are.
pub(super) fn some_of(texts: &[String], most: usize) -> String {
    let shown = texts[..texts.len().min(most)].join(",");
    match texts.len().checked_sub(most) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} + {more} more..."),
    }
}
