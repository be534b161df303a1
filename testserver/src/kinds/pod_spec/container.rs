//! What all containers have in common.

use super::volumes::Volumes;
use super::{environment, mounts, resources, security};
use crate::kinds::access::Look;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::names;
use serde_json::Value;

/// What a container is checked against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) spec: &'a Value,
    pub(super) volumes: &'a Volumes<'a>,
}

impl Surroundings<'_> {
    fn claims(&self) -> Vec<&str> {
        let claims = self.spec.list("resourceClaims").iter().map(|claim| claim.text("name"));
        let mut claims: Vec<&str> = claims.filter(|name| !name.is_empty()).collect();
        claims.sort_unstable();
        claims.dedup();
        claims
    }

    /// Whether users of the pod are users of the host.
    fn has_host_users(&self) -> bool {
        self.spec["hostUsers"].as_bool().unwrap_or(true)
    }
}

pub(super) fn check(container: &Value, around: Surroundings<'_>, path: Path<'_>, report: &mut Report) {
    let name = container.text("name");
    if name.is_empty() {
        report.required(path.child("name"), "");
    } else {
        report.broken(path.child("name"), name, names::label(name));
    }
    if container.text("image").is_empty() {
        report.required(path.child("image"), "");
    }
    report.one_of(
        path.child("terminationMessagePolicy"),
        container.text("terminationMessagePolicy"),
        &["File", "FallbackToLogsOnError"],
    );
    ports(container.list("ports"), path.child("ports"), report);
    environment::check(container, path, report);
    mounts::check(container, around.volumes, path, report);
    mounts::check_devices(container, around.volumes, path.child("volumeDevices"), report);
    let pull = ["Always", "IfNotPresent", "Never"];
    report.one_of(path.child("imagePullPolicy"), container.text("imagePullPolicy"), &pull);
    resources::check_container(&container["resources"], &around.claims(), path.child("resources"), report);
    resize_policy(container, around.spec.text("restartPolicy"), path.child("resizePolicy"), report);
    let security_path = path.child("securityContext");
    security::check_container(&container["securityContext"], around.has_host_users(), security_path, report);
}

fn ports(ports: &[Value], path: Path<'_>, report: &mut Report) {
    let mut known: Vec<&str> = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let path = path.index(index);
        let name = port.text("name");
        if !name.is_empty() {
            let broken = names::port_name(name);
            if broken.is_empty() && known.contains(&name) {
                report.duplicate(path.child("name"), name);
            }
            report.broken(path.child("name"), name, broken);
            known.push(name);
        }
        match port.number("containerPort").unwrap_or_default() {
            0 => report.required(path.child("containerPort"), ""),
            number => port_number(number, path.child("containerPort"), report),
        }
        match port.number("hostPort").unwrap_or_default() {
            0 => {}
            number => port_number(number, path.child("hostPort"), report),
        }
        report.one_of(path.child("protocol"), port.text("protocol"), &["SCTP", "TCP", "UDP"]);
    }
}

pub(super) fn port_number(number: i64, path: Path<'_>, report: &mut Report) {
    for message in names::port_number(number) {
        report.invalid(path, number, &message);
    }
}

fn resize_policy(container: &Value, restart: &str, path: Path<'_>, report: &mut Report) {
    let mut known: Vec<&str> = Vec::new();
    for (index, policy) in container.list("resizePolicy").iter().enumerate() {
        let resource = policy.text("resourceName");
        if known.contains(&resource) {
            report.duplicate(path.index(index), resource);
        }
        known.push(resource);
        report.one_of(path, resource, &["cpu", "memory"]);
        let on_resize = policy.text("restartPolicy");
        report.one_of(path, on_resize, &["NotRequired", "RestartContainer"]);
        if restart == "Never" && on_resize != "NotRequired" {
            let detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
            report.invalid(path, on_resize, detail);
        }
    }
}
