//! The end of one object, or of many.

use super::list::Selection;
use super::write;
use crate::answer::{Answer, encode_list, stored_object};
use crate::call::Call;
use crate::convert;
use crate::deletion::{self, DeleteOptions, Deletion};
use crate::failure::Failure;
use crate::store::{Entry, Range};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// What became of an object.
enum Outcome {
    /// This was its last state.
    Gone(Arc<Entry>),
    /// This is its state, until others let it go.
    Marked(Value),
}

/// Deletes one object.
pub(super) fn delete(call: &Call) -> Result<Answer, Failure> {
    let options = DeleteOptions::read(call)?;
    let entry = call.stored()?;
    let mut answer = match end(call, entry, &options)? {
        Outcome::Marked(object) => {
            let code = if options.cascades { StatusCode::ACCEPTED } else { StatusCode::OK };
            call.answer_object(code, &object)
        }
        Outcome::Gone(entry) if returns_object(call) => {
            call.answer_object(StatusCode::OK, &stored_object(&entry, &call.resource))
        }
        Outcome::Gone(entry) => Answer::value(StatusCode::OK, &success(call, &entry)),
    };
    if options.propagation.is_none() && call.resource.plural == "jobs" {
        answer.warnings.push(
            "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove \
             them or set propagationPolicy=Orphan to suppress this warning"
                .into(),
        );
    }
    Ok(answer)
}

/// Kinds whose last state is the answer to their deletion.
fn returns_object(call: &Call) -> bool {
    const KINDS: [&str; 7] = [
        "pods",
        "podtemplates",
        "persistentvolumeclaims",
        "persistentvolumes",
        "resourcequotas",
        "serviceaccounts",
        "services",
    ];
    call.resource.group.is_empty() && KINDS.contains(&call.resource.plural.as_ref())
}

fn success(call: &Call, entry: &Entry) -> Value {
    let mut details = json!({"name": entry.key.name, "kind": call.resource.plural, "uid": entry.uid});
    if !call.resource.group.is_empty() {
        details["group"] = call.resource.group.as_ref().into();
    }
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
}

/// Ends an object, or marks it; begins again if it changes meanwhile.
fn end(call: &Call, mut entry: Arc<Entry>, options: &DeleteOptions) -> Result<Outcome, Failure> {
    let key = call.storage_key();
    loop {
        let object = stored_object(&entry, &call.resource);
        let done = match deletion::decide(&call.resource, &object, options)? {
            Deletion::UnderWay => return Ok(Outcome::Marked(object)),
            Deletion::Now if options.dry_run => return Ok(Outcome::Gone(entry)),
            Deletion::Later(marked) if options.dry_run => return Ok(Outcome::Marked(marked)),
            Deletion::Now => {
                let stored = convert::to_stored(object, &call.resource);
                call.server.store.remove(&key, entry.revision, stored).map(|removed| {
                    deletion::after(&call.server, &key, &removed);
                    Outcome::Gone(entry.clone())
                })
            }
            Deletion::Later(marked) => {
                let index = write::index(&marked, &call.resource);
                let stored = convert::to_stored(marked, &call.resource);
                let replaced = call.server.store.replace(&key, entry.revision, stored, index);
                replaced.map(|marked| {
                    deletion::after(&call.server, &key, &marked);
                    Outcome::Marked(stored_object(&marked, &call.resource))
                })
            }
        };
        match done {
            Ok(outcome) => return Ok(outcome),
            Err(_) => {
                let latest = call.server.store.get(&key, &entry.key);
                entry = latest.ok_or_else(|| Failure::not_found(call.resource.named(), &entry.key.name))?;
            }
        }
    }
}

/// Deletes every object that is selected.
pub(super) fn delete_collection(call: &Call) -> Result<Answer, Failure> {
    let options = DeleteOptions::read(call)?;
    let selection = Selection::of(call)?;
    let range = Range { namespace: selection.namespace.clone(), ..Range::default() };
    let key = call.storage_key();
    let listing = call.server.store.list(&key, &range, usize::MAX, |entry| selection.matches(entry));
    let listing = listing.unwrap_or_default();
    let mut ended = Vec::new();
    for entry in &listing.entries {
        match end(call, entry.clone(), &options) {
            Ok(_) => ended.push(entry.as_ref()),
            // Somebody else was quicker.
            Err(failure) if failure.reason == "NotFound" => {}
            Err(failure) => return Err(failure),
        }
    }
    let metadata = json!({"resourceVersion": listing.revision.to_string()});
    Ok(Answer::json(StatusCode::OK, encode_list(&call.resource, &metadata, ended.into_iter())))
}
