//! Which fields a value has.

use super::element::Element;
use super::set::FieldSet;
use super::types::{Atom, ListOf, MapType, Type};
use serde_json::{Map, Value};

/// The fields in one place and below.
struct Fields {
    own: bool,
    below: FieldSet,
}

/// All fields of a value: those without parts, free keys of objects, and items of lists.
pub(super) fn fields(ty: Type<'_>, value: &Value) -> FieldSet {
    walk(ty, value).below
}

fn walk(ty: Type<'_>, value: &Value) -> Fields {
    let itself = Fields { own: true, below: FieldSet::default() };
    match ty.atom(Some(value)) {
        Atom::Scalar(_) => itself,
        Atom::List(list) if list.is_atomic() => itself,
        Atom::Map(map) if map.atomic => itself,
        Atom::List(list) => Fields {
            own: false,
            below: value.as_array().map_or_else(FieldSet::default, |items| of_items(&list, items)),
        },
        Atom::Map(map) => Fields {
            own: false,
            below: value.as_object().map_or_else(FieldSet::default, |entries| of_entries(&map, entries)),
        },
    }
}

fn of_entries(map: &MapType<'_>, entries: &Map<String, Value>) -> FieldSet {
    let mut found = FieldSet::default();
    for (key, value) in entries {
        let inner = walk(map.field(key).unwrap_or(Type::UNKNOWN), value);
        let hollow = value.is_null() || value.as_object().is_some_and(Map::is_empty);
        found.add(Element::field(key), inner.own || hollow || !map.is_named(key), inner.below);
    }
    found
}

fn of_items(list: &ListOf<'_>, items: &[Value]) -> FieldSet {
    // What cannot be told apart has been refused before.
    let elements: Vec<(Element, &Value)> =
        items.iter().filter_map(|item| Some((list.element(item).ok()?, item))).collect();
    let mut found = FieldSet::default();
    let mut seen: Vec<(Element, &Value, bool)> = Vec::with_capacity(elements.len());
    for (element, item) in elements {
        match seen.binary_search_by(|(other, ..)| other.cmp(&element)) {
            Ok(at) => seen[at].2 = true,
            Err(at) => seen.insert(at, (element, item, false)),
        }
    }
    for (element, item, duplicate) in seen {
        let below = if duplicate { FieldSet::default() } else { walk(list.items, item).below };
        found.add(element, true, below);
    }
    found
}
