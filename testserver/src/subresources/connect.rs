//! Subresources that lead to what runs somewhere, of which there is nothing here: `exec`, `attach`, `portforward`, `proxy`.

use crate::answer::Answer;
use crate::call::Call;
use crate::catalog::StorageKey;
use crate::failure::{Failure, Named};
use crate::object;
use crate::store::{ObjectKey, Range};
use http::StatusCode;
use http::header::UPGRADE;
use serde_json::Value;

/// Where kubelets listen unless their nodes say otherwise.
const KUBELET: u64 = 10250;

/// Refuses as kube-apiserver does.
pub(super) fn run(call: &Call) -> Result<Answer, Failure> {
    let refusal = match (call.resource.plural.as_ref(), call.route.subresource.as_str()) {
        ("pods", "proxy") => proxy_to_pod(call),
        ("pods", subresource) => stream(call, subresource),
        ("services", _) => proxy_to_service(call),
        _ => proxy_to_node(call),
    };
    Err(refusal.unwrap_or_else(|failure| failure))
}

/// The parts of the name of something with ports: `name`, `name:port` or `scheme:name:port`.
fn split<'a>(call: &'a Call, what: &str) -> Result<(&'a str, &'a str), Failure> {
    let id = call.route.name.as_str();
    let parts: Vec<&str> = id.split(':').collect();
    let (scheme, name, port) = match parts.as_slice() {
        [name] => ("", *name, ""),
        [name, port] => ("", *name, *port),
        [scheme, name, port] => (*scheme, *name, *port),
        _ => ("none", "", ""),
    };
    if name.is_empty() || !["", "http", "https"].contains(&scheme) {
        return Err(Failure::bad_request(format!("invalid {what} request {id:?}")));
    }
    Ok((name, port))
}

fn unavailable(message: String) -> Failure {
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
}

/// That nobody answers at an address: this server asks nobody.
fn unreachable(address: &str, port: &str) -> Failure {
    let host = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
    unavailable(format!("error trying to reach service: dial tcp {host}:{port}: connect: connection refused"))
}

fn proxy_to_pod(call: &Call) -> Result<Failure, Failure> {
    let (name, port) = split(call, "pod")?;
    let key = ObjectKey::new(call.route.namespace.as_str(), name);
    let pod = call.server.store.get(&call.storage_key(), &key);
    let pod = pod.ok_or_else(|| Failure::not_found(call.resource.named(), name))?.value();
    let address = object::text(&pod, &["status", "podIP"]).unwrap_or_default();
    if address.parse::<std::net::IpAddr>().is_err() {
        return Err(Failure::bad_request("address not allowed"));
    }
    let containers = object::at(&pod, &["spec", "containers"]).and_then(Value::as_array);
    let first = containers
        .into_iter()
        .flatten()
        .find_map(|container| container["ports"][0]["containerPort"].as_u64());
    let port = if port.is_empty() { first.unwrap_or(80).to_string() } else { port.to_owned() };
    Ok(unreachable(address, &port))
}

fn proxy_to_service(call: &Call) -> Result<Failure, Failure> {
    let (name, port) = split(call, "service")?;
    let namespace = call.route.namespace.as_str();
    if let Ok(number) = port.parse::<i64>() {
        let service = call.server.store.get(&call.storage_key(), &ObjectKey::new(namespace, name));
        let service = service.ok_or_else(|| Failure::not_found(call.resource.named(), name))?.value();
        let ports = object::at(&service, &["spec", "ports"]).and_then(Value::as_array);
        if !ports.into_iter().flatten().any(|port| port["port"] == number) {
            return Err(unavailable(format!("no service port {number} found for service {name:?}")));
        }
    }
    let slices = StorageKey { group: "discovery.k8s.io".into(), plural: "endpointslices".into() };
    let range = Range { namespace: Some(namespace.to_owned()), ..Range::default() };
    let listing = call.server.store.list(&slices, &range, usize::MAX, |slice| {
        slice.index.labels.iter().any(|(key, value)| key == "kubernetes.io/service-name" && value == name)
    });
    let slices = listing.unwrap_or_default();
    let endpoint = slices.entries.iter().map(|slice| slice.value()).find_map(|slice| {
        let address = slice["endpoints"][0]["addresses"][0].as_str()?.to_owned();
        Some((address, slice["ports"][0]["port"].as_u64().unwrap_or(80).to_string()))
    });
    match endpoint {
        Some((address, port)) => Ok(unreachable(&address, &port)),
        None => Err(unavailable(format!("no endpoints available for service {name:?}"))),
    }
}

fn proxy_to_node(call: &Call) -> Result<Failure, Failure> {
    let (name, port) = split(call, "node")?;
    let (address, kubelet) = node(call, name, "nodes")?;
    Ok(unreachable(&address, if port.is_empty() { &kubelet } else { port }))
}

fn stream(call: &Call, subresource: &str) -> Result<Failure, Failure> {
    let pod = call.stored()?.value();
    if subresource != "portforward" {
        container(&pod, call.query.get("container").unwrap_or_default())?;
    }
    if object::text(&pod, &["spec", "nodeName"]).is_none_or(str::is_empty) {
        let message = format!("pod {} does not have a host assigned", call.route.name);
        return Err(Failure::bad_request(message));
    }
    let (address, port) = node_of(call, &pod)?;
    if call.headers.get(UPGRADE).is_none() {
        return Err(Failure::bad_request("Upgrade request required"));
    }
    let why = format!("error dialing backend: dial tcp {address}:{port}: connect: connection refused");
    Ok(Failure::internal(why))
}

/// The container that a request names, or means because it is the only one.
pub(super) fn container(pod: &Value, given: &str) -> Result<String, Failure> {
    let names = |list: &str| {
        let containers = object::at(pod, &["spec", list]).and_then(Value::as_array);
        let names = containers.into_iter().flatten().filter_map(|container| container["name"].as_str());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let pod_name = object::meta(pod, "name");
    let all = || ["initContainers", "containers", "ephemeralContainers"].map(names).concat();
    if !given.is_empty() {
        if all().iter().any(|name| name == given) {
            return Ok(given.to_owned());
        }
        return Err(Failure::bad_request(format!("container {given} is not valid for pod {pod_name}")));
    }
    match names("containers").as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Failure::bad_request(format!("a container name must be specified for pod {pod_name}"))),
        _ => Err(Failure::bad_request(format!(
            "a container name must be specified for pod {pod_name}, choose one of: [{}]",
            all().join(" ")
        ))),
    }
}

/// Where the kubelet of a Pod's node would listen.
pub(super) fn node_of(call: &Call, pod: &Value) -> Result<(String, String), Failure> {
    let name = object::text(pod, &["spec", "nodeName"]).unwrap_or_default();
    // kube-apiserver takes the node for one of what the request is about.
    node(call, name, &call.resource.plural)
}

fn node(call: &Call, name: &str, told: &str) -> Result<(String, String), Failure> {
    let nodes = StorageKey { group: "".into(), plural: "nodes".into() };
    let node = call.server.store.get(&nodes, &ObjectKey::new("", name));
    let node = node.ok_or_else(|| Failure::not_found(Named { group: "", resource: told }, name))?.value();
    let addresses = object::at(&node, &["status", "addresses"]).and_then(Value::as_array);
    let addresses: Vec<&Value> = addresses.into_iter().flatten().collect();
    let text = |address: &Value, key: &str| address[key].as_str().unwrap_or_default().to_owned();
    let preferred = ["Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"];
    let address = preferred.iter().find_map(|kind| addresses.iter().find(|address| address["type"] == *kind));
    let Some(address) = address else {
        let known: Vec<String> = addresses
            .iter()
            .map(|each| format!("{{{} {}}}", text(each, "type"), text(each, "address")))
            .collect();
        let message = format!("no preferred addresses found; known addresses: [{}]", known.join(" "));
        return Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "", message));
    };
    let port =
        object::at(&node, &["status", "daemonEndpoints", "kubeletEndpoint", "Port"]).and_then(Value::as_u64);
    let port = port.filter(|port| *port > 0).unwrap_or(KUBELET);
    Ok((text(address, "address"), port.to_string()))
}
