//! One object.

use crate::answer::Answer;
use crate::call::Call;
use crate::failure::Failure;
use http::StatusCode;

/// Reads one object.
pub(super) fn get(call: &Call) -> Result<Answer, Failure> {
    // A version asks for an answer that is at least as new, which the latest is; it must be a version though.
    call.query.text("resourceVersion").map_or(Ok(0), super::list::revision)?;
    Ok(call.answer_entry(StatusCode::OK, call.stored()?.as_ref()))
}
