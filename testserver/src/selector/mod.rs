//! Selectors: which objects a list, a watch or a disruption budget is about.

mod fields;
mod path;
mod selectable;

pub(crate) use fields::FieldSelector;
pub(crate) use path::JsonPath;
pub(crate) use selectable::{Fields, Selectable};
