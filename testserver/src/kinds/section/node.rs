//! What the node of a Pod says to a resize: the admission plugins `NodeDeclaredFeatureValidator` and `PodResizeValidator`.

use crate::failure::{Cause, Failure, Named};
use crate::kinds::access::Look;
use crate::kinds::quantity::Quantity;
use crate::kinds::strategy::Cluster;
use crate::version;
use serde_json::Value;
use std::collections::BTreeMap;

const PODS: Named<'static> = Named { group: "", resource: "pods" };

/// The amounts of CPU, memory and so on.
type Amounts = BTreeMap<String, Quantity>;

/// Refuses what the node of the Pod could not do.
///
/// # Errors
///
/// If there is no such node, it is not able to, or has not enough.
pub(super) fn admit(new: &Value, old: &Value, cluster: &dyn Cluster) -> Result<(), Failure> {
    let name = new["spec"].text("nodeName");
    let is_same = new["metadata"]["generation"] == old["metadata"]["generation"];
    if version::MINOR < 36 || name.is_empty() || is_same {
        return Ok(());
    }
    let forbidden = |why: &str| Failure::forbidden(PODS, new["metadata"].text("name"), why);
    let node = cluster.object("", "nodes", "", name);
    let node = node.ok_or_else(|| forbidden(&format!("node {name:?} not found")))?;
    let missing = features(&new["spec"], &old["spec"]);
    let declared = |feature: &&str| node["status"].texts("declaredFeatures").any(|known| known == *feature);
    let missing: Vec<&str> = missing.into_iter().filter(|feature| !declared(feature)).collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        let why = format!("pod update requires features {missing} which are not available on node {name:?}");
        return Err(forbidden(&why));
    }
    let refused = |why: &str, reason| {
        let mut failure = forbidden(why);
        failure.details.causes.push(Cause { reason, field: String::new(), message: String::new() });
        Err(failure)
    };
    let system = &node["metadata"]["labels"]["kubernetes.io/os"];
    if let Some(system) = system.as_str().filter(|system| *system != "linux") {
        let why = format!("pod resize is only supported on linux nodes, node {name:?} is {system:?}");
        return refused(&why, "UnsupportedPlatform");
    }
    match shortage(&new["spec"], &node["status"]) {
        Some(why) => {
            refused(&format!("node didn't have enough allocatable resources: {why}"), "NodeCapacity")
        }
        None => Ok(()),
    }
}

/// The features that a node must have for a change.
fn features(new: &Value, old: &Value) -> Vec<&'static str> {
    let mut features = Vec::new();
    if new["resources"] != old["resources"] {
        features.push("InPlacePodLevelResourcesVerticalScaling");
    }
    let mut containers = old.list("initContainers").iter().zip(new.list("initContainers"));
    if containers.any(|(old, new)| !is_sidecar(old) && old["resources"] != new["resources"]) {
        features.push("InPlacePodVerticalScalingInitContainers");
    }
    features
}

fn is_sidecar(container: &Value) -> bool {
    container.text("restartPolicy") == "Always"
}

/// What a Pod requests more of than its node has.
fn shortage(spec: &Value, node: &Value) -> Option<String> {
    let requested = requests(spec);
    let allocatable = amounts(&node["allocatable"]);
    let told = ["cpu", "memory"].into_iter().filter_map(|name| {
        let value = |amounts: &Amounts| match amounts.get(name) {
            Some(amount) if name == "cpu" => amount.millis(),
            Some(amount) => amount.rounded_up(),
            None => 0,
        };
        let (requested, allocatable) = (value(&requested), value(&allocatable));
        (requested > allocatable)
            .then(|| format!("{name}, requested: {requested}, allocatable: {allocatable}"))
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// What a Pod requests in all.
fn requests(spec: &Value) -> Amounts {
    let of = |container: &Value| amounts(&container["resources"]["requests"]);
    let mut total = Amounts::new();
    spec.list("containers").iter().for_each(|container| add(&mut total, &of(container)));
    let (mut sidecars, mut most) = (Amounts::new(), Amounts::new());
    for container in spec.list("initContainers") {
        let mut together = of(container);
        if is_sidecar(container) {
            add(&mut total, &together);
            add(&mut sidecars, &together);
            together.clone_from(&sidecars);
        } else {
            add(&mut together, &sidecars);
        }
        raise(&mut most, &together);
    }
    raise(&mut total, &most);
    total.extend(of(spec));
    add(&mut total, &amounts(&spec["overhead"]));
    total
}

fn amounts(list: &Value) -> Amounts {
    let read = |(name, amount): (&String, &Value)| {
        let amount = Quantity::parse(amount.as_str().unwrap_or_default()).ok()?;
        Some((name.clone(), amount))
    };
    list.as_object().into_iter().flatten().filter_map(read).collect()
}

fn add(total: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        let sum = total.get(name).map_or_else(|| amount.clone(), |sum| sum.plus(amount));
        total.insert(name.clone(), sum);
    }
}

/// Takes the greater of each.
fn raise(total: &mut Amounts, other: &Amounts) {
    for (name, amount) in other {
        if total.get(name).is_none_or(|so_far| so_far.millis() < amount.millis()) {
            total.insert(name.clone(), amount.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::admit;
    use crate::kinds::strategy::Cluster;
    use serde_json::{Value, json};

    struct Nodes(Vec<Value>);

    impl Cluster for Nodes {
        fn object(&self, _: &str, plural: &str, _: &str, name: &str) -> Option<Value> {
            let mut nodes = self.objects("", plural, "").into_iter();
            nodes.find(|node| node["metadata"]["name"] == name)
        }

        fn objects(&self, _: &str, plural: &str, _: &str) -> Vec<Value> {
            if plural == "nodes" { self.0.clone() } else { Vec::new() }
        }
    }

    fn pod(generation: u64, cpu: &str, init: &str) -> Value {
        json!({
            "metadata": {"name": "p", "generation": generation},
            "spec": {
                "nodeName": "n",
                "containers": [{"name": "a", "resources": {"requests": {"cpu": cpu, "memory": "1Mi"}}}],
                "initContainers": [
                    {"name": "s", "restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}},
                    {"name": "i", "resources": {"requests": {"cpu": init}}},
                ],
            },
        })
    }

    fn told(new: &Value, old: &Value, nodes: Vec<Value>) -> String {
        admit(new, old, &Nodes(nodes)).map_or_else(|failure| failure.message, |()| String::new())
    }

    #[test]
    fn a_pod_is_resized_where_its_node_has_enough() {
        let node = |features: Value, system: &str, cpu: &str| {
            vec![json!({
                "metadata": {"name": "n", "labels": {"kubernetes.io/os": system}},
                "status": {"allocatable": {"cpu": cpu, "memory": "1Gi"}, "declaredFeatures": features},
            })]
        };
        let (old, new) = (pod(1, "1", "1"), pod(2, "2", "1"));
        assert_eq!(told(&new, &old, vec![]), "pods \"p\" is forbidden: node \"n\" not found");
        assert_eq!(told(&old, &old, vec![]), "");
        assert_eq!(told(&new, &old, node(json!([]), "linux", "2100m")), "");
        assert_eq!(
            told(&new, &old, node(json!([]), "linux", "2099m")),
            "pods \"p\" is forbidden: node didn't have enough allocatable resources: cpu, requested: 2100, \
             allocatable: 2099"
        );
        assert_eq!(
            told(&new, &old, node(json!([]), "windows", "8")),
            "pods \"p\" is forbidden: pod resize is only supported on linux nodes, node \"n\" is \"windows\""
        );
        let new = pod(2, "1", "4");
        assert_eq!(
            told(&new, &old, node(json!([]), "linux", "4")),
            "pods \"p\" is forbidden: pod update requires features InPlacePodVerticalScalingInitContainers which are \
             not available on node \"n\""
        );
        let features = json!(["InPlacePodVerticalScalingInitContainers"]);
        assert_eq!(told(&new, &old, node(features.clone(), "linux", "4100m")), "");
        assert!(
            told(&new, &old, node(features, "linux", "4"))
                .ends_with("cpu, requested: 4100, allocatable: 4000")
        );
    }
}
