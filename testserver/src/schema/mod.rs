//! The shape of values, and what Kubernetes says about it: which lists are maps, how patches merge, what is required.
//!
//! A built-in type's schema comes from its OpenAPI definition, a custom one's from its CustomResourceDefinition.

pub(crate) mod builtin;
mod parse;

use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) use parse::parse;

/// What is known about the values in one place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    /// What values look like.
    pub(crate) shape: Shape,
    /// What a missing value is taken to be.
    pub(crate) default: Option<Value>,
    /// Properties that must be there.
    pub(crate) required: Vec<String>,
    /// How the items of a list are told apart.
    pub(crate) list_type: ListType,
    /// Whether an object has one owner as a whole, if that is said here. [`Schema::is_atomic`] also asks what this
    /// refers to.
    pub(crate) atomic: Option<bool>,
    /// How strategic merge patches treat it.
    pub(crate) patch: PatchStrategy,
    /// Whether unknown properties stay.
    pub(crate) preserve_unknown: bool,
    /// Whether null is a value.
    pub(crate) nullable: bool,
    /// In a CustomResourceDefinition: the JSON schema as it was given, for validation.
    pub(crate) rules: Option<Box<Value>>,
}

/// What values look like.
#[derive(Clone, Debug, Default)]
pub(crate) enum Shape {
    /// Anything.
    #[default]
    Any,
    /// A built-in definition by its name.
    Reference(&'static str),
    /// Named properties, further ones, or both.
    Object { properties: BTreeMap<String, Schema>, additional: Option<Box<Schema>> },
    /// Items of one shape.
    List(Box<Schema>),
    /// A value without parts.
    Scalar(Scalar),
}

/// A value without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// Text.
    String,
    /// A time, as RFC 3339 text.
    Time,
    /// Bytes, as base64 text.
    Bytes,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// A whole number, or text.
    IntOrString,
}

/// How the items of a list are told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ListType {
    /// Not at all: the list is one value.
    #[default]
    Atomic,
    /// By their value.
    Set,
    /// By some of their properties.
    Map(Vec<String>),
}

/// How a strategic merge patch treats a list or an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PatchStrategy {
    /// Items are merged, by `merge_key` if there is one.
    pub(crate) merge: bool,
    /// The patch replaces the whole.
    pub(crate) replace: bool,
    /// Only keys that the patch names stay.
    pub(crate) retain_keys: bool,
    /// The property that tells items apart.
    pub(crate) merge_key: Option<String>,
}

impl Schema {
    /// The schema of a built-in type by its name, such as `io.k8s.api.core.v1.Pod`; parsed when first asked for.
    pub(crate) fn definition(name: &str) -> Option<&'static Self> {
        builtin::definition(name)
    }

    /// A schema that allows anything.
    pub(crate) fn any() -> &'static Self {
        static ANY: Schema = Schema::new(Shape::Any);
        &ANY
    }

    pub(crate) const fn new(shape: Shape) -> Self {
        Self {
            shape,
            default: None,
            required: Vec::new(),
            list_type: ListType::Atomic,
            atomic: None,
            patch: PatchStrategy { merge: false, replace: false, retain_keys: false, merge_key: None },
            preserve_unknown: false,
            nullable: false,
            rules: None,
        }
    }

    /// What this refers to, or this. What stands beside a reference (default, list type, patch strategy) is not on
    /// the result.
    pub(crate) fn resolved(&self) -> &Self {
        let mut schema = self;
        // Definitions do not refer to each other in circles without an object or a list between.
        while let Shape::Reference(name) = schema.shape {
            schema = Self::definition(name).unwrap_or_else(|| Self::any());
        }
        schema
    }

    /// The schema of a property: a named one, else that of all others.
    #[cfg(test)]
    pub(crate) fn property(&self, name: &str) -> Option<&Self> {
        match &self.resolved().shape {
            Shape::Object { properties, additional } => properties.get(name).or(additional.as_deref()),
            _ => None,
        }
    }

    /// The schema of a list's items.
    pub(crate) fn items(&self) -> Option<&Self> {
        match &self.resolved().shape {
            Shape::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether an object has one owner as a whole.
    pub(crate) fn is_atomic(&self) -> bool {
        self.atomic.or(self.resolved().atomic).unwrap_or_default()
    }
}
