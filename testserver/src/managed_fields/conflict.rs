//! Fields that an applier would change though others own them.

use super::Operation;
use super::element::Element;
use super::managers::Entry;
use crate::failure::{Cause, Details, Failure};
use crate::patch::go;
use http::StatusCode;

/// A field, and who owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conflict {
    /// The owner, as messages call it: `"kubectl" using v1`.
    pub(super) owner: String,
    /// The field.
    pub(super) path: Vec<Element>,
}

impl Conflict {
    /// The conflicts over an entry's fields.
    pub(super) fn of(entry: &Entry, paths: Vec<Vec<Element>>) -> impl Iterator<Item = Self> {
        let owner = called(entry);
        paths.into_iter().map(move |path| Self { owner: owner.clone(), path })
    }

    fn field(&self) -> String {
        self.path.iter().map(ToString::to_string).collect()
    }
}

fn called(entry: &Entry) -> String {
    let mut called = go::quoted(&entry.manager);
    if !entry.subresource.is_empty() {
        called = format!("{called} with subresource {}", go::quoted(&entry.subresource));
    }
    match entry.operation {
        Operation::Apply => called,
        Operation::Update => format!("{called} using {}", entry.api_version),
    }
}

/// The refusal of a request for its conflicts.
pub(super) fn refusal(conflicts: &[Conflict]) -> Failure {
    let message = match conflicts {
        [conflict] => {
            format!("Apply failed with 1 conflict: conflict with {}: {}", conflict.owner, conflict.field())
        }
        several => {
            let mut owners: Vec<&str> = several.iter().map(|conflict| conflict.owner.as_str()).collect();
            owners.sort_unstable();
            owners.dedup();
            let mut lines = Vec::new();
            for owner in owners {
                lines.push(format!("conflicts with {owner}:"));
                let theirs = several.iter().filter(|conflict| conflict.owner == owner);
                lines.extend(theirs.map(|conflict| format!("- {}", conflict.field())));
            }
            format!("Apply failed with {} conflicts: {}", several.len(), lines.join("\n"))
        }
    };
    let causes = conflicts.iter().map(|conflict| Cause {
        reason: "FieldManagerConflict",
        message: format!("conflict with {}", conflict.owner),
        field: conflict.field(),
    });
    let details = Details { causes: causes.collect(), ..Details::default() };
    Failure::new(StatusCode::CONFLICT, "Conflict", message).about(details)
}
