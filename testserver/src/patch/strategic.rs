//! Strategic merge patches: objects are merged, and lists as the schema says.

use super::go;
use super::order::{Identity, ordered};
use crate::failure::Failure;
use crate::schema::{PatchStrategy, Schema, Shape};
use http::StatusCode;
use serde_json::{Map, Value};

/// Says what to do with the object or item that it stands in.
const DIRECTIVE: &str = "$patch";

/// The keys that stay.
const RETAIN_KEYS: &str = "$retainKeys";

/// Before the name of a list of scalars: items to remove.
const DELETE: &str = "$deleteFromPrimitiveList";

/// Before the name of a list: its order.
const ORDER: &str = "$setElementOrder";

type Entries = Map<String, Value>;

/// The type of a value, and what it is called in messages.
#[derive(Clone, Copy)]
struct Type<'a> {
    schema: &'a Schema,
    name: &'a str,
}

impl<'a> Type<'a> {
    fn of(schema: &'a Schema) -> Self {
        let name = match schema.shape {
            Shape::Reference(name) => name.rsplit('.').next().unwrap_or(name),
            _ => "",
        };
        Self { schema, name }
    }

    /// The type of a property, and how it is patched.
    fn property(self, key: &str) -> Result<(Self, &'a PatchStrategy), Failure> {
        let kind = match &self.schema.resolved().shape {
            Shape::Object { properties, .. } if !properties.is_empty() => {
                return match properties.get(key) {
                    Some(schema) => Ok((Self::of(schema), &schema.patch)),
                    None => Err(failed(format!(
                        "unable to find api field in struct {} for the json field {}",
                        self.name,
                        go::quoted(key)
                    ))),
                };
            }
            Shape::List(_) => "slice",
            Shape::Scalar(_) => "string",
            Shape::Object { .. } | Shape::Any | Shape::Reference(_) => "map",
        };
        Err(failed(format!("merging an object in json but data type is not struct, instead is: {kind}")))
    }

    /// The type of the items of a list, and how it is patched.
    fn list(self, key: &str) -> Result<(Self, &'a PatchStrategy), Failure> {
        let (ty, strategy) = self.property(key)?;
        match ty.schema.items() {
            Some(items) => Ok((Self::of(items), strategy)),
            None => Err(failed("expected slice or array type, but got: struct")),
        }
    }
}

/// A failure that servers have no word for.
fn failed(message: impl Into<String>) -> Failure {
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "", message)
}

fn wrong_type(expected: &str, actual: &Value) -> Failure {
    failed(format!("expected a {expected}, but received a {}", go::type_name(actual)))
}

fn bad_directive(directive: &Value, patch: &Entries) -> Failure {
    let told = match directive {
        Value::String(text) => text.clone(),
        other => format!("%!s({}={})", go::type_name(other), go::printed(other)),
    };
    failed(format!("unknown patch type: {told} in map: {}", go::printed(&Value::Object(patch.clone()))))
}

/// An item of a list has not what tells it apart.
pub(super) fn no_merge_key(item: &Value, key: &str) -> Failure {
    match item {
        Value::Object(_) => {
            failed(format!("map: {} does not contain declared merge key: {key}", go::printed(item)))
        }
        other => wrong_type("map[string]interface {}", other),
    }
}

/// Applies a strategic merge patch to an object of a built-in kind.
///
/// # Errors
///
/// 400 if the patch or a directive in it is malformed; 500, as servers answer, if it does not fit the object.
pub(crate) fn strategic_merge_patch(
    object: &Value,
    patch: &Value,
    schema: &Schema,
) -> Result<Value, Failure> {
    let patch = match patch {
        Value::Object(patch) => patch.clone(),
        Value::Null => Entries::new(),
        other => {
            let kind = go::json_kind(other);
            return Err(Failure::bad_request(format!(
                "json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
            )));
        }
    };
    let name = object.get("kind").and_then(Value::as_str).unwrap_or_default();
    let object = object.as_object().cloned().unwrap_or_default();
    Ok(Value::Object(merge(object, patch, Type { schema, name })?))
}

/// A patch as servers show it: without the lists whose order it gives, which they take out while they merge.
pub(crate) fn without_ordered_lists(patch: &Value) -> Value {
    let Value::Object(entries) = patch else { return patch.clone() };
    let is_ordered = |key: &str| entries.contains_key(&format!("{ORDER}/{key}"));
    let stays = |key: &str| key != RETAIN_KEYS && !key.starts_with(ORDER) && !is_ordered(key);
    let entries = entries.iter().filter(|(key, _)| stays(key));
    entries.map(|(key, value)| (key.clone(), without_ordered_lists(value))).collect()
}

fn merge(mut object: Entries, mut patch: Entries, ty: Type<'_>) -> Result<Entries, Failure> {
    if let Some(directive) = patch.get(DIRECTIVE) {
        return match directive.as_str() {
            Some("replace") => {
                patch.remove(DIRECTIVE);
                Ok(patch)
            }
            Some("delete") => Ok(Entries::new()),
            _ => Err(bad_directive(directive, &patch)),
        };
    }
    retain_keys(&mut object, &mut patch)?;
    set_orders(&mut object, &mut patch, ty)?;
    for (key, value) in patch {
        let (key, deletes) = match key.starts_with(DELETE) {
            true => (list_of(&key, DELETE, "invalid patch format of primitive list")?, true),
            false => (key, false),
        };
        let merged = match (object.remove(&key), value) {
            (_, Value::Null) => None,
            (Some(Value::Object(old)), Value::Object(new)) => {
                let (inner, strategy) = ty.property(&key)?;
                let merged = if strategy.replace { new } else { merge(old, new, inner)? };
                Some(Value::Object(merged))
            }
            (Some(Value::Array(old)), Value::Array(new)) => {
                let (inner, strategy) = ty.list(&key)?;
                Some(Value::Array(lists(old, new, inner, strategy, deletes)?))
            }
            (old, _) if deletes => old,
            (Some(old), value) if is_same_kind(&old, &value) => without_directives(value),
            (_, mut value) => {
                drop_nulls(&mut value);
                without_directives(value)
            }
        };
        if let Some(merged) = merged {
            object.insert(key, merged);
        }
    }
    Ok(object)
}

fn is_same_kind(left: &Value, right: &Value) -> bool {
    go::type_name(left) == go::type_name(right)
}

/// The list that a directive is about, whose name is `prefix/list`.
fn list_of(key: &str, prefix: &str, otherwise: &str) -> Result<String, Failure> {
    let list = key.split_once('/').filter(|(before, _)| *before == prefix).map(|(_, list)| list.to_owned());
    list.ok_or_else(|| Failure::bad_request(otherwise))
}

fn retain_keys(object: &mut Entries, patch: &mut Entries) -> Result<(), Failure> {
    let Some(retained) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    let malformed = || Failure::bad_request("invalid patch format of retainKeys");
    let retained = retained.as_array().ok_or_else(malformed)?;
    let stays = |key: &str| retained.iter().any(|retained| retained == key);
    let is_directive = |key: &str| key.starts_with(DELETE) || key.starts_with(ORDER);
    if patch.iter().any(|(key, value)| !value.is_null() && !is_directive(key) && !stays(key)) {
        return Err(malformed());
    }
    object.retain(|key, _| stays(key));
    Ok(())
}

/// Merges the lists for which the patch gives an order, and takes them out of it.
fn set_orders(object: &mut Entries, patch: &mut Entries, ty: Type<'_>) -> Result<(), Failure> {
    let directives: Vec<String> = patch.keys().filter(|key| key.starts_with(ORDER)).cloned().collect();
    for directive in directives {
        let order = match patch.remove(&directive) {
            Some(Value::Array(order)) => order,
            other => return Err(wrong_type("[]interface {}", &other.unwrap_or_default())),
        };
        let key = list_of(&directive, ORDER, "invalid patch format of setElementOrder list")?;
        let old = taken_list(object.get(&key))?;
        let new = taken_list(patch.get(&key))?;
        let (inner, strategy) = ty.list(&key)?;
        check_order(new.as_deref().unwrap_or_default(), &order, strategy)?;
        let live = old.clone().unwrap_or_default();
        let merged = match (old, new) {
            (None, None) => continue,
            (Some(old), None) => old,
            (None, Some(new)) => match without_directives(Value::Array(new)) {
                Some(Value::Array(new)) => new,
                _ => continue,
            },
            (Some(old), Some(new)) => lists(old, new, inner, strategy, false)?,
        };
        patch.remove(&key);
        let identity = strategy.merge_key.as_deref().map_or(Identity::Value, Identity::Key);
        if let (Identity::Key(_), Some(at)) = (identity, order.iter().position(|item| !item.is_object())) {
            return Err(failed(format!("value for key {at} is not a map")));
        }
        object.insert(key, Value::Array(ordered(merged, &order, &live, identity)?));
    }
    Ok(())
}

fn taken_list(value: Option<&Value>) -> Result<Option<Vec<Value>>, Failure> {
    match value {
        None => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items.clone())),
        Some(other) => Err(wrong_type("[]interface {}", other)),
    }
}

/// The items of a patch are in the order that it gives.
fn check_order(patch: &[Value], order: &[Value], strategy: &PatchStrategy) -> Result<(), Failure> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let mut rest = patch.iter().filter(|item| item.get(DIRECTIVE).is_none()).peekable();
    for item in order {
        let Some(next) = rest.peek() else { break };
        let same = match strategy.merge_key.as_deref() {
            None => *next == item,
            Some(key) => {
                let value = |item: &Value| item.get(key).cloned().ok_or_else(|| no_merge_key(item, key));
                value(next)? == value(item)?
            }
        };
        if same {
            rest.next();
        }
    }
    if rest.next().is_none() {
        return Ok(());
    }
    let printed = |list: &[Value]| go::printed(&Value::Array(list.to_vec()));
    let (patch, order) = (printed(patch), printed(order));
    Err(failed(format!("The order in patch list:\n{patch}\n doesn't match {ORDER} list:\n{order}\n")))
}

fn lists(
    old: Vec<Value>,
    new: Vec<Value>,
    ty: Type<'_>,
    strategy: &PatchStrategy,
    deletes: bool,
) -> Result<Vec<Value>, Failure> {
    if !strategy.merge && !deletes {
        return Ok(new);
    }
    let Some(first) = old.iter().chain(&new).next() else { return Ok(old) };
    if first.is_array() {
        return Err(Failure::unprocessable("lists of lists are not supported"));
    }
    let objects = first.is_object();
    if old.iter().chain(&new).any(|item| !is_same_kind(item, first)) {
        let (old, new) = (go::printed(&Value::Array(old)), go::printed(&Value::Array(new)));
        return Err(failed(format!("list element types are not identical: [{old} {new}]")));
    }
    if !objects {
        if deletes {
            return Ok(old.into_iter().filter(|item| !new.contains(item)).collect());
        }
        let mut merged: Vec<Value> = Vec::with_capacity(old.len() + new.len());
        for item in old.iter().chain(&new) {
            if !merged.contains(item) {
                merged.push(item.clone());
            }
        }
        return ordered(merged, &new, &old, Identity::Value);
    }
    let Some(key) = strategy.merge_key.as_deref() else {
        return Err(failed("cannot merge lists without merge key for struct"));
    };
    let (old, new) = without_special_items(old, new, key)?;
    let mut merged = old.clone();
    for item in &new {
        let Value::Object(entries) = item else { continue };
        if !entries.contains_key(key) {
            return Err(no_merge_key(item, key));
        }
        match Identity::Key(key).place(&merged, item) {
            None => merged.push(item.clone()),
            Some(at) => {
                let old = merged[at].as_object().cloned().unwrap_or_default();
                merged[at] = Value::Object(merge(old, entries.clone(), ty)?);
            }
        }
    }
    ordered(merged, &new, &old, Identity::Key(key))
}

/// Carries out what the items of a patch say about their list, and takes them out of it.
fn without_special_items(
    mut old: Vec<Value>,
    new: Vec<Value>,
    key: &str,
) -> Result<(Vec<Value>, Vec<Value>), Failure> {
    let mut items = Vec::with_capacity(new.len());
    let mut replace = false;
    for item in new {
        let Some(directive) = item.get(DIRECTIVE) else {
            items.push(item);
            continue;
        };
        match directive.as_str() {
            Some("delete") => match item.get(key) {
                Some(value) => old.retain(|other| other.get(key) != Some(value)),
                None => return Err(no_merge_key(&item, key)),
            },
            Some("replace") => replace = true,
            Some("merge") => return Err(failed("merging lists cannot yet be specified in the patch")),
            _ => return Err(bad_directive(directive, item.as_object().unwrap_or(&Entries::new()))),
        }
    }
    if replace { Ok((items, Vec::new())) } else { Ok((old, items)) }
}

/// What is left of a value of a patch that has nothing to be merged with.
fn without_directives(value: Value) -> Option<Value> {
    match value {
        Value::Object(entries) if entries.contains_key(DIRECTIVE) => None,
        Value::Object(entries) => {
            let kept = entries.into_iter().filter_map(|(key, value)| Some((key, without_directives(value)?)));
            Some(Value::Object(kept.collect()))
        }
        Value::Array(items) => Some(items.into_iter().filter_map(without_directives).collect()),
        scalar => Some(scalar),
    }
}

/// Nulls in objects say that nothing is there.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|_, value| !value.is_null());
            entries.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
