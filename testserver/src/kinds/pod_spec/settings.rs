//! What is left of a pod's specification: names, hosts, DNS, annotations.

use super::resources;
use super::scheduling::check_tolerations;
use super::{Owner, each_container};
use crate::kinds::access::Look;
use crate::kinds::ip;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::names;
use serde_json::Value;

const NAMESERVERS_MAX: usize = 3;
const SEARCHES_MAX: usize = 32;
const SEARCH_CHARACTERS_MAX: usize = 2048;
const HOSTNAME_MAX: usize = 64;
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";

/// Claims of resources that containers refer to.
pub(super) fn resource_claims(spec: &Value, path: Path<'_>, report: &mut Report) {
    let mut known: Vec<&str> = Vec::new();
    for (index, claim) in spec.list("resourceClaims").iter().enumerate() {
        let path = path.index(index);
        let name = claim.text("name");
        if name.is_empty() {
            report.required(path.child("name"), "");
        } else if known.contains(&name) {
            report.duplicate(path.child("name"), name);
        } else {
            report.broken(path.child("name"), name, names::label(name));
            known.push(name);
        }
        let sources = ["resourceClaimName", "resourceClaimTemplateName"];
        let given = sources.into_iter().filter(|source| claim.has(source)).count();
        if given != 1 {
            let detail = if given == 0 {
                "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            } else {
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            };
            let shown = format!(
                "{{\"Name\":{},\"ResourceClaimName\":{},\"ResourceClaimTemplateName\":{}}}",
                claim["name"], claim["resourceClaimName"], claim["resourceClaimTemplateName"]
            );
            report.invalid_as(path, &shown, detail);
        }
        for source in sources {
            if claim.has(source) {
                let name = claim.text(source);
                report.broken(path.child(source), name, names::subdomain(name));
            }
        }
    }
}

/// Ports of pods on the network of their host.
pub(super) fn host_network(spec: &Value, owner: Owner<'_>, path: Path<'_>, report: &mut Report) {
    if !spec.is_true("hostNetwork") {
        return;
    }
    let list = path.child("containers");
    for (index, container) in spec.list("containers").iter().enumerate() {
        let path = list.index(index);
        let ports = path.child("ports");
        for (index, port) in container.list("ports").iter().enumerate() {
            let host = port.number("hostPort").unwrap_or_default();
            let inner = port.number("containerPort").unwrap_or_default();
            if (owner.is_pod || host != 0) && host != inner {
                let detail = "must match `containerPort` when `hostNetwork` is true";
                report.invalid(ports.index(index).child("hostPort"), host, detail);
            }
        }
    }
}

pub(super) fn dns(spec: &Value, path: Path<'_>, report: &mut Report) {
    let config = &spec["dnsConfig"];
    let servers = path.child("nameservers");
    if spec.text("dnsPolicy") == "None" {
        if config.is_null() {
            return report.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        }
        if config.count("nameservers") == 0 {
            let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            return report.required(servers, detail);
        }
    }
    if config.count("nameservers") > NAMESERVERS_MAX {
        let detail = format!("must not have more than {NAMESERVERS_MAX} nameservers");
        report.invalid(servers, config["nameservers"].clone(), &detail);
    }
    for (index, server) in config.texts("nameservers").enumerate() {
        ip::check(server, servers.index(index), report);
    }
    let searches = path.child("searches");
    if config.count("searches") > SEARCHES_MAX {
        let detail = format!("must not have more than {SEARCHES_MAX} search paths");
        report.invalid(searches, config["searches"].clone(), &detail);
    }
    if config.texts("searches").collect::<Vec<_>>().join(" ").len() > SEARCH_CHARACTERS_MAX {
        let detail = format!(
            "must not have more than {SEARCH_CHARACTERS_MAX} characters (including spaces) in the search list"
        );
        report.invalid(searches, config["searches"].clone(), &detail);
    }
    for (index, search) in config.texts("searches").enumerate() {
        if search != "." {
            let search = search.strip_suffix('.').unwrap_or(search);
            report.broken(searches.index(index), search, names::subdomain_with_underscores(search));
        }
    }
    let options = path.child("options");
    for (index, option) in config.list("options").iter().enumerate() {
        if option.text("name").is_empty() {
            report.required(options.index(index), "must not be empty");
        }
    }
}

/// Users of the host, and the name of the pod as its containers see it.
pub(super) fn users_and_hostname(spec: &Value, path: Path<'_>, report: &mut Report) {
    if spec["hostUsers"] == false {
        for (field, told) in [("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
            if spec.is_true(field) {
                report.forbidden(path.child(told), "when `hostUsers` is false");
            }
        }
    }
    if !spec.has("hostnameOverride") {
        return;
    }
    let hostname = spec.text("hostnameOverride");
    let path = path.child("hostnameOverride");
    if spec.is_true("setHostnameAsFQDN") {
        report.forbidden(path, "may not be specified when setHostnameAsFQDN is true");
    }
    if spec.is_true("hostNetwork") {
        report.forbidden(path, "may not be specified when hostNetwork is true");
    }
    if hostname.len() > HOSTNAME_MAX {
        report.too_long(path, HOSTNAME_MAX);
    }
    report.broken(path, hostname, names::subdomain(hostname));
}

pub(super) fn names(spec: &Value, path: Path<'_>, report: &mut Report) {
    for field in ["serviceAccountName", "nodeName"] {
        let name = spec.text(field);
        if !name.is_empty() {
            report.broken(path.child(field), name, names::subdomain(name));
        }
    }
    if let Some(seconds) = spec.number("activeDeadlineSeconds") {
        let most = i64::from(i32::MAX);
        if !(1..=most).contains(&seconds) {
            report.invalid(path.child("activeDeadlineSeconds"), seconds, &names::between(1, most));
        }
    }
    for field in ["hostname", "subdomain"] {
        let name = spec.text(field);
        if !name.is_empty() {
            report.broken(path.child(field), name, names::label(name));
        }
    }
}

pub(super) fn limits_and_hosts(spec: &Value, path: Path<'_>, report: &mut Report) {
    check_tolerations(spec.list("tolerations"), path.child("tolerations"), report);
    let list = path.child("hostAliases");
    for (index, alias) in spec.list("hostAliases").iter().enumerate() {
        let path = list.index(index);
        ip::check(alias.text("ip"), path.child("ip"), report);
        let hostnames = path.child("hostnames");
        for (index, hostname) in alias.texts("hostnames").enumerate() {
            report.broken(hostnames.index(index), hostname, names::subdomain(hostname));
        }
    }
}

pub(super) fn classes(spec: &Value, path: Path<'_>, report: &mut Report) {
    let name = spec.text("priorityClassName");
    if !name.is_empty() {
        report.broken(path.child("priorityClassName"), name, names::subdomain(name));
    }
    if spec.has("runtimeClassName") {
        let name = spec.text("runtimeClassName");
        report.broken(path.child("runtimeClassName"), name, names::subdomain(name));
    }
    if spec.has("preemptionPolicy") {
        let known = ["PreemptLowerPriority", "Never"];
        report.one_of(path.child("preemptionPolicy"), spec.text("preemptionPolicy"), &known);
    }
    if spec.has("overhead") {
        let overhead = serde_json::json!({"limits": spec["overhead"]});
        resources::check_container(&overhead, &[], path.child("overhead"), report);
    }
}

pub(super) fn operating_system(spec: &Value, path: Path<'_>, report: &mut Report) {
    if !spec.has("os") {
        return;
    }
    match spec["os"].text("name") {
        "" => report.required(path.child("os.name"), ""),
        "linux" => linux(spec, path, report),
        "windows" => windows(spec, path, report),
        other => report.not_supported(path.child("os"), other, &["linux", "windows"]),
    }
}

fn linux(spec: &Value, path: Path<'_>, report: &mut Report) {
    let detail = "windows options cannot be set for a linux pod";
    if spec["securityContext"].has("windowsOptions") {
        report.forbidden(path.child("securityContext.windowsOptions"), detail);
    }
    for (field, index, container) in each_container(spec) {
        if container["securityContext"].has("windowsOptions") {
            let list = path.child(field);
            report.forbidden(list.index(index).child("securityContext.windowsOptions"), detail);
        }
    }
}

fn windows(spec: &Value, path: Path<'_>, report: &mut Report) {
    const OF_POD: [&str; 11] = [
        "appArmorProfile",
        "seLinuxOptions",
        "seccompProfile",
        "fsGroup",
        "fsGroupChangePolicy",
        "sysctls",
        "runAsUser",
        "runAsGroup",
        "supplementalGroups",
        "supplementalGroupsPolicy",
        "seLinuxChangePolicy",
    ];
    const OF_CONTAINER: [&str; 10] = [
        "appArmorProfile",
        "seLinuxOptions",
        "seccompProfile",
        "capabilities",
        "readOnlyRootFilesystem",
        "privileged",
        "allowPrivilegeEscalation",
        "procMount",
        "runAsUser",
        "runAsGroup",
    ];
    let detail = "cannot be set for a windows pod";
    let context = path.child("securityContext");
    for field in OF_POD {
        if spec["securityContext"].has(field) {
            report.forbidden(context.child(field), detail);
        }
    }
    for field in ["hostUsers", "hostPID", "hostIPC", "shareProcessNamespace"] {
        if spec.has(field) {
            report.forbidden(path.child(field), detail);
        }
    }
    for (list, index, container) in each_container(spec) {
        let list = path.child(list);
        let path = list.index(index);
        let path = path.child("securityContext");
        for field in OF_CONTAINER {
            if container["securityContext"].has(field) {
                report.forbidden(path.child(field), detail);
            }
        }
    }
}

/// Annotations of pods that mean something to the server.
pub(super) fn annotations(pod: &Value, report: &mut Report) {
    let annotations = &pod["metadata"]["annotations"];
    specific_annotations(annotations, &pod["spec"], Path::root("metadata.annotations"), report);
}

pub(super) fn specific_annotations(annotations: &Value, spec: &Value, path: Path<'_>, report: &mut Report) {
    const MIRROR: &str = "kubernetes.io/config.mirror";
    const COST: &str = "controller.kubernetes.io/pod-deletion-cost";
    if annotations.has(MIRROR) && spec.text("nodeName").is_empty() {
        let detail = "must set spec.nodeName if mirror pod annotation is set";
        report.invalid(path.key(MIRROR), annotations.text(MIRROR), detail);
    }
    let cost = annotations.text(COST);
    let is_number = cost.parse::<i32>().is_ok() && !cost.starts_with(['+']) && is_canonical(cost);
    if annotations.has(COST) && !is_number {
        report.invalid(path.key(COST), cost, "must be a 32bit integer");
    }
    seccomp_annotations(annotations, path, report);
}

/// A number without zeros before it.
fn is_canonical(number: &str) -> bool {
    let digits = number.trim_start_matches('-');
    digits == "0" || !digits.starts_with('0')
}

fn seccomp_annotations(annotations: &Value, path: Path<'_>, report: &mut Report) {
    for (key, value) in annotations.as_object().into_iter().flatten() {
        let is_seccomp =
            key == SECCOMP_POD || key.starts_with("container.seccomp.security.alpha.kubernetes.io/");
        let value = value.as_str().unwrap_or_default();
        if !is_seccomp || matches!(value, "runtime/default" | "docker/default" | "unconfined") {
            continue;
        }
        match value.strip_prefix("localhost/") {
            Some(profile) => super::volumes::relative_path(profile, path.child(key), report),
            None => report.invalid(path.child(key), value, "must be a valid seccomp profile"),
        }
    }
}
