//! One version of a definition, or what all have in common.

use super::spec::Shared;
use super::{defaults, openapi, selectable, structural};
use crate::kinds::{Look, Path, Report};
use crate::names::label_1035;
use serde_json::Value;

const COLUMN_TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: [&str; 8] =
    ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

/// What a schema may say at its root if the status, which has a schema of its own then, is not to lose anything.
const AT_ROOT: [&str; 22] = [
    "Description",
    "Type",
    "Format",
    "Title",
    "Maximum",
    "ExclusiveMaximum",
    "Minimum",
    "ExclusiveMinimum",
    "MaxLength",
    "MinLength",
    "Pattern",
    "MaxItems",
    "MinItems",
    "UniqueItems",
    "MultipleOf",
    "Required",
    "Items",
    "Properties",
    "ExternalDocs",
    "Example",
    "XPreserveUnknownFields",
    "XValidations",
];

/// What is wrong with a version, but for what all have in common.
pub(super) fn check(version: &Value, shared: Shared, path: Path<'_>, report: &mut Report) {
    let name = version.text("name");
    let broken = label_1035(name);
    if !broken.is_empty() {
        report.invalid(path.child("name"), name, &broken.join(","));
    }
    deprecation(version, path.child("deprecationWarning"), report);
    if !shared.schema {
        schema(version, path.child("schema"), report);
    }
    if !shared.subresources {
        subresources(&version["subresources"], path.child("subresources"), report);
    }
    if !shared.columns {
        columns(version.list("additionalPrinterColumns"), path.child("additionalPrinterColumns"), report);
    }
    if !shared.selectable && shared.schema {
        let detail = "may only be set when `version.schema.openAPIV3Schema` is not included";
        selectable::refuse(version, detail, path.child("selectableFields"), report);
    } else if !shared.selectable {
        selectable::check(version, path.child("selectableFields"), report);
    }
}

/// What is wrong with what all versions have in common; `version` is any of them.
pub(super) fn check_shared(version: &Value, shared: Shared, path: Path<'_>, report: &mut Report) {
    if shared.schema {
        schema(version, path.child("validation"), report);
    }
    if shared.subresources {
        subresources(&version["subresources"], path.child("subresources"), report);
    }
    if shared.columns {
        columns(version.list("additionalPrinterColumns"), path.child("additionalPrinterColumns"), report);
    }
    if shared.selectable && !shared.schema {
        let detail = "may only be set when validations.schema is included";
        selectable::refuse(version, detail, path.child("selectableFields"), report);
    } else if shared.selectable {
        selectable::check(version, path.child("selectableFields"), report);
    }
}

fn deprecation(version: &Value, path: Path<'_>, report: &mut Report) {
    let Some(text) = version["deprecationWarning"].as_str() else { return };
    if !version.is_true("deprecated") {
        return report.invalid(path, text, "can only be set for deprecated versions");
    }
    if text.len() > 256 {
        report.invalid(path, text, "must be <= 256 characters long");
    }
    if text.is_empty() {
        report.invalid(path, text, "must not be an empty string");
    }
    if let Some((index, _)) = text.char_indices().find(|(_, letter)| letter.is_control()) {
        let detail = format!(
            "must only contain printable UTF-8 characters; non-printable character found at index {index}"
        );
        report.invalid(path, text, &detail);
    }
}

fn schema(version: &Value, path: Path<'_>, report: &mut Report) {
    let schema = &version["schema"]["openAPIV3Schema"];
    let path = path.child("openAPIV3Schema");
    if !schema.is_object() {
        return;
    }
    if version["subresources"].has("status") {
        root_of_status(schema, path, report);
    }
    if schema.is_true("nullable") {
        report.forbidden(path.child("nullable"), "nullable cannot be true at the root");
    }
    let before = report.len();
    // What has parts that nothing is known about has no structure.
    if openapi::is_supported(schema) {
        structural::check(schema, path, report);
    }
    if report.len() == before {
        defaults::check(schema, path, report);
    }
    openapi::check(schema, path, report);
}

/// A schema whose status is checked by itself may not say more at the root.
fn root_of_status(schema: &Value, path: Path<'_>, report: &mut Report) {
    let kind = schema.text("type");
    if !kind.is_empty() && kind != "object" {
        let detail = "only \"object\" is allowed as the type at the root of the schema if the status subresource is \
                      enabled";
        return report.invalid(path.child("type"), kind, detail);
    }
    let internal = |field: &str| match field.strip_prefix("x-kubernetes-") {
        Some(extension) => {
            let words = extension.split('-').map(capitalised);
            format!("X{}", words.collect::<String>())
        }
        None => capitalised(field),
    };
    let says = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    let fields = schema.as_object().into_iter().flatten().filter(|(_, value)| says(value));
    if fields.map(|(field, _)| internal(field)).any(|field| !AT_ROOT.contains(&field.as_str())) {
        let detail = format!(
            "only [{}] fields are allowed at the root of the schema if the status subresource is enabled",
            AT_ROOT.join(" ")
        );
        report.invalid(path, schema.clone(), &detail);
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn subresources(subresources: &Value, path: Path<'_>, report: &mut Report) {
    let scale = &subresources["scale"];
    if !scale.is_object() {
        return;
    }
    let path = path.child("scale");
    replicas(scale, "specReplicasPath", ".spec.", path, report);
    replicas(scale, "statusReplicasPath", ".status.", path, report);
    let selector = scale.text("labelSelectorPath");
    let path = path.child("labelSelectorPath");
    if !selector.is_empty()
        && is_simple_path(selector, path, report)
        && ![".spec.", ".status."].iter().any(|start| selector.starts_with(start))
    {
        report.invalid(path, selector, "should be a json path under either .spec or .status");
    }
}

fn replicas(scale: &Value, field: &str, start: &str, path: Path<'_>, report: &mut Report) {
    let path = path.child(field);
    let text = scale.text(field);
    if text.is_empty() {
        report.required(path, "");
    } else if is_simple_path(text, path, report) && !text.starts_with(start) {
        report.invalid(path, text, &format!("should be a json path under {}", start.trim_end_matches('.')));
    }
}

/// Whether a path begins with a dot, as it should.
fn is_simple_path(text: &str, path: Path<'_>, report: &mut Report) -> bool {
    let fine = text.starts_with('.');
    if !fine {
        report.invalid(path, text, "must be a simple json path starting with .");
    }
    fine
}

fn columns(columns: &[Value], path: Path<'_>, report: &mut Report) {
    for (index, column) in columns.iter().enumerate() {
        let path = path.index(index);
        if column.text("name").is_empty() {
            report.required(path.child("name"), "");
        }
        let kind = column.text("type");
        let detail = format!("must be one of {}", COLUMN_TYPES.join(","));
        if kind.is_empty() {
            report.required(path.child("type"), &detail);
        } else if !COLUMN_TYPES.contains(&kind) {
            report.invalid(path.child("type"), kind, &detail);
        }
        let format = column.text("format");
        if !format.is_empty() && !COLUMN_FORMATS.contains(&format) {
            let detail = format!("must be one of {}", COLUMN_FORMATS.join(","));
            report.invalid(path.child("format"), format, &detail);
        }
        let json_path = column.text("jsonPath");
        if json_path.is_empty() {
            report.required(path.child("JSONPath"), "");
        } else {
            is_simple_path(json_path, path.child("JSONPath"), report);
        }
    }
}
