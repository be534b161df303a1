//! The custom resource.

use kubeset::apimachinery::pkg::apis::meta::v1::{Condition, ObjectMeta};
use kubeset::k8s_openapi::{ListableResource, NamespaceResourceScope, Resource};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A Widget.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "what counts is that they are decoded")]
pub(crate) struct Widget {
    metadata: ObjectMeta,
    spec: WidgetSpec,
    status: Option<WidgetStatus>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "what counts is that they are decoded")]
pub(crate) struct WidgetSpec {
    replicas: i32,
    image: String,
    paused: bool,
    parts: Vec<WidgetPart>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "what counts is that they are decoded")]
pub(crate) struct WidgetPart {
    name: String,
    size: i64,
    options: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what counts is that they are decoded")]
pub(crate) struct WidgetStatus {
    observed_generation: i64,
    ready_replicas: i32,
    conditions: Vec<Condition>,
}

impl Resource for Widget {
    const API_VERSION: &'static str = "bench.example.com/v1";
    const GROUP: &'static str = "bench.example.com";
    const KIND: &'static str = "Widget";
    const VERSION: &'static str = "v1";
    const URL_PATH_SEGMENT: &'static str = "widgets";
    type Scope = NamespaceResourceScope;
}

impl ListableResource for Widget {
    const LIST_KIND: &'static str = "WidgetList";
}
