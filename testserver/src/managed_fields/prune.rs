//! What an applier no longer applies, and nobody else owns, goes away.

use super::element::Element;
use super::leaves::fields;
use super::set::FieldSet;
use super::types::{Atom, Type};
use serde_json::{Map, Value};

/// Removes from the merged object what the applier owned (`last`), if nobody owns it any more. `owned` is what all
/// managers own now, the applier included.
pub(super) fn prune(ty: Type<'_>, merged: Value, last: &FieldSet, owned: &FieldSet) -> Value {
    if last.is_within(owned) {
        return merged;
    }
    let last = last.clone().with_named_fields(ty);
    let all = fields(ty, &merged).with_named_fields(ty);
    // First without all that it owned, then with what anybody owns.
    let without = fields(ty, &remove(ty, &merged, &last)).with_named_fields(ty);
    let mut unowned = all.clone();
    unowned.subtract(&without.union(owned.clone().with_named_fields(ty)));
    let kept = fields(ty, &remove(ty, &merged, &unowned)).with_named_fields(ty);
    // What others have set without owning it stays: only what this applier owned goes.
    let mut gone = all;
    gone.subtract(&kept);
    let gone = gone.intersection(&last);
    remove(ty, &merged, &gone)
}

/// A value without some of its fields. Lists and objects from which all is removed become null.
fn remove(ty: Type<'_>, value: &Value, gone: &FieldSet) -> Value {
    let atom = ty.atom(Some(value));
    match (atom, value) {
        (Atom::Scalar(_), _) => value.clone(),
        (Atom::List(list), Value::Array(items)) if !list.is_atomic() => {
            let mut kept = Vec::with_capacity(items.len());
            for item in items {
                match list.element(item).ok().and_then(|element| gone.get(&element)) {
                    Some(entry) if entry.member => {}
                    Some(entry) => kept.push(remove(list.items, item, &entry.below)),
                    None => kept.push(item.clone()),
                }
            }
            if kept.is_empty() { Value::Null } else { Value::Array(kept) }
        }
        (Atom::Map(map), Value::Object(entries)) if !map.atomic => {
            let mut kept = Map::new();
            for (key, value) in entries {
                match gone.get(&Element::field(key)) {
                    Some(entry) if entry.member => {}
                    Some(entry) => {
                        let inner = map.field(key).unwrap_or(Type::UNKNOWN);
                        kept.insert(key.clone(), remove(inner, value, &entry.below));
                    }
                    None => {
                        kept.insert(key.clone(), value.clone());
                    }
                }
            }
            if kept.is_empty() { Value::Null } else { Value::Object(kept) }
        }
        _ => Value::Null,
    }
}
