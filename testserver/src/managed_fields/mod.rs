//! `metadata.managedFields`: who owns which field of an object, and server-side apply, which is built on it.
//!
//! Everything here works on JSON and the [`Schema`](crate::schema::Schema) of the type. One version of a group is taken
//! for all: an entry of another version of the same group names the same fields here, which servers convert.

mod apply;
mod compare;
mod conflict;
mod element;
mod fields_v1;
mod last_applied;
mod leaves;
mod managers;
mod merge;
mod names;
mod prune;
mod request;
mod reset;
pub(crate) mod scale;
mod schema_change;
mod set;
mod track;
mod types;
mod validate;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use names::validate_manager;
pub(crate) use request::{of_apply, of_create, of_server, of_update};

use apply::{Application, apply};
use names::manager_name;
use reset::ResetFields;
use track::track;

/// How a manager came to own fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    /// By server-side apply.
    Apply,
    /// By all else.
    Update,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

/// Who makes a request, and how.
#[derive(Clone, Copy, Debug)]
struct Manager<'a> {
    /// What [`manager_name`] gives.
    name: &'a str,
    /// Whether it applies.
    operation: Operation,
    /// The version of the request's path, such as `apps/v1`.
    api_version: &'a str,
    /// The subresource of the request's path; empty for the object itself.
    subresource: &'a str,
    /// The time of the request, as objects have it.
    time: &'a str,
}
