//! What OpenAPI documents say of the types that have messages.

use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};

/// What names of definitions begin with that are Kubernetes' own.
const PREFIX: &str = "io.k8s.";

/// A type, with what all versions say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Definition {
    /// Whether it is a kind, which has the properties `apiVersion` and `kind` in JSON alone.
    pub(super) is_kind: bool,
    /// The properties, with their types in the words of the table: more than one if versions differ.
    pub(super) properties: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
struct Document {
    definitions: BTreeMap<String, Schema>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Schema {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    all_of: Vec<Schema>,
    r#type: Option<String>,
    format: Option<String>,
    items: Option<Box<Schema>>,
    additional_properties: Option<Box<Schema>>,
    properties: BTreeMap<String, Schema>,
    #[serde(rename = "x-kubernetes-group-version-kind")]
    kinds: Vec<IgnoredAny>,
}

impl Schema {
    /// The type in the words of the table, but with the full name of a message.
    fn kind(&self) -> String {
        if let Some(reference) = &self.reference {
            return short(reference.trim_start_matches("#/definitions/")).to_owned();
        }
        if let [only] = self.all_of.as_slice() {
            return only.kind();
        }
        match (&self.items, &self.additional_properties, self.r#type.as_deref(), self.format.as_deref()) {
            (Some(items), ..) => format!("[]{}", items.kind()),
            (_, Some(values), ..) => format!("{{}}{}", values.kind()),
            (_, _, Some("string"), Some("byte")) => "bytes".to_owned(),
            (_, _, Some("boolean"), _) => "bool".to_owned(),
            (_, _, Some("integer"), _) => "int".to_owned(),
            (_, _, Some("number"), _) => "double".to_owned(),
            (_, _, Some(kind), _) => kind.to_owned(),
            (_, _, None, _) => "anything".to_owned(),
        }
    }
}

/// The types of some documents by the names that messages have.
pub(super) fn definitions<'a>(
    documents: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeMap<String, Definition>, serde_json::Error> {
    let mut definitions = BTreeMap::<String, Definition>::new();
    for document in documents {
        let document: Document = serde_json::from_str(document)?;
        for (name, schema) in document.definitions {
            let definition = definitions.entry(short(&name).to_owned()).or_default();
            definition.is_kind |= !schema.kinds.is_empty();
            for (property, schema) in schema.properties {
                definition.properties.entry(property).or_default().insert(schema.kind());
            }
        }
    }
    Ok(definitions)
}

fn short(name: &str) -> &str {
    name.strip_prefix(PREFIX).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::definitions;

    #[test]
    fn types_are_told_in_the_words_of_the_table() {
        let document = |format: &str| {
            format!(
                r##"{{"definitions": {{"io.k8s.api.a.v1.A": {{
                    "x-kubernetes-group-version-kind": [{{"group": "a", "kind": "A", "version": "v1"}}],
                    "properties": {{
                        "data": {{"type": "object", "additionalProperties": {{"type": "string", "format": "byte"}}}},
                        "grace": {{"type": "{format}"}},
                        "items": {{"type": "array", "items": {{"$ref": "#/definitions/io.k8s.api.a.v1.B"}}}},
                        "ready": {{"type": "boolean"}},
                        "spec": {{"allOf": [{{"$ref": "#/definitions/com.example.C"}}], "default": {{}}}},
                        "weight": {{"type": "number", "format": "double"}}
                    }}
                }}, "io.k8s.api.a.v1.B": {{"type": "object"}}}}}}"##
            )
        };
        let found = definitions([document("integer").as_str(), &document("string")]).unwrap();
        let a = &found["api.a.v1.A"];
        assert!(a.is_kind && !found["api.a.v1.B"].is_kind);
        let shown: Vec<String> = a
            .properties
            .iter()
            .map(|(name, kinds)| format!("{name}: {}", kinds.iter().cloned().collect::<Vec<_>>().join(", ")))
            .collect();
        let wanted = [
            "data: {}bytes",
            "grace: int, string",
            "items: []api.a.v1.B",
            "ready: bool",
            "spec: com.example.C",
            "weight: double",
        ];
        assert_eq!(shown, wanted);
    }
}
