//! Kinds of `resource.k8s.io` and `lifecycle.k8s.io`.

use super::age;
use super::column::{AGE, Column, NAME, Row, at, column, condition, integer, is_true, number, or, text};
use serde_json::Value;

pub(super) const RESOURCE_CLAIM: &[Column] =
    &[NAME, column("State", "Whether there is a device, and who has it", |row| claim_state(row).into()), AGE];

fn claim_state(row: &Row<'_>) -> String {
    let mut states = Vec::new();
    if row.is_being_deleted() {
        states.push("deleted");
    }
    if row.at("status.allocation").is_some() {
        states.push("allocated");
        if row.count("status.reservedFor") > 0 {
            states.push("reserved");
        }
    } else if states.is_empty() {
        states.push("pending");
    }
    states.join(",")
}

pub(super) const RESOURCE_SLICE: &[Column] = &[
    NAME,
    column("Node", "The Node that has the devices", |row| row.text("spec.nodeName").into()),
    column("Driver", "The driver of the devices", |row| row.text("spec.driver").into()),
    column("Pool", "The pool that the devices are in", |row| row.text("spec.pool.name").into()),
    AGE,
];

pub(super) const DEVICE_TAINT_RULE: &[Column] = &[
    NAME,
    column("Key", "The taint's key", |row| row.text("spec.taint.key").into()),
    column("Value", "The taint's value", |row| row.text("spec.taint.value").into()),
    column("Effect", "What the taint does", |row| row.text("spec.taint.effect").into()),
    column("TimeAdded", "How long ago the taint came to be", |row| match row.at("spec.taint.timeAdded") {
        None => "".into(),
        time => age::since(time, row.now).into(),
    }),
    AGE,
];

pub(super) const RESOURCE_POOL_STATUS_REQUEST: &[Column] = &[
    NAME,
    column("Driver", "Whose pools are asked for", |row| row.text("spec.driver").into()),
    column("Total", "How many devices there are", |row| devices(row, "totalDevices").into()),
    column("Available", "How many devices are free", |row| devices(row, "availableDevices").into()),
    column("Allocated", "How many devices are used", |row| devices(row, "allocatedDevices").into()),
    column("Unavailable", "How many devices cannot be used", |row| devices(row, "unavailableDevices").into()),
    column("Errors", "How many pools are invalid", |row| {
        let invalid = |pool: &&Value| at(pool, "validationError").is_some();
        counted(row, |pools| pools.iter().filter(invalid).count().to_string()).into()
    }),
    integer("Pools", "How many pools there are", |row| row.number("status.poolCount").into()),
    column("Status", "Whether there is an answer", |row| pools_status(row).into()),
    column("Completed", "How long ago the answer came", |row| match outcome(row) {
        Some("Complete") => {
            let complete = condition(row.object, "Complete");
            age::since(complete.and_then(|found| at(found, "lastTransitionTime")), row.now).into()
        }
        _ => "<none>".into(),
    }),
];

fn devices(row: &Row<'_>, property: &str) -> String {
    counted(row, |pools| pools.iter().map(|pool| number(pool, property)).sum::<i64>().to_string())
}

/// What the pools amount to, unless there is no answer or it is a failure.
fn counted(row: &Row<'_>, count: impl Fn(&[Value]) -> String) -> String {
    match row.at("status") {
        Some(_) if outcome(row) != Some("Failed") => count(row.list("status.pools")),
        _ => "-".to_owned(),
    }
}

fn outcome<'a>(row: &Row<'a>) -> Option<&'a str> {
    let is_outcome = |condition: &&Value| {
        text(condition, "status") == "True" && ["Complete", "Failed"].contains(&text(condition, "type"))
    };
    row.list("status.conditions").iter().find(is_outcome).map(|condition| text(condition, "type"))
}

fn pools_status(row: &Row<'_>) -> String {
    let (pools, shown) = (row.number("status.poolCount"), row.count("status.pools"));
    match outcome(row) {
        Some("Complete") if i64::try_from(shown).is_ok_and(|shown| shown < pools) => {
            format!("Complete ({shown}/{pools} pools)")
        }
        outcome => outcome.unwrap_or("Pending").to_owned(),
    }
}

const TARGET: Column = column("Target", "What is to go", |row| {
    row.at("spec.target.pod").map_or("<unset>", |pod| text(pod, "name")).into()
});

const TARGET_TYPE: Column = column("Target Type", "Of which kind it is", |row| {
    if row.at("spec.target.pod").is_some() { "Pod".into() } else { "<unset>".into() }
});

const EVICTION_STATE: Column = column("Status", "How far it is", |row| eviction_status(row).into());

pub(super) const EVICTION_REQUEST: &[Column] = &[
    NAME,
    TARGET,
    TARGET_TYPE,
    EVICTION_STATE,
    column("Requester", "Who wants it", |row| row.text("spec.requester").into()),
    column("Intent", "What is wanted", |row| row.text("spec.intent").into()),
    AGE,
];

pub(super) const EVICTION: &[Column] = &[
    NAME,
    TARGET,
    TARGET_TYPE,
    EVICTION_STATE,
    column("Active Responder", "Who is at it", |row| active_responder(row).into()),
    column("Responder Status", "What the responder does", |row| responder_status(row).into()),
    column("Responder Expected Finish", "When the responder is done", |row| responder_finish(row).into()),
    column("Requesters", "Who wants it", |row| requesters(row).into()),
    AGE,
    column("Responder Heartbeat", "When the responder was last heard of", |row| {
        match answer(row).and_then(|(_, answer)| at(answer, "heartbeatTime")) {
            None => "<unset>".into(),
            time => format!("{} ago", age::since(time, row.now)).into(),
        }
    })
    .wide(),
    column("Responder Status Message", "What the responder says", |row| {
        let message = answer(row).map_or("", |(_, answer)| text(answer, "message").trim());
        or(message, "<unset>").into()
    })
    .wide(),
];

fn eviction_status(row: &Row<'_>) -> String {
    let holds = |kind: &str| condition(row.object, kind).filter(|_| is_true(row.object, kind));
    for kind in ["TargetEvicted", "Failed"] {
        if let Some(condition) = holds(kind) {
            return format!("{kind} ({})", text(condition, "reason"));
        }
    }
    if row.number("status.observedGeneration") > 0 { "Progressing" } else { "Pending" }.to_owned()
}

fn is_done(responder: &Value) -> bool {
    ["Canceled", "Interrupted", "Completed"].contains(&text(responder, "state"))
}

fn is_active(responder: &Value) -> bool {
    text(responder, "state") == "Active"
}

/// The last responder that is at it, or else the last that is done.
fn responder<'a>(row: &Row<'a>) -> Option<&'a Value> {
    let mut responders = row.list("status.targetResponders").iter().rev();
    let done = responders.clone().find(|responder| is_done(responder));
    responders.find(|responder| is_active(responder)).or(done)
}

fn active_responder(row: &Row<'_>) -> String {
    let responders = row.list("status.targetResponders");
    let begun = responders.iter().filter(|responder| is_done(responder) || is_active(responder)).count();
    let name = responder(row).map_or("<unset>", |responder| text(responder, "name"));
    format!("{name} ({begun}/{})", responders.len())
}

/// The responder, and what it says.
fn answer<'a>(row: &Row<'a>) -> Option<(&'a Value, &'a Value)> {
    let responder = responder(row)?;
    let answers = row.list("status.responders").iter();
    let answer = answers.into_iter().find(|answer| text(answer, "name") == text(responder, "name"))?;
    Some((responder, answer))
}

fn responder_status(row: &Row<'_>) -> String {
    let Some((responder, answer)) = answer(row) else { return "<unset>".to_owned() };
    let ago = |path: &str| at(answer, path).map(|time| format!("({} ago)", age::since(Some(time), row.now)));
    let state = text(responder, "state");
    match state {
        "Active" => ago("startTime").map_or_else(|| state.to_owned(), |ago| format!("Started {ago}")),
        "Completed" => ago("completionTime").map_or_else(|| state.to_owned(), |ago| format!("{state} {ago}")),
        _ => state.to_owned(),
    }
}

fn responder_finish(row: &Row<'_>) -> String {
    let Some((responder, answer)) = answer(row) else { return age::UNKNOWN.to_owned() };
    if is_done(responder) {
        return "-".to_owned();
    }
    let expected = text(answer, "expectedCompletionTime").parse().ok();
    match expected.filter(|_| at(answer, "startTime").is_some()) {
        None => age::UNKNOWN.to_owned(),
        Some(time) if time > row.now => format!("in {}", age::between(row.now, time)),
        Some(time) => format!("{} ago", age::between(time, row.now)),
    }
}

fn requesters(row: &Row<'_>) -> String {
    let all = row.list("status.requesters");
    let stays = |requester: &&Value| text(requester, "intent") != "Withdrawn";
    let mut names: Vec<&str> = all.iter().filter(stays).map(|requester| text(requester, "name")).collect();
    names.sort_unstable();
    match names[..] {
        [] if all.is_empty() => "<none>".to_owned(),
        [] => "<withdrawn>".to_owned(),
        [name] => name.to_owned(),
        [name, ref others @ ..] => format!("{name} + {} more...", others.len()),
    }
}
