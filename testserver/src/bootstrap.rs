//! What is there from the start, because kube-apiserver makes it itself.

use crate::catalog::StorageKey;
use crate::collector;
use crate::object::{new_uid, now};
use crate::selector::Selectable;
use crate::server::Server;
use crate::store::Index;
use serde_json::json;

/// The namespaces that every cluster has.
const NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Makes what controllers give to the namespaces.
pub(crate) fn furnish(server: &Server) {
    let accounts = StorageKey { group: "".into(), plural: "serviceaccounts".into() };
    for name in NAMESPACES {
        let _ = server.store.create(&accounts, collector::account(name), Index::default());
    }
}

/// Makes the objects that every cluster has.
pub(crate) fn fill(server: &Server) {
    let namespaces = StorageKey { group: "".into(), plural: "namespaces".into() };
    for name in NAMESPACES {
        let object = json!({
            "metadata": {
                "name": name,
                "uid": new_uid(),
                "creationTimestamp": now(),
                "labels": {"kubernetes.io/metadata.name": name},
            },
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        });
        let index = Index::new(&object, Selectable::built_in("", "Namespace").of(&object));
        // The store is empty, so nothing exists yet.
        let _ = server.store.create(&namespaces, object, index);
    }
}
