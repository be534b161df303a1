//! What the API server has, and how something else differs from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubeset::api::core::v1::ConfigMap;
use kubeset::informers::{CacheObject as _, ObjectKey};
use kubeset::{Clientset, Error};

/// How many differences are told.
const TOLD: usize = 5;

/// All objects as a fresh list has them.
#[derive(Debug, PartialEq)]
pub(crate) struct Truth {
    objects: BTreeMap<ObjectKey, Arc<ConfigMap>>,
}

/// The versions of some objects.
#[derive(Debug)]
pub(crate) struct Versions {
    versions: BTreeMap<ObjectKey, u64>,
}

impl Truth {
    /// Reads all objects from the store itself.
    pub(crate) async fn read(clientset: &Clientset) -> Result<Self, Error> {
        let list = clientset.core_v1().config_maps().list().without_managed_fields().await?;
        let objects = list.items.into_iter().map(|object| (object.key(), Arc::new(object)));
        Ok(Self { objects: objects.collect() })
    }

    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }

    /// Only the objects for which `condition` holds.
    pub(crate) fn select(&self, condition: impl Fn(&ConfigMap) -> bool) -> Self {
        let selected = self.objects.iter().filter(|(_, object)| condition(object));
        Self { objects: selected.map(|(key, object)| (key.clone(), Arc::clone(object))).collect() }
    }

    pub(crate) fn versions(&self) -> Versions {
        let version = |object: &Arc<ConfigMap>| object.resource_version().parse().unwrap_or_default();
        let versions = self.objects.iter().map(|(key, object)| (key.clone(), version(object)));
        Versions { versions: versions.collect() }
    }

    /// How the content of an object differs, if it does.
    pub(crate) fn other_content(&self, cached: &ConfigMap) -> Option<String> {
        let key = cached.key();
        match self.objects.get(&key) {
            Some(object) if **object == *cached => None,
            object => Some(format!("{key}: the content is {cached:?}, where a list has {object:?}")),
        }
    }

    /// How many objects have this label.
    pub(crate) fn count(&self, label: &str, value: &str) -> usize {
        self.objects.values().filter(|object| object.label(label) == Some(value)).count()
    }
}

impl Versions {
    /// How something that has `count` objects differs, told by their keys and versions. `keys` are all that it has.
    pub(crate) fn difference(
        &self,
        count: usize,
        version: impl Fn(&ObjectKey) -> Option<u64>,
        keys: impl FnOnce() -> Vec<ObjectKey>,
    ) -> Option<String> {
        let mut right = 0;
        let mut differences = Vec::new();
        for (key, wanted) in &self.versions {
            match version(key) {
                Some(version) if version == *wanted => right += 1,
                Some(version) => differences.push(format!("{key} is at {version} in place of {wanted}")),
                None => differences.push(format!("{key} is missing, which is at {wanted}")),
            }
        }
        if differences.is_empty() && right == count {
            return None;
        }
        let additional = keys().into_iter().filter(|key| !self.versions.contains_key(key));
        differences.extend(additional.map(|key| format!("{key} should not be there")));
        let all = differences.len();
        differences.truncate(TOLD);
        Some(format!("{all} of {} objects differ: {}", self.versions.len(), differences.join(", ")))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashMap;

    use super::*;

    /// A ConfigMap of the namespace `n`.
    pub(crate) fn object(name: &str, version: u64, uid: &str) -> ConfigMap {
        let mut object = ConfigMap::default();
        object.metadata.namespace = Some("n".to_owned());
        object.metadata.name = Some(name.to_owned());
        object.metadata.resource_version = Some(version.to_string());
        object.metadata.uid = Some(uid.to_owned());
        object
    }

    fn truth() -> Truth {
        let objects = [object("a", 1, "a"), object("b", 2, "b")];
        Truth { objects: objects.into_iter().map(|object| (object.key(), Arc::new(object))).collect() }
    }

    fn difference(of: &[(&str, u64)]) -> Option<String> {
        let of: HashMap<_, _> =
            of.iter().map(|(name, version)| (ObjectKey::new("n", name), *version)).collect();
        truth().versions().difference(of.len(), |key| of.get(key).copied(), || of.keys().cloned().collect())
    }

    #[test]
    fn a_difference_names_the_object() {
        assert_eq!(difference(&[("a", 1), ("b", 2)]), None);
        assert!(difference(&[("a", 1), ("b", 1)]).unwrap().contains("n/b is at 1 in place of 2"));
        assert!(difference(&[("a", 1)]).unwrap().contains("n/b is missing, which is at 2"));
        let more = difference(&[("a", 1), ("b", 2), ("c", 3)]).unwrap();
        assert_eq!(more, "1 of 2 objects differ: n/c should not be there");
    }

    #[test]
    fn other_content_at_the_same_version_is_found() {
        let mut other = object("a", 1, "a");
        assert_eq!(truth().other_content(&other), None);
        other.data = Some(BTreeMap::default());
        assert!(truth().other_content(&other).unwrap().starts_with("n/a: the content is"));
    }
}
