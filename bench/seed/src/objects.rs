//! `ConfigMap`s, the custom resource and its objects. The same index always gives the same object.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// The group of the custom resource.
pub(crate) const GROUP: &str = "bench.example.com";

/// Some letters and digits.
pub(crate) fn text(random: &mut Rng, length: usize) -> String {
    std::iter::repeat_with(|| random.alphanumeric().to_ascii_lowercase()).take(length).collect()
}

/// A `ConfigMap` of about a kilobyte.
pub(crate) fn config_map(index: usize) -> Value {
    let mut random = Rng::with_seed(index as u64);
    let mut data = Map::new();
    for key in ["database.host", "database.pool", "feature.flags", "log.level", "region", "retries"] {
        data.insert(key.to_owned(), text(&mut random, 24).into());
    }
    let lines = (0..12).map(|line| format!("option.{line} = {}\n", text(&mut random, 32)));
    data.insert("application.properties".to_owned(), lines.collect::<String>().into());
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": format!("settings-{index:05}"),
            "labels": {
                "app.kubernetes.io/name": format!("service-{}", index % 40),
                "app.kubernetes.io/managed-by": "Helm",
            },
            "annotations": { "meta.helm.sh/release-name": format!("release-{}", index % 40) },
        },
        "data": data,
    })
}

/// The custom resource.
pub(crate) fn definition() -> Value {
    let text = json!({ "type": "string" });
    let integer = json!({ "type": "integer", "format": "int64" });
    let part = json!({
        "type": "object",
        "required": ["name", "size", "options"],
        "properties": {
            "name": text,
            "size": integer,
            "options": { "type": "object", "additionalProperties": text },
        },
    });
    let condition = json!({
        "type": "object",
        "required": ["type", "status", "lastTransitionTime", "reason", "message"],
        "properties": {
            "type": text,
            "status": text,
            "lastTransitionTime": { "type": "string", "format": "date-time" },
            "observedGeneration": integer,
            "reason": text,
            "message": text,
        },
    });
    let schema = json!({
        "type": "object",
        "required": ["spec"],
        "properties": {
            "spec": {
                "type": "object",
                "required": ["replicas", "image", "paused", "parts"],
                "properties": {
                    "replicas": integer,
                    "image": text,
                    "paused": { "type": "boolean" },
                    "parts": { "type": "array", "items": part },
                },
            },
            "status": {
                "type": "object",
                "properties": {
                    "observedGeneration": integer,
                    "readyReplicas": integer,
                    "conditions": { "type": "array", "items": condition },
                },
            },
        },
    });
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("widgets.{GROUP}") },
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": { "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList" },
            "versions": [{
                "name": "v1",
                "served": true,
                "storage": true,
                "subresources": { "status": {} },
                "schema": { "openAPIV3Schema": schema },
            }],
        },
    })
}

/// The name of a custom object.
pub(crate) fn widget_name(index: usize) -> String {
    format!("widget-{index:05}")
}

/// A custom object, without its status.
pub(crate) fn widget(index: usize) -> Value {
    let mut random = Rng::with_seed(index as u64);
    let mut parts = Vec::new();
    for number in 0..6 {
        parts.push(json!({
            "name": format!("part-{number}"),
            "size": random.u32(1..4096),
            "options": { "colour": text(&mut random, 8), "material": text(&mut random, 12), "vendor": text(&mut random, 16) },
        }));
    }
    json!({
        "apiVersion": format!("{GROUP}/v1"),
        "kind": "Widget",
        "metadata": {
            "name": widget_name(index),
            "labels": { "app.kubernetes.io/name": format!("widget-{}", index % 20), "tier": "backend" },
            "annotations": { "bench.example.com/note": text(&mut random, 60) },
        },
        "spec": {
            "replicas": random.u8(1..9),
            "image": format!("registry.example.com/widgets/{}:1.{}", text(&mut random, 8), random.u8(..)),
            "paused": random.bool(),
            "parts": parts,
        },
    })
}

/// The status of a custom object.
pub(crate) fn widget_status(index: usize) -> Value {
    let mut random = Rng::with_seed(index as u64);
    let conditions: Vec<Value> = ["Ready", "Progressing", "Available"]
        .iter()
        .map(|condition| {
            json!({
                "type": condition,
                "status": "True",
                "observedGeneration": 1,
                "lastTransitionTime": "2026-03-04T05:06:07Z",
                "reason": "MinimumReplicasAvailable",
                "message": format!("{condition}: {}", text(&mut random, 30)),
            })
        })
        .collect();
    json!({ "observedGeneration": 1, "readyReplicas": random.u8(1..9), "conditions": conditions })
}
