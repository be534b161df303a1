//! Short ways to read and change JSON values whose shape has been checked, and that do nothing if it was not.

use serde_json::{Map, Value};

/// Reading. What is missing is empty; `value["a"]["b"]` reads deeper, and is null when something is missing.
pub(crate) trait Look {
    /// The text of a field, or nothing.
    fn text(&self, field: &str) -> &str;
    /// The number of a field.
    fn number(&self, field: &str) -> Option<i64>;
    /// Whether a field is there and true.
    fn is_true(&self, field: &str) -> bool;
    /// Whether a field is there and not null.
    fn has(&self, field: &str) -> bool;
    /// The items of a field's list.
    fn list(&self, field: &str) -> &[Value];
    /// The texts in a field's list.
    fn texts(&self, field: &str) -> impl Iterator<Item = &str>;
    /// The entries of a field's map.
    fn entries(&self, field: &str) -> impl Iterator<Item = (&str, &Value)>;
    /// How many entries a map, or items a list has.
    fn count(&self, field: &str) -> usize;
}

impl Look for Value {
    fn text(&self, field: &str) -> &str {
        self[field].as_str().unwrap_or_default()
    }

    fn number(&self, field: &str) -> Option<i64> {
        self[field].as_i64()
    }

    fn is_true(&self, field: &str) -> bool {
        self[field].as_bool().unwrap_or_default()
    }

    fn has(&self, field: &str) -> bool {
        !self[field].is_null()
    }

    fn list(&self, field: &str) -> &[Self] {
        self[field].as_array().map_or(&[], Vec::as_slice)
    }

    fn texts(&self, field: &str) -> impl Iterator<Item = &str> {
        self.list(field).iter().filter_map(Self::as_str)
    }

    fn entries(&self, field: &str) -> impl Iterator<Item = (&str, &Self)> {
        self[field].as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    fn count(&self, field: &str) -> usize {
        match &self[field] {
            Self::Array(items) => items.len(),
            Self::Object(entries) => entries.len(),
            _ => 0,
        }
    }
}

/// Changing.
pub(crate) trait Change {
    /// Sets a field of an object.
    fn set(&mut self, field: &str, value: impl Into<Value>);
    /// Sets a field of an object that has none.
    fn or_set(&mut self, field: &str, value: impl Into<Value>);
    /// Sets a text that is missing or empty.
    fn or_text(&mut self, field: &str, value: &str);
    /// Removes a field and gives what it was.
    fn remove_field(&mut self, field: &str) -> Option<Value>;
    /// The object in a field, which is made if there is none.
    fn inner(&mut self, field: &str) -> &mut Value;
    /// What is in a field, if anything.
    fn inside(&mut self, field: &str) -> Option<&mut Value>;
    /// The items of a field's list.
    fn list_mut(&mut self, field: &str) -> std::slice::IterMut<'_, Value>;
    /// Takes a field from another object: its value there, or its absence.
    fn copy_field(&mut self, field: &str, from: &Value);
}

impl Change for Value {
    fn set(&mut self, field: &str, value: impl Into<Self>) {
        if let Some(map) = self.as_object_mut() {
            map.insert(field.to_owned(), value.into());
        }
    }

    fn or_set(&mut self, field: &str, value: impl Into<Self>) {
        if let Some(map) = self.as_object_mut()
            && map.get(field).is_none_or(Self::is_null)
        {
            map.insert(field.to_owned(), value.into());
        }
    }

    fn or_text(&mut self, field: &str, value: &str) {
        if let Some(map) = self.as_object_mut()
            && map.get(field).is_none_or(|old| old.is_null() || old == "")
        {
            map.insert(field.to_owned(), value.into());
        }
    }

    fn remove_field(&mut self, field: &str) -> Option<Self> {
        self.as_object_mut()?.remove(field)
    }

    fn inner(&mut self, field: &str) -> &mut Self {
        if !self.is_object() {
            *self = Self::Object(Map::new());
        }
        let inner = &mut self[field];
        if inner.is_null() {
            *inner = Self::Object(Map::new());
        }
        inner
    }

    fn inside(&mut self, field: &str) -> Option<&mut Self> {
        self.as_object_mut()?.get_mut(field).filter(|value| !value.is_null())
    }

    fn list_mut(&mut self, field: &str) -> std::slice::IterMut<'_, Self> {
        let list = self.inside(field).and_then(Self::as_array_mut);
        list.map(|list| list.iter_mut()).unwrap_or_default()
    }

    fn copy_field(&mut self, field: &str, from: &Self) {
        match from.get(field) {
            Some(value) => self.set(field, value.clone()),
            None => {
                self.remove_field(field);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Look};
    use serde_json::json;

    #[test]
    fn what_is_missing_is_empty() {
        let value = json!({"a": {"b": [1]}});
        assert_eq!(value.text("x"), "");
        assert_eq!(value["x"]["y"].number("z"), None);
        assert_eq!(value["a"].list("b"), [json!(1)]);
        assert_eq!(value.count("a"), 1);
    }

    #[test]
    fn changes_of_what_is_not_an_object_do_nothing_or_make_one() {
        let mut value = json!("text");
        value.set("a", 1);
        value.or_text("a", "b");
        assert_eq!(value.remove_field("a"), None);
        assert_eq!(value, json!("text"));
        value.inner("a").set("b", 1);
        assert_eq!(value, json!({"a": {"b": 1}}));
    }

    #[test]
    fn a_field_is_set_only_when_it_is_missing() {
        let mut value = json!({"a": 0, "b": "", "c": null});
        value.or_set("a", 1);
        value.or_text("b", "x");
        value.or_set("c", true);
        assert_eq!(value, json!({"a": 0, "b": "x", "c": true}));
        value.copy_field("a", &json!({}));
        assert_eq!(value, json!({"b": "x", "c": true}));
    }
}
