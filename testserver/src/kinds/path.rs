//! Places in an object, as messages name them: `spec.containers[0].image`.

use std::fmt;

/// A place in an object. It borrows the place that it is in, and becomes text only when there is something to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Self>,
    part: Part<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    Name(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    /// A field of the object, or several with dots between.
    pub(crate) const fn root(name: &'a str) -> Self {
        Self { parent: None, part: Part::Name(name) }
    }

    /// A field of what is here, or several with dots between.
    pub(crate) const fn child(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), part: Part::Name(name) }
    }

    /// An item of the list that is here.
    pub(crate) const fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), part: Part::Index(index) }
    }

    /// An entry of the map that is here.
    pub(crate) const fn key(&'a self, key: &'a str) -> Self {
        Self { parent: Some(self), part: Part::Key(key) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(formatter)?;
        }
        match (self.part, self.parent) {
            (Part::Name(""), _) => Ok(()),
            (Part::Name(name), Some(parent)) if !parent.is_nowhere() => write!(formatter, ".{name}"),
            (Part::Name(name), _) => formatter.write_str(name),
            (Part::Index(index), _) => write!(formatter, "[{index}]"),
            (Part::Key(key), _) => write!(formatter, "[{key}]"),
        }
    }
}

impl Path<'_> {
    fn is_nowhere(&self) -> bool {
        matches!(self.part, Part::Name("")) && self.parent.is_none_or(Path::is_nowhere)
    }
}

impl From<Path<'_>> for String {
    fn from(path: Path<'_>) -> Self {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn a_path_names_fields_items_and_entries() {
        let spec = Path::root("spec");
        let containers = spec.child("template.spec.containers");
        let container = containers.index(2);
        let limits = container.child("resources.limits");
        assert_eq!(limits.key("cpu").to_string(), "spec.template.spec.containers[2].resources.limits[cpu]");
        assert_eq!(Path::root("").child("rules").to_string(), "rules");
    }
}
