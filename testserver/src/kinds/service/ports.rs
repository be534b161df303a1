//! Ports of nodes.

use super::has_health_port;
use crate::failure::{Cause, Failure};
use crate::kinds::access::{Change, Look};
use crate::kinds::path::Path;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

const RANGE: RangeInclusive<i64> = 30000..=32767;
/// Ports before are for services that ask for one.
const FIRST_DYNAMIC: i64 = 30086;

/// The ports of nodes that a service has.
pub(super) fn of(spec: &Value) -> impl Iterator<Item = i64> {
    let ports = spec.list("ports").iter().filter_map(|port| port.number("nodePort"));
    ports.chain(spec.number("healthCheckNodePort")).filter(|port| *port != 0)
}

/// Whether all ports of nodes are ones that there were before.
pub(super) fn are_all_of(spec: &Value, old: &Value) -> bool {
    let before: BTreeSet<i64> = of(old).collect();
    spec.list("ports")
        .iter()
        .filter_map(|port| port.number("nodePort"))
        .all(|port| port == 0 || before.contains(&port))
}

/// Takes over the ports of nodes that are not mentioned, by the names of ports.
pub(super) fn keep(spec: &mut Value, old: &Value) {
    let given = |spec: &Value| -> BTreeSet<i64> {
        spec.list("ports")
            .iter()
            .filter_map(|port| port.number("nodePort"))
            .filter(|port| *port != 0)
            .collect()
    };
    let mut used: BTreeSet<i64> = given(spec).intersection(&given(old)).copied().collect();
    let by_name: BTreeMap<&str, i64> = old
        .list("ports")
        .iter()
        .map(|port| (port.text("name"), port.number("nodePort").unwrap_or_default()))
        .collect();
    for port in spec.list_mut("ports") {
        if port.number("nodePort").unwrap_or_default() != 0 {
            continue;
        }
        let before = by_name.get(port.text("name")).copied().unwrap_or_default();
        if before != 0 && used.insert(before) {
            port.set("nodePort", before);
        }
    }
}

/// Gives a service the ports of nodes that it lacks, and checks those it asks for.
///
/// # Errors
///
/// If no port is left.
pub(super) fn allocate(
    spec: &mut Value,
    old: Option<&Value>,
    mut taken: BTreeSet<i64>,
) -> Result<Vec<Cause>, Failure> {
    let before: BTreeSet<i64> = old.into_iter().flat_map(of).collect();
    let gives = spec.text("type") == "NodePort" || spec["allocateLoadBalancerNodePorts"] != false;
    let path = Path::root("spec.ports");
    let health = has_health_port(spec);
    // The same number with another protocol has the same port of the nodes.
    let mut by_number: BTreeMap<i64, i64> = BTreeMap::new();
    let mut wanted: BTreeMap<i64, i64> = BTreeMap::new();
    for port in spec.list("ports") {
        let node_port = port.number("nodePort").unwrap_or_default();
        if node_port != 0 {
            wanted.entry(port.number("port").unwrap_or_default()).or_insert(node_port);
        }
    }
    for (index, port) in spec.list_mut("ports").enumerate() {
        let number = port.number("port").unwrap_or_default();
        let mut node_port = port.number("nodePort").unwrap_or_default();
        if node_port == 0 && !gives {
            continue;
        }
        if node_port == 0 {
            let same = by_number.get(&number).or_else(|| wanted.get(&number));
            node_port = match same {
                Some(same) => *same,
                None => free(&taken).ok_or_else(full)?,
            };
            port.set("nodePort", node_port);
        }
        let is_new = !before.contains(&node_port) && by_number.get(&number) != Some(&node_port);
        if is_new && let Some(why) = refused(node_port, &taken) {
            return Ok(vec![Cause::invalid(path.index(index).child("nodePort"), &node_port.into(), &why)]);
        }
        by_number.entry(number).or_insert(node_port);
        taken.insert(node_port);
    }
    if health && spec.number("healthCheckNodePort").unwrap_or_default() == 0 {
        spec.set("healthCheckNodePort", free(&taken).ok_or_else(full)?);
    }
    Ok(Vec::new())
}

fn refused(port: i64, taken: &BTreeSet<i64>) -> Option<String> {
    if !RANGE.contains(&port) {
        let (first, last) = (RANGE.start(), RANGE.end());
        return Some(format!(
            "provided port is not in the valid range. The range of valid ports is {first}-{last}"
        ));
    }
    taken.contains(&port).then(|| "provided port is already allocated".to_owned())
}

fn free(taken: &BTreeSet<i64>) -> Option<i64> {
    let start = fastrand::i64(FIRST_DYNAMIC..=*RANGE.end());
    let mut candidates = (start..=*RANGE.end()).chain(*RANGE.start()..start);
    candidates.find(|port| !taken.contains(port))
}

fn full() -> Failure {
    Failure::internal("failed to allocate a nodePort: range is full")
}
