//! A CustomResourceDefinition's schema as a [`Schema`].

use super::pruning;
use crate::schema::{Scalar, Schema, Shape, parse};
use serde_json::{Value, json};

const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const EMBEDDED: &str = "x-kubernetes-embedded-resource";

/// What every object has, whatever its schema says.
pub(crate) const META_FIELDS: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Reads the schema of a version of a CustomResourceDefinition.
pub(crate) fn schema(document: &Value) -> Schema {
    let mut schema = part(document);
    add_meta(&mut schema);
    pruning::prune_defaults(&mut schema);
    schema.rules = Some(Box::new(document.clone()));
    schema
}

/// Reads a part of such a schema.
pub(super) fn part(document: &Value) -> Schema {
    let mut schema = parse(document, |_| None);
    mark(&mut schema, document);
    schema
}

/// Whether values in this place are objects of their own, with kind and metadata.
pub(crate) fn is_embedded(schema: &Schema) -> bool {
    schema.rules.as_deref().is_some_and(|rules| rules[EMBEDDED] == true)
}

/// Marks the places of objects within objects.
fn mark(schema: &mut Schema, document: &Value) {
    match &mut schema.shape {
        Shape::Object { properties, additional } => {
            for (name, property) in properties {
                mark(property, &document["properties"][name.as_str()]);
            }
            if let Some(additional) = additional {
                mark(additional, &document["additionalProperties"]);
            }
        }
        Shape::List(items) => mark(items, &document["items"]),
        Shape::Any | Shape::Reference(_) | Shape::Scalar(_) => {}
    }
    if document[EMBEDDED] == true {
        add_meta(schema);
        schema.rules = Some(Box::new(json!({EMBEDDED: true})));
    }
}

/// Adds what every object has.
fn add_meta(schema: &mut Schema) {
    if matches!(schema.shape, Shape::Any) {
        schema.shape = Shape::Object { properties: Default::default(), additional: None };
    }
    let Shape::Object { properties, .. } = &mut schema.shape else { return };
    for name in ["apiVersion", "kind"] {
        properties.insert(name.to_owned(), Schema::new(Shape::Scalar(Scalar::String)));
    }
    properties.insert("metadata".to_owned(), Schema::new(Shape::Reference(OBJECT_META)));
}

#[cfg(test)]
mod tests {
    use super::{is_embedded, schema};
    use crate::schema::{ListType, Shape};
    use serde_json::json;

    #[test]
    fn objects_have_metadata_and_those_within_are_marked() {
        let schema = schema(
            &json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
                "template": {"type": "object", "x-kubernetes-embedded-resource": true,
                    "x-kubernetes-preserve-unknown-fields": true},
                "ports": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                    "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
            }}}}),
        );
        let spec = schema.property("spec").unwrap();
        let template = spec.property("template").unwrap();
        assert!(is_embedded(template) && template.preserve_unknown && !is_embedded(spec));
        assert!(matches!(template.property("metadata").unwrap().shape, Shape::Reference(_)));
        assert_eq!(spec.property("ports").unwrap().list_type, ListType::Map(vec!["name".into()]));
        assert!(schema.property("metadata").unwrap().property("finalizers").is_some());
    }
}
