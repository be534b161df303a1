//! What all changes have in common: reading the body, the rules of the kind, ownership of fields, and storing.

use super::update::Part;
use crate::answer::Answer;
use crate::call::{Call, FieldValidation, WriteOptions};
use crate::catalog::{Resource, StorageKey};
use crate::convert;
use crate::crd;
use crate::deletion;
use crate::failure::{Cause, Failure, Named};
use crate::kinds::{self, Cluster, Expected, Strategy};
use crate::object::{self, as_map};
use crate::protobuf::{self, Unreadable};
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
    let body = call.document((&expected.api_version(), expected.kind), |unreadable| match unreadable {
        Unreadable::Envelope(why) => kinds::unrecognised(expected.kind, &why, &call.body),
        Unreadable::Object(why) => expected.unfit(&why),
    })?;
    let decoded = kinds::decode(&body, schema, expected);
    // An object of another kind is told to be one, not what does not fit into this one.
    if decoded.is_err()
        && body.trim_ascii_start().starts_with(b"{")
        && let Ok(TypeMeta(said)) = serde_json::from_slice(&body)
    {
        check_kind(call, expected, &said, &body, false)?;
    }
    let decoded = decoded?;
    check_kind(call, expected, &decoded.value, &body, false)?;
    if call.media_type() == protobuf::MEDIA_TYPE && is_custom(call, expected) {
        return Err(Failure::no_protobuf());
    }
    let mut object = decoded.value;
    let mut findings = decoded.findings;
    if call.resource.custom.is_some() {
        crd::sort_findings(&mut findings);
    }
    judge(expected, findings, options, warnings)?;
    kinds::normalise(&mut object, schema);
    Ok(object)
}

/// Refuses an object that says itself to be something else than what is expected.
pub(super) fn check_kind(
    call: &Call,
    expected: Expected<'_>,
    object: &Value,
    body: &[u8],
    is_patched: bool,
) -> Result<(), Failure> {
    if is_custom(call, expected) {
        return crd::check_type(&call.resource, object, body, is_patched);
    }
    let snapshot = call.server.catalog.snapshot();
    let known = |group: &str, version: &str, kind: &str| {
        let item = kind.strip_suffix("List").unwrap_or(kind);
        snapshot.kind(group, version, kind).or_else(|| snapshot.kind(group, version, item)).is_some()
    };
    expected.check_kind(object, body, known)
}

/// Whether what is expected is an object of the custom resource that the call is about.
fn is_custom(call: &Call, expected: Expected<'_>) -> bool {
    call.resource.custom.is_some() && expected.kind == call.resource.kind
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

/// Has an answer, or a refusal, tell what users should know.
pub(super) fn warned(answer: Result<Answer, Failure>, warnings: Vec<String>) -> Result<Answer, Failure> {
    match answer {
        Ok(mut answer) => {
            answer.warnings.splice(..0, warnings);
            Ok(answer)
        }
        Err(mut failure) => {
            failure.details.warnings.splice(..0, warnings);
            Err(failure)
        }
    }
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
        None => {
            let resource = &call.resource;
            kinds::strategy_of_version(&resource.group, &resource.version, &resource.plural)
        }
    }
}

/// Fills in what was left out.
pub(super) fn default(call: &Call, object: &mut Value) {
    if call.resource.custom.is_some() {
        crd::fill_in(object, &call.resource.schema);
    }
    strategy(call).default(object);
}

/// What the schema of a custom resource says against an object.
pub(super) fn check_custom(
    call: &Call,
    new: &Value,
    old: Option<&Value>,
    part: Part,
    causes: &mut Vec<Cause>,
) {
    if let Some(custom) = &call.resource.custom {
        crd::check(&call.resource, custom, new, old, part, causes);
    }
}

/// What users should know about an object of a custom resource.
pub(super) fn custom_warnings(call: &Call, new: &Value, old: Option<&Value>) -> Vec<String> {
    if call.resource.custom.is_some() { crd::warnings(new, old) } else { Vec::new() }
}

/// Checks that the definition of a custom resource is not on its way out.
pub(super) fn check_definition(call: &Call, name: &str) -> Result<(), Failure> {
    if call.resource.custom.as_ref().is_some_and(|custom| custom.is_terminating) {
        let why = "create not allowed while custom resource definition is terminating";
        return Err(Failure::forbidden(call.resource.named(), name, why));
    }
    Ok(())
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
    /// This is shown, and is not in the store: of a dry run, or of an object that the change lets go.
    Unstored(Value),
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
    if !uid.is_empty() && uid != base.entry.uid && call.verb == "patch" {
        // Patches have no preconditions: it is a change that is not allowed.
        let cause = Cause::invalid("metadata.uid", &Value::from(uid), "field is immutable");
        return refuse(call, name, vec![cause]);
    }
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
    for key in ["uid", "creationTimestamp", "generation", "resourceVersion", "selfLink", "generateName"] {
        match old_meta.and_then(|meta| meta.get(key)) {
            Some(value) => new_meta.insert(key.to_owned(), value.clone()),
            None => new_meta.remove(key),
        };
    }
    // A deletion is never taken back; one that an update would begin is refused later.
    for key in ["deletionTimestamp", "deletionGracePeriodSeconds"] {
        if let Some(value) = old_meta.and_then(|meta| meta.get(key)) {
            new_meta.insert(key.to_owned(), value.clone());
        }
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
    // Nothing holds it back any more, so it goes. Who watches sees what was stored last.
    if deletion::is_finished(&new, &key) {
        if !options.dry_run {
            let last = base.entry.value();
            let entry = call.server.store.remove(&key, base.entry.revision, last).map_err(|_| Retry)?;
            crd::after_removal(&call.server, &key, &entry);
        }
        return Ok(Outcome::Unstored(new));
    }
    if is_same_but_for_times(&new, &base.object) {
        return Ok(Outcome::Stored(base.entry.clone()));
    }
    if options.dry_run {
        return Ok(Outcome::Unstored(new));
    }
    let index = index(&new, &call.resource);
    let stored = convert::to_stored(new, &call.resource);
    let entry = call.server.store.replace(&key, base.entry.revision, stored, index).map_err(|_| Retry)?;
    crd::after_change(&call.server, &key, &entry);
    Ok(Outcome::Stored(entry))
}

/// The object has changed meanwhile.
#[derive(Debug)]
pub(super) struct Retry;

/// Whether two objects are the same but for the times of their managed fields, which do not make another object.
fn is_same_but_for_times(left: &Value, right: &Value) -> bool {
    const METADATA: &[&str] = &["metadata", "managedFields"];
    let managers = |object| {
        object::at(object, METADATA).and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice)
    };
    let (mine, theirs) = (managers(left), managers(right));
    mine.len() == theirs.len()
        && mine.iter().zip(theirs).all(|(mine, theirs)| is_same_but_for(mine, theirs, &["time"]))
        && is_same_but_for(left, right, METADATA)
}

/// Whether two values are the same but for what is at a path in objects.
fn is_same_but_for(left: &Value, right: &Value, path: &[&str]) -> bool {
    let (Some((first, rest)), Value::Object(left), Value::Object(right)) = (path.split_first(), left, right)
    else {
        return path.is_empty() || left == right;
    };
    let others = |entries: &'_ Map<String, Value>| entries.len() - usize::from(entries.contains_key(*first));
    others(left) == others(right)
        && left.iter().all(|(key, value)| key == first || right.get(key) == Some(value))
        && match (left.get(*first), right.get(*first)) {
            (Some(left), Some(right)) => is_same_but_for(left, right, rest),
            (None, None) => true,
            _ => rest.is_empty(),
        }
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

#[cfg(test)]
mod tests {
    use super::is_same_but_for_times;
    use serde_json::{Value, json};

    fn object(data: u8, managers: Value) -> Value {
        json!({"data": data, "metadata": {"name": "a", "managedFields": managers}})
    }

    #[test]
    fn times_of_managed_fields_do_not_make_another_object() {
        let old = object(1, json!([{"manager": "m", "time": "then"}]));
        assert!(is_same_but_for_times(&old, &object(1, json!([{"manager": "m", "time": "now"}]))));
        assert!(is_same_but_for_times(&old, &object(1, json!([{"manager": "m"}]))));
        let others = [
            object(2, json!([{"manager": "m", "time": "then"}])),
            object(1, json!([{"manager": "n", "time": "then"}])),
            object(1, json!([])),
            json!({"data": 1, "metadata": {"name": "a"}}),
            json!({"data": 1}),
            json!({"data": 1, "more": 2, "metadata": old["metadata"].clone()}),
        ];
        for other in others {
            assert!(!is_same_but_for_times(&old, &other), "{other}");
            assert!(!is_same_but_for_times(&other, &old), "{other}");
        }
    }
}
