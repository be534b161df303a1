//! Tables: lists as people read them, which is what kubectl asks for.

mod access;
mod age;
mod cluster;
mod column;
mod custom;
mod devices;
mod kinds;
mod network;
mod pods;
mod storage;
#[cfg(test)]
mod tests;
mod workloads;

use crate::failure::{Cause, Failure};
use column::{Column, Row, text};
use custom::CustomColumn;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The columns of a kind.
#[derive(Clone, Debug)]
pub(crate) struct TableKind {
    columns: Columns,
    quirk: Quirk,
}

#[derive(Clone, Debug)]
enum Columns {
    BuiltIn(&'static [Column]),
    Custom(Vec<CustomColumn>),
}

/// What is peculiar to the tables of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quirk {
    None,
    /// Rows have conditions.
    Pods,
    /// One row is marked, which depends on all of them.
    StorageClasses,
    /// Rows are in an order of their own.
    FlowSchemas,
    /// Each event of a watch has headers.
    ApiServices,
    /// Without objects there are no rows, instead of an empty list of rows.
    NullRows,
}

/// What of an object is in its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum IncludeObject {
    None,
    #[default]
    Metadata,
    Object,
}

impl IncludeObject {
    /// Reads the query parameter `includeObject`.
    ///
    /// # Errors
    ///
    /// 400, if it is something else.
    pub(crate) fn parse(parameter: Option<&str>) -> Result<Self, Failure> {
        match parameter.unwrap_or_default() {
            "" | "Metadata" => Ok(Self::Metadata),
            "Object" => Ok(Self::Object),
            "None" => Ok(Self::None),
            other => {
                let detail = "must be 'Metadata', 'Object', 'None', or empty";
                let cause = Cause::invalid("includeObject", &other.into(), detail);
                Err(Failure::bad_request(format!("Unable to convert to Table as requested: {cause}")))
            }
        }
    }
}

/// How a table is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Of `meta.k8s.io`: `v1` or `v1beta1`.
    pub(crate) version: &'static str,
    pub(crate) include: IncludeObject,
    /// Whether the columns are named. In a watch, only the first event does so.
    pub(crate) headers: bool,
}

impl TableKind {
    /// The columns of a built-in kind, also of `Scale`.
    pub(crate) fn built_in(group: &str, kind: &str) -> Self {
        let columns = kinds::columns(group, kind);
        let quirk = match (group, kind) {
            ("", "Pod") => Quirk::Pods,
            ("storage.k8s.io", "StorageClass") => Quirk::StorageClasses,
            ("flowcontrol.apiserver.k8s.io", "FlowSchema") => Quirk::FlowSchemas,
            ("apiregistration.k8s.io", "APIService") => Quirk::ApiServices,
            ("apiextensions.k8s.io", "CustomResourceDefinition") => Quirk::NullRows,
            _ if columns.is_none() => Quirk::NullRows,
            _ => Quirk::None,
        };
        Self { columns: Columns::BuiltIn(columns.unwrap_or(access::NAME_AND_TIME)), quirk }
    }

    /// The columns of a custom kind: `additionalPrinterColumns` of its version.
    pub(crate) fn custom(additional_printer_columns: &[Value]) -> Self {
        Self { columns: Columns::Custom(custom::columns(additional_printer_columns)), quirk: Quirk::None }
    }

    fn definitions(&self) -> Vec<Value> {
        match &self.columns {
            Columns::BuiltIn(columns) => {
                columns.iter().filter(|column| !column.headless).map(Column::definition).collect()
            }
            Columns::Custom(columns) => {
                let columns = columns.iter().map(CustomColumn::definition);
                std::iter::once(column::NAME.definition()).chain(columns).collect()
            }
        }
    }

    fn cells(&self, row: &Row<'_>) -> Vec<Value> {
        match &self.columns {
            Columns::BuiltIn(columns) => columns.iter().map(|column| (column.cell)(row)).collect(),
            Columns::Custom(columns) => {
                let cells = columns.iter().map(|column| column.cell(row.object, row.now));
                std::iter::once(row.name().into()).chain(cells).collect()
            }
        }
    }

    fn row(&self, row: &Row<'_>, form: Form) -> Value {
        let mut value = json!({ "cells": self.cells(row), "object": included(row.object, form) });
        if self.quirk == Quirk::Pods
            && let Some(conditions) = pods::conditions(row.object)
        {
            value["conditions"] = conditions;
        }
        value
    }
}

/// A `Table` of objects, with the metadata of their list.
///
/// The objects must say their kind and version, if the form wants them in the rows.
pub(crate) fn table<'a>(
    kind: &TableKind,
    objects: impl IntoIterator<Item = &'a Value>,
    form: Form,
    list_metadata: Value,
) -> Value {
    let mut objects: Vec<&Value> = objects.into_iter().collect();
    if kind.quirk == Quirk::FlowSchemas {
        cluster::sort_flow_schemas(&mut objects);
    }
    let default = if kind.quirk == Quirk::StorageClasses { storage::default_class(&objects) } else { None };
    let now = Timestamp::now();
    let rows: Vec<Value> = objects
        .into_iter()
        .map(|object| {
            let is_default = default.is_some_and(|name| name == text(object, "metadata.name"));
            kind.row(&Row { object, now, is_default }, form)
        })
        .collect();
    let rows = if rows.is_empty() && kind.quirk == Quirk::NullRows { Value::Null } else { rows.into() };
    whole(kind, rows, form, list_metadata)
}

/// A `Table` of one object, as the answer to a `get` or as an event of a watch.
pub(crate) fn table_of_one(kind: &TableKind, object: &Value, form: Form) -> Value {
    let mut metadata = Map::new();
    if let Some(version) = column::at(object, "metadata.resourceVersion") {
        metadata.insert("resourceVersion".into(), version.clone());
    }
    // What is the default among storage classes is only said of a list.
    let row = kind.row(&Row { object, now: Timestamp::now(), is_default: false }, form);
    whole(kind, json!([row]), form, metadata.into())
}

fn whole(kind: &TableKind, rows: Value, form: Form, metadata: Value) -> Value {
    let has_headers = form.headers || kind.quirk == Quirk::ApiServices;
    let definitions = if has_headers { kind.definitions().into() } else { Value::Null };
    json!({
        "kind": "Table",
        "apiVersion": format!("meta.k8s.io/{}", form.version),
        "metadata": metadata,
        "columnDefinitions": definitions,
        "rows": rows,
    })
}

/// What of an object is in its row.
fn included(object: &Value, form: Form) -> Value {
    let metadata = object.get("metadata").unwrap_or(&Value::Null);
    let ends_initial_events = metadata
        .get("annotations")
        .and_then(|annotations| annotations.get("k8s.io/initial-events-end"))
        .is_some_and(|value| value == "true");
    match form.include {
        IncludeObject::Object => object.clone(),
        // Who watches must see where the initial events end.
        IncludeObject::None if !ends_initial_events => Value::Null,
        _ => json!({
            "kind": "PartialObjectMetadata",
            "apiVersion": format!("meta.k8s.io/{}", form.version),
            "metadata": metadata,
        }),
    }
}
