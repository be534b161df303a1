//! Which fields differ between two values of a type.

use super::element::Element;
use super::set::FieldSet;
use super::types::{Atom, ListOf, MapType, Type};
use super::value;
use super::value::{entries, items};
use crate::schema::Schema;
use serde_json::{Map, Value};
use std::mem;

/// The fields that differ. None is in two of the sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    /// Only the new value has them.
    pub(super) added: FieldSet,
    /// Both have them, but not the same.
    pub(super) modified: FieldSet,
    /// Only the old value has them.
    pub(super) removed: FieldSet,
}

impl Comparison {
    /// Nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.modified.is_empty() && self.removed.is_empty()
    }

    /// What the new value has and the old one has not, or otherwise.
    pub(super) fn set(&self) -> FieldSet {
        self.added.clone().union(self.modified.clone())
    }

    fn union(self, other: Self) -> Self {
        Self {
            added: self.added.union(other.added),
            modified: self.modified.union(other.modified),
            removed: self.removed.union(other.removed),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Added,
    Modified,
    Removed,
}

/// What differs in one place and below.
#[derive(Default)]
struct Difference {
    own: Option<Change>,
    below: Comparison,
}

/// Compares two objects.
///
/// # Errors
///
/// Which list has items that cannot be told apart.
pub(super) fn compare(schema: &Schema, old: &Value, new: &Value) -> Result<Comparison, String> {
    Ok(difference(Type::of(schema), Some(old), Some(new))?.below)
}

fn difference(ty: Type<'_>, old: Option<&Value>, new: Option<&Value>) -> Result<Difference, String> {
    let right = ty.atom(new.or(old));
    let (Some(_), Some(_)) = (old, new) else { return as_atom(right, old, new) };
    let left = ty.atom(old);
    if left.is_like(&right) {
        return as_atom(right, old, new);
    }
    // The value has become one of another kind, which only values without a schema can.
    let (first, second) = (as_atom(left, old, new)?, as_atom(right, old, new)?);
    Ok(Difference { own: first.own.or(second.own), below: first.below.union(second.below) })
}

fn as_atom(atom: Atom<'_>, old: Option<&Value>, new: Option<&Value>) -> Result<Difference, String> {
    let mut difference = match atom {
        Atom::Scalar(_) => return Ok(leaf(old, new)),
        Atom::List(list) => {
            let (left, right) = (items(old), items(new));
            if list.is_atomic() || (left.is_empty() && right.is_empty()) {
                return Ok(leaf(old, new));
            }
            Difference { own: None, below: lists(&list, left, right)? }
        }
        Atom::Map(map) => {
            let (left, right) = (entries(old), entries(new));
            let nothing = left.is_none_or(Map::is_empty) && right.is_none_or(Map::is_empty);
            if map.atomic || nothing {
                return Ok(leaf(old, new));
            }
            Difference { own: None, below: maps(&map, left, right)? }
        }
    };
    difference.own = match (old, new) {
        (None, _) => Some(Change::Added),
        (_, None) => Some(Change::Removed),
        _ => None,
    };
    Ok(difference)
}

fn leaf(old: Option<&Value>, new: Option<&Value>) -> Difference {
    let own = match (old, new) {
        (None, _) => Some(Change::Added),
        (_, None) => Some(Change::Removed),
        (Some(old), Some(new)) if value::equal(old, new) => None,
        _ => Some(Change::Modified),
    };
    Difference { own, below: Comparison::default() }
}

fn maps(
    map: &MapType<'_>,
    old: Option<&Map<String, Value>>,
    new: Option<&Map<String, Value>>,
) -> Result<Comparison, String> {
    let mut found = Comparison::default();
    let mut left = old.into_iter().flatten().peekable();
    let mut right = new.into_iter().flatten().peekable();
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some((left, _)), Some((right, _))) => left.cmp(right),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => return Ok(found),
        };
        let first = if order.is_gt() { None } else { left.next() };
        let second = if order.is_lt() { None } else { right.next() };
        let Some((key, _)) = first.or(second) else { return Ok(found) };
        let old = first.map(|(_, value)| value);
        let ty = map.field(key).unwrap_or(Type::UNKNOWN);
        let below = difference(ty, old, second.map(|(_, value)| value))?;
        found.put(|| Element::field(key), below);
    }
}

impl Comparison {
    /// Takes up what differs in one place; places come in order.
    fn put(&mut self, element: impl FnOnce() -> Element, difference: Difference) {
        let Difference { own, below } = difference;
        if own.is_none() && below.is_empty() {
            return;
        }
        let element = element();
        let sets = [
            (&mut self.added, below.added, Change::Added),
            (&mut self.modified, below.modified, Change::Modified),
            (&mut self.removed, below.removed, Change::Removed),
        ];
        for (set, below, change) in sets {
            let member = own == Some(change);
            if member || !below.is_empty() {
                set.add(element.clone(), member, below);
            }
        }
    }
}

/// The items that are told apart in the same way; more than one are duplicates.
struct Same<'a> {
    element: Element,
    old: Vec<&'a Value>,
    new: Vec<&'a Value>,
}

fn lists(list: &ListOf<'_>, old: &[Value], new: &[Value]) -> Result<Comparison, String> {
    let mut found = Comparison::default();
    for Same { element, old, new } in grouped(list, old, new)? {
        let there = |items: &[&Value]| !items.is_empty();
        let difference = match (old.as_slice(), new.as_slice()) {
            ([] | [_], [] | [_]) => difference(list.items, old.first().copied(), new.first().copied())?,
            ([_, _, ..], [_, _, ..]) => {
                let same =
                    old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| value::equal(old, new));
                Difference { own: (!same).then_some(Change::Modified), below: Comparison::default() }
            }
            // A list that has duplicates no more, or has some now: they count as one field without parts.
            ([_, _, ..], single) => {
                let mut added = match there(single) {
                    true => difference(list.items, None, single.first().copied())?,
                    false => Difference::default(),
                };
                found.put(|| element.clone(), mem::take(&mut added));
                Difference { own: Some(Change::Removed), below: Comparison::default() }
            }
            (single, _) => {
                let mut removed = match single.first() {
                    Some(old) => difference(list.items, Some(old), None)?,
                    None => Difference::default(),
                };
                found.put(|| element.clone(), mem::take(&mut removed));
                Difference { own: Some(Change::Added), below: Comparison::default() }
            }
        };
        found.put(|| element, difference);
    }
    Ok(found)
}

fn grouped<'a>(list: &ListOf<'_>, old: &'a [Value], new: &'a [Value]) -> Result<Vec<Same<'a>>, String> {
    let mut groups: Vec<Same<'a>> = Vec::with_capacity(old.len().max(new.len()));
    for (values, is_new) in [(old, false), (new, true)] {
        for item in values {
            let element = list.element(item)?;
            let at = match groups.binary_search_by(|group| group.element.cmp(&element)) {
                Ok(at) => at,
                Err(at) => {
                    groups.insert(at, Same { element, old: Vec::new(), new: Vec::new() });
                    at
                }
            };
            if is_new { groups[at].new.push(item) } else { groups[at].old.push(item) }
        }
    }
    Ok(groups)
}
