//! Pods whose time is over.

use super::resource_of;
use crate::catalog::StorageKey;
use crate::deletion::{self, DeleteOptions};
use crate::object;
use crate::server::Server;
use crate::store::ObjectKey;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Ends a Pod that is being deleted, when the time that it was given is over.
pub(super) fn end(server: &Arc<Server>, key: &ObjectKey) {
    let pods = StorageKey { group: "".into(), plural: "pods".into() };
    let Some(entry) = server.store.get(&pods, key).filter(|entry| entry.ties.terminating) else { return };
    let time = object::meta(&entry.value(), "deletionTimestamp").parse::<Timestamp>();
    let Ok(time) = time else { return };
    let left = time.duration_since(Timestamp::now());
    let Ok(left) = Duration::try_from(left) else {
        return kill(server, &pods, key, &entry.uid);
    };
    let (server, key, uid) = (server.clone(), key.clone(), entry.uid.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(left) => kill(&server, &pods, &key, &uid),
            () = server.stopped() => {}
        }
    });
}

fn kill(server: &Server, pods: &StorageKey, key: &ObjectKey, uid: &str) {
    let Some(resource) = resource_of(server, pods) else { return };
    let Some(entry) = server.store.get(pods, key).filter(|entry| entry.ties.terminating) else { return };
    let options =
        DeleteOptions { grace_period: Some(0), uid: Some(uid.to_owned()), ..DeleteOptions::default() };
    // One that is gone, or another of its name, is none of ours.
    let _ = deletion::end(server, &resource, entry, &options);
}
