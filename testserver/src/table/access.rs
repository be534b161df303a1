//! Kinds about who may do what, and about extensions of the API.

use super::age;
use super::column::{
    AGE, CREATED_AT, Column, NAME, Row, at, boolean, column, integer, is_true, list, or, text,
};
use serde_json::Value;

pub(super) const NAME_AND_TIME: &[Column] = &[NAME, CREATED_AT];

/// Bindings of Roles and of ClusterRoles.
pub(super) const BINDING: &[Column] = &[
    NAME,
    column("Role", "What is allowed", |row| {
        format!("{}/{}", row.text("roleRef.kind"), row.text("roleRef.name")).into()
    }),
    AGE,
    column("Users", "To which users", |row| subjects(row, "User").into()).wide(),
    column("Groups", "To which groups", |row| subjects(row, "Group").into()).wide(),
    column("ServiceAccounts", "To which service accounts", |row| subjects(row, "ServiceAccount").into())
        .wide(),
];

fn subjects(row: &Row<'_>, kind: &str) -> String {
    let of_kind = row.list("subjects").iter().filter(|subject| text(subject, "kind") == kind);
    let shown = |subject: &Value| match kind {
        "ServiceAccount" => format!("{}/{}", text(subject, "namespace"), text(subject, "name")),
        _ => text(subject, "name").to_owned(),
    };
    of_kind.map(shown).collect::<Vec<_>>().join(", ")
}

const SIGNER_NAME: Column =
    column("SignerName", "Who signs", |row| row.text_or("spec.signerName", "<none>").into());

pub(super) const CERTIFICATE_SIGNING_REQUEST: &[Column] = &[
    NAME,
    AGE,
    SIGNER_NAME,
    column("Requestor", "Who asks", |row| row.text("spec.username").into()),
    column("RequestedDuration", "For how long", |row| {
        match row.at("spec.expirationSeconds").and_then(Value::as_i64) {
            None => "<none>".into(),
            Some(seconds) => age::human(seconds).into(),
        }
    }),
    column("Condition", "What became of it", |row| request_state(row).into()),
];

fn request_state(row: &Row<'_>) -> String {
    let has =
        |kind: &str| list(row.object, "status.conditions").iter().any(|found| text(found, "type") == kind);
    let mut state = match () {
        () if has("Denied") => "Denied",
        () if has("Approved") => "Approved",
        () => "Pending",
    }
    .to_owned();
    if has("Failed") {
        state.push_str(",Failed");
    }
    if !row.text("status.certificate").is_empty() {
        state.push_str(",Issued");
    }
    state
}

pub(super) const CLUSTER_TRUST_BUNDLE: &[Column] = &[NAME, SIGNER_NAME];

pub(super) const POD_CERTIFICATE_REQUEST: &[Column] = &[
    NAME,
    column("PodName", "For which Pod", |row| row.text("spec.podName").into()),
    column("ServiceAccountName", "For which service account", |row| {
        row.text("spec.serviceAccountName").into()
    }),
    column("NodeName", "On which Node", |row| row.text("spec.nodeName").into()),
    column("SignerName", "Who signs", |row| row.text("spec.signerName").into()),
    column("State", "What became of it", |row| {
        let known = |condition: &&Value| ["Issued", "Denied", "Failed"].contains(&text(condition, "type"));
        let last = row.list("status.conditions").iter().rev().find(known);
        last.map_or("Pending", |condition| text(condition, "type")).into()
    }),
    column("UnverifiedUserAnnotations", "What the Pod adds", |row| {
        row.labels("spec.unverifiedUserAnnotations").into()
    }),
];

/// Configurations of webhooks, mutating and validating ones.
pub(super) const WEBHOOKS: &[Column] =
    &[NAME, integer("Webhooks", "How many webhooks there are", |row| row.count("webhooks").into()), AGE];

const PARAMETER_KIND: Column =
    column("ParamKind", "The kind of the parameters", |row| match row.at("spec.paramKind") {
        None => "<unset>".into(),
        Some(kind) => format!("{}/{}", text(kind, "apiVersion"), text(kind, "kind")).into(),
    });

pub(super) const VALIDATING_POLICY: &[Column] = &[
    NAME,
    integer("Validations", "How many rules there are", |row| row.count("spec.validations").into()),
    PARAMETER_KIND,
    AGE,
];

pub(super) const MUTATING_POLICY: &[Column] = &[
    NAME,
    integer("Mutations", "How many changes there are", |row| row.count("spec.mutations").into()),
    PARAMETER_KIND,
    AGE,
];

pub(super) const POLICY_BINDING: &[Column] = &[
    NAME,
    column("PolicyName", "The policy", |row| row.text("spec.policyName").into()),
    column("ParamRef", "The policy's parameters", |row| parameters(row).into()),
    AGE,
];

fn parameters(row: &Row<'_>) -> String {
    let Some(reference) = row.at("spec.paramRef") else { return "<unset>".to_owned() };
    match text(reference, "name") {
        "" => at(reference, "selector").map_or_else(|| "<unset>".to_owned(), go_selector),
        name => format!("{}/{name}", or(text(reference, "namespace"), "*")),
    }
}

/// A label selector as Go prints the structure.
fn go_selector(selector: &Value) -> String {
    let labels = at(selector, "matchLabels").and_then(Value::as_object).into_iter().flatten();
    let labels: String =
        labels.map(|(key, value)| format!("{key}: {},", value.as_str().unwrap_or_default())).collect();
    let expressions: String = list(selector, "matchExpressions").iter().map(go_expression).collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )
}

fn go_expression(expression: &Value) -> String {
    let values: Vec<&str> = list(expression, "values").iter().filter_map(Value::as_str).collect();
    format!(
        "LabelSelectorRequirement{{Key:{},Operator:{},Values:[{}],}},",
        text(expression, "key"),
        text(expression, "operator"),
        values.join(" ")
    )
}

pub(super) const CUSTOM_RESOURCE_DEFINITION: &[Column] = &[
    NAME,
    column("Scope", "Whether objects lie in namespaces", |row| row.text("spec.scope").into()),
    column("Versions", "The versions that are served", |row| versions(row).into()),
    CREATED_AT,
    column("Group", "The API group", |row| row.text("spec.group").into()).wide(),
    column("Kind", "The kind of the objects", |row| row.text("spec.names.kind").into()).wide(),
    column("ShortNames", "Shorter names of the resource", |row| {
        row.joined("spec.names.shortNames", ",").into()
    })
    .wide(),
    boolean("Established", "Whether the resource is served", |row| is_established(row).into()).wide(),
];

fn versions(row: &Row<'_>) -> String {
    let served =
        row.list("spec.versions").iter().filter(|version| version.get("served") == Some(&Value::Bool(true)));
    let shown = |version: &Value| match version.get("storage") {
        Some(Value::Bool(true)) => format!("{}(storage)", text(version, "name")),
        _ => text(version, "name").to_owned(),
    };
    let mut versions: Vec<String> = served.map(shown).collect();
    versions.sort();
    versions.join(",")
}

fn is_established(row: &Row<'_>) -> bool {
    is_true(row.object, "Established")
}
