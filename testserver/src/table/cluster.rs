//! Kinds about the cluster itself, and those that hold data.

use super::age;
use super::column::{
    AGE, Column, NAME, Row, at, boolean, column, condition, integer, list, number, or, some_of, text,
};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) const NAME_AND_AGE: &[Column] = &[NAME, AGE];

pub(super) const CONFIG_MAP: &[Column] = &[
    NAME,
    column("Data", "How many entries there are", |row| (row.count("data") + row.count("binaryData")).into()),
    AGE,
];

pub(super) const SECRET: &[Column] = &[
    NAME,
    column("Type", "What is in it", |row| row.text("type").into()),
    column("Data", "How many entries there are", |row| row.count("data").into()),
    AGE,
];

pub(super) const NAMESPACE: &[Column] =
    &[NAME, column("Status", "Whether it is in use", |row| row.text("status.phase").into()), AGE];

pub(super) const NODE: &[Column] = &[
    NAME,
    column("Status", "Whether the Node is ready, and takes Pods", |row| node_status(row).into()),
    column("Roles", "What the Node is for", |row| node_roles(row).into()),
    AGE,
    column("Version", "The version of its kubelet", |row| row.text("status.nodeInfo.kubeletVersion").into()),
    column("Internal-IP", "Its address within the cluster", |row| address(row, "InternalIP").into()).wide(),
    column("External-IP", "Its address from outside", |row| address(row, "ExternalIP").into()).wide(),
    column("OS-Image", "Its operating system", |row| {
        row.text_or("status.nodeInfo.osImage", age::UNKNOWN).into()
    })
    .wide(),
    column("Kernel-Version", "Its kernel and architecture", |row| {
        let kernel = row.text_or("status.nodeInfo.kernelVersion", age::UNKNOWN);
        match row.text("status.nodeInfo.architecture") {
            "" => kernel.into(),
            architecture => format!("{kernel} ({architecture})").into(),
        }
    })
    .wide(),
    column("Container-Runtime", "What runs its containers", |row| {
        row.text_or("status.nodeInfo.containerRuntimeVersion", age::UNKNOWN).into()
    })
    .wide(),
];

fn node_status(row: &Row<'_>) -> String {
    let ready =
        row.list("status.conditions").iter().rev().find(|condition| text(condition, "type") == "Ready");
    let mut status = match ready.map(|condition| text(condition, "status")) {
        None => "Unknown",
        Some("True") => "Ready",
        Some(_) => "NotReady",
    }
    .to_owned();
    if row.flag("spec.unschedulable") {
        status.push_str(",SchedulingDisabled");
    }
    status
}

fn node_roles(row: &Row<'_>) -> String {
    let labels = row.at("metadata.labels").and_then(Value::as_object).into_iter().flatten();
    let role = |(key, value): (&'_ String, &Value)| match key.strip_prefix("node-role.kubernetes.io/") {
        Some(role) => Some(role.to_owned()),
        None if key == "kubernetes.io/role" => value.as_str().map(str::to_owned),
        None => None,
    };
    let roles: BTreeSet<String> = labels.filter_map(role).filter(|role| !role.is_empty()).collect();
    or(&roles.into_iter().collect::<Vec<_>>().join(","), "<none>").to_owned()
}

fn address<'a>(row: &Row<'a>, kind: &str) -> &'a str {
    let found = row.list("status.addresses").iter().find(|address| text(address, "type") == kind);
    found.map_or("<none>", |address| text(address, "address"))
}

/// Events of both groups, which call their fields differently.
pub(super) const EVENT: &[Column] = &[
    column("Last Seen", "How long ago it happened last", |row| last_seen(row).into()),
    column("Type", "Whether it is normal", |row| row.text("type").into()),
    column("Reason", "What happened, in a word", |row| row.text("reason").into()),
    column("Object", "To what it happened", |row| {
        let object = involved(row);
        let kind = object.map_or("", |object| text(object, "kind")).to_lowercase();
        match object.map_or("", |object| text(object, "name")) {
            "" => kind.into(),
            name => format!("{kind}/{name}").into(),
        }
    }),
    column("Subobject", "To which part of it", |row| {
        involved(row).map_or("", |object| text(object, "fieldPath")).into()
    })
    .wide(),
    column("Source", "Who says so", |row| source(row).into()).wide(),
    column("Message", "What happened", |row| or(row.text("message"), row.text("note")).trim().into()),
    column("First Seen", "How long ago it happened first", |row| first_seen(row).into()).wide(),
    column("Count", "How often it happened", |row| match (row.at("series"), event_count(row)) {
        (Some(series), _) => number(series, "count").into(),
        (None, 0) => 1.into(),
        (None, count) => count.into(),
    })
    .wide(),
    NAME.wide(),
];

fn involved<'a>(row: &Row<'a>) -> Option<&'a Value> {
    row.at("involvedObject").or_else(|| row.at("regarding"))
}

fn event_count(row: &Row<'_>) -> i64 {
    row.number("count").max(row.number("deprecatedCount"))
}

fn first_seen(row: &Row<'_>) -> String {
    let paths = ["firstTimestamp", "deprecatedFirstTimestamp", "eventTime"];
    age::since(paths.iter().find_map(|path| row.at(path)), row.now)
}

fn last_seen(row: &Row<'_>) -> String {
    if let Some(series) = row.at("series") {
        return age::since(at(series, "lastObservedTime"), row.now);
    }
    match row.at("lastTimestamp").or_else(|| row.at("deprecatedLastTimestamp")) {
        Some(time) => age::since(Some(time), row.now),
        None => first_seen(row),
    }
}

fn source(row: &Row<'_>) -> String {
    let first = |paths: [&str; 3]| paths.into_iter().map(|path| row.text(path)).find(|text| !text.is_empty());
    let component = ["source.component", "deprecatedSource.component", "reportingComponent"];
    let component = first(component).unwrap_or_else(|| row.text("reportingController"));
    match first(["source.host", "deprecatedSource.host", "reportingInstance"]) {
        None => component.to_owned(),
        Some(instance) => format!("{component}, {instance}"),
    }
}

pub(super) const COMPONENT_STATUS: &[Column] = &[
    NAME,
    column("Status", "Whether the component works", |row| {
        match healthy(row).map(|found| text(found, "status")) {
            None => "Unknown".into(),
            Some("True") => "Healthy".into(),
            Some(_) => "Unhealthy".into(),
        }
    }),
    column("Message", "What the component says", |row| {
        healthy(row).map_or("", |found| text(found, "message")).into()
    }),
    column("Error", "Why it does not work", |row| {
        healthy(row).map_or("", |found| text(found, "error")).into()
    }),
];

fn healthy<'a>(row: &Row<'a>) -> Option<&'a Value> {
    row.list("conditions").iter().find(|condition| text(condition, "type") == "Healthy")
}

pub(super) const RESOURCE_QUOTA: &[Column] = &[
    NAME,
    column("Request", "What is used, and may be used", |row| quota(row, false).into()),
    column("Limit", "Which limits are used, and may be used", |row| quota(row, true).into()),
    AGE,
];

fn quota(row: &Row<'_>, limits: bool) -> String {
    let hard = row.at("status.hard").and_then(Value::as_object).into_iter().flatten();
    let of_column = hard.filter(|(resource, _)| resource.starts_with("limits.") == limits);
    let shown = |(resource, hard): (&String, &Value)| {
        let used = row.at("status.used").and_then(|used| used.get(resource)?.as_str()).unwrap_or("0");
        format!("{resource}: {used}/{}", hard.as_str().unwrap_or_default())
    };
    of_column.map(shown).collect::<Vec<_>>().join(", ")
}

pub(super) const LEASE: &[Column] =
    &[NAME, column("Holder", "Who has the lease", |row| row.text("spec.holderIdentity").into()), AGE];

pub(super) const LEASE_CANDIDATE: &[Column] = &[
    NAME,
    column("LeaseName", "The lease that is wanted", |row| row.text("spec.leaseName").into()),
    column("BinaryVersion", "The version of the program", |row| row.text("spec.binaryVersion").into()),
    column("EmulationVersion", "The version that the program behaves like", |row| {
        row.text("spec.emulationVersion").into()
    }),
    AGE,
];

pub(super) const PRIORITY_CLASS: &[Column] = &[
    NAME,
    integer("Value", "The priority", |row| row.number("value").into()),
    boolean("Global-Default", "Whether it is for Pods that name none", |row| {
        row.flag("globalDefault").into()
    }),
    AGE,
    column("PreemptionPolicy", "Whether Pods make room for themselves", |row| {
        row.text("preemptionPolicy").into()
    }),
];

pub(super) const RUNTIME_CLASS: &[Column] =
    &[NAME, column("Handler", "What runs the Pods", |row| row.text("handler").into()), AGE];

pub(super) const FLOW_SCHEMA: &[Column] = &[
    NAME,
    column("PriorityLevel", "The level for the requests", |row| {
        row.text("spec.priorityLevelConfiguration.name").into()
    }),
    column("MatchingPrecedence", "When the schema is tried", |row| {
        row.number("spec.matchingPrecedence").into()
    }),
    column("DistinguisherMethod", "How requests are told apart", |row| {
        match row.at("spec.distinguisherMethod") {
            None => "<none>".into(),
            Some(method) => text(method, "type").into(),
        }
    }),
    AGE,
    column("MissingPL", "Whether the level is missing", |row| {
        condition(row.object, "Dangling").map_or("?", |condition| text(condition, "status")).into()
    }),
];

/// The order in which flow schemas are tried, and listed.
pub(super) fn sort_flow_schemas(schemas: &mut [&Value]) {
    schemas.sort_by_key(|schema| {
        (number(schema, "spec.matchingPrecedence"), text(schema, "metadata.name").to_owned())
    });
}

pub(super) const PRIORITY_LEVEL: &[Column] = &[
    NAME,
    column("Type", "Whether the level has limits", |row| row.text("spec.type").into()),
    column("NominalConcurrencyShares", "The share of the server", |row| {
        if row.at("spec.limited").is_none() {
            return "<none>".into();
        }
        row.number("spec.limited.nominalConcurrencyShares").into()
    }),
    column("Queues", "How many queues there are", |row| queuing(row, "queues")),
    column("HandSize", "How many queues a flow has", |row| queuing(row, "handSize")),
    column("QueueLengthLimit", "How long a queue may be", |row| queuing(row, "queueLengthLimit")),
    AGE,
];

fn queuing(row: &Row<'_>, property: &str) -> Value {
    match row.at("spec.limited.limitResponse.queuing") {
        None => "<none>".into(),
        Some(queuing) => number(queuing, property).into(),
    }
}

pub(super) const STORAGE_VERSION: &[Column] = &[
    NAME,
    column("CommonEncodingVersion", "What all servers write", |row| {
        row.at("status.commonEncodingVersion").and_then(Value::as_str).unwrap_or("<unset>").into()
    }),
    column("StorageVersions", "What each server writes", |row| {
        let shown = |version: &Value| {
            format!("{}={}", text(version, "apiServerID"), text(version, "encodingVersion"))
        };
        let versions: Vec<String> = row.list("status.storageVersions").iter().map(shown).collect();
        or(&some_of(&versions, 3), "<unset>").into()
    }),
    AGE,
];

pub(super) const STORAGE_VERSION_MIGRATION: &[Column] = &[
    Column { format: "", ..NAME },
    column("Resource", "What is migrated", |row| {
        let (group, resource) = (row.text("spec.resource.group"), row.text("spec.resource.resource"));
        if group.is_empty() { resource.into() } else { format!("{resource}.{group}").into() }
    }),
    column("Status", "How far it is", |row| {
        let is_state = |condition: &&Value| {
            text(condition, "status") == "True"
                && ["Running", "Failed", "Succeeded"].contains(&text(condition, "type"))
        };
        let state = list(row.object, "status.conditions").iter().rev().find(is_state);
        state.map_or("Unknown", |condition| text(condition, "type")).into()
    }),
];

pub(super) const API_SERVICE: &[Column] = &[
    NAME,
    column("Service", "Who serves the API", |row| match row.at("spec.service") {
        None => "Local".into(),
        Some(service) => format!("{}/{}", text(service, "namespace"), text(service, "name")).into(),
    }),
    column("Available", "Whether the API is served", |row| {
        let Some(condition) = condition(row.object, "Available") else { return "Unknown".into() };
        match (text(condition, "status"), text(condition, "reason")) {
            (status @ "True", _) | (status, "") => status.into(),
            (status, reason) => format!("{status} ({reason})").into(),
        }
    }),
    AGE,
];
