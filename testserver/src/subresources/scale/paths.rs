//! Where objects have what their scale shows.

use super::selector;
use crate::catalog::Resource;
use crate::failure::Failure;
use crate::object;
use serde_json::{Map, Value};

/// Where objects of a resource have what their scale shows.
#[derive(Debug)]
pub(super) struct Paths<'a> {
    /// Whether the resource is a custom one, which says so itself.
    pub(super) is_custom: bool,
    /// The path of the replicas that are wanted, as it is written.
    pub(super) written: &'a str,
    /// The same, in its parts.
    pub(super) replicas: Vec<&'a str>,
    status: Vec<&'a str>,
    /// None if it is not to be known.
    selector: Option<Vec<&'a str>>,
}

impl<'a> Paths<'a> {
    pub(super) fn of(resource: &'a Resource) -> Self {
        let scale = resource.custom.as_ref().and_then(|custom| custom.scale.as_ref());
        let path = |key: &str, default: &'static str| match scale {
            Some(scale) => scale[key].as_str().unwrap_or_default(),
            None => default,
        };
        let parts = |path: &'a str| path.trim_start_matches('.').split('.').collect::<Vec<_>>();
        let written = path("specReplicasPath", ".spec.replicas");
        let selector = path("labelSelectorPath", ".spec.selector");
        Self {
            is_custom: resource.custom.is_some(),
            written,
            replicas: parts(written),
            status: parts(path("statusReplicasPath", ".status.replicas")),
            selector: (!selector.is_empty()).then(|| parts(selector)),
        }
    }

    /// How many replicas are wanted.
    ///
    /// # Errors
    ///
    /// If it is no number, which only objects of custom resources can have.
    pub(super) fn replicas_of(&self, object: &Value) -> Result<Option<i64>, Failure> {
        number(object, &self.replicas)
    }

    /// How many replicas there are.
    ///
    /// # Errors
    ///
    /// If it is no number.
    pub(super) fn status_of(&self, object: &Value) -> Result<i64, Failure> {
        Ok(number(object, &self.status)?.unwrap_or_default())
    }

    /// The selector of the replicas, as text.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub(super) fn selector_of(&self, object: &Value) -> Result<String, Failure> {
        let Some(path) = &self.selector else { return Ok(String::new()) };
        let Some(value) = object::at(object, path).filter(|value| !value.is_null()) else {
            return Ok(String::new());
        };
        if self.is_custom {
            return value.as_str().map(str::to_owned).ok_or_else(|| misfit(path, value, "string"));
        }
        selector::text(value).map_err(Failure::bad_request)
    }

    /// Sets how many replicas are wanted.
    pub(super) fn set_replicas(&self, object: &mut Value, replicas: i64) {
        let Some((last, parents)) = self.replicas.split_last() else { return };
        let mut place = object;
        for parent in parents {
            place = object::as_map(place).entry(*parent).or_insert_with(|| Value::Object(Map::new()));
        }
        object::as_map(place).insert((*last).to_owned(), replicas.into());
    }
}

fn number(object: &Value, path: &[&str]) -> Result<Option<i64>, Failure> {
    match object::at(object, path) {
        None => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or_else(|| misfit(path, value, "int64")),
    }
}

fn misfit(path: &[&str], value: &Value, expected: &str) -> Failure {
    let found = match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    };
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let message =
        format!(".{} accessor error: {shown} is of the type {found}, expected {expected}", path.join("."));
    Failure::new(http::StatusCode::INTERNAL_SERVER_ERROR, "", message)
}

#[cfg(test)]
mod tests {
    use super::Paths;
    use serde_json::json;

    fn paths() -> Paths<'static> {
        Paths {
            is_custom: true,
            written: ".spec.size.wanted",
            replicas: vec!["spec", "size", "wanted"],
            status: vec!["status", "size"],
            selector: Some(vec!["status", "selector"]),
        }
    }

    #[test]
    fn a_custom_resource_says_where_its_replicas_are() {
        let mut object = json!({"spec": {"size": {"wanted": 2}}, "status": {"size": 1, "selector": "a=b"}});
        assert_eq!(paths().replicas_of(&object).unwrap(), Some(2));
        assert_eq!(paths().status_of(&object).unwrap(), 1);
        assert_eq!(paths().selector_of(&object).unwrap(), "a=b");
        paths().set_replicas(&mut object, 5);
        assert_eq!(object["spec"]["size"]["wanted"], 5);
        let mut empty = json!({});
        paths().set_replicas(&mut empty, 1);
        assert_eq!(empty, json!({"spec": {"size": {"wanted": 1}}}));
    }

    #[test]
    fn what_is_no_number_is_told() {
        let told = paths().replicas_of(&json!({"spec": {"size": {"wanted": "two"}}})).unwrap_err();
        assert_eq!(
            told.message,
            ".spec.size.wanted accessor error: two is of the type string, expected int64"
        );
    }
}
