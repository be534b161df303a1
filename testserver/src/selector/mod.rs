//! Selectors: which objects a list, a watch or a disruption budget is about.

mod fields;
mod labels;
mod path;
mod selectable;

pub(crate) use fields::FieldSelector;
pub(crate) use labels::LabelSelector;
pub(crate) use path::JsonPath;
pub(crate) use selectable::{Fields, Selectable};
