//! Pods: their cells say in few words what state all their containers are in.

use super::age;
use super::column::{AGE, Column, NAME, Row, at, column, flag, is_true, list, number, text};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) const COLUMNS: &[Column] = &[
    NAME,
    column("Ready", "How many of the containers are ready", |row| Summary::of(row).ready().into()),
    column("Status", "What state the containers are in", |row| Summary::of(row).reason.into()),
    column("Restarts", "How often containers were restarted, and when the last one was", |row| {
        Summary::of(row).restarts(row.now).into()
    }),
    AGE,
    column("IP", "The first of the Pod's addresses", |row| {
        let address = row.list("status.podIPs").first().map_or("", |address| text(address, "ip"));
        super::column::or(address, "<none>").into()
    })
    .wide(),
    column("Node", "The Node that the Pod is bound to", |row| row.text_or("spec.nodeName", "<none>").into())
        .wide(),
    column("Nominated Node", "The Node on which room is being made for the Pod", |row| {
        row.text_or("status.nominatedNodeName", "<none>").into()
    })
    .wide(),
    column("Readiness Gates", "How many of the further conditions for readiness hold", |row| {
        gates(row).into()
    })
    .wide(),
];

/// The conditions of a row: whether the Pod is done.
pub(super) fn conditions(object: &Value) -> Option<Value> {
    let (reason, message) = match text(object, "status.phase") {
        "Succeeded" => ("Succeeded", "The pod has completed successfully."),
        "Failed" => ("Failed", "The pod failed."),
        _ => return None,
    };
    Some(json!([{"type": "Completed", "status": "True", "reason": reason, "message": message}]))
}

fn gates(row: &Row<'_>) -> String {
    let gates = row.list("spec.readinessGates");
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let holding = gates.iter().filter(|gate| is_true(row.object, text(gate, "conditionType"))).count();
    format!("{holding}/{}", gates.len())
}

/// What the cells of a Pod are made of.
#[derive(Debug, Default)]
struct Summary {
    containers: usize,
    ready: usize,
    reason: String,
    restarts: Restarts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Restarts {
    count: i64,
    last: Option<Timestamp>,
}

impl Restarts {
    fn add(&mut self, container: &Value) {
        self.count += number(container, "restartCount");
        let finished = text(container, "lastState.terminated.finishedAt").parse().ok();
        self.last = self.last.max(finished);
    }
}

impl Summary {
    fn of(row: &Row<'_>) -> Self {
        let pod = row.object;
        let sidecars = || list(pod, "spec.initContainers").iter().filter(|container| is_sidecar(container));
        let mut summary = Self {
            containers: list(pod, "spec.containers").len() + sidecars().count(),
            reason: pod_reason(pod).to_owned(),
            ..Self::default()
        };
        let (initialized, of_sidecars) = summary.add_init_containers(pod);
        if initialized || is_true(pod, "Initialized") {
            summary.restarts = of_sidecars;
            summary.add_containers(pod);
        }
        let phase = text(pod, "status.phase");
        if row.is_being_deleted() {
            if text(pod, "status.reason") == "NodeLost" {
                summary.reason = "Unknown".to_owned();
            } else if phase != "Succeeded" && phase != "Failed" {
                summary.reason = "Terminating".to_owned();
            }
        }
        summary
    }

    fn ready(&self) -> String {
        format!("{}/{}", self.ready, self.containers)
    }

    fn restarts(&self, now: Timestamp) -> String {
        match self.restarts {
            Restarts { count, last: Some(last) } if count != 0 => {
                format!("{count} ({} ago)", age::between(last, now))
            }
            Restarts { count, .. } => count.to_string(),
        }
    }

    /// Looks at the init containers up to the first that is not done. Whether all are, and the restarts of sidecars.
    fn add_init_containers(&mut self, pod: &Value) -> (bool, Restarts) {
        let mut of_sidecars = Restarts::default();
        for (index, status) in list(pod, "status.initContainerStatuses").iter().enumerate() {
            self.restarts.add(status);
            let is_sidecar = is_sidecar_status(pod, status);
            if is_sidecar {
                of_sidecars.add(status);
            }
            let terminated = at(status, "state.terminated");
            if terminated.is_some_and(|terminated| number(terminated, "exitCode") == 0) {
                continue;
            }
            if is_sidecar && flag(status, "started") {
                self.ready += usize::from(flag(status, "ready"));
                continue;
            }
            let waiting = text(status, "state.waiting.reason");
            let reason = match terminated {
                Some(terminated) => how_it_ended(terminated),
                None if !waiting.is_empty() && waiting != "PodInitializing" => waiting.to_owned(),
                None => format!("{index}/{}", list(pod, "spec.initContainers").len()),
            };
            self.reason = format!("Init:{reason}");
            return (false, of_sidecars);
        }
        (true, of_sidecars)
    }

    /// Looks at the containers from the last to the first: the first one's trouble is the Pod's.
    fn add_containers(&mut self, pod: &Value) {
        let mut running = false;
        let mut failure = None;
        for status in list(pod, "status.containerStatuses").iter().rev() {
            self.restarts.add(status);
            let waiting = text(status, "state.waiting.reason");
            if !waiting.is_empty() {
                self.reason = waiting.to_owned();
            } else if let Some(terminated) = at(status, "state.terminated") {
                self.reason = how_it_ended(terminated);
                if number(terminated, "exitCode") != 0 {
                    failure = Some(self.reason.clone());
                }
            } else if flag(status, "ready") && at(status, "state.running").is_some() {
                running = true;
                self.ready += 1;
            }
        }
        if self.reason == "Completed" {
            if running && is_true(pod, "Ready") {
                self.reason = "Running".to_owned();
            } else if let Some(failure) = failure {
                self.reason = failure;
            } else if running {
                self.reason = "NotReady".to_owned();
            }
        }
    }
}

/// What the Pod itself says about its state.
fn pod_reason(pod: &Value) -> &str {
    let gated = |condition: &Value| {
        text(condition, "type") == "PodScheduled" && text(condition, "reason") == "SchedulingGated"
    };
    if list(pod, "status.conditions").iter().any(gated) {
        return "SchedulingGated";
    }
    super::column::or(text(pod, "status.reason"), text(pod, "status.phase"))
}

/// An init container that goes on running.
fn is_sidecar(container: &Value) -> bool {
    text(container, "restartPolicy") == "Always"
}

fn is_sidecar_status(pod: &Value, status: &Value) -> bool {
    let name = text(status, "name");
    let containers = list(pod, "spec.initContainers");
    containers.iter().rev().find(|container| text(container, "name") == name).is_some_and(is_sidecar)
}

fn how_it_ended(terminated: &Value) -> String {
    let reason = text(terminated, "reason");
    match number(terminated, "signal") {
        _ if !reason.is_empty() => reason.to_owned(),
        0 => format!("ExitCode:{}", number(terminated, "exitCode")),
        signal => format!("Signal:{signal}"),
    }
}
