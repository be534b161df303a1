//! Owned fields that a changed schema has made parts of one field.

use super::element::Element;
use super::set::FieldSet;
use super::types::{Atom, Type};

/// Makes of fields below something that is one field as a whole that one field.
pub(super) fn reconcile(ty: Type<'_>, fields: &mut FieldSet) {
    if ty.is_deduced() {
        return;
    }
    fields.reshape(&mut |element, below| {
        let inner = match element {
            Element::Field(name) => ty.field(name).1,
            _ => ty.items(),
        };
        let Some(inner) = inner else { return true };
        let whole = match inner.atom(None) {
            Atom::List(list) => list.is_atomic(),
            Atom::Map(map) => map.atomic && !inner.is_deduced(),
            Atom::Scalar(_) => return true,
        };
        if !whole {
            reconcile(inner, below);
        }
        !whole
    });
}
