//! Pods that get a node.

use super::{Sent, as_own_kind, conditions};
use crate::answer::Answer;
use crate::call::Call;
use crate::deletion;
use crate::failure::{Cause, Failure, Named};
use crate::names;
use crate::object::{self, is_terminating, map, meta_mut};
use crate::store::ObjectKey;
use crate::verbs;
use http::StatusCode;
use serde_json::Value;

/// Gives a Pod a node: the one of the path, or on `bindings` the one that the binding names.
///
/// # Errors
///
/// If it cannot be given to the Pod.
pub(crate) fn create(call: &Call) -> Result<Answer, Failure> {
    let own = as_own_kind(call);
    let sent = Sent::read(&own)?;
    let binding = &sent.object;
    let name = object::meta(binding, "name");
    if name.is_empty() && call.route.name.is_empty() {
        return Err(Failure::bad_request("Name parameter required."));
    }
    verbs::check_namespace(call, name)?;
    if !call.route.name.is_empty() && name != call.route.name {
        return Err(Failure::bad_request("name in URL does not match name in Binding object"));
    }
    check(binding)?;
    let snapshot = call.server.catalog.snapshot();
    let pods = snapshot.resource("", "v1", "pods").ok_or_else(Failure::no_such_path)?;
    let key = ObjectKey::new(call.route.namespace.as_str(), name);
    let assign = |pod: &mut Value| assign(pod, binding).map(|()| !sent.options.dry_run);
    deletion::modify(&call.server, pods, &key, assign)?;
    Ok(sent.success())
}

/// What is wrong with a binding is told as no other object's faults are.
fn check(binding: &Value) -> Result<(), Failure> {
    let mut causes = Vec::new();
    let kind = object::text(binding, &["target", "kind"]).unwrap_or_default();
    if !matches!(kind, "" | "Node") {
        causes.push(Cause::not_supported("target.kind", &Value::from(kind), &["Node", "<empty>"]));
    }
    if target(binding).is_empty() {
        causes.push(Cause::required("target.name", ""));
    } else if matches!(kind, "" | "Node") {
        let broken = names::subdomain(target(binding)).into_iter();
        causes.extend(
            broken.map(|detail| Cause::invalid("target.name", &Value::from(target(binding)), &detail)),
        );
    }
    let told: Vec<String> = causes.iter().map(Cause::to_string).collect();
    let message = match told.as_slice() {
        [] => return Ok(()),
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    };
    Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "", message))
}

fn target(binding: &Value) -> &str {
    object::text(binding, &["target", "name"]).unwrap_or_default()
}

fn assign(pod: &mut Value, binding: &Value) -> Result<(), Failure> {
    check_preconditions(pod, binding)?;
    let name = object::meta(pod, "name");
    let named = Named { group: "", resource: "pods/binding" };
    let refuse = |why: String| Err(Failure::conflict(named, name, &why));
    if is_terminating(pod) {
        return refuse(format!("pod {name} is being deleted, cannot be assigned to a host"));
    }
    if let Some(node) = object::text(pod, &["spec", "nodeName"]).filter(|node| !node.is_empty()) {
        return refuse(format!("pod {name} is already assigned to node {node:?}"));
    }
    let gates = object::at(pod, &["spec", "schedulingGates"]).and_then(Value::as_array);
    if gates.is_some_and(|gates| !gates.is_empty()) {
        return refuse(format!("pod {name} has non-empty .spec.schedulingGates"));
    }
    map(pod, "spec").insert("nodeName".into(), target(binding).into());
    map(pod, "status").remove("nominatedNodeName");
    for part in ["annotations", "labels"] {
        let given = object::at(binding, &["metadata", part]).and_then(Value::as_object);
        let Some(given) = given.filter(|given| !given.is_empty()) else { continue };
        let whole = meta_mut(pod).entry(part).or_insert_with(|| Value::Object(serde_json::Map::new()));
        object::as_map(whole).extend(given.clone());
    }
    conditions::set(pod, "PodScheduled", "True", "", "");
    Ok(())
}

/// A binding may say which Pod of its name it means, and in which version.
fn check_preconditions(pod: &Value, binding: &Value) -> Result<(), Failure> {
    for (word, key) in [("UID", "uid"), ("ResourceVersion", "resourceVersion")] {
        let (wanted, is) = (object::meta(binding, key), object::meta(pod, key));
        if !wanted.is_empty() && wanted != is {
            let (namespace, name) = (object::meta(pod, "namespace"), object::meta(pod, "name"));
            let why = format!(
                "StorageError: invalid object, Code: 4, Key: /registry/pods/{namespace}/{name}, ResourceVersion: 0, \
                 AdditionalErrorMsg: Precondition failed: {word} in precondition: {wanted}, {word} in object meta: {is}"
            );
            return Err(Failure::conflict(Named { group: "", resource: "pods" }, name, &why));
        }
    }
    Ok(())
}
