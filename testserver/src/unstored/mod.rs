//! Resources whose objects are answers: they are made, and forgotten.

mod access;
mod components;
mod identity;
mod rules;
#[cfg(test)]
mod tests;

use crate::answer::Answer;
use crate::call::Call;
use crate::failure::Failure;
use crate::subresources;
use http::StatusCode;
use serde_json::Value;

/// Does what a request to such a resource asks for; none if it is to another one.
pub(crate) fn run(call: &Call) -> Option<Result<Answer, Failure>> {
    let resource = &call.resource;
    Some(match (resource.group.as_ref(), resource.plural.as_ref()) {
        ("", "bindings") => subresources::bind(call),
        ("", "componentstatuses") => components::read(call),
        ("authentication.k8s.io", "selfsubjectreviews") => identity::review_self(call),
        ("authentication.k8s.io", "tokenreviews") => identity::review_token(call),
        ("authorization.k8s.io", "selfsubjectrulesreviews") => rules::review(call),
        ("authorization.k8s.io", _) => access::review(call),
        _ => return None,
    })
}

/// The answer that is a made object.
fn made(call: &Call, object: &Value, warnings: Vec<String>) -> Answer {
    Answer { warnings, ..call.answer_object(StatusCode::CREATED, object) }
}
