//! What a cluster's controllers do so that deletions come to their end: they collect objects whose owners are gone, empty
//! namespaces, and end Pods whose time is over, as no kubelet does it here. They also give each namespace its service
//! account.
//!
//! The store tells of its changes as they happen, and what there is to do about them is done one thing after the other
//! by a task of the server.

mod graph;
mod namespaces;
mod owners;
mod pods;
#[cfg(test)]
mod tests;

pub(crate) use namespaces::account;

use crate::catalog::{Resource, StorageKey};
use crate::server::Server;
use crate::store::{Change, ObjectKey, Observer};
use graph::Graph;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// An object of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Node {
    resource: StorageKey,
    key: ObjectKey,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Work {
    /// See whether the owners of an object are still there.
    Owners(Node),
    /// See whether an owner still has to wait for those that depend on it.
    Dependents(Node),
    /// Take an owner from those that depend on it.
    Orphan(Node),
    /// Empty a namespace that is being deleted.
    Empty(String),
    /// Give a namespace what each has.
    Furnish(String),
    /// End a Pod when its time is over.
    Pod(ObjectKey),
}

/// Learns of changes, and remembers what there is to do about them.
#[derive(Debug)]
struct Collector {
    graph: Mutex<Graph>,
    queue: mpsc::UnboundedSender<Work>,
}

impl Collector {
    fn graph(&self) -> MutexGuard<'_, Graph> {
        // What a panic left behind is at worst incomplete.
        self.graph.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, work: Work) {
        // If nobody works any more, the server has stopped.
        let _ = self.queue.send(work);
    }
}

impl Observer for Collector {
    fn changed(&self, resource: &StorageKey, change: &Change) {
        let mut todo = Vec::new();
        let mut graph = self.graph();
        graph.changed(resource, change, &mut todo);
        for work in todo {
            // What is to be done already is done once.
            if graph.waiting.insert(work.clone()) {
                self.add(work);
            }
        }
    }
}

/// Does what there is to do until the server stops.
pub(crate) fn start(server: &Arc<Server>) {
    let (queue, work) = mpsc::unbounded_channel();
    let collector = Arc::new(Collector { graph: Mutex::default(), queue });
    server.store.observe(collector.clone());
    tokio::spawn(run(server.clone(), collector, work));
}

async fn run(server: Arc<Server>, collector: Arc<Collector>, mut queue: mpsc::UnboundedReceiver<Work>) {
    loop {
        let next = tokio::select! {
            next = queue.recv() => next,
            () = server.stopped() => None,
        };
        let Some(work) = next else { return };
        collector.graph().waiting.remove(&work);
        match &work {
            Work::Owners(node) => owners::check(&server, &collector, node),
            Work::Dependents(node) => owners::release(&server, &collector, node),
            Work::Orphan(node) => owners::orphan(&server, &collector, node),
            Work::Empty(namespace) => namespaces::empty(&server, namespace),
            Work::Furnish(namespace) => namespaces::furnish(&server, namespace),
            Work::Pod(key) => pods::end(&server, key),
        }
        // Requests come first.
        tokio::task::yield_now().await;
    }
}

/// A version of a resource by where it is stored; none if it is not served any more.
fn resource_of(server: &Server, key: &StorageKey) -> Option<Arc<Resource>> {
    let snapshot = server.catalog.snapshot();
    let versions = snapshot.groups.get(&key.group)?;
    versions.values().find_map(|resources| resources.get(&key.plural)).cloned()
}
