//! Objects that are kept as the server sent them.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::Resource;
use kubeset_rest::{Encoded, InvalidObject};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::object::CacheObject;

/// An object that a cache keeps as the server sent it, as protobuf or JSON, and decodes each time that somebody wants to look.
///
/// It takes a small part of the memory of the decoded object. Its name, its version and its labels are at hand. Made by
/// [`InformerBuilder::compact_informer`](crate::InformerBuilder::compact_informer).
pub struct Compact<K> {
    metadata: PackedMetadata,
    encoded: Encoded<K>,
}

/// What selects an object and tells its states apart, in one text.
struct PackedMetadata {
    text: Box<str>,
    /// Where each part ends: namespace, name, resource version, uid, and then the key and the value of each label.
    ends: Box<[u32]>,
}

const NAMESPACE: usize = 0;
const NAME: usize = 1;
const RESOURCE_VERSION: usize = 2;
const UID: usize = 3;
const LABELS: usize = 4;

#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
}

/// As much of `ObjectMeta` as a cache needs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    namespace: Option<String>,
    name: Option<String>,
    resource_version: Option<String>,
    uid: Option<String>,
    labels: Option<BTreeMap<String, String>>,
}

impl PackedMetadata {
    fn new(metadata: &Metadata) -> Self {
        let Metadata { namespace, name, resource_version, uid, labels } = metadata;
        let (mut text, mut ends) = (String::new(), Vec::new());
        let mut push = |part: &str| {
            text.push_str(part);
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        };
        for part in [namespace, name, resource_version, uid] {
            push(part.as_deref().unwrap_or_default());
        }
        for (key, value) in labels.iter().flatten() {
            push(key);
            push(value);
        }
        Self { text: text.into(), ends: ends.into() }
    }

    fn part(&self, number: usize) -> &str {
        let end = |number: usize| Some(*self.ends.get(number)? as usize);
        let start = number.checked_sub(1).map_or(Some(0), end);
        start.zip(end(number)).and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }
}

impl<K: Resource> Compact<K> {
    /// Packs an object.
    ///
    /// # Errors
    ///
    /// If it has no metadata that can be read.
    pub(crate) fn new(encoded: Encoded<K>) -> Result<Self, InvalidObject> {
        let object: Object = encoded.decode_as()?;
        Ok(Self { metadata: PackedMetadata::new(&object.metadata), encoded })
    }

    /// Decodes the object.
    ///
    /// # Errors
    ///
    /// If the server sent something else than a `K`: that is only found out here.
    pub fn decode(&self) -> Result<K, InvalidObject>
    where
        K: DeserializeOwned,
    {
        self.encoded.decode()
    }

    /// Decodes a part of the object: into a type that has fewer fields than `K`. What it does not have costs little.
    ///
    /// # Errors
    ///
    /// If the server sent something else than a `T`.
    pub fn decode_as<T: DeserializeOwned>(&self) -> Result<T, InvalidObject> {
        self.encoded.decode_as()
    }

    /// All labels, in the order of their keys.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let keys = (LABELS..self.metadata.ends.len()).step_by(2);
        keys.map(|key| (self.metadata.part(key), self.metadata.part(key + 1)))
    }
}

impl<K> Compact<K> {
    /// How many bytes the object takes as it is kept, beside its metadata.
    pub fn encoded_len(&self) -> usize {
        self.encoded.encoded_len()
    }
}

impl<K: Resource + 'static> CacheObject for Compact<K> {
    type Scope = K::Scope;

    fn namespace(&self) -> Option<&str> {
        Some(self.metadata.part(NAMESPACE)).filter(|namespace| !namespace.is_empty())
    }

    fn name(&self) -> &str {
        self.metadata.part(NAME)
    }

    fn resource_version(&self) -> &str {
        self.metadata.part(RESOURCE_VERSION)
    }

    fn uid(&self) -> &str {
        self.metadata.part(UID)
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.labels().find(|(name, _)| *name == key).map(|(_, value)| value)
    }
}

impl<K: Resource + 'static> fmt::Debug for Compact<K> {
    /// Without the object, which may be a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Compact")
            .field("kind", &K::KIND)
            .field("key", &self.key())
            .field("resource_version", &self.resource_version())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_metadata_may_be_missing_or_empty() {
        let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let packed = PackedMetadata::new(&Metadata {
            namespace: None,
            name: Some("a".to_owned()),
            resource_version: Some("12".to_owned()),
            uid: None,
            labels: Some(BTreeMap::from([label("app", "web"), label("empty", ""), label("é", "ü")])),
        });
        let parts: Vec<_> = (0..11).map(|number| packed.part(number)).collect();
        assert_eq!(parts, ["", "a", "12", "", "app", "web", "empty", "", "é", "ü", ""]);
    }
}
