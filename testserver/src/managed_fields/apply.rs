//! Server-side apply.

use super::compare::compare;
use super::conflict::{Conflict, refusal};
use super::last_applied;
use super::leaves::fields;
use super::managers::{Entry, Managers};
use super::merge::merge;
use super::prune::prune;
use super::schema_change::reconcile;
use super::track::{set_managed_fields, take_managed_fields, take_out_unowned, updated};
use super::types::Type;
use super::validate::validate;
use super::value;
use super::{Manager, Operation, ResetFields};
use crate::failure::Failure;
use crate::schema::Schema;
use http::StatusCode;
use serde_json::{Map, Value};

/// The owner of what was there before somebody first applied.
const BEFORE_FIRST_APPLY: &str = "before-first-apply";

/// What is asked of an apply, besides the configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Application<'a> {
    /// The kind of the request's path.
    pub(super) kind: &'a str,
    /// Take fields that others own.
    pub(super) force: bool,
    /// What the request cannot change.
    pub(super) reset: ResetFields,
}

/// An apply that has been checked.
struct Apply<'a> {
    live: &'a Value,
    config: &'a Value,
    schema: &'a Schema,
    manager: &'a Manager<'a>,
    reset: ResetFields,
}

/// Why it did not succeed.
enum Refusal {
    Conflicts(Vec<Conflict>),
    Other(Failure),
}

impl From<Refusal> for Failure {
    fn from(why: Refusal) -> Self {
        match why {
            Refusal::Conflicts(conflicts) => refusal(&conflicts),
            Refusal::Other(failure) => failure,
        }
    }
}

/// Merges an applied configuration into the live object, or makes a new one of it, with managed fields. Defaults are
/// still to be filled in.
///
/// # Errors
///
/// 409 if others own fields that it would change; 400 if the configuration is not of the type that the request names
/// or has managed fields; 500, as servers answer, if it does not fit its schema.
pub(super) fn apply(
    live: Option<&Value>,
    config: &Value,
    schema: &Schema,
    manager: &Manager<'_>,
    application: &Application<'_>,
) -> Result<Value, Failure> {
    check_type(config, manager, application.kind)?;
    if config.get("metadata").and_then(|metadata| metadata.get("managedFields")).is_some_and(Value::is_array)
    {
        return Err(Failure::bad_request("metadata.managedFields must be nil"));
    }
    let ty = Type::of(schema);
    validate(ty, config).map_err(|why| {
        unknown(format!(
            "failed to create typed patch object ({}): {why}",
            told(config, manager, application.kind)
        ))
    })?;
    let nothing = Value::Object(Map::new());
    let mut base = live.unwrap_or(&nothing).clone();
    let managers =
        take_managed_fields(&mut base).and_then(|list| Managers::read(&list).ok()).unwrap_or_default();
    let managers = owners_before(live, &base, schema, manager, application.reset, managers);
    let request = Apply { live: &base, config, schema, manager, reset: application.reset };
    let (object, managers) = match request.run(managers.clone(), application.force) {
        Err(Refusal::Conflicts(conflicts)) if manager.name == last_applied::KUBECTL => {
            let rest = request.real_conflicts(conflicts);
            if !rest.is_empty() {
                return Err(Refusal::Conflicts(rest).into());
            }
            request.run(managers, true)?
        }
        other => other?,
    };
    let mut object = object.unwrap_or(base);
    if manager.name == last_applied::KUBECTL {
        last_applied::refresh(&mut object, config);
    }
    set_managed_fields(&mut object, managers.write());
    Ok(object)
}

/// An object that nobody has applied to belongs to a manager of its own.
fn owners_before(
    live: Option<&Value>,
    base: &Value,
    schema: &Schema,
    manager: &Manager<'_>,
    reset: ResetFields,
    managers: Managers,
) -> Managers {
    if live.is_none() || !managers.entries.is_empty() {
        return managers;
    }
    let before = Manager { name: BEFORE_FIRST_APPLY, operation: Operation::Update, ..*manager };
    updated(None, base, schema, &before, reset, managers).unwrap_or_default()
}

fn check_type(config: &Value, manager: &Manager<'_>, kind: &str) -> Result<(), Failure> {
    let text = |key: &str| config.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("apiVersion") == manager.api_version && text("kind") == kind {
        return Ok(());
    }
    Err(Failure::bad_request(format!("invalid object type: {}", full_kind(text("apiVersion"), text("kind")))))
}

/// Such as `apps/v1, Kind=Deployment`, and `/v1, Kind=Pod` for a kind of the core group.
fn full_kind(api_version: &str, kind: &str) -> String {
    let slash = if api_version.contains('/') { "" } else { "/" };
    format!("{slash}{api_version}, Kind={kind}")
}

/// An object as messages about it say: `default/web; apps/v1, Kind=Deployment`.
fn told(config: &Value, manager: &Manager<'_>, kind: &str) -> String {
    let meta = |key: &str| {
        config.get("metadata").and_then(|metadata| metadata.get(key)?.as_str()).unwrap_or_default()
    };
    format!("{}/{}; {}", meta("namespace"), meta("name"), full_kind(manager.api_version, kind))
}

/// A failure that servers have no word for.
fn unknown(message: String) -> Failure {
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "", message)
}

impl Apply<'_> {
    /// The changed object, none if nothing changes, and who owns what then.
    fn run(&self, mut managers: Managers, force: bool) -> Result<(Option<Value>, Managers), Refusal> {
        let ty = Type::of(self.schema);
        let fail = |why: String| Refusal::Other(unknown(why));
        for entry in &mut managers.entries {
            reconcile(ty, &mut entry.fields);
        }
        let merged = merge(ty, self.live, self.config)
            .map_err(|why| fail(format!("failed to merge config: {why}")))?;
        let mut applied = fields(ty, self.config);
        self.reset.take_out_of(&mut applied);
        let mut own = Entry::of(self.manager, None, applied);
        let last = managers.find(&own).map(|at| managers.entries.swap_remove(at));
        let owned = managers
            .entries
            .iter()
            .fold(own.fields.clone(), |owned, entry| owned.union(entry.fields.clone()));
        let pruned = match &last {
            Some(last) => prune(ty, merged, &last.fields, &owned),
            None => merged,
        };
        self.take_changes(&pruned, &mut managers, force)?;
        take_out_unowned(&mut own.fields);
        let changed = !value::equal(self.live, &pruned);
        own.time = if changed { Some(self.manager.time.to_owned()) } else { last.and_then(|last| last.time) };
        managers.entries.push(own);
        managers.drop_empty();
        Ok((changed.then_some(pruned), managers))
    }

    /// Takes from others what changes, if that is allowed.
    fn take_changes(&self, new: &Value, managers: &mut Managers, force: bool) -> Result<(), Refusal> {
        let mut comparison = compare(self.schema, self.live, new)
            .map_err(|why| Refusal::Other(unknown(format!("failed to compare objects: {why}"))))?;
        self.reset.take_out_of_comparison(&mut comparison);
        let set = comparison.set();
        if !force {
            let conflicts: Vec<Conflict> = managers
                .entries
                .iter()
                .flat_map(|entry| Conflict::of(entry, entry.fields.intersection(&set).paths()))
                .collect();
            if !conflicts.is_empty() {
                return Err(Refusal::Conflicts(conflicts));
            }
        }
        for entry in &mut managers.entries {
            entry.fields.subtract(&set);
            entry.fields.subtract(&comparison.removed);
        }
        Ok(())
    }

    /// The conflicts that are not with what kubectl itself has applied before there was a server-side apply.
    fn real_conflicts(&self, conflicts: Vec<Conflict>) -> Vec<Conflict> {
        let Some(allowed) = last_applied::unchanged(self.live, self.schema, self.manager.api_version) else {
            return conflicts;
        };
        let is_real = |conflict: &Conflict| !allowed.has(&conflict.path);
        conflicts.into_iter().filter(is_real).collect()
    }
}
