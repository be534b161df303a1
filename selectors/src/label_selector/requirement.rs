//! One requirement on one label.

use crate::{Labels, format, wording};
use std::collections::BTreeSet;
use std::fmt;

/// The operators as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
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

/// One requirement on one label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Requirement {
    key: String,
    test: Test,
}

/// What a label must be like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Checks what a requirement is made of.
    ///
    /// # Errors
    ///
    /// All that is wrong, in a line.
    pub(super) fn new(key: &str, operator: Operator, values: BTreeSet<String>) -> Result<Self, String> {
        let bound = values.first().and_then(|value| integer(value));
        let mut mistakes = Vec::new();
        let broken = format::label_key(key);
        if !broken.is_empty() {
            mistakes.push(invalid("key", &wording::quoted(key), &broken.join("; ")));
        }
        mistakes.extend(wrong_count(operator, &values));
        if matches!(operator, Operator::Greater | Operator::Less) && bound.is_none() {
            let value = values.first().map_or("", String::as_str);
            let detail = "for 'Gt', 'Lt' operators, the value must be an integer";
            mistakes.push(invalid("values[0]", &wording::quoted(value), detail));
        }
        for (index, value) in values.iter().enumerate() {
            let broken = format::label_value(value);
            if !broken.is_empty() {
                let field = format!("values[{index}][{key}]");
                mistakes.push(invalid(&field, &wording::quoted(value), &broken.join("; ")));
            }
        }
        if !mistakes.is_empty() {
            return Err(joined(mistakes));
        }
        let test = match operator {
            Operator::In | Operator::Equals => Test::In(values),
            Operator::NotIn | Operator::NotEquals => Test::NotIn(values),
            Operator::Exists => Test::Exists,
            Operator::DoesNotExist => Test::Absent,
            Operator::Greater => Test::Greater(bound.unwrap_or_default()),
            Operator::Less => Test::Less(bound.unwrap_or_default()),
        };
        Ok(Self { key: key.to_owned(), test })
    }

    /// The label is there. `key` is known to be one.
    pub(super) fn exists(key: &'static str) -> Self {
        Self { key: key.to_owned(), test: Test::Exists }
    }

    /// The label is not there. `key` is known to be one.
    pub(super) fn absent(key: &'static str) -> Self {
        Self { key: key.to_owned(), test: Test::Absent }
    }

    pub(super) fn matches(&self, labels: &(impl Labels + ?Sized)) -> bool {
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

impl fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.test {
            Test::In(values) => write_values(formatter, key, ["=", "in"], values),
            Test::NotIn(values) => write_values(formatter, key, ["!=", "notin"], values),
            Test::Exists => formatter.write_str(key),
            Test::Absent => write!(formatter, "!{key}"),
            Test::Greater(bound) => write!(formatter, "{key}>{bound}"),
            Test::Less(bound) => write!(formatter, "{key}<{bound}"),
        }
    }
}

/// Writes what is required of a label's value, with the first operator for one value and the other for several.
fn write_values(
    formatter: &mut fmt::Formatter<'_>,
    key: &str,
    [single, several]: [&str; 2],
    values: &BTreeSet<String>,
) -> fmt::Result {
    let mut rest = values.iter();
    if let (Some(value), 1) = (values.first(), values.len()) {
        return write!(formatter, "{key}{single}{value}");
    }
    write!(formatter, "{key} {several} (")?;
    // An empty value is the first, and nothing stands before its comma.
    if let Some(first) = rest.next() {
        formatter.write_str(first)?;
    }
    for value in rest {
        write!(formatter, ",{value}")?;
    }
    formatter.write_str(")")
}

/// What is wrong with the number of values, which texts have no way to write.
fn wrong_count(operator: Operator, values: &BTreeSet<String>) -> Option<String> {
    let detail = match operator {
        Operator::In | Operator::NotIn if values.is_empty() => {
            "for 'in', 'notin' operators, values set can't be empty"
        }
        Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
            "values set must be empty for exists and does not exist"
        }
        _ => return None,
    };
    let values: Vec<String> = values.iter().map(|value| wording::quoted(value)).collect();
    Some(invalid("values", &format!("[{}]", values.join(",")), detail))
}

/// A mistake as servers tell it.
pub(super) fn invalid(field: &str, shown: &str, detail: &str) -> String {
    format!("{field}: Invalid value: {shown}: {detail}")
}

/// Mistakes in one line, as Go joins errors: without repetitions, in brackets if there are several.
fn joined(mistakes: Vec<String>) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in mistakes {
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
