//! Label selectors, as texts in a query (`app in (a, b), !canary`) and as objects in a specification.

mod parser;

use crate::failure::{Cause, Failure};
use crate::names;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What has labels to be looked up.
pub(crate) trait Labels {
    /// The value of the label `key`, if there is one.
    fn label(&self, key: &str) -> Option<&str>;
}

impl Labels for Map<String, Value> {
    fn label(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }
}

impl Labels for BTreeMap<String, String> {
    fn label(&self, key: &str) -> Option<&str> {
        self.get(key).map(String::as_str)
    }
}

/// Labels in the order of their keys or none: few enough that a search from the front is the fastest.
impl Labels for [(String, String)] {
    fn label(&self, key: &str) -> Option<&str> {
        self.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

impl<L: Labels + ?Sized> Labels for Option<&L> {
    fn label(&self, key: &str) -> Option<&str> {
        self.and_then(|labels| labels.label(key))
    }
}

/// An object's labels, wherever the object says so: `metadata.labels`.
impl Labels for Value {
    fn label(&self, key: &str) -> Option<&str> {
        self.get("metadata")?.get("labels")?.get(key)?.as_str()
    }
}

/// Requirements on labels, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelSelector {
    /// What must hold, in the order of keys.
    requirements: Vec<Requirement>,
}

/// One requirement on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

/// What a label must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// It is there with one of the values.
    In(BTreeSet<String>),
    /// It is not there, or has none of the values.
    NotIn(BTreeSet<String>),
    /// It is there.
    Exists,
    /// It is not there.
    Absent,
    /// It is there with a whole number above this one.
    Greater(i64),
    /// It is there with a whole number below this one.
    Less(i64),
}

impl Requirement {
    fn matches(&self, labels: &(impl Labels + ?Sized)) -> bool {
        let value = labels.label(&self.key);
        let number = || value.and_then(integer);
        match &self.test {
            Test::In(values) => value.is_some_and(|value| values.contains(value)),
            Test::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            Test::Exists => value.is_some(),
            Test::Absent => value.is_none(),
            Test::Greater(bound) => number().is_some_and(|number| number > *bound),
            Test::Less(bound) => number().is_some_and(|number| number < *bound),
        }
    }
}

impl LabelSelector {
    /// Reads a selector from a query parameter. An empty text selects everything.
    ///
    /// # Errors
    ///
    /// 400 with the server's words, if the text is no selector.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let requirements = parser::parse(text).map_err(Failure::bad_request)?;
        Ok(Self::of(requirements))
    }

    fn of(mut requirements: Vec<Requirement>) -> Self {
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Self { requirements }
    }

    /// Whether everything is selected.
    pub(crate) fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether an object with these labels is selected.
    pub(crate) fn matches(&self, labels: &(impl Labels + ?Sized)) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }
}

/// The operators as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    /// `=` and `==`.
    Equals,
    NotEquals,
    Exists,
    DoesNotExist,
    Greater,
    Less,
}

/// Checks what a requirement is made of. All that is wrong is in the message.
fn requirement(key: &str, operator: Operator, values: BTreeSet<String>) -> Result<Requirement, String> {
    let mut causes = Vec::new();
    let faults = names::label_key(key);
    if !faults.is_empty() {
        causes.push(Cause::invalid("key", &key.into(), &faults.join("; ")));
    }
    causes.extend(count(operator, &values));
    let bound = values.first().and_then(|value| integer(value));
    if matches!(operator, Operator::Greater | Operator::Less) && bound.is_none() {
        let value = values.first().map_or("", String::as_str);
        let detail = "for 'Gt', 'Lt' operators, the value must be an integer";
        causes.push(Cause::invalid("values[0]", &value.into(), detail));
    }
    for (index, value) in values.iter().enumerate() {
        let faults = names::label_value(value);
        if !faults.is_empty() {
            let detail = faults.join("; ");
            causes.push(Cause::invalid(format!("values[{index}][{key}]"), &value.as_str().into(), &detail));
        }
    }
    if !causes.is_empty() {
        return Err(aggregate(&causes));
    }
    let test = match operator {
        Operator::In | Operator::Equals => Test::In(values),
        Operator::NotIn | Operator::NotEquals => Test::NotIn(values),
        Operator::Exists => Test::Exists,
        Operator::DoesNotExist => Test::Absent,
        Operator::Greater => Test::Greater(bound.unwrap_or_default()),
        Operator::Less => Test::Less(bound.unwrap_or_default()),
    };
    Ok(Requirement { key: key.to_owned(), test })
}

/// What is wrong with the number of values, which only objects can have: the text form has no way to write it.
fn count(operator: Operator, values: &BTreeSet<String>) -> Option<Cause> {
    let detail = match operator {
        Operator::In | Operator::NotIn if values.is_empty() => {
            "for 'in', 'notin' operators, values set can't be empty"
        }
        Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
            "values set must be empty for exists and does not exist"
        }
        _ => return None,
    };
    let values = values.iter().map(String::as_str).collect::<Vec<_>>();
    Some(Cause::invalid("values", &values.into(), detail))
}

/// Causes in one line, as Go joins errors: without repetitions, in brackets if there are several.
fn aggregate(causes: &[Cause]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for cause in causes {
        let line = cause.to_string();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.len() == 1 { lines.remove(0) } else { format!("[{}]", lines.join(", ")) }
}

/// A number as Go's `ParseInt` reads it: with a sign at most.
fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::LabelSelector;
    use serde_json::{Value, json};

    fn matches(selector: &str, labels: &Value) -> bool {
        LabelSelector::parse(selector).unwrap().matches(&labels.as_object())
    }

    #[test]
    fn all_requirements_must_hold() {
        let selector = "app=web,tier in (a,b),!canary,zone notin (x),tier";
        assert!(matches(selector, &json!({"app": "web", "tier": "b"})));
        for other in [
            json!({"app": "web", "tier": "c"}),
            json!({"app": "db", "tier": "b"}),
            json!({"app": "web", "tier": "b", "canary": ""}),
            json!({"app": "web", "tier": "b", "zone": "x"}),
            json!({"app": "web"}),
            json!({}),
            Value::Null,
        ] {
            assert!(!matches(selector, &other), "{other}");
        }
    }

    #[test]
    fn an_empty_selector_selects_everything() {
        let everything = LabelSelector::parse("").unwrap();
        assert!(everything.matches(&json!({"metadata": {"labels": {"a": "b"}}})));
        assert!(everything.is_everything() && everything.matches(&json!({})));
    }
}
