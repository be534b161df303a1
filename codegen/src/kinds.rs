//! Documents to a list of all kinds: what is sent or read as a whole, and so says what it is.

use crate::model::Type;
use crate::names;
use crate::openapi::Document;
use crate::version::{Version, Versions};
use std::collections::BTreeMap;

/// Where options, `Status` and what discovery says are. Nothing of it is a list of objects.
const META: &str = "io.k8s.apimachinery.";

/// A watch's event. k8s-openapi's type for it is generic, and the client has one of its own.
const EVENT: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent";

/// The definitions of kinds, such as `io.k8s.api.core.v1.Pod`.
pub(crate) type Kinds = BTreeMap<String, Kind>;

/// A kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Its type, or that of its items.
    pub(crate) object: Type,
    /// Whether it is a list of objects.
    pub(crate) is_list: bool,
    /// The versions that have it.
    pub(crate) versions: Versions,
}

/// Adds the kinds of the document of one version.
pub(crate) fn add(kinds: &mut Kinds, version: Version, document: &Document) {
    let is_kind =
        |name: &str| document.definitions.get(name).is_some_and(|definition| !definition.kinds.is_empty());
    for name in document.definitions.keys().filter(|name| is_kind(name) && *name != EVENT) {
        let item = name.strip_suffix("List").filter(|item| !item.starts_with(META) && is_kind(item));
        let Some(object) = names::rust_type(item.unwrap_or(name)) else { continue };
        let kind = Kind { object, is_list: item.is_some(), versions: Versions::new() };
        kinds.entry(name.clone()).or_insert(kind).versions.insert(version);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_what_says_what_it_is() {
        let meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
        let kind = serde_json::json!({"x-kubernetes-group-version-kind": [{"group": "", "kind": "K", "version": "v1"}]});
        let document = |names: &[String]| {
            let definitions: BTreeMap<&String, _> = names.iter().map(|name| (name, &kind)).collect();
            let mut document = serde_json::json!({"swagger": "2.0", "info": {"version": "v1.33"}, "paths": {}, "definitions": definitions});
            document["definitions"]["io.k8s.api.core.v1.PodSpec"] = serde_json::json!({"type": "object"});
            crate::openapi::parse(&document.to_string()).unwrap()
        };
        let names = ["io.k8s.api.core.v1.Pod", "io.k8s.api.core.v1.PodList"].map(str::to_owned).to_vec();
        let meta = ["APIGroup", "APIGroupList", "WatchEvent"].map(|name| format!("{meta}.{name}"));
        let mut kinds = Kinds::new();
        add(&mut kinds, Version::new(33), &document(&[names.clone(), meta.to_vec()].concat()));
        add(&mut kinds, Version::new(34), &document(&names));
        let found: Vec<_> = kinds
            .iter()
            .map(|(name, kind)| {
                (
                    name.rsplit('.').next().unwrap(),
                    kind.object.name.as_str(),
                    kind.is_list,
                    kind.versions.len(),
                )
            })
            .collect();
        let wanted = [
            ("Pod", "Pod", false, 2),
            ("PodList", "Pod", true, 2),
            ("APIGroup", "APIGroup", false, 1),
            ("APIGroupList", "APIGroupList", false, 1),
        ];
        assert_eq!(found, wanted);
    }
}
