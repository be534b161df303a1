//! What can be done with resources: a file for each verb.

mod apply;
mod create;
mod delete;
mod get;
mod list;
mod patched;
mod update;
mod watch;
mod write;

pub(crate) use patched::{Patched, read as read_patched};
pub(crate) use update::{Part, Patch, change_object, patch_part, replace};
pub(crate) use write::{Outcome, check_name, check_namespace, place, read_body};

use crate::answer::Answer;
use crate::call::Call;
use crate::failure::Failure;

/// Does what a request asks for.
///
/// # Errors
///
/// If the server refuses.
pub(crate) async fn run(call: Call) -> Result<Answer, Failure> {
    if !call.route.subresource.is_empty() {
        return crate::subresources::run(call).await;
    }
    if let Some(answer) = crate::unstored::run(&call) {
        return answer;
    }
    match call.verb {
        "get" => get::get(&call).await,
        "list" => list::list(&call).await,
        "watch" => watch::watch(call).await,
        "create" => create::create(&call),
        "update" => update::update(&call),
        "patch" => update::patch(&call),
        "delete" => Ok(delete::delete(&call)),
        "deletecollection" => Ok(delete::delete_collection(&call).await),
        _ => Err(Failure::method_not_allowed()),
    }
}
