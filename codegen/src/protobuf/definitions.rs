//! What OpenAPI documents say of the types that have messages.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the prefix of each name of Kubernetes' own is.
const PREFIX: &str = "io.k8s.";

/// A type of one or more versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Definition {
    /// Whether it is a kind, which has the properties of its type and version in JSON alone.
    pub(super) is_kind: bool,
    pub(super) properties: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Document {
    definitions: BTreeMap<String, Schema>,
}

#[derive(Deserialize)]
struct Schema {
    #[serde(default)]
    properties: BTreeMap<String, serde::de::IgnoredAny>,
    #[serde(default, rename = "x-kubernetes-group-version-kind")]
    kinds: Vec<serde::de::IgnoredAny>,
}

/// The types of some documents by the names that messages have. What versions say of a type is added up.
pub(super) fn definitions<'a>(
    documents: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeMap<String, Definition>, serde_json::Error> {
    let mut definitions = BTreeMap::<String, Definition>::new();
    for document in documents {
        let document: Document = serde_json::from_str(document)?;
        for (name, schema) in document.definitions {
            let name = name.strip_prefix(PREFIX).unwrap_or(&name).to_owned();
            let definition = definitions.entry(name).or_default();
            definition.is_kind |= !schema.kinds.is_empty();
            definition.properties.extend(schema.properties.into_keys());
        }
    }
    Ok(definitions)
}
