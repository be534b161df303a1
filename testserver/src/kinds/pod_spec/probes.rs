//! Probes and hooks of containers.

use super::container::port_number;
use crate::kinds::access::Look;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::names;
use serde_json::Value;

const SIGNALS: [&str; 65] = [
    "SIGABRT",
    "SIGALRM",
    "SIGBUS",
    "SIGCHLD",
    "SIGCLD",
    "SIGCONT",
    "SIGFPE",
    "SIGHUP",
    "SIGILL",
    "SIGINT",
    "SIGIO",
    "SIGIOT",
    "SIGKILL",
    "SIGPIPE",
    "SIGPOLL",
    "SIGPROF",
    "SIGPWR",
    "SIGQUIT",
    "SIGRTMAX",
    "SIGRTMAX-1",
    "SIGRTMAX-10",
    "SIGRTMAX-11",
    "SIGRTMAX-12",
    "SIGRTMAX-13",
    "SIGRTMAX-14",
    "SIGRTMAX-2",
    "SIGRTMAX-3",
    "SIGRTMAX-4",
    "SIGRTMAX-5",
    "SIGRTMAX-6",
    "SIGRTMAX-7",
    "SIGRTMAX-8",
    "SIGRTMAX-9",
    "SIGRTMIN",
    "SIGRTMIN+1",
    "SIGRTMIN+10",
    "SIGRTMIN+11",
    "SIGRTMIN+12",
    "SIGRTMIN+13",
    "SIGRTMIN+14",
    "SIGRTMIN+15",
    "SIGRTMIN+2",
    "SIGRTMIN+3",
    "SIGRTMIN+4",
    "SIGRTMIN+5",
    "SIGRTMIN+6",
    "SIGRTMIN+7",
    "SIGRTMIN+8",
    "SIGRTMIN+9",
    "SIGSEGV",
    "SIGSTKFLT",
    "SIGSTOP",
    "SIGSYS",
    "SIGTERM",
    "SIGTRAP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGUSR1",
    "SIGUSR2",
    "SIGVTALRM",
    "SIGWINCH",
    "SIGXCPU",
    "SIGXFSZ",
];
const SIGNALS_WINDOWS: [&str; 2] = ["SIGKILL", "SIGTERM"];

/// The probes and hooks of a container.
pub(super) fn check(container: &Value, spec: &Value, path: Path<'_>, report: &mut Report) {
    let grace = spec.number("terminationGracePeriodSeconds");
    lifecycle(&container["lifecycle"], spec, grace, path.child("lifecycle"), report);
    for field in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let probe = &container[field];
        if probe.is_null() {
            continue;
        }
        let path = path.child(field);
        check_probe(probe, grace, path, report);
        if field == "readinessProbe" {
            if let Some(seconds) = probe.number("terminationGracePeriodSeconds") {
                let detail = "must not be set for readinessProbes";
                report.invalid(path.child("terminationGracePeriodSeconds"), seconds, detail);
            }
        } else if probe.number("successThreshold") != Some(1) {
            let threshold = probe.number("successThreshold").unwrap_or_default();
            report.invalid(path.child("successThreshold"), threshold, "must be 1");
        }
    }
}

fn check_probe(probe: &Value, grace: Option<i64>, path: Path<'_>, report: &mut Report) {
    handler(probe, grace, path, report);
    for field in
        ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
    {
        report.not_negative(path.child(field), probe.number(field));
    }
    if let Some(seconds) = probe.number("terminationGracePeriodSeconds").filter(|seconds| *seconds <= 0) {
        report.invalid(path.child("terminationGracePeriodSeconds"), seconds, "must be greater than 0");
    }
}

fn lifecycle(lifecycle: &Value, spec: &Value, grace: Option<i64>, path: Path<'_>, report: &mut Report) {
    for field in ["postStart", "preStop"] {
        if lifecycle.has(field) {
            handler(&lifecycle[field], grace, path.child(field), report);
        }
    }
    if !lifecycle.has("stopSignal") {
        return;
    }
    let path = path.child("stopSignal");
    let signal = lifecycle.text("stopSignal");
    let known: &[&str] = match spec["os"].text("name") {
        "windows" => &SIGNALS_WINDOWS,
        "linux" => &SIGNALS,
        _ if spec.has("os") => return,
        _ => {
            let detail = "may not be set for containers with empty `spec.os.name`";
            return report.forbidden(path, detail);
        }
    };
    if !known.contains(&signal) {
        report.not_supported(path, signal, known);
    }
}

fn handler(handler: &Value, grace: Option<i64>, path: Path<'_>, report: &mut Report) {
    let mut found = false;
    for field in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
        if !handler.has(field) {
            continue;
        }
        let action = &handler[field];
        let path = path.child(field);
        if found {
            report.forbidden(path, "may not specify more than 1 handler type");
            continue;
        }
        found = true;
        match field {
            "exec" if action.count("command") == 0 => report.required(path.child("command"), ""),
            "exec" => {}
            "httpGet" => http(action, path, report),
            "tcpSocket" => port(&action["port"], path.child("port"), report),
            "grpc" => grpc(action, path, report),
            _ => sleep(action, grace, path, report),
        }
    }
    if !found {
        report.required(path, "must specify a handler type");
    }
}

/// A number or a name of a port.
pub(crate) fn port(port: &Value, path: Path<'_>, report: &mut Report) {
    match port.as_str() {
        Some(name) => report.broken(path, name, names::port_name(name)),
        None => port_number(port.as_i64().unwrap_or_default(), path, report),
    }
}

fn http(action: &Value, path: Path<'_>, report: &mut Report) {
    if action.text("path").is_empty() {
        report.required(path.child("path"), "");
    }
    port(&action["port"], path.child("port"), report);
    let scheme = action.text("scheme");
    if !["HTTP", "HTTPS"].contains(&scheme) {
        report.not_supported(path.child("scheme"), scheme, &["HTTP", "HTTPS"]);
    }
    for header in action.list("httpHeaders") {
        let name = header.text("name");
        report.broken(path.child("httpHeaders"), name, names::http_header(name));
    }
    if !action.has("protocol") {
        return;
    }
    match action.text("protocol") {
        "HTTP1" => {}
        "HTTP2" if scheme != "HTTP" => {
            report.invalid(path.child("protocol"), "HTTP2", "is only supported with HTTP (H2C)");
        }
        "HTTP2" if !action.text("host").is_empty() => {
            let detail = "must be empty when `protocol` is \"HTTP2\"";
            report.invalid(path.child("host"), action.text("host"), detail);
        }
        "HTTP2" => {}
        other => report.not_supported(path.child("protocol"), other, &["HTTP1", "HTTP2"]),
    }
}

fn grpc(action: &Value, path: Path<'_>, report: &mut Report) {
    port(&action["port"], path.child("port"), report);
    let mode = action.text("mode");
    if action.has("mode") && !["Plaintext", "TLS"].contains(&mode) {
        report.not_supported(path.child("mode"), mode, &["Plaintext", "TLS"]);
    }
}

fn sleep(action: &Value, grace: Option<i64>, path: Path<'_>, report: &mut Report) {
    let seconds = action.number("seconds").unwrap_or_default();
    if let Some(grace) = grace.filter(|grace| seconds < 0 || seconds > *grace) {
        let detail = format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
        report.invalid(path, seconds, &detail);
    }
}
