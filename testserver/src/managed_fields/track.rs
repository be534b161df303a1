//! What changes belong to whom, in requests other than apply.

use super::compare::{Comparison, compare};
use super::managers::{Entry, Managers, is_reset, listed};
use super::schema_change::reconcile;
use super::set::FieldSet;
use super::types::Type;
use super::{Manager, ResetFields};
use crate::kinds;
use crate::schema::Schema;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// Fields of the metadata that nobody owns.
const UNOWNED: &[&str] = &[
    "clusterName",
    "creationTimestamp",
    "generation",
    "managedFields",
    "name",
    "namespace",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// After a create, replace or patch: gives the manager what differs between the old object and the new one, and takes
/// it from all others. Sets the new object's managed fields.
///
/// To be called with defaults filled in, before the server itself changes anything: what it adds belongs to nobody.
/// `live` is none when the object is created.
pub(super) fn track(
    live: Option<&Value>,
    new: &mut Value,
    schema: &Schema,
    manager: &Manager<'_>,
    reset: ResetFields,
) {
    let given = take_managed_fields(new);
    let before = before(live, given.as_deref(), manager);
    // Objects that lost their managed fields stay without, until somebody applies.
    let after = if before.entries.is_empty() && live.is_some() {
        Some(before)
    } else {
        updated(live, new, schema, manager, reset, before)
    };
    let written = match after {
        Some(managers) => managers.write(),
        // What cannot be compared keeps the owners it had.
        None => live.and_then(listed).map(|list| Value::Array(list.to_vec())),
    };
    set_managed_fields(new, written);
}

/// The managers before the request: those that it gives, or those of the live object.
fn before(live: Option<&Value>, given: Option<&[Value]>, manager: &Manager<'_>) -> Managers {
    let lived = || live.map(Managers::of).unwrap_or_default();
    match given {
        // A subresource cannot give any.
        Some(_) if !manager.subresource.is_empty() => lived(),
        Some(list) if is_reset(list) => Managers::default(),
        Some(list) => Managers::read(list).ok().filter(|read| !read.entries.is_empty()).unwrap_or_else(lived),
        None => lived(),
    }
}

/// The managers after the request; none if the objects cannot be compared.
pub(super) fn updated(
    live: Option<&Value>,
    new: &Value,
    schema: &Schema,
    manager: &Manager<'_>,
    reset: ResetFields,
    mut managers: Managers,
) -> Option<Managers> {
    let empty;
    let live = match live {
        Some(live) => live,
        None => {
            empty = empty_like(new, schema);
            &empty
        }
    };
    let mut comparison = compare(schema, live, new).ok()?;
    reset.take_out_of_comparison(&mut comparison);
    let ty = Type::of(schema);
    for entry in &mut managers.entries {
        reconcile(ty, &mut entry.fields);
    }
    if comparison.is_empty() {
        managers.drop_empty();
        return Some(managers);
    }
    for entry in &mut managers.entries {
        entry.fields.subtract(&comparison.added);
        entry.fields.subtract(&comparison.modified);
        entry.fields.subtract(&comparison.removed);
    }
    managers.drop_empty();
    let Comparison { added, modified, .. } = comparison;
    let mut taken = added.union(modified);
    take_out_unowned(&mut taken);
    if !taken.is_empty() {
        let mut entry = Entry::of(manager, Some(manager.time.to_owned()), taken);
        if let Some(at) = managers.find(&entry) {
            let previous = managers.entries.swap_remove(at);
            entry.fields = entry.fields.union(previous.fields);
        }
        managers.entries.push(entry);
    }
    managers.cap();
    Some(managers)
}

/// An object of the same kind with only what is always there: nobody comes to own that by sending it.
fn empty_like(object: &Value, schema: &Schema) -> Value {
    let entries =
        ["apiVersion", "kind"].map(|key| (key.to_owned(), object.get(key).cloned().unwrap_or_default()));
    let mut empty = Value::Object(Map::from_iter(entries));
    kinds::normalise(&mut empty, schema);
    empty
}

/// Takes out what says which object it is, and what the server keeps.
pub(super) fn take_out_unowned(fields: &mut FieldSet) {
    static ALL: LazyLock<FieldSet> = LazyLock::new(|| {
        let metadata = UNOWNED.iter().map(|name| FieldSet::of_path(&["metadata", name]));
        let top = ["apiVersion", "kind", "metadata"].iter().map(|name| FieldSet::of_path(&[name]));
        metadata.chain(top).fold(FieldSet::default(), FieldSet::union)
    });
    fields.subtract(&ALL);
}

/// Removes the managed fields of an object and gives them back.
pub(super) fn take_managed_fields(object: &mut Value) -> Option<Vec<Value>> {
    match object.get_mut("metadata")?.as_object_mut()?.remove("managedFields")? {
        Value::Array(list) => Some(list),
        _ => None,
    }
}

/// Sets the managed fields of an object, or removes them.
pub(super) fn set_managed_fields(object: &mut Value, written: Option<Value>) {
    let Value::Object(entries) = object else { return };
    match (written, entries.get_mut("metadata")) {
        (Some(written), Some(Value::Object(metadata))) => {
            metadata.insert("managedFields".into(), written);
        }
        (None, Some(Value::Object(metadata))) => {
            metadata.remove("managedFields");
        }
        (Some(written), _) => {
            let metadata = Map::from_iter([("managedFields".to_owned(), written)]);
            entries.insert("metadata".into(), Value::Object(metadata));
        }
        (None, _) => {}
    }
}
