//! The custom resource.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a Widget should be.
#[derive(Clone, CustomResource, Debug, Deserialize, Serialize)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Widget",
    namespaced,
    schema = "disabled",
    status = "WidgetStatus"
)]
pub(crate) struct WidgetSpec {
    replicas: i32,
    image: String,
    paused: bool,
    parts: Vec<WidgetPart>,
}

/// One of its parts.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct WidgetPart {
    name: String,
    size: i64,
    options: BTreeMap<String, String>,
}

/// What it is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WidgetStatus {
    observed_generation: i64,
    ready_replicas: i32,
    conditions: Vec<Condition>,
}
