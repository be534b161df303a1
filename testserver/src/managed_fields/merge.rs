//! An applied configuration merged into the live object.

use super::element::Element;
use super::types::{Atom, ListOf, MapType, Type};
use super::value::{entries, items};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};

/// The live value with what is applied in it. Nothing is removed.
///
/// # Errors
///
/// Which list has items that cannot be told apart.
pub(super) fn merge(ty: Type<'_>, live: &Value, applied: &Value) -> Result<Value, String> {
    Ok(merged(ty, Some(live), Some(applied))?.unwrap_or(Value::Null))
}

/// None if nothing is left to say.
fn merged(ty: Type<'_>, live: Option<&Value>, applied: Option<&Value>) -> Result<Option<Value>, String> {
    let (left, right) = (ty.atom(live), ty.atom(applied));
    let atom = if applied.is_none() { left } else { right };
    let latest = || applied.or(live).cloned();
    match atom {
        Atom::Scalar(_) => Ok(latest()),
        Atom::List(list) => {
            let (old, new) = (items(live), items(applied));
            if list.is_atomic() || (old.is_empty() && new.is_empty()) {
                return Ok(latest());
            }
            let merged = lists(&list, old, new)?;
            Ok((!merged.is_empty()).then_some(Value::Array(merged)))
        }
        Atom::Map(map) => {
            let (old, new) = (entries(live), entries(applied));
            let nothing = old.is_none_or(Map::is_empty) && new.is_none_or(Map::is_empty);
            if map.atomic || nothing {
                return Ok(latest());
            }
            let merged = maps(&map, old, new)?;
            Ok((!merged.is_empty()).then_some(Value::Object(merged)))
        }
    }
}

fn maps(
    map: &MapType<'_>,
    live: Option<&Map<String, Value>>,
    applied: Option<&Map<String, Value>>,
) -> Result<Map<String, Value>, String> {
    let mut merged_map = Map::new();
    let field = |key: &str| map.field(key).unwrap_or(Type::UNKNOWN);
    for (key, value) in live.into_iter().flatten() {
        if let Some(value) = merged(field(key), Some(value), applied.and_then(|applied| applied.get(key)))? {
            merged_map.insert(key.clone(), value);
        }
    }
    for (key, value) in applied.into_iter().flatten() {
        if live.is_none_or(|live| !live.contains_key(key))
            && let Some(value) = merged(field(key), None, Some(value))?
        {
            merged_map.insert(key.clone(), value);
        }
    }
    Ok(merged_map)
}

/// The items of one side, by what tells them apart. An item that is there more than once stands for itself alone.
struct Indexed<'a> {
    order: Vec<Element>,
    found: BTreeMap<Element, Option<&'a Value>>,
}

impl<'a> Indexed<'a> {
    fn new(list: &ListOf<'_>, items: &'a [Value]) -> Result<Self, String> {
        let mut indexed = Self { order: Vec::with_capacity(items.len()), found: BTreeMap::new() };
        for item in items {
            let element = list.element(item)?;
            let entry = indexed.found.entry(element.clone());
            entry.and_modify(|found| *found = None).or_insert(Some(item));
            indexed.order.push(element);
        }
        Ok(indexed)
    }

    fn has(&self, element: &Element) -> bool {
        self.found.contains_key(element)
    }

    fn get(&self, element: &Element) -> Option<&'a Value> {
        self.found.get(element).copied().flatten()
    }
}

/// Applied items are in their own order, and other live items stay where they are among them as well as they can.
fn lists(list: &ListOf<'_>, live: &[Value], applied: &[Value]) -> Result<Vec<Value>, String> {
    let (left, right) = (Indexed::new(list, live)?, Indexed::new(list, applied)?);
    let mut shared: VecDeque<&Element> = right.order.iter().filter(|element| left.has(element)).collect();
    let mut next_shared = shared.pop_front();
    let mut done: Vec<&Element> = Vec::new();
    let mut out = Vec::with_capacity(live.len().max(applied.len()));
    let mut put = |old: Option<&Value>, new: Option<&Value>| -> Result<(), String> {
        out.extend(merged(list.items, old, new)?);
        Ok(())
    };
    let (mut at_left, mut at_right) = (0, 0);
    while at_left < left.order.len() || at_right < right.order.len() {
        let (mine, theirs) = (left.order.get(at_left), right.order.get(at_right));
        if let (Some(mine), Some(theirs)) = (mine, theirs) {
            if mine == theirs {
                done.push(mine);
                put(left.get(mine), right.get(mine))?;
                (at_left, at_right) = (at_left + 1, at_right + 1);
                next_shared = shared.pop_front();
                continue;
            }
            if right.has(mine) && next_shared.is_some_and(|next| next != mine) {
                // It is applied too, but its turn is later.
                at_left += 1;
                continue;
            }
        }
        if let Some(mine) = mine {
            if !right.has(mine) {
                put(live.get(at_left), None)?;
                at_left += 1;
                continue;
            }
            if done.contains(&mine) {
                at_left += 1;
            }
        }
        if let Some(theirs) = theirs {
            done.push(theirs);
            put(left.get(theirs), right.get(theirs))?;
            at_right += 1;
            if next_shared == Some(theirs) {
                next_shared = shared.pop_front();
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::super::tests::custom;
    use super::super::types::Type;
    use super::merge;
    use serde_json::{Value, json};

    fn set_of(live: Value, applied: Value) -> Value {
        let schema = custom(json!({
            "type": "object",
            "properties": {"set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}}
        }));
        let live = json!({"set": live});
        merge(Type::of(&schema), &live, &json!({"set": applied})).unwrap()["set"].clone()
    }

    #[test]
    fn applied_items_come_in_their_order_among_the_others() {
        assert_eq!(set_of(json!(["a", "b", "c"]), json!(["b"])), json!(["a", "b", "c"]));
        assert_eq!(set_of(json!(["a", "b", "c"]), json!(["d"])), json!(["a", "b", "c", "d"]));
        assert_eq!(set_of(json!(["a", "b", "c"]), json!(["c", "a"])), json!(["b", "c", "a"]));
        assert_eq!(
            set_of(json!(["a", "b", "c", "d"]), json!(["x", "b", "y", "d"])),
            json!(["a", "x", "b", "c", "y", "d"])
        );
    }

    #[test]
    fn an_item_that_is_there_twice_is_merged_with_the_applied_one() {
        assert_eq!(set_of(json!(["a", "b", "a"]), json!(["a"])), json!(["a", "b"]));
    }
}
