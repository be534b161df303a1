//! What objects have below their path.

mod binding;
mod conditions;
mod connect;
mod eviction;
mod log;
mod scale;
mod signer;
#[cfg(test)]
mod tests;
pub(crate) mod token;

pub(crate) use binding::create as bind;
pub(crate) use log::Logs;
pub(crate) use signer::check as check_signer;

use crate::answer::Answer;
use crate::call::{Call, WriteOptions};
use crate::catalog::Resource;
use crate::failure::Failure;
use crate::kinds::Section;
use crate::verbs::{self, Part};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// Does what a request to a subresource asks for.
///
/// # Errors
///
/// If the server refuses.
pub(crate) async fn run(call: Call) -> Result<Answer, Failure> {
    let subresource = call.route.subresource.as_str();
    if let Some(section) = Section::of(&call.resource.group, &call.resource.plural, subresource) {
        return match call.verb {
            "get" => Ok(call.answer_entry(StatusCode::OK, call.stored()?.as_ref())),
            "update" => verbs::replace(&call, Part::Section(section)),
            _ => verbs::patch_part(&call, Part::Section(section)),
        };
    }
    match (subresource, call.verb) {
        ("status", "get") => Ok(call.answer_entry(StatusCode::OK, call.stored()?.as_ref())),
        ("status", "update") => verbs::replace(&call, Part::Status),
        ("status", "patch") => verbs::patch_part(&call, Part::Status),
        ("scale", _) => scale::run(&call),
        ("eviction", "create") => eviction::create(&call),
        ("binding", "create") => binding::create(&call),
        ("token", "create") => token::create(&call),
        ("log", "get") => log::get(&call),
        ("attach" | "exec" | "portforward" | "proxy", _) => connect::run(&call),
        _ => Err(Failure::method_not_allowed()),
    }
}

/// A request to a subresource that has a kind of its own, as one to a resource of that kind.
fn as_own_kind(call: &Call) -> Call {
    let subresource = call.resource.subresource(&call.route.subresource);
    let resource = subresource.map(|subresource| Arc::new(Resource::of_subresource(subresource)));
    Call { resource: resource.unwrap_or_else(|| call.resource.clone()), ..call.clone() }
}

/// What somebody sent to a subresource that takes objects of its own kind, which are not stored.
struct Sent {
    options: WriteOptions,
    object: Value,
    warnings: Vec<String>,
}

impl Sent {
    /// Reads it. `own` is the request as one for the subresource's kind.
    fn read(own: &Call) -> Result<Self, Failure> {
        let options = own.write_options("CreateOptions")?;
        let mut warnings = Vec::new();
        let mut object = verbs::read_body(own, &options, &mut warnings)?;
        verbs::place(own, &mut object)?;
        Ok(Self { options, object, warnings })
    }

    /// The answer that all went well.
    fn success(self) -> Answer {
        let success =
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
        Answer { warnings: self.warnings, ..Answer::value(StatusCode::CREATED, &success) }
    }
}
