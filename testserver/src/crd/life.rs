//! The life of a definition: it gets its names, is served, and takes its objects with it when it goes.

use super::status::{self, Condition};
use super::{definitions, is_definitions, serve};
use crate::catalog::StorageKey;
use crate::deletion::{self, DeleteOptions};
use crate::kinds::{Change, Look};
use crate::managed_fields;
use crate::object::{self, set_meta};
use crate::selector::Selectable;
use crate::server::Server;
use crate::store::{Changed, Entry, Index, ObjectKey, Range};
use crate::time::now;
use serde_json::Value;
use std::sync::Arc;

/// Holds a definition back until its objects are gone.
const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// Called with each object that is new or has changed.
pub(crate) fn after_change(server: &Server, key: &StorageKey, entry: &Entry) {
    if is_definitions(key) {
        settle(server, &entry.key.name);
    }
}

/// Called with each object that is gone.
pub(crate) fn after_removal(server: &Server, key: &StorageKey, entry: &Entry) {
    if is_definitions(key) {
        if find(server, &entry.key.name).is_some() {
            return;
        }
        server.catalog.set_custom(&entry.key.name, Vec::new());
        let group = entry.value()["spec"].text("group").to_owned();
        // Its names are free now.
        for other in of_group(server, &group, &entry.key.name) {
            settle(server, other["metadata"].text("name"));
        }
    } else if key.group.contains('.') {
        let name = format!("{}.{}", key.plural, key.group);
        if let Some(definition) = find(server, &name)
            && object::is_terminating(&definition.value())
        {
            finish(server, &name);
        }
    }
}

/// A definition that somebody deletes: it stays until its objects are gone.
pub(crate) fn mark(definition: &mut Value) {
    set_meta(definition, "deletionTimestamp", now());
    let mut finalizers: Vec<Value> = object::finalizers(definition).map(Value::from).collect();
    if !finalizers.iter().any(|finalizer| finalizer == CLEANUP) {
        finalizers.push(CLEANUP.into());
    }
    set_meta(definition, "finalizers", finalizers);
    terminating(
        definition,
        "True",
        "InstanceDeletionPending",
        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    );
}

fn terminating(definition: &mut Value, status: &str, reason: &str, message: &str) {
    status::set(definition, Condition { kind: "Terminating", status, reason, message });
}

fn find(server: &Server, name: &str) -> Option<Arc<Entry>> {
    server.store.get(&definitions(), &ObjectKey::new("", name))
}

/// The definitions of a group but one.
fn of_group(server: &Server, group: &str, except: &str) -> Vec<Value> {
    // The latest state is never forgotten.
    let listing =
        server.store.list(&definitions(), &Range::default(), usize::MAX, |entry| entry.key.name != except);
    let all = listing.unwrap_or_default().entries.into_iter().map(|entry| entry.value());
    all.filter(|definition| definition["spec"].text("group") == group).collect()
}

/// Brings the state of a definition forward until there is nothing more to do.
fn settle(server: &Server, name: &str) {
    while let Some(entry) = find(server, name) {
        let definition = entry.value();
        if object::is_terminating(&definition) && object::finalizers(&definition).any(|each| each == CLEANUP)
        {
            return terminate(server, name);
        }
        // Only one definition at a time gets names.
        let _guard = server.catalog.lock_names();
        let next = step(server, name, definition.clone());
        if next == definition {
            return server.catalog.set_custom(name, serve::resources(&definition));
        }
        // If somebody else has changed it meanwhile, there is another look at it all the same.
        let _ = replace(server, &entry, next);
    }
}

/// The next state of a definition.
fn step(server: &Server, name: &str, mut definition: Value) -> Value {
    if !status::has_its_names(&definition) {
        let others = of_group(server, definition["spec"].text("group"), name);
        let before = definition.clone();
        status::accept_names(&mut definition, &others);
        if definition != before {
            return definition;
        }
    }
    if status::is_true(&definition, "NamesAccepted") && !status::is_true(&definition, "Established") {
        status::establish(&mut definition);
    }
    definition
}

/// Stores a new status of a definition.
fn replace(server: &Server, entry: &Entry, mut definition: Value) -> Result<Arc<Entry>, Changed> {
    let key = definitions();
    let snapshot = server.catalog.snapshot();
    if let Some(resource) = snapshot.resource(&key.group, "v1", &key.plural) {
        managed_fields::of_server(resource, &entry.value(), &mut definition);
    }
    let selectable = Selectable::built_in("apiextensions.k8s.io", "CustomResourceDefinition");
    let index = Index::new(&definition, selectable.of(&definition));
    server.store.replace(&key, entry.revision, definition, index)
}

/// Changes the stored state of a definition; gives it, unless it is gone.
fn change(server: &Server, name: &str, make: impl Fn(&mut Value)) -> Option<Value> {
    loop {
        let entry = find(server, name)?;
        let mut definition = entry.value();
        make(&mut definition);
        match replace(server, &entry, definition.clone()) {
            Ok(_) => return Some(definition),
            Err(Changed::Gone) => return None,
            Err(Changed::Exists(_) | Changed::Other(_)) => {}
        }
    }
}

/// Deletes the objects of a definition that is on its way out.
fn terminate(server: &Server, name: &str) {
    let begun = change(server, name, |definition| {
        terminating(
            definition,
            "True",
            "InstanceDeletionInProgress",
            "CustomResource deletion is in progress",
        );
    });
    let Some(definition) = begun else { return };
    server.catalog.set_custom(name, serve::resources(&definition));
    let key = objects_of(&definition);
    let snapshot = server.catalog.snapshot();
    let versions = snapshot.groups.get(&key.group).into_iter().flat_map(|versions| versions.values());
    let resource = versions.filter_map(|resources| resources.get(&key.plural)).next();
    for entry in objects(server, &key) {
        if let Some(resource) = resource {
            // One that is gone already is none the worse.
            let _ = deletion::end(server, resource, entry, &DeleteOptions::default());
        } else if let Ok(entry) = server.store.remove(&key, entry.revision, entry.value()) {
            after_removal(server, &key, &entry);
        }
    }
    finish(server, name);
}

fn objects_of(definition: &Value) -> StorageKey {
    let group = definition["spec"].text("group").to_owned().into();
    StorageKey { group, plural: definition["spec"]["names"].text("plural").to_owned().into() }
}

fn objects(server: &Server, key: &StorageKey) -> Vec<Arc<Entry>> {
    server.store.list(key, &Range::default(), usize::MAX, |_| true).unwrap_or_default().entries
}

/// Lets a definition go that is on its way out, if it has no objects any more.
fn finish(server: &Server, name: &str) {
    loop {
        let Some(entry) = find(server, name) else { return };
        let mut definition = entry.value();
        if !objects(server, &objects_of(&definition)).is_empty() {
            return;
        }
        let established = status::is_true(&definition, "Established");
        let (reason, message) = if established {
            ("InstanceDeletionCompleted", "removed all instances")
        } else {
            ("NeverEstablished", "resource was never established")
        };
        terminating(&mut definition, "False", reason, message);
        let mut finalizers: Vec<Value> = object::finalizers(&definition).map(Value::from).collect();
        finalizers.retain(|finalizer| finalizer != CLEANUP);
        if finalizers.is_empty() {
            definition.inner("metadata").remove_field("finalizers");
            if let Ok(removed) = server.store.remove(&definitions(), entry.revision, definition) {
                return after_removal(server, &definitions(), &removed);
            }
        } else {
            set_meta(&mut definition, "finalizers", finalizers);
            if replace(server, &entry, definition).is_ok() {
                return;
            }
        }
    }
}
