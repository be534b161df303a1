//! The end of one object, or of many.

use super::list;
use crate::answer::Answer;
use crate::call::Call;
use crate::deletion::{self, DeleteOptions, Ended};
use crate::failure::Failure;
use http::StatusCode;
use serde_json::{Value, json};

/// Deletes one object.
pub(super) fn delete(call: &Call) -> Answer {
    let options = match DeleteOptions::read(call) {
        Ok(options) => options,
        Err(failure) => return failure.into(),
    };
    let ended = call.stored().and_then(|entry| deletion::end(&call.server, &call.resource, entry, &options));
    with_warnings(call, &options, ended.map(|ended| answer(call, &ended, &options)))
}

fn answer(call: &Call, ended: &Ended, options: &DeleteOptions) -> Answer {
    match ended {
        Ended::Marked(object) => {
            let code = if options.cascades { StatusCode::ACCEPTED } else { StatusCode::OK };
            call.answer_object(code, object)
        }
        Ended::Gone(object) if deletion::answers_with_object(&call.resource) => {
            call.answer_object(StatusCode::OK, object)
        }
        Ended::Gone(object) => Answer::value(StatusCode::OK, &success(call, object)),
    }
}

fn success(call: &Call, object: &Value) -> Value {
    let metadata = &object["metadata"];
    let mut details = json!({"name": metadata["name"], "kind": call.resource.plural, "uid": metadata["uid"]});
    if !call.resource.group.is_empty() {
        details["group"] = call.resource.group.as_ref().into();
    }
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
}

/// Warns of what the deletion of Jobs does, whatever came of it.
fn with_warnings(call: &Call, options: &DeleteOptions, answer: Result<Answer, Failure>) -> Answer {
    let mut answer = answer.unwrap_or_else(Answer::from);
    if options.propagation.is_none() && call.resource.plural == "jobs" && call.resource.group == "batch" {
        let warning = "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to \
                       remove them or set propagationPolicy=Orphan to suppress this warning";
        answer.warnings.push(warning.into());
    }
    answer
}

/// Deletes every object that is selected.
pub(super) async fn delete_collection(call: &Call) -> Answer {
    let selected = list::select(call).await;
    let options = match (DeleteOptions::read(call), &selected) {
        (Ok(options), _) => options,
        // What is asked for is checked before how, but looked for after it.
        (Err(_), Err(failure)) if matches!(failure.code.as_u16(), 400 | 422) => {
            return failure.clone().into();
        }
        (Err(failure), _) => return failure.into(),
    };
    let ended = selected.and_then(|selected| {
        for entry in selected.entries() {
            match deletion::end(&call.server, &call.resource, entry.clone(), &options) {
                // Somebody else was quicker.
                Err(failure) if failure.reason == "NotFound" => {}
                ended => {
                    ended?;
                }
            }
        }
        selected.answer_deleted(call)
    });
    with_warnings(call, &options, ended)
}
