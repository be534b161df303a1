//! Requests and limits.

use super::super::access::Look;
use super::super::path::Path;
use super::super::quantity::Quantity;
use super::super::report::Report;
use crate::names;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Resources of containers that need no domain.
const CONTAINER: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
/// Resources without a domain.
const STANDARD: [&str; 20] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];
/// Resources of which there are only whole ones.
const WHOLE: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// Rounds the quantities of a list to thousandths, as servers do with every list of resources.
pub(crate) fn round_list(list: &mut Value) {
    for (_, value) in list.as_object_mut().into_iter().flatten() {
        if let Some(mut quantity) = value.as_str().and_then(|text| Quantity::parse(text).ok())
            && quantity.is_finer_than_milli()
        {
            quantity.round_to_milli();
            *value = quantity.to_string().into();
        }
    }
}

pub(super) fn parse(value: &Value) -> Quantity {
    value.as_str().and_then(|text| Quantity::parse(text).ok()).unwrap_or_else(|| Quantity::whole(0))
}

fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.split('/').next().is_some_and(|domain| domain.ends_with("kubernetes.io"))
}

/// Resources that nodes offer and Kubernetes does not know.
fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && names::label_key(&format!("requests.{name}")).is_empty()
}

fn allows_overcommit(name: &str) -> bool {
    is_native(name) && !is_huge_page(name)
}

/// A name that is qualified, or known; whether it is.
pub(crate) fn standard_name(name: &str, path: Path<'_>, report: &mut Report) -> bool {
    let before = report.len();
    report.broken(path, name, names::label_key(name));
    if report.len() == before && !name.contains('/') && !STANDARD.contains(&name) && !is_huge_page(name) {
        report.invalid(path, name, "must be a standard resource type or fully qualified");
    }
    report.len() == before
}

/// A name of a resource that containers can have.
pub(crate) fn container_name(name: &str, path: Path<'_>, report: &mut Report) {
    standard_name(name, path, report);
    if !name.contains('/') {
        if !CONTAINER.contains(&name) && !is_huge_page(name) {
            report.invalid(path, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name) {
        report.invalid(path, name, "doesn't follow extended resource name standard");
    }
}

fn pod_name(name: &str, path: Path<'_>, report: &mut Report) {
    if standard_name(name, path, report) && !is_pod_level(name) {
        report.not_supported(path, name, &["cpu", "hugepages-", "memory"]);
    }
}

/// Whether pods as a whole can request a resource.
pub(super) fn is_pod_level(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || is_huge_page(name)
}

/// A quantity of a resource.
pub(crate) fn check_quantity(name: &str, value: &Value, path: Path<'_>, report: &mut Report) {
    let quantity = parse(value);
    if quantity.sign() == Ordering::Less {
        report.invalid(path, quantity.to_string(), "must be greater than or equal to 0");
    }
    if (WHOLE.contains(&name) || is_extended(name)) && quantity.has_fraction() {
        report.invalid(path, quantity.to_string(), "must be an integer");
    }
}

/// A list of resources that is not one of requests or limits.
pub(crate) fn check_list(list: &Value, path: Path<'_>, report: &mut Report) {
    for (name, value) in list.as_object().into_iter().flatten() {
        let path = path.key(name);
        standard_name(name, path, report);
        check_quantity(name, value, path, report);
    }
}

/// What a container requests and is limited to. `claims` are the names of the pod's resource claims.
pub(super) fn check_container(resources: &Value, claims: &[&str], path: Path<'_>, report: &mut Report) {
    check(resources, container_name, path, report);
    check_claims(resources.list("claims"), claims, path.child("claims"), report);
}

type CheckName = fn(&str, Path<'_>, &mut Report);

fn check(resources: &Value, name_check: CheckName, path: Path<'_>, report: &mut Report) {
    let limits_path = path.child("limits");
    let requests_path = path.child("requests");
    let mut has_huge_pages = false;
    let mut has_compute = false;
    for (field, list_path) in [("limits", limits_path), ("requests", requests_path)] {
        for (name, value) in resources.entries(field) {
            let path = list_path.key(name);
            name_check(name, path, report);
            check_quantity(name, value, path, report);
            if field == "requests" {
                check_request(name, value, &resources["limits"], [requests_path, limits_path], report);
            }
            if is_huge_page(name) {
                has_huge_pages = true;
                check_huge_page(name, value, path, report);
            }
            has_compute |= matches!(name, "cpu" | "memory");
        }
    }
    if has_huge_pages && !has_compute {
        report.forbidden(path, "HugePages require cpu or memory");
    }
}

fn check_request(name: &str, value: &Value, limits: &Value, paths: [Path<'_>; 2], report: &mut Report) {
    let request = parse(value);
    if !limits.has(name) {
        if !allows_overcommit(name) {
            report.required(paths[1], "Limit must be set for non overcommitable resources");
        }
        return;
    }
    let limit = parse(&limits[name]);
    if request != limit && !allows_overcommit(name) {
        let detail = format!("must be equal to {name} limit of {limit}");
        report.invalid(paths[0], request.to_string(), &detail);
    } else if request > limit {
        let detail = format!("must be less than or equal to {name} limit of {limit}");
        report.invalid(paths[0], request.to_string(), &detail);
    }
}

fn check_huge_page(name: &str, value: &Value, path: Path<'_>, report: &mut Report) {
    let quantity = parse(value);
    let page = Quantity::parse(name.trim_start_matches("hugepages-")).ok().map(|page| page.rounded_up());
    let fits = page.is_some_and(|page| page > 0 && quantity.rounded_up() % page == 0);
    if !fits {
        let detail = format!("{quantity} is not positive integer multiple of {name}");
        report.invalid(path, quantity.to_string(), &detail);
    }
}

fn check_claims(claims: &[Value], known: &[&str], path: Path<'_>, report: &mut Report) {
    let mut seen: Vec<String> = Vec::new();
    for (index, claim) in claims.iter().enumerate() {
        let path = path.index(index);
        let (name, request) = (claim.text("name"), claim.text("request"));
        if name.is_empty() {
            report.required(path, "");
            continue;
        }
        let key = if request.is_empty() { name.to_owned() } else { format!("{name}/{request}") };
        if !request.is_empty() {
            report.broken(path.child("request"), request, names::label(request));
        }
        let whole = request.is_empty() && seen.iter().any(|seen| seen.split('/').next() == Some(name));
        if whole || seen.iter().any(|seen| *seen == key || seen == name) {
            report.duplicate(path, if whole { name } else { key.as_str() });
        }
        seen.push(key);
        if !known.contains(&name) {
            let mut cause = crate::failure::Cause::not_found(path, &name.into());
            let names = match known {
                [] => " which is empty".to_owned(),
                known => format!(": {}", known.join(", ")),
            };
            cause.message.push_str(&format!(": must be one of the names in pod.spec.resourceClaims{names}"));
            report.push(cause);
        }
    }
}

/// What a pod as a whole requests and is limited to.
pub(super) fn check_pod_level(spec: &Value, path: Path<'_>, report: &mut Report) {
    let resources = &spec["resources"];
    if resources.is_null() {
        return;
    }
    let path = path.child("resources");
    if spec["os"].text("name") == "windows" {
        return report.forbidden(path, "may not be set for a windows pod");
    }
    if resources.has("claims") {
        report.forbidden(path.child("claims"), "claims may not be set for Resources at pod-level");
    }
    check(resources, pod_name, path, report);
    let requests = path.child("requests");
    for (name, sum) in total(spec, "requests") {
        if resources["requests"].has(&name) {
            let whole = parse(&resources["requests"][&name]);
            if sum > whole {
                let detail =
                    format!("must be greater than or equal to aggregate container requests of {sum}");
                report.invalid(requests.key(&name), whole.to_string(), &detail);
            }
        }
    }
    let containers = path.child("containers");
    for (index, container) in spec.list("containers").iter().enumerate() {
        for (name, limit) in container["resources"].entries("limits") {
            let limit = parse(limit);
            if resources["limits"].has(name) && limit > parse(&resources["limits"][name]) {
                let whole = parse(&resources["limits"][name]);
                let detail = format!("must be less than or equal to pod limits of {whole}");
                report.invalid(containers.index(index).key(name).child("limits"), limit.to_string(), &detail);
            }
        }
    }
}

/// What all containers of a pod need: those that run together, or the largest that runs before.
pub(super) fn total(spec: &Value, field: &str) -> BTreeMap<String, Quantity> {
    let mut sums: BTreeMap<String, Quantity> = BTreeMap::new();
    let add = |sums: &mut BTreeMap<String, Quantity>, container: &Value| {
        for (name, value) in container["resources"].entries(field) {
            let sum = sums.entry(name.to_owned()).or_insert_with(|| Quantity::whole(0));
            *sum = sum.plus(&parse(value));
        }
    };
    for container in spec.list("containers") {
        add(&mut sums, container);
    }
    let mut sidecars = BTreeMap::new();
    let mut largest: BTreeMap<String, Quantity> = BTreeMap::new();
    for container in spec.list("initContainers") {
        let mut now = sidecars.clone();
        add(&mut now, container);
        if container.text("restartPolicy") == "Always" {
            add(&mut sums, container);
            sidecars.clone_from(&now);
        }
        for (name, quantity) in now {
            let most = largest.entry(name).or_insert_with(|| quantity.clone());
            if quantity > *most {
                *most = quantity;
            }
        }
    }
    for (name, quantity) in largest {
        let sum = sums.entry(name).or_insert_with(|| quantity.clone());
        if quantity > *sum {
            *sum = quantity;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::{check_container, round_list};
    use crate::kinds::path::Path;
    use crate::kinds::report::Report;
    use serde_json::{Value, json};

    fn told(resources: Value) -> Vec<String> {
        let mut report = Report::default();
        check_container(&resources, &[], Path::root("resources"), &mut report);
        report.into_causes().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_request_is_at_most_the_limit() {
        assert_eq!(
            told(json!({"requests": {"cpu": "2", "memory": "-1"}, "limits": {"cpu": "1"}})),
            [
                "resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
                "resources.requests[memory]: Invalid value: \"-1\": must be greater than or equal to 0",
            ]
        );
    }

    #[test]
    fn a_resource_is_known_or_has_a_domain() {
        assert_eq!(
            told(json!({"limits": {"gpu": "1", "pods": "1", "example.com/gpu": "1"}})),
            [
                "resources.limits[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified",
                "resources.limits[gpu]: Invalid value: \"gpu\": must be a standard resource for containers",
                "resources.limits[pods]: Invalid value: \"pods\": must be a standard resource for containers",
            ]
        );
        assert_eq!(
            told(json!({"requests": {"example.com/gpu": "1500m"}})),
            [
                "resources.requests[example.com/gpu]: Invalid value: \"1500m\": must be an integer",
                "resources.limits: Required value: Limit must be set for non overcommitable resources",
            ]
        );
    }

    #[test]
    fn quantities_are_rounded_to_thousandths() {
        let mut list = json!({"cpu": "100u", "memory": "1Gi"});
        round_list(&mut list);
        assert_eq!(list, json!({"cpu": "1m", "memory": "1Gi"}));
    }
}
