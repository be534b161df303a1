//! Ingresses.

use crate::failure::Failure;
use crate::kinds::access::{Change, Look};
use crate::kinds::address;
use crate::kinds::ip;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::kinds::strategy::{Cluster, Strategy};
use crate::names;
use crate::version::MINOR;
use serde_json::{Value, json};

pub(super) static STRATEGY: Strategy = Strategy {
    admit,
    create: |ingress| ingress.set("status", json!({"loadBalancer": {}})),
    check: |ingress, report| {
        check(&ingress["spec"], report);
        let annotation = &ingress["metadata"]["annotations"][ANNOTATION];
        let class = &ingress["spec"]["ingressClassName"];
        if annotation.is_string() && class.is_string() && annotation != class {
            let path = Path::root("annotations");
            let detail = "must match `ingressClassName` when both are specified";
            report.invalid(path.child(ANNOTATION), annotation.clone(), detail);
        }
    },
    check_update: |new, _, report| check(&new["spec"], report),
    check_status: |new, _, report| check_status(&new["status"], report),
    warn: |new, old| {
        let is_old_way =
            new["metadata"]["annotations"].has(ANNOTATION) && !new["spec"].has("ingressClassName");
        let warning =
            format!("annotation {ANNOTATION:?} is deprecated, please use 'spec.ingressClassName' instead");
        if old.is_none() && is_old_way { vec![warning] } else { Vec::new() }
    },
    ..Strategy::WITH_STATUS
};

const ANNOTATION: &str = "kubernetes.io/ingress.class";
const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";

/// The class of an ingress that names none.
fn admit(ingress: &mut Value, old: Option<&Value>, cluster: &dyn Cluster) -> Result<(), Failure> {
    let says = ingress["spec"].has("ingressClassName") || ingress["metadata"]["annotations"].has(ANNOTATION);
    if old.is_some() || says {
        return Ok(());
    }
    let mut classes = cluster.objects("networking.k8s.io", "ingressclasses", "");
    classes.retain(|class| class["metadata"]["annotations"].text(DEFAULT_CLASS) == "true");
    // The newest wins, then the first by name.
    classes.sort_by(|a, b| {
        let (a, b) = (&a["metadata"], &b["metadata"]);
        let by_time = b.text("creationTimestamp").cmp(a.text("creationTimestamp"));
        by_time.then_with(|| a.text("name").cmp(b.text("name")))
    });
    if let Some(class) = classes.first() {
        ingress.inner("spec").set("ingressClassName", class["metadata"].text("name"));
    }
    Ok(())
}

fn check(spec: &Value, report: &mut Report) {
    let path = Path::root("spec");
    if spec.count("rules") == 0 && !spec.has("defaultBackend") {
        report.invalid(path, spec["rules"].clone(), "either `defaultBackend` or `rules` must be specified");
    }
    if spec.has("defaultBackend") {
        check_backend(&spec["defaultBackend"], path.child("defaultBackend"), report);
    }
    let list = path.child("rules");
    for (index, rule) in spec.list("rules").iter().enumerate() {
        let path = list.index(index);
        let host = rule.text("host");
        if !host.is_empty() {
            if address::sloppy(host).is_some() {
                report.invalid(path.child("host"), host, "must be a DNS name, not an IP address");
            }
            check_host(host, path.child("host"), report);
        }
        if rule.has("http") {
            check_paths(&rule["http"], path.child("http.paths"), report);
        }
    }
    let list = path.child("tls");
    for (index, part) in spec.list("tls").iter().enumerate() {
        let path = list.index(index);
        let hosts = path.child("hosts");
        for (index, host) in part.texts("hosts").enumerate() {
            check_host(host, hosts.index(index), report);
        }
        let secret = part.text("secretName");
        if !secret.is_empty() {
            report.broken(path.child("secretName"), secret, names::subdomain(secret));
        }
    }
    if spec.has("ingressClassName") {
        let class = spec.text("ingressClassName");
        report.broken(path.child("ingressClassName"), class, names::subdomain(class));
    }
}

fn check_host(host: &str, path: Path<'_>, report: &mut Report) {
    let rule = if host.contains('*') { names::wildcard_subdomain } else { names::subdomain };
    report.broken(path, host, rule(host));
}

fn check_paths(http: &Value, list: Path<'_>, report: &mut Report) {
    if http.count("paths") == 0 {
        report.required(list, "");
    }
    for (index, item) in http.list("paths").iter().enumerate() {
        check_path(item, list.index(index), report);
    }
}

fn check_path(item: &Value, path: Path<'_>, report: &mut Report) {
    const TYPES: [&str; 3] = ["Exact", "ImplementationSpecific", "Prefix"];
    if !item.has("pathType") {
        return report.required(path.child("pathType"), "pathType must be specified");
    }
    let text = item.text("path");
    let at = path.child("path");
    match item.text("pathType") {
        "Exact" | "Prefix" => {
            if !text.starts_with('/') {
                report.invalid(at, text, "must be an absolute path");
            }
            for sequence in ["//", "/./", "/../", "%2f", "%2F"] {
                if text.contains(sequence) {
                    report.invalid(at, text, &format!("must not contain '{sequence}'"));
                }
            }
            for end in ["/..", "/."] {
                if text.ends_with(end) {
                    report.invalid(at, text, &format!("cannot end with '{end}'"));
                }
            }
        }
        "ImplementationSpecific" => {
            if !text.is_empty() && !text.starts_with('/') {
                report.invalid(at, text, "must be an absolute path");
            }
        }
        other => report.not_supported(path.child("pathType"), other, &TYPES),
    }
    check_backend(&item["backend"], path.child("backend"), report);
}

fn check_backend(backend: &Value, path: Path<'_>, report: &mut Report) {
    match (backend.has("resource"), backend.has("service")) {
        (true, true) => report.invalid(path, "", "cannot set both resource and service backends"),
        (true, false) => check_resource(&backend["resource"], path.child("resource"), report),
        (false, true) => check_service(&backend["service"], path, report),
        (false, false) => report.invalid(path, "", "resource or service backend is required"),
    }
}

fn check_resource(resource: &Value, path: Path<'_>, report: &mut Report) {
    if resource.has("apiGroup") {
        let group = resource.text("apiGroup");
        report.broken(path.child("apiGroup"), group, names::subdomain(group));
    }
    for field in ["kind", "name"] {
        let text = resource.text(field);
        if text.is_empty() {
            report.required(path.child(field), "");
        }
        report.broken(path.child(field), text, names::path_segment(text, false));
    }
}

fn check_service(service: &Value, path: Path<'_>, report: &mut Report) {
    let name = service.text("name");
    let of_service = path.child("service");
    let rule = if MINOR >= 36 { names::label } else { names::label_1035 };
    if name.is_empty() {
        report.required(of_service.child("name"), "");
    } else {
        report.broken(of_service.child("name"), name, rule(name));
    }
    let port = service["port"].text("name");
    match (port, service["port"].number("number").unwrap_or_default()) {
        ("", 0) => report.required(path, "port name or number is required"),
        ("", number) => {
            for message in names::port_number(number) {
                report.invalid(of_service.child("port.number"), number, &message);
            }
        }
        (port, 0) => report.broken(of_service.child("port.name"), port, names::port_name(port)),
        _ => report.invalid(path, "", "cannot set both port name & port number"),
    }
}

fn check_status(status: &Value, report: &mut Report) {
    let list = Path::root("status.loadBalancer.ingress");
    for (index, point) in status["loadBalancer"].list("ingress").iter().enumerate() {
        let path = list.index(index);
        if !point.text("ip").is_empty() {
            ip::check(point.text("ip"), path.child("ip"), report);
        }
        let host = point.text("hostname");
        if !host.is_empty() {
            report.broken(path.child("hostname"), host, names::subdomain(host));
            if address::sloppy(host).is_some() {
                report.invalid(path.child("hostname"), host, "must be a DNS name, not an IP address");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn an_ingress_leads_somewhere() {
        let object = json!({"metadata": {"name": "a", "namespace": "b"}, "spec": {"rules": [
            {"host": "1.2.3.4", "http": {"paths": [
                {"pathType": "Prefix", "path": "a//b", "backend": {"service": {"name": "s", "port": {"number": 0}}}},
                {"path": "/"},
            ]}},
        ]}});
        let told: Vec<String> = STRATEGY.validate(&object, true).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "spec.rules[0].host: Invalid value: \"1.2.3.4\": must be a DNS name, not an IP address",
                "spec.rules[0].http.paths[0].path: Invalid value: \"a//b\": must be an absolute path",
                "spec.rules[0].http.paths[0].path: Invalid value: \"a//b\": must not contain '//'",
                "spec.rules[0].http.paths[0].backend: Required value: port name or number is required",
                "spec.rules[0].http.paths[1].pathType: Required value: pathType must be specified",
            ]
        );
    }
}
