//! `EndpointSlices`.

use super::access::{Change, Look};
use super::address;
use super::ip;
use super::metadata;
use super::path::Path;
use super::report::Report;
use super::strategy::Strategy;
use crate::names;
use serde_json::Value;
use std::net::IpAddr;

pub(super) static STRATEGY: Strategy = Strategy {
    has_generation: true,
    default: |object| {
        for port in object.list_mut("ports") {
            port.or_set("name", "");
            port.or_set("protocol", "TCP");
        }
    },
    create: |object| drop_topology(object, &Value::Null),
    update: drop_topology,
    changes: |new, old| {
        ["addressType", "endpoints", "ports"].iter().any(|field| new[*field] != old[*field])
            || new["metadata"]["labels"] != old["metadata"]["labels"]
    },
    check: |object, report| {
        check_slice(object, report);
        check_endpoints(object, report);
    },
    check_update: |new, old, report| {
        check_slice(new, report);
        // What was stored before there were rules stays in order.
        if new["endpoints"] != old["endpoints"] {
            check_endpoints(new, report);
        }
        if new["addressType"] != old["addressType"] {
            report.invalid(Path::root("addressType"), Value::Null, "field is immutable");
        }
    },
    warn: warnings,
    ..Strategy::PLAIN
};

const TYPES: [&str; 3] = ["FQDN", "IPv4", "IPv6"];
const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];
const ADDRESSES_MAX: usize = 100;
const ENDPOINTS_MAX: usize = 1000;
const PORTS_MAX: usize = 20_000;
const HINTS_MAX: usize = 8;
/// Whose objects are not looked at for how addresses are written.
const MANAGERS: [&str; 2] = ["endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"];

/// This version of the API only reads the field.
fn drop_topology(new: &mut Value, old: &Value) {
    if new["endpoints"] == old["endpoints"] {
        return;
    }
    for endpoint in new.list_mut("endpoints") {
        endpoint.remove_field("deprecatedTopology");
    }
}

fn check_slice(object: &Value, report: &mut Report) {
    report.one_of(Path::root("addressType"), object.text("addressType"), &TYPES);
    let list = Path::root("ports");
    let ports = object.list("ports");
    if ports.len() > PORTS_MAX {
        return report.too_many(list, ports.len(), PORTS_MAX);
    }
    for (index, port) in ports.iter().enumerate() {
        let path = list.index(index);
        let name = port.text("name");
        if !name.is_empty() {
            report.broken(path.child("name"), name, names::label(name));
        }
        if ports[..index].iter().any(|earlier| earlier.text("name") == name) {
            report.duplicate(path.child("name"), name);
        }
        let protocol = port.text("protocol");
        if !PROTOCOLS.contains(&protocol) {
            report.not_supported(path.child("protocol"), protocol, &PROTOCOLS);
        }
        if port.has("appProtocol") {
            let protocol = port.text("appProtocol");
            report.broken(path.child("appProtocol"), protocol, names::label_key(protocol));
        }
    }
}

fn check_endpoints(object: &Value, report: &mut Report) {
    let list = Path::root("endpoints");
    let endpoints = object.list("endpoints");
    if endpoints.len() > ENDPOINTS_MAX {
        return report.too_many(list, endpoints.len(), ENDPOINTS_MAX);
    }
    for (index, endpoint) in endpoints.iter().enumerate() {
        let path = list.index(index);
        check_addresses(endpoint, object.text("addressType"), path.child("addresses"), report);
        if endpoint.has("nodeName") {
            let node = endpoint.text("nodeName");
            report.broken(path.child("nodeName"), node, names::subdomain(node));
        }
        metadata::labels(&endpoint["deprecatedTopology"], path.child("deprecatedTopology"), report);
        if endpoint.has("hostname") {
            let hostname = endpoint.text("hostname");
            report.broken(path.child("hostname"), hostname, names::label(hostname));
        }
        let hints = path.child("hints");
        check_hints(&endpoint["hints"], "forZones", names::label_value, hints, report);
        check_hints(&endpoint["hints"], "forNodes", names::subdomain, hints, report);
    }
}

fn check_addresses(endpoint: &Value, kind: &str, list: Path<'_>, report: &mut Report) {
    match endpoint.count("addresses") {
        0 => report.required(list, ""),
        count if count > ADDRESSES_MAX => report.too_many(list, count, ADDRESSES_MAX),
        _ => {}
    }
    for (index, text) in endpoint.texts("addresses").enumerate() {
        let path = list.index(index);
        let before = report.len();
        match kind {
            "IPv4" => ip::check(text, path, report),
            "IPv6" => address::check_strict(text, path, report),
            "FQDN" => check_domain(text, path, report),
            _ => {}
        }
        if report.len() > before || !kind.starts_with("IP") {
            continue;
        }
        if ip::parse(text).map(|address| IpAddr::is_ipv4(&address)) != Some(kind == "IPv4") {
            report.invalid(list, text, &format!("must be an {kind} address"));
        }
        address::check_endpoint(text, path, report);
    }
}

fn check_domain(text: &str, path: Path<'_>, report: &mut Report) {
    if text.is_empty() {
        return report.required(path, "");
    }
    let text = text.strip_suffix('.').unwrap_or(text);
    let broken = names::subdomain(text);
    if !broken.is_empty() {
        return report.invalid(path, text, &broken.join(","));
    }
    if !text.contains('.') {
        let detail = "should be a domain with at least two segments separated by dots";
        return report.invalid(path, text, detail);
    }
    for part in text.split('.') {
        let broken = names::label(part);
        if !broken.is_empty() {
            return report.invalid(path, part, &broken.join(","));
        }
    }
}

fn check_hints(
    hints: &Value,
    field: &str,
    rule: fn(&str) -> Vec<String>,
    path: Path<'_>,
    report: &mut Report,
) {
    let list = path.child(field);
    let items = hints.list(field);
    if items.len() > HINTS_MAX {
        return report.too_many(list, items.len(), HINTS_MAX);
    }
    for (index, item) in items.iter().enumerate() {
        let path = list.index(index);
        let name = item.text("name");
        if items[..index].iter().any(|earlier| earlier.text("name") == name) {
            report.duplicate(path.child("name"), name);
        }
        report.broken(path.child("name"), name, rule(name));
    }
}

fn warnings(object: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    if old.is_none() && object.text("addressType") == "FQDN" {
        warnings.push("spec.addressType: FQDN endpoints are deprecated".into());
    }
    let manager = object["metadata"]["labels"].text("endpointslice.kubernetes.io/managed-by");
    if object.text("addressType") == "FQDN" || MANAGERS.contains(&manager) {
        return warnings;
    }
    let list = Path::root("endpoints");
    for (index, endpoint) in object.list("endpoints").iter().enumerate() {
        let path = list.index(index);
        let list = path.child("addresses");
        let of = |(index, text)| address::warning(text, list.index(index));
        warnings.extend(endpoint.texts("addresses").enumerate().filter_map(of));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn ports_have_names_and_protocols_and_the_topology_goes() {
        let mut object = json!({
            "metadata": {"name": "a"},
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["10.0.0.1"], "deprecatedTopology": {"a": "b"}}],
            "ports": [{"port": 80}],
        });
        STRATEGY.default(&mut object);
        STRATEGY.prepare_create(&mut object);
        let expected = json!({
            "metadata": {"name": "a", "generation": 1},
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["10.0.0.1"]}],
            "ports": [{"port": 80, "name": "", "protocol": "TCP"}],
        });
        assert_eq!(object, expected);
    }

    #[test]
    fn addresses_are_of_the_type_of_the_slice() {
        let object = json!({
            "metadata": {"name": "a", "namespace": "b"},
            "addressType": "IPv6",
            "endpoints": [{"addresses": ["10.0.0.1", "2001:db8::1"]}, {"addresses": []}],
            "ports": [{"name": "", "protocol": "TCP"}, {"name": "", "protocol": "TCP"}],
        });
        let told: Vec<String> = STRATEGY.validate(&object, true).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "ports[1].name: Duplicate value: \"\"",
                "endpoints[0].addresses: Invalid value: \"10.0.0.1\": must be an IPv6 address",
                "endpoints[1].addresses: Required value",
            ]
        );
    }
}
