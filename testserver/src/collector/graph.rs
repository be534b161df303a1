//! Who depends on whom, and what each change means.

use super::{Node, Work};
use crate::catalog::StorageKey;
use crate::store::{Change, ChangeKind, Entry, Owner};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Who depends on whom.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Those that depend on an object, by its unique identifier.
    dependents: HashMap<String, BTreeSet<Node>>,
    /// The owners that wait until those that depend on them are gone, by their unique identifiers.
    patient: HashMap<String, Node>,
    /// The namespaces that are being deleted.
    ending: HashSet<String>,
    /// What is to be done already.
    pub(super) waiting: HashSet<Work>,
}

impl Graph {
    /// Those that depend on an object.
    pub(super) fn dependents(&self, uid: &str) -> Vec<Node> {
        self.dependents.get(uid).into_iter().flatten().cloned().collect()
    }

    /// Learns of a change, and says what there is to do about it.
    pub(super) fn changed(&mut self, resource: &StorageKey, change: &Change, todo: &mut Vec<Work>) {
        let (entry, previous) = (&change.entry, change.previous.as_deref());
        let gone = change.kind == ChangeKind::Deleted;
        let before: &[Owner] = previous.map_or(&[], |previous| &previous.ties.owners);
        let after: &[Owner] = if gone { &[] } else { &entry.ties.owners };
        if before != after {
            self.retie(resource, entry, before, after, todo);
        }
        if gone && let Some(dependents) = self.dependents.get(&entry.uid) {
            todo.extend(dependents.iter().cloned().map(Work::Owners));
        }
        if gone || entry.ties.terminating {
            self.ending(resource, entry, previous, gone, todo);
        }
        if resource.group.is_empty() {
            self.of_core(resource, entry, change.kind, todo);
        }
        if gone && self.ending.contains(&entry.key.namespace) {
            todo.push(Work::Empty(entry.key.namespace.clone()));
        }
    }

    /// Learns that an object has other owners.
    fn retie(
        &mut self,
        resource: &StorageKey,
        entry: &Entry,
        before: &[Owner],
        after: &[Owner],
        todo: &mut Vec<Work>,
    ) {
        let node = Node { resource: resource.clone(), key: entry.key.clone() };
        for owner in before {
            if let Some(dependents) = self.dependents.get_mut(&owner.uid) {
                dependents.remove(&node);
                if dependents.is_empty() {
                    self.dependents.remove(&owner.uid);
                }
            }
            if let Some(owner) = self.patient.get(&owner.uid) {
                todo.push(Work::Dependents(owner.clone()));
            }
        }
        for owner in after {
            self.dependents.entry(owner.uid.clone()).or_default().insert(node.clone());
        }
        if !after.is_empty() {
            todo.push(Work::Owners(node));
        }
    }

    /// Learns that an object is being deleted, or is gone.
    fn ending(
        &mut self,
        resource: &StorageKey,
        entry: &Entry,
        previous: Option<&Entry>,
        gone: bool,
        todo: &mut Vec<Work>,
    ) {
        let node = || Node { resource: resource.clone(), key: entry.key.clone() };
        let was = |tie: fn(&Entry) -> bool| previous.is_some_and(tie);
        if gone || !entry.ties.waits {
            self.patient.remove(&entry.uid);
        } else if !was(|previous| previous.ties.waits) {
            self.patient.insert(entry.uid.clone(), node());
            todo.extend(self.dependents(&entry.uid).into_iter().map(Work::Owners));
            todo.push(Work::Dependents(node()));
        }
        if !gone && entry.ties.orphans && !was(|previous| previous.ties.orphans) {
            todo.push(Work::Orphan(node()));
        }
    }

    /// Learns of a change of what has a meaning of its own here.
    fn of_core(&mut self, resource: &StorageKey, entry: &Entry, kind: ChangeKind, todo: &mut Vec<Work>) {
        let gone = kind == ChangeKind::Deleted;
        match resource.plural.as_ref() {
            "namespaces" if gone => {
                self.ending.remove(&entry.key.name);
            }
            "namespaces" if entry.ties.terminating && self.ending.contains(&entry.key.name) => {}
            "namespaces" if entry.ties.terminating => {
                self.ending.insert(entry.key.name.clone());
                todo.push(Work::Empty(entry.key.name.clone()));
            }
            "namespaces" if kind == ChangeKind::Added => todo.push(Work::Furnish(entry.key.name.clone())),
            "serviceaccounts" if gone && entry.key.name == "default" => {
                todo.push(Work::Furnish(entry.key.namespace.clone()));
            }
            "pods" if !gone && entry.ties.terminating => todo.push(Work::Pod(entry.key.clone())),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Graph, Node, Work};
    use crate::catalog::StorageKey;
    use crate::store::{Change, Index, ObjectKey, Observer, Store};
    use serde_json::{Value, json};
    use std::sync::{Arc, Mutex};

    #[derive(Debug, Default)]
    struct Seen {
        graph: Mutex<Graph>,
        todo: Mutex<Vec<Work>>,
    }

    impl Observer for Seen {
        fn changed(&self, resource: &StorageKey, change: &Change) {
            let mut todo = self.todo.lock().unwrap();
            self.graph.lock().unwrap().changed(resource, change, &mut todo);
        }
    }

    fn maps() -> StorageKey {
        StorageKey { group: "".into(), plural: "configmaps".into() }
    }

    fn node(name: &str) -> Node {
        Node { resource: maps(), key: ObjectKey::new("x", name) }
    }

    fn map(name: &str, owner: Option<&str>) -> Value {
        let mut map = json!({"metadata": {"name": name, "namespace": "x", "uid": format!("uid-{name}")}});
        if let Some(owner) = owner {
            let reference = json!({"apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": format!("uid-{owner}")});
            map["metadata"]["ownerReferences"] = json!([reference]);
        }
        map
    }

    #[test]
    fn objects_without_owners_are_nothing_to_do() {
        let (store, seen) = (Store::new(9), Arc::new(Seen::default()));
        store.observe(seen.clone());
        let made = store.create(&maps(), map("a", None), Index::default()).unwrap();
        store.remove(&maps(), made.revision, map("a", None)).unwrap();
        assert_eq!(*seen.todo.lock().unwrap(), []);
        assert!(seen.graph.lock().unwrap().dependents.is_empty());
    }

    #[test]
    fn an_owner_that_is_gone_concerns_those_that_depend_on_it() {
        let (store, seen) = (Store::new(9), Arc::new(Seen::default()));
        store.observe(seen.clone());
        let owner = store.create(&maps(), map("a", None), Index::default()).unwrap();
        let dependent = store.create(&maps(), map("b", Some("a")), Index::default()).unwrap();
        assert_eq!(seen.graph.lock().unwrap().dependents("uid-a"), [node("b")]);
        store.remove(&maps(), owner.revision, map("a", None)).unwrap();
        let todo = vec![Work::Owners(node("b")), Work::Owners(node("b"))];
        assert_eq!(*seen.todo.lock().unwrap(), todo);
        store.remove(&maps(), dependent.revision, map("b", Some("a"))).unwrap();
        assert!(seen.graph.lock().unwrap().dependents.is_empty());
    }
}
