//! Addresses of the cluster and ports of its nodes, each for one service.
//!
//! What is taken is read from the services that there are: a server for tests has few.

use super::{families, has_cluster_ip, has_health_port, has_node_ports, is_headless, ports};
use crate::failure::{Cause, Failure, Named};
use crate::kinds::access::{Change, Look};
use crate::kinds::ip;
use crate::kinds::path::Path;
use crate::kinds::strategy::Cluster;
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

/// The addresses of services: all of 10.0.0.0/16 but the first and the last.
const RANGE: &str = "10.0.0.0/16";
const FIRST: u32 = 0x0a00_0001;
/// Addresses at the beginning are for services that ask for one.
const FIRST_DYNAMIC: u32 = 0x0a00_0101;
const LAST: u32 = 0x0a00_fffe;

/// Gives a new service, or a changed one, what it lacks.
pub(super) fn allocate(
    service: &mut Value,
    old: Option<&Value>,
    cluster: &dyn Cluster,
) -> Result<(), Failure> {
    let name = service["metadata"].text("name").to_owned();
    let invalid = |causes: Vec<Cause>| {
        if causes.is_empty() {
            Ok(())
        } else {
            Err(Failure::invalid(Named { group: "", resource: "Service" }, &name, causes))
        }
    };
    if let Some(old) = old {
        keep(service.inner("spec"), &old["spec"]);
    }
    same_addresses(service.inner("spec"), old.map(|old| &old["spec"]));
    invalid(families::settle(service.inner("spec"), old.map(|old| &old["spec"])))?;
    let own = |other: &Value| {
        old.is_some()
            && ["name", "namespace"]
                .iter()
                .all(|field| other["metadata"][*field] == service["metadata"][*field])
    };
    let needs_something =
        needs_address(&service["spec"], old.map(|old| &old["spec"])) || has_node_ports(&service["spec"]);
    if !needs_something {
        return Ok(());
    }
    let others: Vec<Value> =
        cluster.objects("", "services", "").into_iter().filter(|other| !own(other)).collect();
    let spec = service.inner("spec");
    if needs_address(spec, old.map(|old| &old["spec"])) {
        invalid(address(spec, &others))?;
    }
    if has_node_ports(spec) {
        let taken = others.iter().flat_map(|other| ports::of(&other["spec"])).collect();
        invalid(ports::allocate(spec, old.map(|old| &old["spec"]), taken)?)?;
    }
    Ok(())
}

/// Takes over what the server gave before and the new state does not mention.
fn keep(spec: &mut Value, old: &Value) {
    if has_cluster_ip(old) && has_cluster_ip(spec) {
        if spec.text("clusterIP").is_empty() && old.has("clusterIP") {
            spec.copy_field("clusterIP", old);
        }
        if spec.count("clusterIPs") == 0 && spec["clusterIP"] == old["clusterIP"] {
            spec.copy_field("clusterIPs", old);
        }
    }
    if has_node_ports(old) && has_node_ports(spec) {
        ports::keep(spec, old);
    }
    if has_health_port(old)
        && has_health_port(spec)
        && spec.number("healthCheckNodePort").unwrap_or_default() == 0
    {
        spec.copy_field("healthCheckNodePort", old);
    }
}

/// The one address is the first of the list. Clients of old know only the one.
fn same_addresses(spec: &mut Value, old: Option<&Value>) {
    let single = spec.text("clusterIP").to_owned();
    match old {
        None => {
            if !single.is_empty() && spec.count("clusterIPs") == 0 {
                spec.set("clusterIPs", vec![single]);
            }
        }
        Some(old) if single != old.text("clusterIP") && spec["clusterIPs"] == old["clusterIPs"] => {
            if single.is_empty() {
                spec.remove_field("clusterIPs");
            } else {
                spec.set("clusterIPs", vec![single]);
            }
        }
        Some(_) if !single.is_empty() && spec.count("clusterIPs") == 0 => {
            spec.set("clusterIPs", vec![single]);
        }
        Some(_) => {}
    }
}

fn needs_address(spec: &Value, old: Option<&Value>) -> bool {
    has_cluster_ip(spec) && !is_headless(spec) && old.is_none_or(|old| !has_cluster_ip(old))
}

fn address(spec: &mut Value, others: &[Value]) -> Vec<Cause> {
    let taken: BTreeSet<IpAddr> =
        others.iter().flat_map(|other| other["spec"].texts("clusterIPs")).filter_map(ip::parse).collect();
    let wanted = spec.text("clusterIP").to_owned();
    let path = Path::root("spec.clusterIPs");
    if wanted.is_empty() {
        match free(&taken) {
            Some(address) => {
                spec.set("clusterIP", address.to_string());
                spec.set("clusterIPs", vec![address.to_string()]);
                return Vec::new();
            }
            None => {
                let detail = "failed to allocate IP: range is full";
                return vec![Cause::invalid(path, &spec["clusterIPs"], detail)];
            }
        }
    }
    let Some(address) = ip::parse(&wanted) else { return Vec::new() };
    let in_range = ip::parse_range(RANGE).is_some_and(|range| ip::contains(range, address));
    let is_usable = matches!(address, IpAddr::V4(address) if (FIRST..=LAST).contains(&address.into()));
    let why = if !in_range {
        "the provided network does not match the current range".to_owned()
    } else if !is_usable {
        format!("the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {RANGE}")
    } else if taken.contains(&address) {
        "provided IP is already allocated".to_owned()
    } else {
        return Vec::new();
    };
    let detail = format!("failed to allocate IP {wanted}: {why}");
    vec![Cause::invalid(path, &spec["clusterIPs"], &detail)]
}

/// An address that no service has.
fn free(taken: &BTreeSet<IpAddr>) -> Option<Ipv4Addr> {
    let start = fastrand::u32(FIRST_DYNAMIC..=LAST);
    let candidates = (start..=LAST).chain(FIRST_DYNAMIC..start).chain(FIRST..FIRST_DYNAMIC);
    candidates.map(Ipv4Addr::from).find(|address| !taken.contains(&IpAddr::V4(*address)))
}
