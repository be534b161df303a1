//! The schemas of built-in types, of the version of Kubernetes that is served.

use super::Schema;
use crate::generated::definitions::DEFINITIONS;
use crate::version::MINOR;
use rustc_hash::FxHashMap;
use serde_json::Value;
use std::sync::{LazyLock, OnceLock};

/// A row of the generated table.
#[derive(Debug)]
pub(crate) struct BuiltinDefinition {
    /// Such as `io.k8s.api.core.v1.Pod`.
    pub(crate) name: &'static str,
    /// The JSON schema.
    pub(crate) schema: &'static str,
    /// The first version of Kubernetes in which the type is like this.
    pub(crate) first: u8,
    /// The last version of Kubernetes in which the type is like this.
    pub(crate) last: u8,
}

/// A definition, and its schema once somebody has asked for it: most are never needed.
struct Lazy {
    definition: &'static BuiltinDefinition,
    schema: OnceLock<Schema>,
}

static SERVED: LazyLock<FxHashMap<&'static str, Lazy>> = LazyLock::new(|| {
    let served =
        DEFINITIONS.iter().filter(|definition| (definition.first..=definition.last).contains(&MINOR));
    served.map(|definition| (definition.name, Lazy { definition, schema: OnceLock::new() })).collect()
});

/// Defaults that servers apply and OpenAPI v2 documents do not tell, of properties that tell items of a list apart.
const KEY_DEFAULTS: &[(&str, &str, &str)] = &[
    ("io.k8s.api.core.v1.ContainerPort", "protocol", "TCP"),
    ("io.k8s.api.core.v1.ServicePort", "protocol", "TCP"),
];

/// The schema of a type.
pub(super) fn definition(name: &str) -> Option<&'static Schema> {
    let lazy = SERVED.get(name)?;
    Some(lazy.schema.get_or_init(|| read(lazy.definition)))
}

/// The JSON schemas of all types, by name, as OpenAPI documents have them.
pub(crate) fn documents() -> impl Iterator<Item = (&'static str, &'static str)> {
    SERVED.values().map(|lazy| (lazy.definition.name, lazy.definition.schema))
}

fn read(definition: &BuiltinDefinition) -> Schema {
    // A test parses all of them.
    let document: Value = serde_json::from_str(definition.schema).unwrap_or_default();
    let mut schema = super::parse(&document, |name| SERVED.get_key_value(name).map(|(name, _)| *name));
    for (_, property, default) in KEY_DEFAULTS.iter().filter(|(name, ..)| *name == definition.name) {
        if let super::Shape::Object { properties, .. } = &mut schema.shape
            && let Some(property) = properties.get_mut(*property)
        {
            property.default = Some(Value::from(*default));
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::super::{ListType, Shape};
    use super::{KEY_DEFAULTS, SERVED, Schema};

    #[test]
    fn every_definition_is_a_schema_whose_references_lead_somewhere() {
        fn check(schema: &Schema, name: &str) {
            match &schema.shape {
                Shape::Reference(other) => assert!(SERVED.contains_key(other), "{name} refers to {other}"),
                Shape::Object { properties, additional } => {
                    properties.values().for_each(|property| check(property, name));
                    additional.iter().for_each(|property| check(property, name));
                }
                Shape::List(items) => check(items, name),
                Shape::Any | Shape::Scalar(_) => {}
            }
        }
        for name in SERVED.keys() {
            serde_json::from_str::<serde_json::Value>(SERVED[name].definition.schema).unwrap();
            check(Schema::definition(name).unwrap(), name);
        }
    }

    #[test]
    fn facts_about_lists_are_read() {
        let pod = Schema::definition("io.k8s.api.core.v1.Pod").unwrap();
        let containers = pod.property("spec").unwrap().property("containers").unwrap();
        assert_eq!(containers.list_type, ListType::Map(vec!["name".to_owned()]));
        assert_eq!(containers.patch.merge_key.as_deref(), Some("name"));
        let port = containers.items().unwrap().property("ports").unwrap().items().unwrap();
        assert_eq!(port.property("protocol").unwrap().default, Some("TCP".into()));
        assert!(pod.property("spec").unwrap().property("nodeSelector").unwrap().is_atomic());
    }

    #[test]
    fn every_default_of_a_key_is_of_a_property_that_exists() {
        for (name, property, _) in KEY_DEFAULTS {
            assert!(Schema::definition(name).unwrap().property(property).is_some(), "{name}.{property}");
        }
    }
}
