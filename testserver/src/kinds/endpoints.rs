//! Endpoints.

use super::access::{Change, Look};
use super::address;
use super::ip;
use super::path::Path;
use super::report::Report;
use super::strategy::Strategy;
use crate::names;
use serde_json::Value;

pub(super) static STRATEGY: Strategy = Strategy {
    creates_on_update: true,
    default: |object| {
        for subset in object.list_mut("subsets") {
            for port in subset.list_mut("ports") {
                port.or_text("protocol", "TCP");
            }
        }
    },
    check,
    check_update: |new, old, report| {
        // What was stored before there were rules stays in order.
        if new["subsets"] != old["subsets"] {
            check(new, report);
        }
    },
    warn: |object, _| warnings(object),
    ..Strategy::PLAIN
};

const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];
/// Whose objects are not looked at for how addresses are written.
const MANAGER: &str = "endpoint-controller";

fn check(object: &Value, report: &mut Report) {
    let list = Path::root("subsets");
    for (index, subset) in object.list("subsets").iter().enumerate() {
        let path = list.index(index);
        if subset.count("addresses") + subset.count("notReadyAddresses") == 0 {
            report.required(path, "must specify `addresses` or `notReadyAddresses`");
        }
        for field in ["addresses", "notReadyAddresses"] {
            let list = path.child(field);
            for (index, item) in subset.list(field).iter().enumerate() {
                check_address(item, list.index(index), report);
            }
        }
        let list = path.child("ports");
        let ports = subset.list("ports");
        for (index, port) in ports.iter().enumerate() {
            check_port(port, ports.len() > 1, list.index(index), report);
        }
    }
}

fn check_address(item: &Value, path: Path<'_>, report: &mut Report) {
    let text = item.text("ip");
    ip::check(text, path.child("ip"), report);
    let hostname = item.text("hostname");
    if !hostname.is_empty() {
        report.broken(path.child("hostname"), hostname, names::label(hostname));
    }
    if item.has("nodeName") {
        let node = item.text("nodeName");
        report.broken(path.child("nodeName"), node, names::subdomain(node));
    }
    address::check_endpoint(text, path.child("ip"), report);
}

fn check_port(port: &Value, several: bool, path: Path<'_>, report: &mut Report) {
    let name = port.text("name");
    if !name.is_empty() {
        report.broken(path.child("name"), name, names::label(name));
    } else if several {
        report.required(path.child("name"), "");
    }
    let number = port.number("port").unwrap_or_default();
    for message in names::port_number(number) {
        report.invalid(path.child("port"), number, &message);
    }
    report.one_of(path.child("protocol"), port.text("protocol"), &PROTOCOLS);
    if port.has("appProtocol") {
        let protocol = port.text("appProtocol");
        report.broken(path.child("appProtocol"), protocol, names::label_key(protocol));
    }
}

fn warnings(object: &Value) -> Vec<String> {
    if object["metadata"]["labels"].text("endpoints.kubernetes.io/managed-by") == MANAGER {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    let list = Path::root("subsets");
    for (index, subset) in object.list("subsets").iter().enumerate() {
        let path = list.index(index);
        for field in ["addresses", "notReadyAddresses"] {
            let list = path.child(field);
            for (index, item) in subset.list(field).iter().enumerate() {
                let path = list.index(index);
                warnings.extend(address::warning(item.text("ip"), path.child("ip")));
            }
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_port_has_a_protocol() {
        let mut object = json!({"subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}]});
        STRATEGY.default(&mut object);
        assert_eq!(object["subsets"][0]["ports"], json!([{"port": 80, "protocol": "TCP"}]));
    }

    #[test]
    fn subsets_have_addresses_and_ports_with_names() {
        let object = json!({"metadata": {"name": "a", "namespace": "b"}, "subsets": [
            {"ports": [{"port": 0, "protocol": "TCP"}, {"port": 80, "name": "x", "protocol": "FTP"}]},
            {"addresses": [{"ip": "1.2"}]},
        ]});
        let told: Vec<String> = STRATEGY.validate(&object, true).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`",
                "subsets[0].ports[0].name: Required value",
                "subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
                "subsets[0].ports[1].protocol: Unsupported value: \"FTP\": supported values: \"SCTP\", \"TCP\", \"UDP\"",
                "subsets[1].addresses[0].ip: Invalid value: \"1.2\": must be a valid IP address, (e.g. 10.9.8.7 or \
                 2001:db8::ffff)",
                "subsets[1].addresses[0].ip: Invalid value: \"1.2\": must be a valid IP address",
            ]
        );
    }
}
