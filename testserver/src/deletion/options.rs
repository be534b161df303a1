//! How somebody wants objects deleted: by the body of the request, or else by its parameters.

use crate::call::Call;
use crate::failure::{Cause, Failure, Named};
use serde_json::Value;

/// What happens to those that depend on a deleted object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagation {
    /// They stay, without their owner.
    Orphan,
    /// They are deleted afterwards.
    Background,
    /// They are deleted first.
    Foreground,
}

/// How somebody wants objects deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeleteOptions {
    /// In seconds.
    pub(crate) grace_period: Option<i64>,
    /// What happens to dependents.
    pub(crate) propagation: Option<Propagation>,
    /// Nothing is stored.
    pub(crate) dry_run: bool,
    /// Only an object with this identifier.
    pub(crate) uid: Option<String>,
    /// Only an object in this version.
    pub(crate) resource_version: Option<String>,
    /// Whether dependents were said, in the old way, not to be orphaned.
    pub(crate) cascades: bool,
}

impl DeleteOptions {
    /// Reads the options of a request.
    ///
    /// # Errors
    ///
    /// If they are no options, or contradict each other.
    pub(crate) fn read(call: &Call) -> Result<Self, Failure> {
        let query = &call.query;
        let body: Value = if call.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&call.body).map_err(|error| {
                Failure::bad_request(format!("couldn't get version/kind; json parse error: {error}"))
            })?
        };
        let (grace_period, policy, orphan, dry_run);
        if body.is_null() {
            grace_period = query.number("gracePeriodSeconds")?;
            policy = query.text("propagationPolicy").map(str::to_owned);
            orphan = query.get("orphanDependents").map(|_| query.flag("orphanDependents"));
            dry_run = query.all("dryRun").map(Value::from).collect();
        } else {
            grace_period = body["gracePeriodSeconds"].as_i64();
            policy = body["propagationPolicy"].as_str().map(str::to_owned);
            orphan = body["orphanDependents"].as_bool();
            dry_run = body["dryRun"].as_array().cloned().unwrap_or_default();
        }
        let options = Self {
            grace_period,
            propagation: propagation(policy.as_deref(), orphan)?,
            dry_run: !dry_run.is_empty(),
            uid: body["preconditions"]["uid"].as_str().map(str::to_owned),
            resource_version: body["preconditions"]["resourceVersion"].as_str().map(str::to_owned),
            cascades: orphan == Some(false),
        };
        if dry_run.iter().any(|value| value != "All") {
            return Err(invalid(Cause::not_supported("dryRun", &Value::Array(dry_run), &["All"])));
        }
        Ok(options)
    }
}

fn propagation(policy: Option<&str>, orphan: Option<bool>) -> Result<Option<Propagation>, Failure> {
    if policy.is_some() && orphan.is_some() {
        let detail = "orphanDependents and deletionPropagation cannot be both set";
        return Err(invalid(Cause::invalid(
            "propagationPolicy",
            &Value::from(policy.unwrap_or_default()),
            detail,
        )));
    }
    match (policy, orphan) {
        (Some("Orphan"), _) | (None, Some(true)) => Ok(Some(Propagation::Orphan)),
        (Some("Background"), _) | (None, Some(false)) => Ok(Some(Propagation::Background)),
        (Some("Foreground"), _) => Ok(Some(Propagation::Foreground)),
        (None, None) => Ok(None),
        (Some(other), _) => Err(invalid(Cause::not_supported(
            "propagationPolicy",
            &Value::from(other),
            &["Foreground", "Background", "Orphan", "nil"],
        ))),
    }
}

fn invalid(cause: Cause) -> Failure {
    Failure::invalid(Named { group: "meta.k8s.io", resource: "DeleteOptions" }, "", vec![cause])
}
