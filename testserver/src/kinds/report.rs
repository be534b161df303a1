//! What is wrong with an object, as validation finds it.

use super::path::Path;
use crate::failure::Cause;
use serde_json::Value;

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Report {
    causes: Vec<Cause>,
}

impl Report {
    /// What was found, each thing once.
    pub(crate) fn into_causes(self) -> Vec<Cause> {
        let mut unique: Vec<Cause> = Vec::with_capacity(self.causes.len());
        for cause in self.causes {
            if !unique.contains(&cause) {
                unique.push(cause);
            }
        }
        unique
    }

    /// How much was found so far.
    pub(crate) fn len(&self) -> usize {
        self.causes.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.causes.is_empty()
    }

    pub(crate) fn push(&mut self, cause: Cause) {
        self.causes.push(cause);
    }

    pub(crate) fn required(&mut self, path: Path<'_>, detail: &str) {
        self.push(Cause::required(path, detail));
    }

    pub(crate) fn invalid(&mut self, path: Path<'_>, value: impl Into<Value>, detail: &str) {
        self.push(Cause::invalid(path, &value.into(), detail));
    }

    /// A value that is quoted as the server's own types would be, in `told`.
    pub(crate) fn invalid_as(&mut self, path: Path<'_>, told: &str, detail: &str) {
        let message = format!("Invalid value: {told}: {detail}");
        self.push(Cause { reason: "FieldValueInvalid", field: path.into(), message });
    }

    /// One finding for each message.
    pub(crate) fn broken(&mut self, path: Path<'_>, value: &str, messages: Vec<String>) {
        for message in messages {
            self.invalid(path, value, &message);
        }
    }

    pub(crate) fn not_supported(&mut self, path: Path<'_>, value: impl Into<Value>, supported: &[&str]) {
        self.push(Cause::not_supported(path, &value.into(), supported));
    }

    pub(crate) fn duplicate(&mut self, path: Path<'_>, value: impl Into<Value>) {
        self.push(Cause::duplicate(path, &value.into()));
    }

    pub(crate) fn forbidden(&mut self, path: Path<'_>, detail: &str) {
        self.push(Cause::forbidden(path, detail));
    }

    pub(crate) fn not_found(&mut self, path: Path<'_>, value: impl Into<Value>) {
        self.push(Cause::not_found(path, &value.into()));
    }

    /// `most` is in bytes.
    pub(crate) fn too_long(&mut self, path: Path<'_>, most: usize) {
        self.push(Cause::too_long(path, most));
    }

    pub(crate) fn too_many(&mut self, path: Path<'_>, found: usize, most: usize) {
        self.push(Cause::too_many(path, found, most));
    }

    /// A text that must be one of a few; an empty one is missing.
    pub(crate) fn one_of(&mut self, path: Path<'_>, value: &str, supported: &[&str]) {
        if value.is_empty() {
            self.required(path, "");
        } else if !supported.contains(&value) {
            self.not_supported(path, value, supported);
        }
    }

    /// A number that must not be negative.
    pub(crate) fn not_negative(&mut self, path: Path<'_>, value: Option<i64>) {
        if let Some(value) = value.filter(|value| *value < 0) {
            self.invalid(path, value, "must be greater than or equal to 0");
        }
    }

    /// A number that must be more than zero.
    pub(crate) fn positive(&mut self, path: Path<'_>, value: Option<i64>) {
        if let Some(value) = value.filter(|value| *value <= 0) {
            self.invalid(path, value, "must be greater than zero");
        }
    }

    /// A value that must not change.
    pub(crate) fn immutable(&mut self, path: Path<'_>, new: &Value, old: &Value) {
        if new != old {
            self.invalid(path, new.clone(), "field is immutable");
        }
    }
}
