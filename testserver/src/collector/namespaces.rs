//! Namespaces: what each has from its beginning, and how it ends.

use super::resource_of;
use crate::catalog::StorageKey;
use crate::deletion::{self, DeleteOptions};
use crate::object::{self, map, new_uid};
use crate::server::Server;
use crate::store::{Entry, Index, ObjectKey, Range};
use crate::time::now;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Holds a namespace back until it is empty.
const FINALIZER: &str = "kubernetes";

fn core(plural: &'static str) -> StorageKey {
    StorageKey { group: "".into(), plural: plural.into() }
}

/// The service account that each namespace has.
pub(crate) fn account(namespace: &str) -> Value {
    json!({"metadata": {
        "name": "default",
        "namespace": namespace,
        "uid": new_uid(),
        "creationTimestamp": now(),
    }})
}

/// Gives a namespace what each has: of what clusters give it, only the service account `default`.
pub(super) fn furnish(server: &Server, namespace: &str) {
    let found = server.store.get(&core("namespaces"), &ObjectKey::new("", namespace));
    if found.is_none_or(|entry| entry.ties.terminating) {
        return;
    }
    // If there is one already, that will do.
    let _ = server.store.create(&core("serviceaccounts"), account(namespace), Index::default());
}

/// What is left in a namespace.
#[derive(Debug, Default)]
struct Rest {
    /// How much of each resource.
    resources: BTreeMap<String, usize>,
    /// How much each finalizer holds back.
    finalizers: BTreeMap<String, usize>,
}

/// Deletes everything in a namespace that is being deleted, and lets it go when it is empty.
pub(super) fn empty(server: &Server, name: &str) {
    let key = ObjectKey::new("", name);
    let Some(namespace) = server.store.get(&core("namespaces"), &key).filter(|entry| entry.ties.terminating)
    else {
        return;
    };
    let holds = |namespace: &Value| finalizers(namespace).any(|finalizer| finalizer == FINALIZER);
    if !holds(&namespace.value()) {
        return;
    }
    for (resource, entry) in content(server, name) {
        if let Some(resource) = resource_of(server, &resource) {
            // One that is gone already is none the worse.
            let _ = deletion::end(server, &resource, entry, &DeleteOptions::in_background());
        }
    }
    let rest = Rest::of(&content(server, name));
    let Some(resource) = resource_of(server, &core("namespaces")) else { return };
    let done = deletion::modify(server, &resource, &key, |namespace| {
        if object::meta(namespace, "deletionTimestamp").is_empty() || !holds(namespace) {
            return Ok(false);
        }
        let before = namespace.clone();
        if rest.resources.is_empty() {
            let left: Vec<Value> =
                finalizers(namespace).filter(|finalizer| *finalizer != FINALIZER).map(Value::from).collect();
            let spec = map(namespace, "spec");
            if left.is_empty() {
                spec.remove("finalizers");
            } else {
                spec.insert("finalizers".into(), left.into());
            }
        } else {
            rest.tell(namespace);
        }
        Ok(*namespace != before)
    });
    // It may be gone.
    drop(done);
}

fn finalizers(namespace: &Value) -> impl Iterator<Item = &str> {
    let list = object::at(namespace, &["spec", "finalizers"]).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

/// Everything in a namespace.
fn content(server: &Server, namespace: &str) -> Vec<(StorageKey, Arc<Entry>)> {
    let snapshot = server.catalog.snapshot();
    let resources = snapshot.resources().filter(|resource| resource.namespaced && resource.has_verb("list"));
    // Each version of a resource has the same objects.
    let resources: BTreeSet<StorageKey> = resources.map(|resource| resource.storage_key()).collect();
    let mut content = Vec::new();
    for resource in resources {
        let range = Range { namespace: Some(namespace.to_owned()), ..Range::default() };
        // The latest state is never forgotten.
        let listing = server.store.list(&resource, &range, usize::MAX, |_| true).unwrap_or_default();
        content.extend(listing.entries.into_iter().map(|entry| (resource.clone(), entry)));
    }
    content
}

impl Rest {
    fn of(content: &[(StorageKey, Arc<Entry>)]) -> Self {
        let mut rest = Self::default();
        for (resource, entry) in content {
            *rest.resources.entry(format!("{}.{}", resource.plural, resource.group)).or_default() += 1;
            for finalizer in object::finalizers(&entry.value()) {
                *rest.finalizers.entry(finalizer.to_owned()).or_default() += 1;
            }
        }
        rest
    }

    /// Sets the conditions of a namespace that say what it waits for.
    fn tell(&self, namespace: &mut Value) {
        let listed = |counts: &BTreeMap<String, usize>, verb: &str| {
            let told: Vec<String> = counts
                .iter()
                .map(|(what, count)| format!("{what} {verb} {count} resource instances"))
                .collect();
            told.join(", ")
        };
        let no = |reason: &'static str, message: &str| ("False", reason, message.to_owned());
        let remaining = format!("Some resources are remaining: {}", listed(&self.resources, "has"));
        let held = format!(
            "Some content in the namespace has finalizers remaining: {}",
            listed(&self.finalizers, "in")
        );
        let conditions = [
            (
                "NamespaceDeletionDiscoveryFailure",
                no("ResourcesDiscovered", "All resources successfully discovered"),
            ),
            (
                "NamespaceDeletionGroupVersionParsingFailure",
                no("ParsedGroupVersions", "All legacy kube types successfully parsed"),
            ),
            (
                "NamespaceDeletionContentFailure",
                no("ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
            ),
            ("NamespaceContentRemaining", ("True", "SomeResourcesRemain", remaining)),
            (
                "NamespaceFinalizersRemaining",
                if self.finalizers.is_empty() {
                    no("ContentHasNoFinalizers", "All content-preserving finalizers finished")
                } else {
                    ("True", "SomeFinalizersRemain", held)
                },
            ),
        ];
        for (kind, (status, reason, message)) in conditions {
            set(namespace, kind, status, reason, &message);
        }
    }
}

fn set(namespace: &mut Value, kind: &str, status: &str, reason: &str, message: &str) {
    let list = map(namespace, "status").entry("conditions").or_insert_with(|| json!([]));
    let Some(list) = list.as_array_mut() else { return };
    let condition = match list.iter_mut().find(|condition| condition["type"] == kind) {
        Some(condition) => condition,
        None => {
            list.push(json!({"type": kind}));
            let Some(condition) = list.last_mut() else { return };
            condition
        }
    };
    if condition["status"] != status {
        condition["lastTransitionTime"] = now().into();
    }
    condition["status"] = status.into();
    condition["reason"] = reason.into();
    condition["message"] = message.into();
}

#[cfg(test)]
mod tests {
    use super::Rest;
    use serde_json::json;

    #[test]
    fn a_namespace_tells_what_it_waits_for() {
        let mut rest = Rest::default();
        rest.resources.insert("pods.".into(), 2);
        rest.resources.insert("deployments.apps".into(), 1);
        rest.finalizers.insert("a/b".into(), 3);
        let mut namespace = json!({"metadata": {}, "status": {"phase": "Terminating"}});
        rest.tell(&mut namespace);
        let conditions = namespace["status"]["conditions"].as_array().unwrap();
        assert_eq!(conditions.len(), 5);
        assert_eq!(
            conditions[3]["message"],
            "Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 resource instances"
        );
        assert_eq!(
            conditions[4]["message"],
            "Some content in the namespace has finalizers remaining: a/b in 3 resource instances"
        );
        let before = namespace.clone();
        rest.tell(&mut namespace);
        assert_eq!(namespace, before);
    }
}
