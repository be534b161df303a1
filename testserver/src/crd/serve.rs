//! From a definition to the resources that are served.

use super::rules::Rules;
use super::{definition, status, structural};
use crate::catalog::{Custom, Resource, SharedSchema, Subresource};
use crate::kinds::Look;
use crate::schema::Schema;
use crate::selector::Selectable;
use crate::table::TableKind;
use serde_json::Value;
use std::sync::Arc;

/// In the order that discovery tells them in.
const VERBS: [&str; 8] = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
const SUBRESOURCE_VERBS: [&str; 3] = ["get", "patch", "update"];

/// The resources of a definition: a version each, once it is established.
pub(super) fn resources(definition: &Value) -> Vec<Resource> {
    if !status::is_true(definition, "Established") {
        return Vec::new();
    }
    let versions = definition["spec"].list("versions").iter();
    versions
        .filter(|version| version.is_true("served"))
        .map(|version| resource(definition, version))
        .collect()
}

fn resource(definition: &Value, version: &Value) -> Resource {
    let spec = &definition["spec"];
    let names = &definition["status"]["acceptedNames"];
    let namespaced = spec.text("scope") == "Namespaced";
    let text = |value: &Value, field: &str| value.text(field).to_owned().into();
    let texts = |field: &str| names.texts(field).map(|text| text.to_owned().into()).collect();
    let schema = schema(version);
    let custom = custom(definition, version);
    let paths = version.list("selectableFields").iter().map(|field| field.text("jsonPath"));
    Resource {
        group: text(spec, "group"),
        version: text(version, "name"),
        plural: text(names, "plural"),
        singular: text(names, "singular"),
        kind: text(names, "kind"),
        list_kind: text(names, "listKind"),
        namespaced,
        short_names: texts("shortNames"),
        categories: texts("categories"),
        verbs: VERBS.to_vec(),
        subresources: subresources(definition, version),
        definition: type_name(spec.text("group"), version.text("name"), names.text("kind")).into(),
        schema: SharedSchema::Custom(Arc::new(schema)),
        selectable: Selectable::custom(paths, namespaced),
        table: TableKind::custom(version.list("additionalPrinterColumns")),
        custom: Some(Arc::new(custom)),
    }
}

fn schema(version: &Value) -> Schema {
    let document = &version["schema"]["openAPIV3Schema"];
    if document.is_object() { structural::schema(document) } else { Schema::default() }
}

/// Such as `com.example.v1.Foo`.
fn type_name(group: &str, version: &str, kind: &str) -> String {
    let domain: Vec<&str> = group.rsplit('.').collect();
    format!("{}.{version}.{kind}", domain.join("."))
}

fn custom(definition: &Value, version: &Value) -> Custom {
    let generation = definition["metadata"].number("generation").unwrap_or_default();
    let scale = &version["subresources"]["scale"];
    let mut versions = definition["spec"].list("versions").iter();
    let storage = versions.find(|other| other.is_true("storage") && other["name"] != version["name"]);
    Custom {
        definition: definition["metadata"].text("name").to_owned(),
        storage_version: definition::storage_version(definition).unwrap_or_default().to_owned(),
        storage_schema: storage.map(|storage| Arc::new(schema(storage))),
        status: version["subresources"].has("status"),
        scale: scale.is_object().then(|| scale.clone()),
        rules: Arc::new(Rules::read(&version["schema"]["openAPIV3Schema"])),
        has_expressions: has_expressions(&version["schema"]),
        has_changed: generation > 1 || definition["spec"].count("versions") > 1,
        is_terminating: status::is_true(definition, "Terminating"),
        warnings: deprecation(definition, version).into_iter().collect(),
    }
}

fn subresources(definition: &Value, version: &Value) -> Vec<Subresource> {
    let names = &definition["status"]["acceptedNames"];
    let own = [definition["spec"].text("group"), version.text("name"), names.text("kind")];
    let kinds = [("status", own), ("scale", ["autoscaling", "v1", "Scale"])];
    let there = kinds.into_iter().filter(|(name, _)| version["subresources"].has(name));
    there
        .map(|(name, [group, version, kind])| Subresource {
            name: name.into(),
            group: group.to_owned().into(),
            version: version.to_owned().into(),
            kind: kind.to_owned().into(),
            verbs: SUBRESOURCE_VERBS.to_vec(),
        })
        .collect()
}

fn has_expressions(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => map.iter().any(|(key, value)| {
            key == "x-kubernetes-validations" && value.as_array().is_some_and(|rules| !rules.is_empty())
                || has_expressions(value)
        }),
        Value::Array(items) => items.iter().any(has_expressions),
        _ => false,
    }
}

/// What users of a version should know that is deprecated.
fn deprecation(definition: &Value, version: &Value) -> Option<String> {
    if !version.is_true("deprecated") {
        return None;
    }
    if let Some(warning) = version["deprecationWarning"].as_str() {
        return Some(warning.to_owned());
    }
    let group = definition["spec"].text("group");
    let kind = definition["spec"]["names"].text("kind");
    let name = version.text("name");
    let better = definition["spec"].list("versions").iter().filter(|other| {
        other.is_true("served")
            && !other.is_true("deprecated")
            && crate::discovery::is_better(other.text("name"), name)
    });
    let best = better.reduce(|best, other| {
        if crate::discovery::is_better(other.text("name"), best.text("name")) { other } else { best }
    });
    let hint = best.map(|best| format!("; use {group}/{} {kind}", best.text("name")));
    Some(format!("{group}/{name} {kind} is deprecated{}", hint.unwrap_or_default()))
}
