//! Sets of fields, as sorted trees.

use super::element::Element;
use super::types::Type;
use std::cmp::Ordering;
use std::mem;

/// A set of fields. A field in it says nothing about the fields above or below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSet {
    /// Sorted by element; none is neither a member nor has members below it.
    entries: Vec<Entry>,
}

/// A field that is in the set, or has fields below it that are, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The last step of its path.
    pub(super) element: Element,
    /// Whether it is in the set.
    pub(super) member: bool,
    /// What is in the set below it.
    pub(super) below: FieldSet,
}

impl FieldSet {
    /// The one field at a path of names.
    pub(super) fn of_path(path: &[&str]) -> Self {
        let mut set = Self::default();
        if let [first, rest @ ..] = path {
            set.add(Element::field(first), rest.is_empty(), Self::of_path(rest));
        }
        set
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is directly in it, in order.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds a field, or what is below it. Quickest if it comes after all others.
    pub(super) fn add(&mut self, element: Element, member: bool, below: FieldSet) {
        if !member && below.is_empty() {
            return;
        }
        let after_all = self.entries.last().is_none_or(|last| last.element < element);
        let place = if after_all { Err(self.entries.len()) } else { self.place(&element) };
        match place {
            Err(at) => self.entries.insert(at, Entry { element, member, below }),
            Ok(at) => {
                let entry = &mut self.entries[at];
                entry.member |= member;
                entry.below = mem::take(&mut entry.below).union(below);
            }
        }
    }

    fn place(&self, element: &Element) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.element.cmp(element))
    }

    /// The entry of a field.
    pub(super) fn get(&self, element: &Element) -> Option<&Entry> {
        self.place(element).ok().map(|at| &self.entries[at])
    }

    /// Whether a field is in the set.
    pub(super) fn has(&self, path: &[Element]) -> bool {
        match path {
            [] => false,
            [last] => self.get(last).is_some_and(|entry| entry.member),
            [first, rest @ ..] => self.get(first).is_some_and(|entry| entry.below.has(rest)),
        }
    }

    /// What is in either.
    pub(super) fn union(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let mut entries = Vec::with_capacity(self.entries.len().max(other.entries.len()));
        let mut left = self.entries.into_iter().peekable();
        let mut right = other.entries.into_iter().peekable();
        loop {
            let order = match (left.peek(), right.peek()) {
                (Some(left), Some(right)) => left.element.cmp(&right.element),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return Self { entries },
            };
            let first = if order.is_gt() { None } else { left.next() };
            let second = if order.is_lt() { None } else { right.next() };
            entries.extend(match (first, second) {
                (Some(first), Some(second)) => Some(Entry {
                    element: first.element,
                    member: first.member || second.member,
                    below: first.below.union(second.below),
                }),
                (first, second) => first.or(second),
            });
        }
    }

    /// What is in both.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut both = Self::default();
        for (mine, theirs) in self.common(other) {
            let below = mine.below.intersection(&theirs.below);
            both.add(mine.element.clone(), mine.member && theirs.member, below);
        }
        both
    }

    /// Pairs of entries for the same field.
    fn common<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (&'a Entry, &'a Entry)> {
        let mut rest = other.entries.as_slice();
        self.entries.iter().filter_map(move |mine| {
            while let [first, after @ ..] = rest {
                match first.element.cmp(&mine.element) {
                    Ordering::Less => rest = after,
                    Ordering::Equal => return Some((mine, first)),
                    Ordering::Greater => break,
                }
            }
            None
        })
    }

    /// Takes out what is in the other. What is below a field of the other stays.
    pub(super) fn subtract(&mut self, other: &Self) {
        self.take_out(other, false);
    }

    /// Takes out what is in the other, with all that is below it.
    pub(super) fn subtract_with_all_below(&mut self, other: &Self) {
        self.take_out(other, true);
    }

    fn take_out(&mut self, other: &Self, all_below: bool) {
        if other.is_empty() {
            return;
        }
        self.entries.retain_mut(|entry| {
            let Some(theirs) = other.get(&entry.element) else { return true };
            if theirs.member {
                entry.member = false;
                if all_below {
                    return false;
                }
            }
            entry.below.take_out(&theirs.below, all_below);
            entry.member || !entry.below.is_empty()
        });
    }

    /// Adds the named properties of objects that have members below them. Keys of free maps and items of lists are
    /// in a set by themselves.
    pub(super) fn with_named_fields(mut self, ty: Type<'_>) -> Self {
        for entry in &mut self.entries {
            let (named, inner) = match &entry.element {
                Element::Field(name) => ty.field(name),
                _ => (false, ty.items()),
            };
            entry.member |= named && !entry.below.is_empty();
            entry.below = mem::take(&mut entry.below).with_named_fields(inner.unwrap_or(Type::UNKNOWN));
        }
        self
    }

    /// Whether all fields of this are also in the other.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.entries.iter().all(|mine| {
            let theirs = other.get(&mine.element);
            (!mine.member || theirs.is_some_and(|theirs| theirs.member))
                && (mine.below.is_empty() || theirs.is_some_and(|theirs| mine.below.is_within(&theirs.below)))
        })
    }

    /// The paths of all fields: of each level first its own fields, then those below.
    pub(super) fn paths(&self) -> Vec<Vec<Element>> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, path: &mut Vec<Element>, paths: &mut Vec<Vec<Element>>) {
        for entry in self.entries.iter().filter(|entry| entry.member) {
            path.push(entry.element.clone());
            paths.push(path.clone());
            path.pop();
        }
        for entry in &self.entries {
            path.push(entry.element.clone());
            entry.below.collect(path, paths);
            path.pop();
        }
    }

    /// Changes what is below each entry; `change` gives none to make the entry one field without parts.
    pub(super) fn reshape(&mut self, change: &mut impl FnMut(&Element, &mut FieldSet) -> bool) {
        for entry in &mut self.entries {
            if !entry.below.is_empty() && !change(&entry.element, &mut entry.below) {
                entry.member = true;
                entry.below = Self::default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields_v1;
    use super::FieldSet;
    use serde_json::{Value, json};

    fn set(fields: Value) -> FieldSet {
        fields_v1::read(&fields).unwrap()
    }

    fn written(set: &FieldSet) -> Value {
        fields_v1::write(set)
    }

    #[test]
    fn a_union_has_the_fields_of_both() {
        let left = set(json!({"f:a": {"f:b": {}}, "f:d": {}}));
        let right = set(json!({"f:a": {".": {}, "f:c": {}}, "f:e": {"f:x": {}}}));
        let both = json!({"f:a": {".": {}, "f:b": {}, "f:c": {}}, "f:d": {}, "f:e": {"f:x": {}}});
        assert_eq!(written(&left.union(right)), both);
    }

    #[test]
    fn an_intersection_has_only_common_fields() {
        let left = set(json!({"f:a": {".": {}, "f:b": {}}, "f:d": {}, "f:e": {}}));
        let right = set(json!({"f:a": {"f:b": {}, "f:c": {}}, "f:e": {}}));
        assert_eq!(written(&left.intersection(&right)), json!({"f:a": {"f:b": {}}, "f:e": {}}));
    }

    #[test]
    fn a_difference_keeps_what_is_below_and_the_recursive_one_does_not() {
        let whole = set(json!({"f:a": {".": {}, "f:b": {}}, "f:c": {}}));
        let gone = set(json!({"f:a": {}}));
        let (mut plain, mut deep) = (whole.clone(), whole);
        plain.subtract(&gone);
        deep.subtract_with_all_below(&gone);
        assert_eq!(written(&plain), json!({"f:a": {"f:b": {}}, "f:c": {}}));
        assert_eq!(written(&deep), json!({"f:c": {}}));
    }

    #[test]
    fn what_is_empty_after_a_difference_is_gone() {
        let mut whole = set(json!({"f:a": {"f:b": {"f:c": {}}}}));
        whole.subtract(&set(json!({"f:a": {"f:b": {"f:c": {}}}})));
        assert!(whole.is_empty());
    }

    #[test]
    fn fields_are_told_level_by_level() {
        let whole = set(json!({"f:a": {"f:z": {}}, "f:b": {".": {}, "f:y": {}}}));
        let paths = whole.paths();
        let told: Vec<String> =
            paths.iter().map(|path| path.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(told, [".b", ".a.z", ".b.y"]);
    }

    #[test]
    fn a_set_is_within_another_with_all_its_fields() {
        let small = set(json!({"f:a": {"f:b": {}}}));
        let large = set(json!({"f:a": {".": {}, "f:b": {}}, "f:c": {}}));
        assert!(small.is_within(&large));
        assert!(!large.is_within(&small));
    }
}
