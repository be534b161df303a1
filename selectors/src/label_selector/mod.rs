//! Label selectors, as texts (`app in (a, b), !canary`), as objects in a specification, and built.

#[cfg(feature = "k8s-openapi")]
mod object;
mod parser;
mod requirement;
#[cfg(test)]
mod tests;

use crate::{InvalidSelector, Labels};
use requirement::{Operator, Requirement};
use std::fmt;
use std::str::FromStr;

/// Requirements on labels, all of which must hold.
///
/// Selectors are equal if they have the same requirements, in whichever order and notation they were written: `a in (b)`
/// is `a=b`. What [`Display`](fmt::Display) writes is a text that [`parse`](Self::parse) reads as the same selector.
///
/// The default is [`everything`](Self::everything).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelSelector {
    /// What must hold: in order, each once.
    requirements: Vec<Requirement>,
}

impl LabelSelector {
    /// Reads a selector in the form that requests have: `app=web,tier in (a, b),!canary`.
    ///
    /// A requirement is `key=value`, `key==value`, `key!=value`, `key in (a,b)`, `key notin (a,b)`, `key`, `!key`,
    /// `key>1` or `key<1`, and commas stand between requirements. An empty text selects everything.
    ///
    /// # Errors
    ///
    /// If the text is no selector, in the words of an API server.
    pub fn parse(text: &str) -> Result<Self, InvalidSelector> {
        let requirements =
            parser::parse(text).map_err(|reason| InvalidSelector::labels(reason).in_text(text))?;
        Ok(Self::of(requirements))
    }

    /// Selects everything: no requirement has to hold.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Selects nothing: one requirement contradicts another, so that servers too select nothing by its text.
    pub fn nothing() -> Self {
        Self::of(vec![Requirement::exists("nothing"), Requirement::absent("nothing")])
    }

    /// The label `key` is there with this value.
    ///
    /// # Errors
    ///
    /// If `key` is no key or `value` no value that a label can have.
    pub fn equals(key: &str, value: &str) -> Result<Self, InvalidSelector> {
        Self::one(key, Operator::Equals, [value])
    }

    /// The label `key` is not there, or has another value.
    ///
    /// # Errors
    ///
    /// As for [`equals`](Self::equals).
    pub fn not_equals(key: &str, value: &str) -> Result<Self, InvalidSelector> {
        Self::one(key, Operator::NotEquals, [value])
    }

    /// The label `key` is there with one of the values.
    ///
    /// # Errors
    ///
    /// As for [`equals`](Self::equals), or if there are no values.
    pub fn is_in<V: Into<String>>(
        key: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Self, InvalidSelector> {
        Self::one(key, Operator::In, values)
    }

    /// The label `key` is not there, or has none of the values.
    ///
    /// # Errors
    ///
    /// As for [`is_in`](Self::is_in).
    pub fn is_not_in<V: Into<String>>(
        key: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Self, InvalidSelector> {
        Self::one(key, Operator::NotIn, values)
    }

    /// The label `key` is there, with whichever value.
    ///
    /// # Errors
    ///
    /// If `key` is no key that a label can have.
    pub fn exists(key: &str) -> Result<Self, InvalidSelector> {
        Self::one(key, Operator::Exists, [""; 0])
    }

    /// The label `key` is not there.
    ///
    /// # Errors
    ///
    /// As for [`exists`](Self::exists).
    pub fn does_not_exist(key: &str) -> Result<Self, InvalidSelector> {
        Self::one(key, Operator::DoesNotExist, [""; 0])
    }

    /// The label `key` is there with a whole number above `bound`.
    ///
    /// # Errors
    ///
    /// If `key` is no key that a label can have, or `bound` is negative: then it is no value of a label.
    pub fn greater_than(key: &str, bound: i64) -> Result<Self, InvalidSelector> {
        Self::one(key, Operator::Greater, [bound.to_string()])
    }

    /// The label `key` is there with a whole number below `bound`.
    ///
    /// # Errors
    ///
    /// As for [`greater_than`](Self::greater_than).
    pub fn less_than(key: &str, bound: i64) -> Result<Self, InvalidSelector> {
        Self::one(key, Operator::Less, [bound.to_string()])
    }

    /// All of these labels are there with these values, as the selectors of Services and ReplicationControllers say it.
    /// No labels select everything.
    ///
    /// # Errors
    ///
    /// As for [`equals`](Self::equals), about the first that is wrong.
    pub fn from_labels<K: AsRef<str>, V: Into<String>>(
        labels: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, InvalidSelector> {
        let equal = |(key, value): (K, V)| new(key.as_ref(), Operator::Equals, [value]);
        Ok(Self::of(labels.into_iter().map(equal).collect::<Result<_, _>>()?))
    }

    /// What both select: the requirements of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.requirements.extend(other.requirements);
        Self::of(self.requirements)
    }

    /// Whether everything is selected: there are no requirements.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether something with these labels is selected.
    pub fn matches(&self, labels: &(impl Labels + ?Sized)) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }

    fn one<V: Into<String>>(
        key: &str,
        operator: Operator,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Self, InvalidSelector> {
        Ok(Self { requirements: vec![new(key, operator, values)?] })
    }

    fn of(mut requirements: Vec<Requirement>) -> Self {
        requirements.sort_unstable();
        requirements.dedup();
        Self { requirements }
    }
}

fn new<V: Into<String>>(
    key: &str,
    operator: Operator,
    values: impl IntoIterator<Item = V>,
) -> Result<Requirement, InvalidSelector> {
    let values = values.into_iter().map(Into::into).collect();
    Requirement::new(key, operator, values).map_err(InvalidSelector::labels)
}

impl FromStr for LabelSelector {
    type Err = InvalidSelector;

    fn from_str(text: &str) -> Result<Self, InvalidSelector> {
        Self::parse(text)
    }
}

impl fmt::Display for LabelSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{requirement}")?;
        }
        Ok(())
    }
}
