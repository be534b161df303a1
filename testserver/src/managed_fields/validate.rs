//! Whether a value is of its type, with what servers say if it is not.

use super::element::Element;
use super::types::{Atom, ListOf, MapType, Primitive, Type};
use crate::patch::go;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A place, and what is wrong there.
struct Mistake {
    path: String,
    message: String,
}

/// Checks a value that is applied. It may leave things out, but not have what its type does not.
///
/// # Errors
///
/// All that is wrong, in one text.
pub(super) fn validate(ty: Type<'_>, value: &Value) -> Result<(), String> {
    let mut mistakes = Vec::new();
    check(ty, value, "", &mut mistakes);
    told(&mistakes)
}

fn told(mistakes: &[Mistake]) -> Result<(), String> {
    let lines: Vec<String> = mistakes
        .iter()
        .map(|mistake| match mistake.path.as_str() {
            "" => mistake.message.clone(),
            path => format!("{path}: {}", mistake.message),
        })
        .collect();
    match lines.as_slice() {
        [] => Ok(()),
        [line] => Err(line.clone()),
        lines => Err(format!("errors:\n  {}", lines.join("\n  "))),
    }
}

fn check(ty: Type<'_>, value: &Value, path: &str, mistakes: &mut Vec<Mistake>) {
    let message = match (ty.atom(Some(value)), value) {
        (_, Value::Null) => return,
        (Atom::Map(map), Value::Object(entries)) => return check_entries(&map, entries, path, mistakes),
        (Atom::List(list), Value::Array(items)) => return check_items(&list, items, path, mistakes),
        (Atom::Scalar(primitive), _) if primitive.allows(value) => return,
        (Atom::Map(_), _) => format!("expected map, got &{{{}}}", go::printed(value)),
        (Atom::List(_), _) => format!("expected list, got &{{{}}}", go::printed(value)),
        (Atom::Scalar(primitive), _) => expected(primitive, value),
    };
    mistakes.push(Mistake { path: path.to_owned(), message });
}

fn expected(primitive: Primitive, value: &Value) -> String {
    match primitive {
        Primitive::Numeric => format!("expected numeric (int or float), got {}", go::type_name(value)),
        Primitive::String => {
            format!("expected string, got &value.valueUnstructured{{Value:{}}}", go::in_full(value))
        }
        Primitive::Boolean => format!("expected boolean, got &{{{}}}", go::printed(value)),
        Primitive::Untyped => format!("expected any scalar, got &{{{}}}", go::printed(value)),
    }
}

fn check_entries(map: &MapType<'_>, entries: &Map<String, Value>, path: &str, mistakes: &mut Vec<Mistake>) {
    for (key, value) in entries {
        let path = format!("{path}{}", Element::field(key));
        match map.field(key) {
            Some(ty) => check(ty, value, &path, mistakes),
            None => {
                // Servers stop at the first, in an order that is not defined.
                let message = "field not declared in schema".to_owned();
                return mistakes.push(Mistake { path, message });
            }
        }
    }
}

fn check_items(list: &ListOf<'_>, items: &[Value], path: &str, mistakes: &mut Vec<Mistake>) {
    let mut seen = BTreeSet::new();
    for (at, item) in items.iter().enumerate() {
        let element = if list.is_atomic() {
            Ok(Element::Index(i64::try_from(at).unwrap_or(i64::MAX)))
        } else {
            list.element(item)
        };
        let element = match element {
            Ok(element) => element,
            Err(why) => {
                let message = format!("element {at}: {why}");
                return mistakes.push(Mistake { path: path.to_owned(), message });
            }
        };
        if seen.contains(&element) {
            let message = format!("duplicate entries for key {element}");
            mistakes.push(Mistake { path: path.to_owned(), message });
        }
        check(list.items, item, &format!("{path}{element}"), mistakes);
        seen.insert(element);
    }
}
