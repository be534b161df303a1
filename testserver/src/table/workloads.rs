//! Kinds that run Pods: `apps`, `batch`, `autoscaling`, `policy`.

use super::age;
use super::column::{AGE, Column, NAME, Row, at, boolean, column, condition, integer, list, text};
use serde_json::Value;

const TEMPLATE: &str = "spec.template.spec";

const CONTAINERS: Column = column("Containers", "The names of the containers in the Pod template", |row| {
    row.containers(TEMPLATE, "name").into()
})
.wide();

const IMAGES: Column =
    column("Images", "The images in the Pod template", |row| row.containers(TEMPLATE, "image").into()).wide();

const SELECTOR: Column =
    column("Selector", "Which Pods belong to the object", |row| row.selector_or_none("spec.selector").into())
        .wide();

pub(super) const DEPLOYMENT: &[Column] = &[
    NAME,
    column("Ready", "How many of the wanted Pods are ready", |row| ready(row).into()),
    column("Up-to-date", "Pods made from the latest template", |row| {
        row.number("status.updatedReplicas").into()
    }),
    column("Available", "Pods that have been ready for long enough", |row| {
        row.number("status.availableReplicas").into()
    }),
    AGE,
    CONTAINERS,
    IMAGES,
    column("Selector", "Which Pods belong to the object", |row| row.selector("spec.selector").into()).wide(),
];

pub(super) const REPLICA_SET: &[Column] = &[NAME, DESIRED, CURRENT, READY, AGE, CONTAINERS, IMAGES, SELECTOR];

pub(super) const REPLICATION_CONTROLLER: &[Column] = &[
    NAME,
    DESIRED,
    CURRENT,
    READY,
    AGE,
    CONTAINERS,
    IMAGES,
    column("Selector", "Which Pods belong to the object", |row| row.labels("spec.selector").into()).wide(),
];

const DESIRED: Column =
    integer("Desired", "How many Pods are wanted", |row| row.number("spec.replicas").into());
const CURRENT: Column =
    integer("Current", "How many Pods there are", |row| row.number("status.replicas").into());
const READY: Column =
    integer("Ready", "How many Pods are ready", |row| row.number("status.readyReplicas").into());

pub(super) const STATEFUL_SET: &[Column] = &[
    NAME,
    column("Ready", "How many of the wanted Pods are ready", |row| ready(row).into()),
    AGE,
    CONTAINERS,
    IMAGES,
];

pub(super) const DAEMON_SET: &[Column] = &[
    NAME,
    integer("Desired", "Nodes that should run the Pod", |row| {
        row.number("status.desiredNumberScheduled").into()
    }),
    integer("Current", "Nodes that run the Pod and should", |row| {
        row.number("status.currentNumberScheduled").into()
    }),
    integer("Ready", "Nodes whose Pod is ready", |row| row.number("status.numberReady").into()),
    integer("Up-to-date", "Nodes whose Pod was made from the latest template", |row| {
        row.number("status.updatedNumberScheduled").into()
    }),
    integer("Available", "Nodes whose Pod has been ready for long enough", |row| {
        row.number("status.numberAvailable").into()
    }),
    column("Node Selector", "Labels of the Nodes that should run the Pod", |row| {
        row.labels("spec.template.spec.nodeSelector").into()
    }),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub(super) const CONTROLLER_REVISION: &[Column] = &[
    NAME,
    column("Controller", "What the revision is a state of", |row| controller(row).into()),
    column("Revision", "The number of the revision", |row| row.number("revision").into()),
    AGE,
];

pub(super) const JOB: &[Column] = &[
    NAME,
    column("Status", "What state the Job is in", |row| job_status(row).into()),
    column("Completions", "How many of the wanted Pods have succeeded", |row| completions(row).into()),
    column("Duration", "How long the Job took or has been taking", |row| duration(row).into()),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

const JOB_TEMPLATE: &str = "spec.jobTemplate.spec.template.spec";

pub(super) const CRON_JOB: &[Column] = &[
    NAME,
    column("Schedule", "When Jobs are made, as for cron", |row| row.text("spec.schedule").into()),
    column("Timezone", "The time zone of the schedule", |row| {
        row.at("spec.timeZone").and_then(Value::as_str).unwrap_or("<none>").into()
    }),
    boolean("Suspend", "Whether no Jobs are made for now", |row| match row.at("spec.suspend") {
        None => "<unset>".into(),
        Some(Value::Bool(true)) => "True".into(),
        Some(_) => "False".into(),
    }),
    integer("Active", "How many Jobs are running", |row| row.count("status.active").into()),
    column("Last Schedule", "How long ago a Job was made", |row| match row.at("status.lastScheduleTime") {
        None => "<none>".into(),
        Some(time) => age::since(Some(time), row.now).into(),
    }),
    AGE,
    column("Containers", "The names of the containers in the Pod template", |row| {
        row.containers(JOB_TEMPLATE, "name").into()
    })
    .wide(),
    column("Images", "The images in the Pod template", |row| row.containers(JOB_TEMPLATE, "image").into())
        .wide(),
    column("Selector", "Which Pods belong to the Jobs", |row| {
        row.selector_or_none("spec.jobTemplate.spec.selector").into()
    })
    .wide(),
];

pub(super) const POD_DISRUPTION_BUDGET: &[Column] = &[
    NAME,
    column("Min Available", "How many Pods must stay available", |row| {
        limit(row, "spec.minAvailable").into()
    }),
    column("Max Unavailable", "How many Pods may be unavailable", |row| {
        limit(row, "spec.maxUnavailable").into()
    }),
    integer("Allowed Disruptions", "How many Pods may be evicted now", |row| {
        row.number("status.disruptionsAllowed").into()
    }),
    AGE,
];

pub(super) const POD_TEMPLATE: &[Column] = &[
    NAME,
    column("Containers", "The names of the containers", |row| row.containers("template.spec", "name").into()),
    column("Images", "The images of the containers", |row| row.containers("template.spec", "image").into()),
    column("Pod Labels", "The labels of Pods made from it", |row| {
        row.labels("template.metadata.labels").into()
    }),
];

pub(super) const SCALE: &[Column] = &[
    Column { format: "", ..NAME },
    integer("Desired", "How many Pods are wanted", |row| row.number("spec.replicas").into()),
    integer("Available", "How many Pods there are", |row| row.number("status.replicas").into()),
    AGE,
];

fn ready(row: &Row<'_>) -> String {
    format!("{}/{}", row.number("status.readyReplicas"), row.number("spec.replicas"))
}

/// A number or a percentage.
fn limit(row: &Row<'_>, path: &str) -> String {
    match row.at(path) {
        None => "N/A".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn controller(row: &Row<'_>) -> String {
    let owners = row.list("metadata.ownerReferences");
    let owner = owners.iter().find(|owner| owner.get("controller") == Some(&Value::Bool(true)));
    let Some(owner) = owner else { return "<none>".to_owned() };
    let kind = text(owner, "kind").to_lowercase();
    match text(owner, "apiVersion").split_once('/') {
        Some((group, _)) => format!("{kind}.{}/{}", group.to_lowercase(), text(owner, "name")),
        None => format!("{kind}/{}", text(owner, "name")),
    }
}

fn job_status(row: &Row<'_>) -> &'static str {
    let holds = |kind: &str| condition(row.object, kind).is_some_and(|found| text(found, "status") == "True");
    match () {
        () if holds("Complete") => "Complete",
        () if holds("Failed") => "Failed",
        () if row.is_being_deleted() => "Terminating",
        () if holds("Suspended") => "Suspended",
        () if holds("FailureTarget") => "FailureTarget",
        () if holds("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    }
}

fn completions(row: &Row<'_>) -> String {
    let succeeded = row.number("status.succeeded");
    match (row.at("spec.completions"), row.number("spec.parallelism")) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, parallelism @ 2..) => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

fn duration(row: &Row<'_>) -> String {
    let time = |path: &str| row.text(path).parse().ok();
    match (time("status.startTime"), time("status.completionTime")) {
        (None, _) => String::new(),
        (Some(start), end) => age::between(start, end.unwrap_or(row.now)),
    }
}

pub(super) const HORIZONTAL_POD_AUTOSCALER: &[Column] = &[
    NAME,
    column("Reference", "What is scaled", |row| {
        format!("{}/{}", row.text("spec.scaleTargetRef.kind"), row.text("spec.scaleTargetRef.name")).into()
    }),
    column("Targets", "What is measured, and what it should be", |row| targets(row).into()),
    column("MinPods", "How few Pods there may be", |row| match row.at("spec.minReplicas") {
        None => "<unset>".into(),
        Some(number) => number.to_string().into(),
    }),
    column("MaxPods", "How many Pods there may be", |row| row.number("spec.maxReplicas").into()),
    column("Replicas", "How many Pods there are", |row| row.number("status.currentReplicas").into()),
    AGE,
];

const SHOWN_TARGETS: usize = 2;

fn targets(row: &Row<'_>) -> String {
    let (metrics, current) = (row.list("spec.metrics"), row.list("status.currentMetrics"));
    let mut targets: Vec<String> =
        metrics.iter().enumerate().map(|(index, metric)| target(metric, current.get(index))).collect();
    // In `autoscaling/v1` there is one metric, and it has fields of its own.
    if let Some(wanted) = row.at("spec.targetCPUUtilizationPercentage") {
        let current = row.at("status.currentCPUUtilizationPercentage");
        targets.push(format!("cpu: {}/{wanted}%", percentage(current, "<unknown>")));
    }
    match targets.len().checked_sub(SHOWN_TARGETS) {
        _ if targets.is_empty() => "<none>".to_owned(),
        None | Some(0) => targets.join(", "),
        Some(more) => format!("{} + {more} more...", targets[..SHOWN_TARGETS].join(", ")),
    }
}

/// A metric: what it is, and what it should be.
fn target(metric: &Value, current: Option<&Value>) -> String {
    let (name, is_resource) = match text(metric, "type") {
        "External" => ("external", false),
        "Pods" => ("pods", false),
        "Object" => ("object", false),
        "Resource" => ("resource", true),
        "ContainerResource" => ("containerResource", true),
        _ => return "<unknown type>".to_owned(),
    };
    let average = at(metric, &format!("{name}.target.averageValue")).and_then(Value::as_str);
    let current = current.and_then(|current| at(current, name));
    // A quantity that is left out where Go has a pointer is shown as one to nothing.
    let value = |property: &str| match current {
        None => "<unknown>".to_owned(),
        Some(current) => super::column::or(text(current, &format!("current.{property}")), "<nil>").to_owned(),
    };
    match (is_resource, average) {
        (true, Some(average)) => {
            format!("{}: {}/{average}", text(metric, &format!("{name}.name")), value("averageValue"))
        }
        (true, None) => {
            let current = current.and_then(|current| at(current, "current.averageUtilization"));
            let wanted = at(metric, &format!("{name}.target.averageUtilization"));
            let resource = text(metric, &format!("{name}.name"));
            format!("{resource}: {}/{}", percentage(current, "<unknown>"), percentage(wanted, "<auto>"))
        }
        (false, average) if name == "pods" => {
            format!("{}/{}", value("averageValue"), average.unwrap_or("<nil>"))
        }
        (false, Some(average)) => {
            let known = current.is_some_and(|current| at(current, "current.averageValue").is_some());
            let current = if known { value("averageValue") } else { "<unknown>".to_owned() };
            format!("{current}/{average} (avg)")
        }
        (false, None) => {
            let wanted = super::column::or(text(metric, &format!("{name}.target.value")), "<nil>").to_owned();
            format!("{}/{wanted}", value("value"))
        }
    }
}

fn percentage(number: Option<&Value>, unknown: &str) -> String {
    number.map_or_else(|| unknown.to_owned(), |number| format!("{number}%"))
}

pub(super) const POD_GROUP: &[Column] = &[
    NAME,
    column("Policy", "How the Pods are scheduled", |row| scheduling_policy(row).into()),
    column("Workload", "The Workload that the group is of", |row| workload(row).into()),
    column("Status", "Whether the Pods have been scheduled", |row| group_status(row.object).into()),
    AGE,
];

pub(super) const COMPOSITE_POD_GROUP: &[Column] = &[
    NAME,
    column("Policy", "How the Pods are scheduled", |row| scheduling_policy(row).into()),
    column("Workload", "The Workload that the group is of", |row| workload(row).into()),
    AGE,
];

fn scheduling_policy(row: &Row<'_>) -> &'static str {
    if row.at("spec.schedulingPolicy.gang").is_some() { "Gang" } else { "Basic" }
}

fn workload(row: &Row<'_>) -> String {
    let workload = row.at("spec.workloadRef").map(|reference| text(reference, "workloadName"));
    workload.unwrap_or("<none>").to_owned()
}

fn group_status(group: &Value) -> &str {
    let last = |kind: &str| {
        list(group, "status.conditions").iter().rev().find(|condition| text(condition, "type") == kind)
    };
    if let Some(condition) = last("DisruptionTarget") {
        return text(condition, "reason");
    }
    match last("PodGroupInitiallyScheduled").map(|condition| text(condition, "status")) {
        None => "Pending",
        Some("True") => "Scheduled",
        Some(_) => "Unschedulable",
    }
}
