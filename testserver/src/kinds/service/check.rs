//! Validation of services.

use super::{has_cluster_ip, has_health_port, is_headless, is_reachable_from_outside};
use crate::kinds::access::Look;
use crate::kinds::ip;
use crate::kinds::path::Path;
use crate::kinds::pod_spec;
use crate::kinds::report::Report;
use crate::names;
use serde_json::{Value, json};

const SPEC: Path<'static> = Path::root("spec");
const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
const SESSION_SECONDS_MAX: i64 = 86400;

pub(super) fn service(service: &Value, report: &mut Report) {
    let spec = &service["spec"];
    if spec.count("ports") == 0 && !is_headless(spec) && has_cluster_ip(spec) {
        report.required(SPEC.child("ports"), "");
    }
    by_type(spec, report);
    ports(spec, report);
    crate::kinds::metadata::labels(&spec["selector"], SPEC.child("selector"), report);
    session(spec, report);
    addresses(spec, report);
    let list = SPEC.child("externalIPs");
    for (index, address) in spec.texts("externalIPs").enumerate() {
        external_address(address, list.index(index), report);
    }
    report.one_of(SPEC.child("type"), spec.text("type"), &TYPES);
    node_ports(spec, report);
    source_ranges(service, report);
    balancer_fields(spec, report);
    traffic(spec, report);
}

fn by_type(spec: &Value, report: &mut Report) {
    let kind = spec.text("type");
    if matches!(kind, "LoadBalancer" | "NodePort") && is_headless(spec) {
        let list = SPEC.child("clusterIPs");
        let detail = format!("may not be set to 'None' for {kind} services");
        report.invalid(list.index(0), "None", &detail);
    }
    if kind != "ExternalName" {
        return;
    }
    for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        if spec.has(field) {
            report.forbidden(SPEC.child(field), "may not be set for ExternalName services");
        }
    }
    let name = spec.text("externalName");
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() {
        report.required(SPEC.child("externalName"), "");
    } else {
        report.broken(SPEC.child("externalName"), name, names::subdomain(name));
    }
}

fn ports(spec: &Value, report: &mut Report) {
    let list = SPEC.child("ports");
    let several = spec.count("ports") > 1;
    let mut known: Vec<&str> = Vec::new();
    for (index, port) in spec.list("ports").iter().enumerate() {
        let path = list.index(index);
        let name = port.text("name");
        if name.is_empty() {
            if several {
                report.required(path.child("name"), "");
            }
        } else {
            report.broken(path.child("name"), name, names::label(name));
            if known.contains(&name) {
                report.duplicate(path.child("name"), name);
            }
            known.push(name);
        }
        let number = port.number("port").unwrap_or_default();
        for message in names::port_number(number) {
            report.invalid(path.child("port"), number, &message);
        }
        report.one_of(path.child("protocol"), port.text("protocol"), &["SCTP", "TCP", "UDP"]);
        pod_spec::check_port(&port["targetPort"], path.child("targetPort"), report);
        if port.has("appProtocol") {
            let protocol = port.text("appProtocol");
            report.broken(path.child("appProtocol"), protocol, names::label_key(protocol));
        }
    }
}

fn session(spec: &Value, report: &mut Report) {
    let affinity = spec.text("sessionAffinity");
    report.one_of(SPEC.child("sessionAffinity"), affinity, &["ClientIP", "None"]);
    let config = SPEC.child("sessionAffinityConfig");
    match affinity {
        "ClientIP" => {
            let seconds = spec["sessionAffinityConfig"]["clientIP"].number("timeoutSeconds");
            if let Some(seconds) = seconds.filter(|seconds| !(1..=SESSION_SECONDS_MAX).contains(seconds)) {
                let detail = format!("must be greater than 0 and less than {SESSION_SECONDS_MAX}");
                report.invalid(config.child("clientIP.timeoutSeconds"), seconds, &detail);
            }
        }
        "None" if spec.has("sessionAffinityConfig") => {
            report.forbidden(config, "must not be set when session affinity is None");
        }
        _ => {}
    }
}

/// The addresses of the cluster that a service has, and their families.
pub(super) fn addresses(spec: &Value, report: &mut Report) {
    if !has_cluster_ip(spec) {
        return;
    }
    let (single, several) = (spec.text("clusterIP"), spec.list("clusterIPs"));
    let path = SPEC.child("clusterIPs");
    let shown = || spec["clusterIPs"].clone();
    match (single.is_empty(), several.first()) {
        (false, None) => report.required(path, ""),
        (false, Some(first)) if first != single => {
            report.invalid(path, shown(), "first value must match `clusterIP`");
        }
        (true, Some(_)) => {
            report.invalid(path, shown(), "must be empty when `clusterIP` is not specified");
        }
        _ => {}
    }
    families(spec, report);
    let before = report.len();
    for (index, address) in spec.texts("clusterIPs").enumerate() {
        if index == 0 && address == "None" {
            if several.len() > 1 {
                report.invalid(path, shown(), "'None' must be the first and only value");
            }
        } else {
            ip::check(address, path.index(index), report);
        }
    }
    let all_valid = report.len() == before;
    if several.len() > 2 {
        report.invalid(path, shown(), "may only hold up to 2 values");
    }
    if !all_valid {
        return;
    }
    let v6 = several.iter().filter(|address| address.as_str().is_some_and(|text| text.contains(':'))).count();
    if several.len() > 1 && (v6 == 0 || v6 == several.len()) {
        report.invalid(path, shown(), "may specify no more than one IP for each IP family");
    }
    if is_headless(spec) {
        return;
    }
    for (index, (address, family)) in spec.texts("clusterIPs").zip(spec.texts("ipFamilies")).enumerate() {
        let expected = if address.contains(':') { "IPv6" } else { "IPv4" };
        if family != expected && matches!(family, "IPv4" | "IPv6") {
            let detail = format!("expected an {family} value as indicated by `ipFamilies[{index}]`");
            report.invalid(path.index(index), address, &detail);
        }
    }
}

fn families(spec: &Value, report: &mut Report) {
    let list = SPEC.child("ipFamilies");
    let mut known: Vec<&str> = Vec::new();
    for (index, family) in spec.texts("ipFamilies").enumerate() {
        if !["IPv4", "IPv6"].contains(&family) {
            report.not_supported(list.index(index), family, &["IPv4", "IPv6"]);
        }
        if known.contains(&family) {
            report.duplicate(list.index(index), family);
        }
        known.push(family);
    }
    let policy = spec.text("ipFamilyPolicy");
    let policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    if spec.has("ipFamilyPolicy") && !policies.contains(&policy) {
        report.not_supported(SPEC.child("ipFamilyPolicy"), policy, &policies);
    }
}

/// An address that traffic can come to.
pub(in crate::kinds) fn external_address(address: &str, path: Path<'_>, report: &mut Report) {
    let before = report.len();
    ip::check(address, path, report);
    let Some(parsed) = ip::parse(address).filter(|_| report.len() == before) else { return };
    let link_local = match parsed {
        std::net::IpAddr::V4(address) => address.is_link_local(),
        std::net::IpAddr::V6(address) => address.segments()[0] & 0xffc0 == 0xfe80,
    };
    let link_local_multicast = match parsed {
        std::net::IpAddr::V4(address) => address.octets()[..3] == [224, 0, 0],
        std::net::IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
    };
    for (found, what) in [
        (parsed.is_unspecified(), "may not be unspecified"),
        (parsed.is_loopback(), "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        (link_local_multicast, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
    ] {
        if found {
            let told =
                if what.ends_with("unspecified") { format!("{what} ({parsed})") } else { what.to_owned() };
            report.invalid(path, address, &told);
        }
    }
}

fn node_ports(spec: &Value, report: &mut Report) {
    let list = SPEC.child("ports");
    let mut nodes: Vec<(&str, i64)> = Vec::new();
    let mut numbers: Vec<(&str, i64)> = Vec::new();
    for (index, port) in spec.list("ports").iter().enumerate() {
        if port.number("nodePort").unwrap_or_default() != 0 && spec.text("type") == "ClusterIP" {
            let detail = "may not be used when `type` is 'ClusterIP'";
            report.forbidden(list.index(index).child("nodePort"), detail);
        }
    }
    for (index, port) in spec.list("ports").iter().enumerate() {
        let number = port.number("nodePort").unwrap_or_default();
        let key = (port.text("protocol"), number);
        if number != 0 && nodes.contains(&key) {
            report.duplicate(list.index(index).child("nodePort"), number);
        }
        nodes.push(key);
    }
    for (index, port) in spec.list("ports").iter().enumerate() {
        let key = (port.text("protocol"), port.number("port").unwrap_or_default());
        if numbers.contains(&key) {
            let shown = json!({"Name": "", "Protocol": key.0, "AppProtocol": null, "Port": key.1, "TargetPort": 0,
                "NodePort": 0});
            let fields = ["Name", "Protocol", "AppProtocol", "Port", "TargetPort", "NodePort"];
            let shown: Vec<String> =
                fields.iter().map(|field| format!("\"{field}\":{}", shown[*field])).collect();
            let mut cause = crate::failure::Cause::duplicate(list.index(index), &Value::Null);
            cause.message = format!("Duplicate value: {{{}}}", shown.join(","));
            report.push(cause);
        }
        numbers.push(key);
    }
}

fn source_ranges(service: &Value, report: &mut Report) {
    let spec = &service["spec"];
    let is_balancer = spec.text("type") == "LoadBalancer";
    let detail = "may only be used when `type` is 'LoadBalancer'";
    // The server begins the name with a capital.
    let path = SPEC.child("LoadBalancerSourceRanges");
    if spec.count("loadBalancerSourceRanges") > 0 {
        if !is_balancer {
            report.forbidden(path, detail);
        }
        for (index, range) in spec.texts("loadBalancerSourceRanges").enumerate() {
            ip::check_range(range.trim(), path.index(index), report);
        }
        return;
    }
    let annotations = &service["metadata"]["annotations"];
    if !annotations.has(RANGES) {
        return;
    }
    let list = Path::root("metadata.annotations");
    if !is_balancer {
        report.forbidden(list.key(RANGES), detail);
    }
    for range in annotations.text(RANGES).split(',').map(str::trim).filter(|range| !range.is_empty()) {
        ip::check_range(range, list.key(RANGES), report);
    }
}

fn balancer_fields(spec: &Value, report: &mut Report) {
    let is_balancer = spec.text("type") == "LoadBalancer";
    let detail = "may only be used when `type` is 'LoadBalancer'";
    if spec.has("allocateLoadBalancerNodePorts") && !is_balancer {
        report.forbidden(SPEC.child("allocateLoadBalancerNodePorts"), detail);
    }
    if spec.has("loadBalancerClass") {
        let class = spec.text("loadBalancerClass");
        let path = SPEC.child("loadBalancerClass");
        if is_balancer {
            report.broken(path, class, names::label_key(class));
        } else {
            report.forbidden(path, detail);
        }
    }
}

fn traffic(spec: &Value, report: &mut Report) {
    let policies = ["Cluster", "Local"];
    let external = spec.text("externalTrafficPolicy");
    let path = SPEC.child("externalTrafficPolicy");
    if is_reachable_from_outside(spec) {
        report.one_of(path, external, &policies);
    } else if !external.is_empty() {
        report.invalid(path, external, "may only be set for externally-accessible services");
    }
    let health = spec.number("healthCheckNodePort").unwrap_or_default();
    let path = SPEC.child("healthCheckNodePort");
    match (has_health_port(spec), health) {
        (false, 0) => {}
        (false, _) => {
            let detail =
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
            report.invalid(path, health, detail);
        }
        (true, 0) => report.required(path, ""),
        (true, _) => {
            for message in names::port_number(health) {
                report.invalid(path, health, &message);
            }
        }
    }
    let internal = spec.text("internalTrafficPolicy");
    if spec.has("internalTrafficPolicy") && !policies.contains(&internal) {
        report.not_supported(SPEC.child("internalTrafficPolicy"), internal, &policies);
    }
    let distribution = spec.text("trafficDistribution");
    let known = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    if spec.has("trafficDistribution") && !known.contains(&distribution) {
        report.not_supported(SPEC.child("trafficDistribution"), distribution, &known);
    }
}

pub(super) fn update(new: &Value, old: &Value, report: &mut Report) {
    let (spec, before) = (&new["spec"], &old["spec"]);
    if has_cluster_ip(spec) && has_cluster_ip(before) {
        if !(is_headless(spec) && is_headless(before)) {
            list_update(spec, before, "clusterIPs", "primary clusterIP can not be unset", report);
        }
        if !is_headless(spec) && !is_headless(before) {
            list_update(spec, before, "ipFamilies", "primary ipFamily can not be unset", report);
        }
    }
    if spec.text("type") == "LoadBalancer"
        && before.text("type") == "LoadBalancer"
        && spec["loadBalancerClass"] != before["loadBalancerClass"]
    {
        let class = spec["loadBalancerClass"].clone();
        report.invalid(SPEC.child("loadBalancerClass"), class, "may not change once set");
    }
    if has_health_port(spec)
        && has_health_port(before)
        && spec["healthCheckNodePort"] != before["healthCheckNodePort"]
    {
        report.forbidden(SPEC.child("healthCheckNodePort"), "field is immutable");
    }
    service(new, report);
}

/// Addresses and families: the first stays, a second comes or goes.
fn list_update(new: &Value, old: &Value, field: &str, unset: &str, report: &mut Report) {
    let path = SPEC.child(field);
    let (items, before) = (new.list(field), old.list(field));
    let changed = "may not change once set";
    if items.len() == before.len() {
        for index in (0..items.len()).filter(|index| items[*index] != before[*index]) {
            report.invalid(path.index(index), new[field].clone(), changed);
        }
        return;
    }
    if items.is_empty() {
        return report.invalid(path.index(0), new[field].clone(), unset);
    }
    if before.first().is_some_and(|first| *first != items[0]) {
        report.invalid(path.index(0), new[field].clone(), changed);
    }
    if items.len() == 1 && before.len() > 1 && new.text("ipFamilyPolicy") != "SingleStack" {
        let what = if field == "clusterIPs" { "clusterIP" } else { "ipFamily" };
        let detail = format!("must be set to 'SingleStack' when releasing the secondary {what}");
        report.invalid(SPEC.child("ipFamilyPolicy"), new["ipFamilyPolicy"].clone(), &detail);
    }
}

pub(super) fn status(new: &Value, old: &Value, report: &mut Report) {
    let path = Path::root("status.loadBalancer");
    let balancer = &new["status"]["loadBalancer"];
    let ingress = path.child("ingress");
    if *balancer != old["status"]["loadBalancer"]
        && balancer.count("ingress") > 0
        && new["spec"].text("type") != "LoadBalancer"
    {
        return report.forbidden(ingress, "may only be used when `spec.type` is 'LoadBalancer'");
    }
    self::balancer(balancer, path, report);
}

/// The addresses and names of a load balancer.
fn balancer(balancer: &Value, path: Path<'_>, report: &mut Report) {
    let list = path.child("ingress");
    for (index, ingress) in balancer.list("ingress").iter().enumerate() {
        let path = list.index(index);
        let (address, hostname) = (ingress.text("ip"), ingress.text("hostname"));
        if !address.is_empty() {
            ip::check(address, path.child("ip"), report);
        }
        if ingress.has("ipMode") {
            let mode = ingress.text("ipMode");
            let known = ["Proxy", "VIP"];
            if address.is_empty() {
                report.forbidden(path.child("ipMode"), "may not be specified when `ip` is not set");
            } else if !known.contains(&mode) {
                report.not_supported(path.child("ipMode"), mode, &known);
            }
        }
        if !hostname.is_empty() {
            report.broken(path.child("hostname"), hostname, names::subdomain(hostname));
            if ip::parse(hostname).is_some() {
                report.invalid(path.child("hostname"), hostname, "must be a DNS name, not an IP address");
            }
        }
    }
}
