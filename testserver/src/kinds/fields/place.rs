//! Where in an object the reader is, in the words of strict findings and of Go's type errors.

use super::go_types;
use crate::schema::{Schema, Shape};

/// A place in what is read, with the way that leads there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'p> {
    pub(super) parent: Option<&'p Self>,
    pub(super) step: Step<'p>,
    /// None where nothing is known.
    pub(super) schema: Option<&'p Schema>,
}

/// The last step of the way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'p> {
    /// An object of a kind.
    Root(&'p str),
    /// A field of a structure, whose type is `owner`.
    Field { owner: &'p str, name: &'p str },
    /// An item of a list.
    Item(usize),
    /// An entry of a map.
    Entry(&'p str),
}

impl<'p> Place<'p> {
    pub(super) const fn below(&'p self, step: Step<'p>, schema: Option<&'p Schema>) -> Self {
        Self { parent: Some(self), step, schema }
    }

    /// Such as `spec.containers[0].image`.
    pub(super) fn path(&self) -> String {
        let mut path = self.parent.map(Self::path).unwrap_or_default();
        match self.step {
            Step::Root(_) => {}
            Step::Field { name, .. } | Step::Entry(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Step::Item(index) => {
                path.push_str(&format!("[{index}]"));
            }
        }
        path
    }

    /// The type of what is here, as Go names it.
    pub(super) fn go_type(&self) -> String {
        let schema = self.schema.unwrap_or_else(|| Schema::any());
        match self.step {
            Step::Root(kind) => kind.to_owned(),
            Step::Field { owner, name } => go_types::of_field(owner, name, schema),
            Step::Item(_) => {
                let list = self.parent.map(Self::go_type).unwrap_or_default();
                list.strip_prefix("[]").map_or_else(|| go_types::of_schema(schema), str::to_owned)
            }
            Step::Entry(_) => go_types::of_schema(schema),
        }
    }

    /// The type that a value here is a field of, and the path that Go's type errors have: without indexes, but with the
    /// names of embedded structures.
    fn go_path(&self) -> (&str, String) {
        let (owner, mut path) = match self.parent {
            // What is read as a type of its own is told by that.
            Some(parent) if parent.begins_definition() => (parent.type_name(), String::new()),
            Some(parent) => parent.go_path(),
            None => Default::default(),
        };
        let Step::Field { owner, name } = self.step else { return (owner, path) };
        for part in go_types::embedding(owner, name).into_iter().chain([name]) {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(part);
        }
        (owner, path)
    }

    /// Whether this is in a built-in type.
    pub(super) fn is_in_definition(&self) -> bool {
        let is_reference = self.schema.is_some_and(|schema| matches!(schema.shape, Shape::Reference(_)));
        is_reference || self.parent.is_some_and(Self::is_in_definition)
    }

    /// Whether this is the metadata of a custom object, whose type is a built-in one.
    fn begins_definition(&self) -> bool {
        self.is_in_definition()
            && self.parent.is_some_and(|parent| !parent.is_in_definition())
            && self.is_in_custom()
    }

    fn is_in_custom(&self) -> bool {
        match self.parent {
            Some(parent) => parent.is_in_custom(),
            None => self.schema.is_some_and(|schema| schema.rules.is_some()),
        }
    }

    /// The error of a value that is something else.
    pub(super) fn mismatch(&self, found: &str, go_type: &str) -> String {
        let (owner, path) = self.go_path();
        if path.is_empty() {
            return format!("json: cannot unmarshal {found} into Go value of type {go_type}");
        }
        format!("json: cannot unmarshal {found} into Go struct field {owner}.{path} of type {go_type}")
    }

    /// The name of the type of what is here: of a definition, or the kind.
    pub(super) fn type_name(&self) -> &'p str {
        match (self.step, self.schema.map(|schema| &schema.shape)) {
            (Step::Root(kind), _) => kind,
            (_, Some(Shape::Reference(name))) => name.rsplit('.').next().unwrap_or(name),
            _ => "",
        }
    }
}
