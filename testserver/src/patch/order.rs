//! The order of lists that a strategic merge patch has merged: that of the patch, with what only the object has among it.

use super::strategic::no_merge_key;
use crate::failure::Failure;
use serde_json::Value;

/// How the items of a list are told apart.
#[derive(Clone, Copy)]
pub(super) enum Identity<'a> {
    /// By a property.
    Key(&'a str),
    /// By themselves.
    Value,
}

impl Identity<'_> {
    /// What tells an item apart.
    fn of(self, item: &Value) -> &Value {
        match self {
            Identity::Key(key) => item.get(key).unwrap_or(&Value::Null),
            Identity::Value => item,
        }
    }

    /// Where an item is in a list.
    pub(super) fn place(self, list: &[Value], item: &Value) -> Option<usize> {
        list.iter().position(|other| self.of(other) == self.of(item))
    }

    /// That every item has the property that tells it apart.
    ///
    /// # Errors
    ///
    /// If one has not.
    fn check(self, list: &[Value]) -> Result<(), Failure> {
        match self {
            Identity::Value => Ok(()),
            Identity::Key(key) => match list.iter().find(|item| item.get(key).is_none()) {
                None => Ok(()),
                Some(item) => Err(no_merge_key(item, key)),
            },
        }
    }
}

/// Orders a merged list: items that are in `patch_order` as there, the others as in `live_order`, and both among each
/// other as in `live_order` as well as it can be.
///
/// # Errors
///
/// If an item cannot be told apart.
pub(super) fn ordered(
    merged: Vec<Value>,
    patch_order: &[Value],
    live_order: &[Value],
    identity: Identity<'_>,
) -> Result<Vec<Value>, Failure> {
    for list in [&merged, patch_order, live_order] {
        identity.check(list)?;
    }
    let (mut patched, mut others): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| identity.place(patch_order, item).is_some());
    patched.sort_by_key(|item| identity.place(patch_order, item));
    others.sort_by_key(|item| identity.place(live_order, item));
    let mut all = Vec::with_capacity(patched.len() + others.len());
    let (mut patched, mut others) = (patched.into_iter().peekable(), others.into_iter().peekable());
    while let (Some(mine), Some(theirs)) = (patched.peek(), others.peek()) {
        let places = (identity.place(live_order, theirs), identity.place(live_order, mine));
        let theirs_first = matches!(places, (Some(theirs), Some(mine)) if theirs < mine);
        all.extend(if theirs_first { others.next() } else { patched.next() });
    }
    all.extend(patched);
    all.extend(others);
    Ok(all)
}
