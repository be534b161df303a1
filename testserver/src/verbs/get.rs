//! One object.

use super::list::{revision, wait_for};
use crate::answer::Answer;
use crate::call::Call;
use crate::failure::Failure;
use http::StatusCode;

/// Reads one object, which is the latest: so at least as new as any version that there is.
pub(super) async fn get(call: &Call) -> Result<Answer, Failure> {
    if let Some(version) = call.query.text("resourceVersion") {
        let version =
            revision(version).map_err(|why| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "", why))?;
        wait_for(&call.server.store, version).await?;
    }
    Ok(call.answer_entry(StatusCode::OK, call.stored()?.as_ref()))
}
