//! What somebody may do in a namespace, all told.

use super::made;
use crate::answer::Answer;
use crate::call::Call;
use crate::failure::Failure;
use crate::verbs;
use serde_json::{Value, json};

/// What whoever asks may do.
pub(super) fn review(call: &Call) -> Result<Answer, Failure> {
    let options = call.write_options("CreateOptions")?;
    let mut warnings = Vec::new();
    let review = verbs::read_body(call, &options, &mut warnings)?;
    let namespace = review["spec"]["namespace"].as_str().unwrap_or_default();
    if namespace.is_empty() {
        return Err(Failure::bad_request("no namespace on request"));
    }
    let (mut of_resources, mut others) = (Vec::new(), Vec::new());
    let policy = call.server.auth.rbac.policy(&call.server);
    let errors = policy.visit(&call.user, namespace, |_, rule| {
        let shown = serde_json::to_value(rule).unwrap_or_default();
        if !rule.resources.is_empty() {
            of_resources.push(shown);
        } else if !rule.non_resource_urls.is_empty() {
            others.push(shown);
        }
        true
    });
    let mut status = json!({"resourceRules": of_resources, "nonResourceRules": others, "incomplete": false});
    match errors.as_slice() {
        [] => {}
        [error] => status["evaluationError"] = error.as_str().into(),
        errors => status["evaluationError"] = format!("[{}]", errors.join(", ")).into(),
    }
    let review: Value = json!({
        "kind": call.resource.kind,
        "apiVersion": call.resource.api_version(),
        "metadata": {},
        "spec": {},
        "status": status,
    });
    Ok(made(call, &review, warnings))
}
