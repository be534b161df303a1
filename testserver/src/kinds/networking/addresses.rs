//! `IPAddresses` and `ServiceCIDRs`.

use crate::kinds::access::Look;
use crate::kinds::address;
use crate::kinds::ip;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::kinds::strategy::{InitialStatus, Strategy};
use crate::names::{self, NameRule};
use serde_json::Value;

pub(super) static IP_ADDRESS: Strategy = Strategy {
    name: NameRule::IpAddress,
    check: check_address,
    check_update: |new, old, report| {
        check_address(new, report);
        if new["spec"]["parentRef"] != old["spec"]["parentRef"] {
            report.invalid(Path::root("spec.parentRef"), Value::Null, "field is immutable");
        }
    },
    ..Strategy::PLAIN
};

pub(super) static SERVICE_CIDR: Strategy = Strategy {
    status: InitialStatus::Reset,
    status_resets: &["metadata", "spec"],
    check: |cidr, report| check_ranges(&cidr["spec"], report),
    check_update: check_new_ranges,
    ..Strategy::PLAIN
};

fn check_address(object: &Value, report: &mut Report) {
    let parent = &object["spec"]["parentRef"];
    let path = Path::root("spec.parentRef");
    if parent.is_null() {
        return report.required(path, "");
    }
    let group = parent.text("group");
    if !group.is_empty() {
        report.broken(path.child("group"), group, names::subdomain(group));
    }
    for field in ["resource", "name", "namespace"] {
        let text = parent.text(field);
        report.broken(path.child(field), text, names::path_segment(text, false));
    }
    for field in ["resource", "name"] {
        if parent.text(field).is_empty() {
            report.required(path.child(field), "");
        }
    }
}

fn check_ranges(spec: &Value, report: &mut Report) {
    let list = Path::root("spec.cidrs");
    let ranges: Vec<&str> = spec.texts("cidrs").collect();
    if ranges.is_empty() {
        return report.required(list, "at least one CIDR required");
    }
    if ranges.len() > 2 {
        let told = format!(r#"{{"CIDRs":{}}}"#, spec["cidrs"]);
        return report.invalid_as(list, &told, "may only hold up to 2 values");
    }
    for (index, text) in ranges.iter().enumerate() {
        let before = report.len();
        ip::check_range(text, list.index(index), report);
        if let Some((network, length)) = ip::parse_range(text).filter(|_| report.len() == before) {
            let told = format!("{}/{length}", address::canonical(network));
            if told != *text {
                let detail = format!("must be in canonical form ({told:?})");
                report.invalid(list.index(index), *text, &detail);
            }
        }
    }
    let families: Vec<bool> =
        ranges.iter().filter_map(|text| Some(ip::parse_range(text)?.0.is_ipv4())).collect();
    if let [first, second] = families.as_slice()
        && first == second
    {
        let detail =
            "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
        report.invalid(list, spec["cidrs"].clone(), detail);
    }
}

/// A second range may be added.
fn check_new_ranges(new: &Value, old: &Value, report: &mut Report) {
    const DETAIL: &str = "field is immutable";
    let list = Path::root("spec.cidrs");
    let [after, before] = [new, old].map(|object| object["spec"].list("cidrs"));
    if after.len() != before.len() && (before.len(), after.len()) != (1, 2) {
        return report.invalid(list, new["spec"]["cidrs"].clone(), DETAIL);
    }
    for (index, (after, before)) in after.iter().zip(before).enumerate() {
        if after != before {
            report.invalid(list.index(index), after.clone(), DETAIL);
        }
    }
    if after.len() > before.len() {
        check_ranges(&new["spec"], report);
    }
}

#[cfg(test)]
mod tests {
    use super::{IP_ADDRESS, SERVICE_CIDR};
    use serde_json::json;

    #[test]
    fn an_address_belongs_to_something() {
        let object =
            json!({"metadata": {"name": "10.0.0.1"}, "spec": {"parentRef": {"resource": "services"}}});
        let told: Vec<String> = IP_ADDRESS.validate(&object, false).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["spec.parentRef.name: Required value"]);
    }

    #[test]
    fn a_second_range_may_be_added() {
        let old =
            json!({"metadata": {"name": "a", "resourceVersion": "1"}, "spec": {"cidrs": ["10.0.0.0/24"]}});
        let mut new = old.clone();
        new["spec"]["cidrs"] = json!(["10.0.0.0/24", "2001:db8::/64"]);
        assert_eq!(SERVICE_CIDR.validate_update(&new, &old), []);
        assert_eq!(SERVICE_CIDR.validate_update(&old, &new).len(), 1);
    }
}
