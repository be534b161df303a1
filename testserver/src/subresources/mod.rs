//! What objects have below their path.

use crate::answer::Answer;
use crate::call::Call;
use crate::failure::Failure;
use crate::verbs::{self, Part};
use http::StatusCode;

/// Does what a request to a subresource asks for.
///
/// # Errors
///
/// If the server refuses.
pub(crate) async fn run(call: Call) -> Result<Answer, Failure> {
    match (call.route.subresource.as_str(), call.verb) {
        ("status", "get") => Ok(call.answer_entry(StatusCode::OK, call.stored()?.as_ref())),
        ("status", "update") => verbs::replace(&call, Part::Status),
        ("status", "patch") => verbs::patch_part(&call, Part::Status),
        _ => Err(Failure::method_not_allowed()),
    }
}
