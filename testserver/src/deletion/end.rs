//! Carrying out what was decided about an object, whatever happens to it meanwhile.

use super::decision::{Deletion, decide};
use super::options::DeleteOptions;
use crate::answer::stored_object;
use crate::catalog::Resource;
use crate::convert;
use crate::crd;
use crate::failure::Failure;
use crate::server::Server;
use crate::store::{Changed, Entry, Index, ObjectKey};
use serde_json::Value;
use std::sync::Arc;

/// What became of an object that was deleted, as of the version of the resource.
#[derive(Debug)]
pub(crate) enum Ended {
    /// It is gone; this was its last state.
    Gone(Value),
    /// It is marked, and stays until others let it go.
    Marked(Value),
}

/// Kinds whose state is the answer to their deletion. Of others it is what was deleted, in few words.
pub(crate) fn answers_with_object(resource: &Resource) -> bool {
    const CORE: [&str; 8] = [
        "namespaces",
        "persistentvolumeclaims",
        "persistentvolumes",
        "pods",
        "podtemplates",
        "resourcequotas",
        "serviceaccounts",
        "services",
    ];
    const STORAGE: [&str; 5] =
        ["csidrivers", "csinodes", "storageclasses", "volumeattachments", "volumeattributesclasses"];
    if resource.custom.is_some() {
        return false;
    }
    match resource.group.as_ref() {
        "" => CORE.contains(&resource.plural.as_ref()),
        "resource.k8s.io" => {
            (resource.version.as_ref(), resource.plural.as_ref()) != ("v1", "devicetaintrules")
        }
        "storage.k8s.io" => STORAGE.contains(&resource.plural.as_ref()),
        _ => false,
    }
}

/// Ends an object, or marks it. What changes meanwhile is decided about anew.
///
/// # Errors
///
/// If it is not to be deleted, or is gone.
pub(crate) fn end(
    server: &Server,
    resource: &Resource,
    mut entry: Arc<Entry>,
    options: &DeleteOptions,
) -> Result<Ended, Failure> {
    let key = resource.storage_key();
    loop {
        let object = stored_object(&entry, resource);
        let done = match decide(resource, &object, options)? {
            Deletion::UnderWay => return Ok(Ended::Marked(object)),
            Deletion::Now if options.dry_run => return Ok(Ended::Gone(object)),
            Deletion::MarkedAndGone(marked) if options.dry_run => return Ok(Ended::Gone(marked)),
            Deletion::Later(marked) if options.dry_run || marked == object => {
                return Ok(Ended::Marked(marked));
            }
            Deletion::Now => remove(server, resource, &entry, object).map(Ended::Gone),
            Deletion::MarkedAndGone(marked) => replace(server, resource, &entry, marked)
                .and_then(|entry| remove(server, resource, &entry, stored_object(&entry, resource)))
                .map(Ended::Gone),
            Deletion::Later(marked) => replace(server, resource, &entry, marked)
                .map(|entry| Ended::Marked(stored_object(&entry, resource))),
        };
        match done {
            Ok(ended) => return Ok(ended),
            Err(_) => {
                let latest = server.store.get(&key, &entry.key);
                entry = latest.ok_or_else(|| Failure::not_found(resource.named(), &entry.key.name))?;
            }
        }
    }
}

fn index(object: &Value, resource: &Resource) -> Index {
    Index::new(object, resource.selectable.of(object))
}

fn remove(server: &Server, resource: &Resource, entry: &Entry, object: Value) -> Result<Value, Changed> {
    let stored = convert::to_stored(object, resource);
    let key = resource.storage_key();
    let removed = server.store.remove(&key, entry.revision, stored)?;
    crd::after_removal(server, &key, &removed);
    Ok(stored_object(&removed, resource))
}

fn replace(
    server: &Server,
    resource: &Resource,
    entry: &Entry,
    object: Value,
) -> Result<Arc<Entry>, Changed> {
    let index = index(&object, resource);
    let stored = convert::to_stored(object, resource);
    let key = resource.storage_key();
    server.store.replace(&key, entry.revision, stored, index).inspect(|entry| {
        crd::after_change(server, &key, entry);
    })
}

/// Changes an object, again and again if it changes meanwhile, without asking the rules of its kind. One that nothing
/// holds back any more goes. `make` says whether there is something to do.
///
/// # Errors
///
/// If the object is gone, or `make` refuses.
pub(crate) fn modify(
    server: &Server,
    resource: &Resource,
    key: &ObjectKey,
    make: impl Fn(&mut Value) -> Result<bool, Failure>,
) -> Result<Arc<Entry>, Failure> {
    let storage = resource.storage_key();
    loop {
        let Some(entry) = server.store.get(&storage, key) else {
            return Err(Failure::not_found(resource.named(), &key.name));
        };
        let mut object = stored_object(&entry, resource);
        if !make(&mut object)? {
            return Ok(entry);
        }
        let done = if super::is_finished(&object, &storage) {
            let removed = server.store.remove(&storage, entry.revision, entry.value());
            removed.inspect(|entry| crd::after_removal(server, &storage, entry))
        } else {
            replace(server, resource, &entry, object)
        };
        if let Ok(entry) = done {
            return Ok(entry);
        }
    }
}
