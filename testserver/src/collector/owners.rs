//! Owners, and those that depend on them.

use super::{Collector, Node, resource_of};
use crate::catalog::Resource;
use crate::deletion::{self, DeleteOptions, FOREGROUND, ORPHAN, Propagation};
use crate::object::{self, set_meta};
use crate::server::Server;
use crate::store::{Entry, ObjectKey, Owner};
use serde_json::Value;
use std::sync::Arc;

/// What has become of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is there, or nobody can tell.
    Solid,
    /// It is not there.
    Gone,
    /// It is deleted when those that depend on it are.
    Waits,
}

/// Deletes an object whose owners are gone, or wait for that. If there are others, it only forgets those.
pub(super) fn check(server: &Server, collector: &Collector, node: &Node) {
    let Some(resource) = resource_of(server, &node.resource) else { return };
    let Some(entry) = server.store.get(&node.resource, &node.key) else { return };
    if entry.ties.terminating || entry.ties.owners.is_empty() {
        return;
    }
    let fates: Vec<(&Owner, Fate)> =
        entry.ties.owners.iter().map(|owner| (owner, fate(server, &entry, owner))).collect();
    let are = |fate: Fate| fates.iter().any(|(_, other)| *other == fate);
    if are(Fate::Solid) {
        let lost = fates.iter().filter(|(_, fate)| *fate != Fate::Solid).map(|(owner, _)| owner.uid.as_str());
        let lost: Vec<&str> = lost.collect();
        if !lost.is_empty() {
            forget(server, &resource, node, &lost);
        }
        return;
    }
    let has_dependents = !collector.graph().dependents(&entry.uid).is_empty();
    let propagation = if are(Fate::Waits) && has_dependents {
        if owns_in_a_circle(server, collector, &entry) {
            unblock(server, &resource, node);
        }
        Propagation::Foreground
    } else {
        own_wish(&entry)
    };
    let options = DeleteOptions {
        propagation: Some(propagation),
        uid: Some(entry.uid.clone()),
        ..DeleteOptions::default()
    };
    // Whoever was quicker has done what there was to do.
    let _ = deletion::end(server, &resource, entry, &options);
}

/// What the finalizers of an object say is to become of those that depend on it.
fn own_wish(entry: &Entry) -> Propagation {
    let object = entry.value();
    let has = |name: &str| object::finalizers(&object).any(|finalizer| finalizer == name);
    if has(ORPHAN) {
        Propagation::Orphan
    } else if has(FOREGROUND) {
        Propagation::Foreground
    } else {
        Propagation::Background
    }
}

fn fate(server: &Server, dependent: &Entry, owner: &Owner) -> Fate {
    let (group, version) = owner.api_version.split_once('/').unwrap_or(("", &owner.api_version));
    let snapshot = server.catalog.snapshot();
    // Of a kind that is not served, nobody can tell; nor of a namespace that the dependent does not say.
    let Some(resource) = snapshot.kind(group, version, &owner.kind) else { return Fate::Solid };
    let namespace = &dependent.key.namespace;
    if resource.namespaced && namespace.is_empty() {
        return Fate::Solid;
    }
    let namespace = if resource.namespaced { namespace.as_str() } else { "" };
    let key = ObjectKey::new(namespace, owner.name.as_str());
    match server.store.get(&resource.storage_key(), &key) {
        Some(entry) if entry.uid != owner.uid => Fate::Gone,
        Some(entry) if entry.ties.waits => Fate::Waits,
        Some(_) => Fate::Solid,
        None => Fate::Gone,
    }
}

/// Whether something that depends on an object waits already, perhaps for the object itself.
fn owns_in_a_circle(server: &Server, collector: &Collector, entry: &Entry) -> bool {
    let dependents = collector.graph().dependents(&entry.uid);
    let waits =
        |node: &Node| server.store.get(&node.resource, &node.key).is_some_and(|entry| entry.ties.waits);
    dependents.iter().any(waits)
}

/// Takes owners from an object.
fn forget(server: &Server, resource: &Resource, node: &Node, owners: &[&str]) {
    let forgotten = deletion::modify(server, resource, &node.key, |object| {
        let references = object::at(object, &["metadata", "ownerReferences"]).and_then(Value::as_array);
        let mut left = references.cloned().unwrap_or_default();
        let before = left.len();
        left.retain(|owner| !owner["uid"].as_str().is_some_and(|uid| owners.contains(&uid)));
        let changed = left.len() < before;
        if left.is_empty() {
            object::meta_mut(object).remove("ownerReferences");
        } else {
            set_meta(object, "ownerReferences", left);
        }
        Ok(changed)
    });
    // One that is gone has forgotten everything.
    drop(forgotten);
}

/// Lets the owners of an object go without waiting for it.
fn unblock(server: &Server, resource: &Resource, node: &Node) {
    let unblocked = deletion::modify(server, resource, &node.key, |object| {
        let references = object::meta_mut(object).get_mut("ownerReferences").and_then(Value::as_array_mut);
        let mut changed = false;
        for owner in references.into_iter().flatten() {
            changed |= owner["blockOwnerDeletion"] == true;
            owner["blockOwnerDeletion"] = false.into();
        }
        Ok(changed)
    });
    drop(unblocked);
}

/// Lets an owner go that waits, unless there is still something to wait for.
pub(super) fn release(server: &Server, collector: &Collector, node: &Node) {
    let Some(entry) = server.store.get(&node.resource, &node.key).filter(|entry| entry.ties.waits) else {
        return;
    };
    let dependents = collector.graph().dependents(&entry.uid);
    let blocks = |dependent: &Node| {
        let dependent = server.store.get(&dependent.resource, &dependent.key);
        dependent.is_some_and(|dependent| {
            dependent.ties.owners.iter().any(|owner| owner.uid == entry.uid && owner.waits)
        })
    };
    if !dependents.iter().any(blocks) {
        without_finalizer(server, node, &entry, FOREGROUND);
    }
}

/// Takes an owner from those that depend on it, and lets it go.
pub(super) fn orphan(server: &Server, collector: &Collector, node: &Node) {
    let Some(entry) = server.store.get(&node.resource, &node.key).filter(|entry| entry.ties.orphans) else {
        return;
    };
    let dependents = collector.graph().dependents(&entry.uid);
    for dependent in dependents {
        if let Some(resource) = resource_of(server, &dependent.resource) {
            forget(server, &resource, &dependent, &[&entry.uid]);
        }
    }
    without_finalizer(server, node, &entry, ORPHAN);
}

fn without_finalizer(server: &Server, node: &Node, entry: &Arc<Entry>, name: &str) {
    let Some(resource) = resource_of(server, &node.resource) else { return };
    let let_go = deletion::modify(server, &resource, &node.key, |object| {
        if object::meta(object, "uid") != entry.uid {
            return Ok(false);
        }
        let finalizers: Vec<Value> = object::finalizers(object).map(Value::from).collect();
        let left: Vec<Value> = finalizers.iter().filter(|finalizer| *finalizer != name).cloned().collect();
        let changed = left.len() < finalizers.len();
        if left.is_empty() {
            object::meta_mut(object).remove("finalizers");
        } else {
            set_meta(object, "finalizers", left);
        }
        Ok(changed)
    });
    // One that is gone needs nobody's leave.
    drop(let_go);
}
