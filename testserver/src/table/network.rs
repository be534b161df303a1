//! Kinds about how programs reach each other.

use super::column::{AGE, Column, NAME, Row, column, list, number, or, some_of, text};
use serde_json::Value;
use std::collections::BTreeSet;

/// How many addresses, ports or hosts a cell shows.
const SHOWN: usize = 3;

pub(super) const SERVICE: &[Column] = &[
    NAME,
    column("Type", "How the Service is reached", |row| row.text("spec.type").into()),
    column("Cluster-IP", "The address within the cluster", |row| {
        row.list("spec.clusterIPs").first().and_then(Value::as_str).unwrap_or("<none>").into()
    }),
    column("External-IP", "Where the Service is reached from outside of the cluster", |row| {
        external(row).into()
    }),
    column("Port(s)", "The ports, and those of the Nodes that lead to them", |row| ports(row).into()),
    AGE,
    column("Selector", "Which Pods the Service leads to", |row| row.labels("spec.selector").into()).wide(),
];

fn external(row: &Row<'_>) -> String {
    let own = row.joined("spec.externalIPs", ",");
    match row.text("spec.type") {
        "ClusterIP" | "NodePort" => or(&own, "<none>").to_owned(),
        "LoadBalancer" => {
            let parts = [ingress_points(row), own];
            let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            or(&parts.join(","), "<pending>").to_owned()
        }
        "ExternalName" => row.text("spec.externalName").to_owned(),
        _ => "<unknown>".to_owned(),
    }
}

/// Where a load balancer is reached.
fn ingress_points(row: &Row<'_>) -> String {
    let points = row.list("status.loadBalancer.ingress").iter();
    let points = points.map(|point| or(text(point, "ip"), text(point, "hostname")));
    let points: BTreeSet<&str> = points.filter(|point| !point.is_empty()).collect();
    points.into_iter().collect::<Vec<_>>().join(",")
}

fn ports(row: &Row<'_>) -> String {
    let shown = |port: &Value| {
        let (number, node_port, protocol) =
            (number(port, "port"), number(port, "nodePort"), text(port, "protocol"));
        if node_port > 0 {
            format!("{number}:{node_port}/{protocol}")
        } else {
            format!("{number}/{protocol}")
        }
    };
    let ports: Vec<String> = row.list("spec.ports").iter().map(shown).collect();
    or(&ports.join(","), "<none>").to_owned()
}

pub(super) const ENDPOINTS: &[Column] =
    &[NAME, column("Endpoints", "Addresses and ports", |row| endpoints(row).into()), AGE];

fn endpoints(row: &Row<'_>) -> String {
    let subsets = row.list("subsets");
    if subsets.is_empty() {
        return "<none>".to_owned();
    }
    let mut shown = Vec::new();
    for subset in subsets {
        let addresses = || list(subset, "addresses").iter().map(|address| text(address, "ip"));
        let ports = list(subset, "ports");
        if ports.is_empty() {
            shown.extend(addresses().map(str::to_owned));
        }
        for port in ports {
            let port = number(port, "port");
            shown.extend(addresses().map(|address| match address.contains(':') {
                true => format!("[{address}]:{port}"),
                false => format!("{address}:{port}"),
            }));
        }
    }
    some_of(&shown, SHOWN)
}

pub(super) const ENDPOINT_SLICE: &[Column] = &[
    NAME,
    column("AddressType", "What kind of addresses these are", |row| row.text("addressType").into()),
    column("Ports", "The ports, of all endpoints", |row| {
        let shown = |port: &Value| match (port.get("port").and_then(Value::as_i64), port.get("name")) {
            (Some(number), _) => number.to_string(),
            (None, Some(Value::String(name))) => name.clone(),
            (None, _) => "*".to_owned(),
        };
        let ports: Vec<String> = row.list("ports").iter().map(shown).collect();
        or(&some_of(&ports, SHOWN), "<unset>").into()
    }),
    column("Endpoints", "The addresses", |row| {
        let addresses = row.list("endpoints").iter().flat_map(|endpoint| list(endpoint, "addresses"));
        let addresses: Vec<String> = addresses.filter_map(Value::as_str).map(str::to_owned).collect();
        or(&some_of(&addresses, SHOWN), "<unset>").into()
    }),
    AGE,
];

pub(super) const INGRESS: &[Column] = &[
    NAME,
    column("Class", "The IngressClass", |row| {
        row.at("spec.ingressClassName").and_then(Value::as_str).unwrap_or("<none>").into()
    }),
    column("Hosts", "The hosts that are served", |row| hosts(row).into()),
    column("Address", "Where the load balancer is reached", |row| ingress_points(row).into()),
    column("Ports", "The ports that are open", |row| {
        if row.list("spec.tls").is_empty() { "80".into() } else { "80, 443".into() }
    }),
    AGE,
];

/// The hosts of the first rules. The server counts rules without a host when it says how many more there are.
fn hosts(row: &Row<'_>) -> String {
    let rules = row.list("spec.rules");
    let mut hosts: Vec<&str> = Vec::new();
    for rule in rules {
        if hosts.len() == SHOWN {
            return format!("{} + {} more...", hosts.join(","), rules.len() - SHOWN);
        }
        let host = text(rule, "host");
        if !host.is_empty() {
            hosts.push(host);
        }
    }
    or(&hosts.join(","), "*").to_owned()
}

pub(super) const INGRESS_CLASS: &[Column] = &[
    Column {
        cell: |row| {
            let is_default = row.annotation("ingressclass.kubernetes.io/is-default-class") == "true";
            format!("{}{}", row.name(), if is_default { " (default)" } else { "" }).into()
        },
        ..NAME
    },
    column("Controller", "Who serves the class", |row| row.text("spec.controller").into()),
    column("Parameters", "Where the controller's parameters are", |row| {
        let Some(parameters) = row.at("spec.parameters") else { return "<none>".into() };
        let (kind, name) = (text(parameters, "kind"), text(parameters, "name"));
        match parameters.get("apiGroup").and_then(Value::as_str) {
            Some(group) => format!("{kind}.{group}/{name}").into(),
            None => format!("{kind}/{name}").into(),
        }
    }),
    AGE,
];

pub(super) const NETWORK_POLICY: &[Column] = &[
    NAME,
    column("Pod-Selector", "Which Pods the policy is for", |row| {
        row.selector_or_none("spec.podSelector").into()
    }),
    AGE,
];

pub(super) const SERVICE_CIDR: &[Column] = &[
    NAME,
    column("CIDRs", "From where Services get their addresses", |row| row.joined("spec.cidrs", ",").into()),
    AGE,
];

pub(super) const IP_ADDRESS: &[Column] = &[
    NAME,
    column("ParentRef", "What has the address", |row| parent(row).into()),
    Column { headless: true, ..AGE },
];

fn parent(row: &Row<'_>) -> String {
    let Some(parent) = row.at("spec.parentRef") else { return "<none>".to_owned() };
    let mut parts = vec![match text(parent, "group") {
        "" => text(parent, "resource").to_lowercase(),
        group => format!("{}.{group}", text(parent, "resource")).to_lowercase(),
    }];
    parts.extend(Some(text(parent, "namespace").to_owned()).filter(|namespace| !namespace.is_empty()));
    parts.push(text(parent, "name").to_owned());
    parts.join("/")
}
