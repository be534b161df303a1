//! `NetworkPolicies`.

use crate::kinds::access::{Change, Look};
use crate::kinds::address;
use crate::kinds::ip;
use crate::kinds::label_selector;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::kinds::strategy::Strategy;
use crate::names;
use serde_json::{Value, json};

pub(super) static STRATEGY: Strategy = Strategy {
    has_generation: true,
    default,
    check: |policy, report| check(&policy["spec"], report),
    check_update: |new, _, report| check(&new["spec"], report),
    warn: |policy, _| warnings(&policy["spec"]),
    ..Strategy::PLAIN
};

/// Directions, with the field of their peers.
const DIRECTIONS: [(&str, &str); 2] = [("ingress", "from"), ("egress", "to")];

fn default(policy: &mut Value) {
    let spec = policy.inner("spec");
    if spec.count("policyTypes") == 0 {
        let egress = spec.count("egress") > 0;
        spec.set("policyTypes", if egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) });
    }
    for (direction, _) in DIRECTIONS {
        for rule in spec.list_mut(direction) {
            for port in rule.list_mut("ports") {
                port.or_set("protocol", "TCP");
            }
        }
    }
}

fn check(spec: &Value, report: &mut Report) {
    let path = Path::root("spec");
    label_selector::check(&spec["podSelector"], path.child("podSelector"), report);
    for (direction, peers) in DIRECTIONS {
        let list = path.child(direction);
        for (index, rule) in spec.list(direction).iter().enumerate() {
            let path = list.index(index);
            let list = path.child("ports");
            for (index, port) in rule.list("ports").iter().enumerate() {
                check_port(port, list.index(index), report);
            }
            let list = path.child(peers);
            for (index, peer) in rule.list(peers).iter().enumerate() {
                check_peer(peer, list.index(index), report);
            }
        }
    }
    check_types(spec, path.child("policyTypes"), report);
    // What is missing is told last.
    for (direction, peers) in DIRECTIONS {
        let list = path.child(direction);
        for (index, rule) in spec.list(direction).iter().enumerate() {
            let path = list.index(index);
            let list = path.child(peers);
            for (index, peer) in rule.list(peers).iter().enumerate() {
                if peer.has("ipBlock") && peer["ipBlock"].text("cidr").is_empty() {
                    report.required(list.index(index).child("ipBlock.cidr"), "");
                }
            }
        }
    }
}

fn check_types(spec: &Value, list: Path<'_>, report: &mut Report) {
    const TYPES: [&str; 2] = ["Ingress", "Egress"];
    if spec.count("policyTypes") > TYPES.len() {
        let detail = "may not specify more than two policyTypes";
        return report.invalid(list, spec["policyTypes"].clone(), detail);
    }
    for (index, kind) in spec.texts("policyTypes").enumerate() {
        if !TYPES.contains(&kind) {
            report.not_supported(list.index(index), kind, &TYPES);
        }
    }
}

fn check_port(port: &Value, path: Path<'_>, report: &mut Report) {
    const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];
    let protocol = port.text("protocol");
    if port.has("protocol") && !PROTOCOLS.contains(&protocol) {
        report.not_supported(path.child("protocol"), protocol, &PROTOCOLS);
    }
    let end = port.number("endPort");
    let at_end = path.child("endPort");
    match &port["port"] {
        Value::String(name) => {
            if let Some(end) = end {
                report.invalid(at_end, end, "may not be specified when `port` is non-numeric");
            }
            report.broken(path.child("port"), name, names::port_name(name));
        }
        Value::Null => {
            if let Some(end) = end {
                report.invalid(at_end, end, "may not be specified when `port` is not specified");
            }
        }
        number => {
            let number = number.as_i64().unwrap_or_default();
            for message in names::port_number(number) {
                report.invalid(path.child("port"), number, &message);
            }
            if let Some(end) = end {
                if end < number {
                    report.invalid(at_end, end, "must be greater than or equal to `port`");
                }
                for message in names::port_number(end) {
                    report.invalid(at_end, end, &message);
                }
            }
        }
    }
}

fn check_peer(peer: &Value, path: Path<'_>, report: &mut Report) {
    let selectors = ["podSelector", "namespaceSelector"].into_iter().filter(|field| peer.has(field));
    let mut count = 0;
    for field in selectors {
        count += 1;
        label_selector::check(&peer[field], path.child(field), report);
    }
    if peer.has("ipBlock") {
        check_block(&peer["ipBlock"], path.child("ipBlock"), report);
        if count > 0 {
            report.forbidden(path, "may not specify both ipBlock and another peer");
        }
    } else if count == 0 {
        report.required(path, "must specify a peer");
    }
}

fn check_block(block: &Value, path: Path<'_>, report: &mut Report) {
    let text = block.text("cidr");
    if text.is_empty() {
        return;
    }
    ip::check_range(text, path.child("cidr"), report);
    let Some(range) = ip::parse_range(text) else { return };
    let list = path.child("except");
    for (index, text) in block.texts("except").enumerate() {
        ip::check_range(text, list.index(index), report);
        let Some((network, length)) = ip::parse_range(text) else { continue };
        if !ip::contains(range, network) || range.1 >= length {
            report.invalid(list.index(index), text, "must be a strict subset of `cidr`");
        }
    }
}

/// Ranges that are not written as they should be.
fn warnings(spec: &Value) -> Vec<String> {
    let mut warnings = Vec::new();
    for (direction, peers) in DIRECTIONS {
        for (rule_index, rule) in spec.list(direction).iter().enumerate() {
            for (peer_index, peer) in rule.list(peers).iter().enumerate() {
                let block = format!("spec.{direction}[{rule_index}].{peers}[{peer_index}].ipBlock");
                let cidr = peer["ipBlock"].text("cidr");
                warnings.extend(of_range(cidr, &format!("{block}.cidr")));
                for (index, except) in peer["ipBlock"].texts("except").enumerate() {
                    warnings.extend(of_range(except, &format!("{block}.except[{index}]")));
                }
            }
        }
    }
    warnings
}

/// What passed as a range is in order but for the way in which IPv6 is written.
fn of_range(text: &str, path: &str) -> Option<String> {
    let (network, length) = ip::parse_range(text)?;
    let told = format!("{}/{length}", address::canonical(network));
    (network.is_ipv6() && told != text).then(|| {
        format!("{path}: IPv6 CIDR value {text:?} should be in RFC 5952 canonical format ({told:?})")
    })
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_policy_is_for_what_it_has_rules_for() {
        let mut object = json!({"spec": {"podSelector": {}, "egress": [{"ports": [{"port": 53}]}]}});
        STRATEGY.default(&mut object);
        let expected = json!({"spec": {
            "podSelector": {},
            "egress": [{"ports": [{"port": 53, "protocol": "TCP"}]}],
            "policyTypes": ["Ingress", "Egress"],
        }});
        assert_eq!(object, expected);
    }

    #[test]
    fn a_peer_is_a_range_or_selected() {
        let object = json!({"metadata": {"name": "a", "namespace": "b"}, "spec": {"ingress": [{"from": [
            {},
            {"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}},
        ]}]}});
        let told: Vec<String> = STRATEGY.validate(&object, true).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "spec.ingress[0].from[0]: Required value: must specify a peer",
                "spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: \"10.0.0.0/8\": must be a strict subset of \
                 `cidr`",
                "spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another peer",
            ]
        );
    }
}
