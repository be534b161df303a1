//! What all changes have in common: reading the body, the rules of the kind, ownership of fields, and storing.

use crate::call::{Call, FieldValidation, WriteOptions};
use crate::catalog::{Resource, StorageKey};
use crate::convert;
use crate::deletion;
use crate::failure::{Cause, Failure, Named};
use crate::kinds::{self, Cluster, Expected, Strategy};
use crate::object::{self, as_map};
use crate::schema::Schema;
use crate::server::Server;
use crate::store::{Entry, Index, ObjectKey, Range};
use http::StatusCode;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Reads a body that is an object of the call's resource.
///
/// # Errors
///
/// If it is not JSON, of another kind or version, for another place, or has fields that it may not have.
pub(crate) fn read_body(
    call: &Call,
    options: &WriteOptions,
    warnings: &mut Vec<String>,
) -> Result<Value, Failure> {
    let resource = &call.resource;
    let mut object = read_as(call, &resource.schema, expected(resource), options, warnings)?;
    set_type(&mut object, resource);
    Ok(object)
}

/// Reads a body that is an object of a kind.
///
/// # Errors
///
/// If it is not JSON, of another kind or version, or has fields that it may not have.
pub(crate) fn read_as(
    call: &Call,
    schema: &Schema,
    expected: Expected<'_>,
    options: &WriteOptions,
    warnings: &mut Vec<String>,
) -> Result<Value, Failure> {
    let body = call.document()?;
    let snapshot = call.server.catalog.snapshot();
    let known = |group: &str, version: &str, kind: &str| {
        let item = kind.strip_suffix("List").unwrap_or(kind);
        snapshot.kind(group, version, kind).or_else(|| snapshot.kind(group, version, item)).is_some()
    };
    let decoded = kinds::decode(&body, schema, expected);
    // An object of another kind is told to be one, not what does not fit into this one.
    if decoded.is_err()
        && let Ok(TypeMeta(said)) = serde_json::from_slice(&body)
    {
        expected.check_kind(&said, &body, known)?;
    }
    let decoded = decoded?;
    expected.check_kind(&decoded.value, &body, known)?;
    let mut object = decoded.value;
    judge(expected, decoded.findings, options, warnings)?;
    kinds::normalise(&mut object, schema);
    Ok(object)
}

/// What an object says it is, without the rest of it.
struct TypeMeta(Value);

impl<'de> serde::Deserialize<'de> for TypeMeta {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Said {
            #[serde(default)]
            api_version: String,
            #[serde(default)]
            kind: String,
        }
        let said = Said::deserialize(deserializer)?;
        Ok(Self(serde_json::json!({"apiVersion": said.api_version, "kind": said.kind})))
    }
}

/// What a resource's objects are.
pub(super) fn expected(resource: &Resource) -> Expected<'_> {
    Expected { group: &resource.group, version: &resource.version, kind: &resource.kind }
}

/// Refuses, tells or forgets what a type does not have, by what the request says.
pub(crate) fn judge(
    expected: Expected<'_>,
    findings: Vec<String>,
    options: &WriteOptions,
    warnings: &mut Vec<String>,
) -> Result<(), Failure> {
    match options.field_validation {
        FieldValidation::Ignore => {}
        FieldValidation::Warn => warnings.extend(findings),
        FieldValidation::Strict => expected.strict(&findings).map_or(Ok(()), Err)?,
    }
    Ok(())
}

/// Sets what the object is.
pub(super) fn set_type(object: &mut Value, resource: &Resource) {
    let map = as_map(object);
    map.insert("apiVersion".into(), resource.api_version().into());
    map.insert("kind".into(), resource.kind.as_ref().into());
}

/// Puts the object into the namespace of the path.
///
/// # Errors
///
/// If it says that it belongs to another one.
pub(crate) fn place(call: &Call, object: &mut Value) -> Result<(), Failure> {
    let said = object::meta(object, "namespace");
    if !call.resource.namespaced {
        if !said.is_empty() {
            object::meta_mut(object).remove("namespace");
        }
        return Ok(());
    }
    if said.is_empty() {
        object::set_meta(object, "namespace", call.route.namespace.as_str());
        return Ok(());
    }
    if said != call.route.namespace {
        return Err(Failure::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    Ok(())
}

/// The rules of a call's resource.
pub(super) fn strategy(call: &Call) -> &'static Strategy {
    match &call.resource.custom {
        Some(custom) => kinds::custom(custom.status),
        None => kinds::strategy(&call.resource.group, &call.resource.plural),
    }
}

/// Refuses an object that breaks rules.
pub(crate) fn refuse(call: &Call, name: &str, causes: Vec<Cause>) -> Result<(), Failure> {
    if causes.is_empty() {
        return Ok(());
    }
    Err(Failure::invalid(call.resource.named_kind(), name, causes))
}

/// What an object can be selected by.
pub(crate) fn index(object: &Value, resource: &Resource) -> Index {
    Index::new(object, resource.selectable.of(object))
}

/// How a change of an object ends.
pub(crate) enum Outcome {
    /// This is the object now.
    Stored(Arc<Entry>),
    /// This would be the object now, if it were no dry run, or had not gone with this change.
    Dry(Value),
}

/// What a change of an existing object is based on.
pub(super) struct Base {
    /// The stored state.
    pub(super) entry: Arc<Entry>,
    /// The object, as of the version of the call's resource.
    pub(super) object: Value,
}

impl Base {
    pub(super) fn new(entry: Arc<Entry>, call: &Call) -> Self {
        let object = crate::answer::stored_object(&entry, &call.resource);
        Self { entry, object }
    }
}

/// Checks that an object has the name of the path.
pub(crate) fn check_name(call: &Call, object: &Value) -> Result<(), Failure> {
    let (given, name) = (object::meta(object, "name"), call.route.name.as_str());
    if given.is_empty() {
        return Err(Failure::bad_request(format!(
            "the name of the object ({name} based on URL) was undeterminable: name must be provided"
        )));
    }
    if given != name {
        return Err(Failure::bad_request(format!(
            "the name of the object ({given}) does not match the name on the URL ({name})"
        )));
    }
    Ok(())
}

/// Checks what an update says that it is based on, and takes over what no update changes.
pub(super) fn carry_over(call: &Call, base: &Base, new: &mut Value) -> Result<(), Failure> {
    let (old, name) = (&base.object, call.route.name.as_str());
    let named = call.resource.named();
    check_name(call, new)?;
    let uid = object::meta(new, "uid");
    if !uid.is_empty() && uid != base.entry.uid {
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: {}, ResourceVersion: 0, AdditionalErrorMsg: Precondition \
             failed: UID in precondition: {uid}, UID in object meta: {}",
            registry_key(call, name),
            base.entry.uid
        );
        return Err(Failure::conflict(named, name, &why));
    }
    let version = object::meta(new, "resourceVersion");
    if !matches!(version, "" | "0") {
        let version: u64 = version.parse().map_err(|_| {
            let message = format!("strconv.ParseUint: parsing {version:?}: invalid syntax");
            Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "", message)
        })?;
        if version != base.entry.revision {
            let why =
                "the object has been modified; please apply your changes to the latest version and try again";
            return Err(Failure::conflict(named, name, why));
        }
    }
    let old_meta = old.get("metadata").and_then(Value::as_object);
    let new_meta = object::meta_mut(new);
    for key in [
        "uid",
        "creationTimestamp",
        "generation",
        "resourceVersion",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
        "generateName",
    ] {
        match old_meta.and_then(|meta| meta.get(key)) {
            Some(value) => new_meta.insert(key.to_owned(), value.clone()),
            None => new_meta.remove(key),
        };
    }
    Ok(())
}

/// What etcd would call an object, which messages about conflicts tell.
fn registry_key(call: &Call, name: &str) -> String {
    let plural = match (call.resource.group.as_ref(), call.resource.plural.as_ref()) {
        ("", "endpoints") => "services/endpoints",
        ("", "nodes") => "minions",
        ("", "replicationcontrollers") => "controllers",
        ("", "services") => "services/specs",
        ("networking.k8s.io", "ingresses") => "ingress",
        (_, plural) => plural,
    };
    let group =
        if call.resource.custom.is_some() { format!("{}/", call.resource.group) } else { String::new() };
    let namespace = &call.route.namespace;
    let slash = if namespace.is_empty() { "" } else { "/" };
    format!("/registry/{group}{plural}/{namespace}{slash}{name}")
}

/// Stores a changed object, unless nothing has changed or it is a dry run.
///
/// # Errors
///
/// If the object has changed meanwhile: the caller may begin again.
pub(super) fn store(call: &Call, base: &Base, new: Value, options: &WriteOptions) -> Result<Outcome, Retry> {
    let key = call.storage_key();
    // Nothing holds it back any more, so it goes.
    if deletion::is_finished(&new, &key) {
        if !options.dry_run {
            let last = convert::to_stored(new.clone(), &call.resource);
            call.server.store.remove(&key, base.entry.revision, last).map_err(|_| Retry)?;
        }
        return Ok(Outcome::Dry(new));
    }
    if without_times(&new) == without_times(&base.object) {
        return Ok(Outcome::Stored(base.entry.clone()));
    }
    if options.dry_run {
        return Ok(Outcome::Dry(new));
    }
    let index = index(&new, &call.resource);
    let stored = convert::to_stored(new, &call.resource);
    call.server
        .store
        .replace(&key, base.entry.revision, stored, index)
        .map(Outcome::Stored)
        .map_err(|_| Retry)
}

/// The object has changed meanwhile.
#[derive(Debug)]
pub(super) struct Retry;

/// An object without the times of its managed fields, which do not make it another.
fn without_times(object: &Value) -> std::borrow::Cow<'_, Value> {
    if object::at(object, &["metadata", "managedFields"]).is_none() {
        return std::borrow::Cow::Borrowed(object);
    }
    let mut object = object.clone();
    let managers = object::meta_mut(&mut object).get_mut("managedFields").and_then(Value::as_array_mut);
    for manager in managers.into_iter().flatten() {
        as_map(manager).remove("time");
    }
    std::borrow::Cow::Owned(object)
}

/// Removes a part of the metadata that is empty.
pub(super) fn tidy(object: &mut Value) {
    let meta: &mut Map<String, Value> = object::meta_mut(object);
    for key in ["labels", "annotations", "finalizers", "ownerReferences", "managedFields"] {
        let empty = match meta.get(key) {
            Some(Value::Object(map)) => map.is_empty(),
            Some(Value::Array(list)) => list.is_empty(),
            Some(Value::Null) => true,
            _ => false,
        };
        if empty {
            meta.remove(key);
        }
    }
}

/// Checks that the namespace of a new object exists and is not on its way out.
pub(crate) fn check_namespace(call: &Call, name: &str) -> Result<(), Failure> {
    if !call.resource.namespaced {
        return Ok(());
    }
    let namespaces = StorageKey { group: "".into(), plural: "namespaces".into() };
    let key = ObjectKey::new("", call.route.namespace.as_str());
    let core = Named { group: "", resource: "namespaces" };
    let Some(namespace) = call.server.store.get(&namespaces, &key) else {
        return Err(Failure::not_found(core, &call.route.namespace));
    };
    if !object::is_terminating(&namespace.object("v1", "Namespace")) {
        return Ok(());
    }
    let why = format!(
        "unable to create new content in namespace {} because it is being terminated",
        call.route.namespace
    );
    let mut failure = Failure::forbidden(call.resource.named(), name, &why);
    failure.details.causes.push(Cause {
        reason: "NamespaceTerminating",
        field: "metadata.namespace".into(),
        message: format!("namespace {} is being terminated", call.route.namespace),
    });
    Err(failure)
}

impl Cluster for Server {
    fn object(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Value> {
        let key = StorageKey { group: group.to_owned().into(), plural: plural.to_owned().into() };
        self.store.get(&key, &ObjectKey::new(namespace, name)).map(|entry| entry.value())
    }

    fn objects(&self, group: &str, plural: &str, namespace: &str) -> Vec<Value> {
        let key = StorageKey { group: group.to_owned().into(), plural: plural.to_owned().into() };
        let namespace = Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty());
        let range = Range { namespace, ..Range::default() };
        // The latest state is never forgotten.
        let listing = self.store.list(&key, &range, usize::MAX, |_| true).unwrap_or_default();
        listing.entries.iter().map(|entry| entry.value()).collect()
    }
}
