//! What admission plugins do to pods: tolerations, priority, runtime class.

use crate::failure::{Failure, Named};
use crate::kinds::access::{Change, Look};
use crate::kinds::strategy::Cluster;
use serde_json::{Value, json};

const PODS: Named<'static> = Named { group: "", resource: "pods" };
/// How long a pod stays on a node that is not ready or cannot be reached.
const TOLERATION_SECONDS: i64 = 300;

pub(super) fn admit(pod: &mut Value, old: Option<&Value>, cluster: &dyn Cluster) -> Result<(), Failure> {
    match old {
        None => {
            set_priority(pod, cluster)?;
            set_runtime_class(pod, cluster)?;
        }
        Some(old) => {
            for field in ["priority", "preemptionPolicy"] {
                if old["spec"].has(field) {
                    pod.inner("spec").or_set(field, old["spec"][field].clone());
                }
            }
        }
    }
    tolerate(pod.inner("spec"));
    Ok(())
}

fn forbidden(pod: &Value, why: &str) -> Failure {
    Failure::forbidden(PODS, pod["metadata"].text("name"), why)
}

fn tolerate(spec: &mut Value) {
    let mut tolerations = spec.list("tolerations").to_vec();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let covers = |toleration: &Value| {
            (toleration.text("key").is_empty() || toleration.text("key") == key)
                && matches!(toleration.text("effect"), "" | "NoExecute")
        };
        if !tolerations.iter().any(covers) {
            tolerations.push(json!({
                "key": key,
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": TOLERATION_SECONDS,
            }));
        }
    }
    spec.set("tolerations", tolerations);
}

fn set_priority(pod: &mut Value, cluster: &dyn Cluster) -> Result<(), Failure> {
    const GROUP: &str = "scheduling.k8s.io";
    const PLURAL: &str = "priorityclasses";
    let name = pod["spec"].text("priorityClassName").to_owned();
    let class = if name.is_empty() {
        let classes = cluster.objects(GROUP, PLURAL, "");
        let defaults = classes.into_iter().filter(|class| class.is_true("globalDefault"));
        defaults.min_by_key(|class| class.number("value"))
    } else {
        match cluster.object(GROUP, PLURAL, "", &name) {
            Some(class) => Some(class),
            None => return Err(forbidden(pod, &format!("no PriorityClass with name {name} was found"))),
        }
    };
    let class = class.unwrap_or_else(|| json!({"value": 0, "preemptionPolicy": "PreemptLowerPriority"}));
    let value = class.number("value").unwrap_or_default();
    if let Some(given) = pod["spec"].number("priority").filter(|given| *given != value) {
        return Err(forbidden(
            pod,
            &format!(
                "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller \
                 computed {value} from the given PriorityClass name"
            ),
        ));
    }
    let policy = class.text("preemptionPolicy");
    let given = pod["spec"].text("preemptionPolicy");
    if pod["spec"].has("preemptionPolicy") && !policy.is_empty() && given != policy {
        return Err(forbidden(
            pod,
            &format!(
                "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission \
                 controller computed {policy} from the given PriorityClass name"
            ),
        ));
    }
    let spec = pod.inner("spec");
    spec.or_text("priorityClassName", class["metadata"].text("name"));
    if spec.text("priorityClassName").is_empty() {
        spec.remove_field("priorityClassName");
    }
    spec.set("priority", value);
    if !policy.is_empty() {
        spec.set("preemptionPolicy", policy);
    }
    Ok(())
}

fn set_runtime_class(pod: &mut Value, cluster: &dyn Cluster) -> Result<(), Failure> {
    if !pod["spec"].has("runtimeClassName") {
        return match pod["spec"].count("overhead") {
            0 => Ok(()),
            _ => Err(forbidden(
                pod,
                "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
            )),
        };
    }
    let name = pod["spec"].text("runtimeClassName").to_owned();
    let Some(class) = cluster.object("node.k8s.io", "runtimeclasses", "", &name) else {
        return Err(forbidden(pod, &format!("pod rejected: RuntimeClass {name:?} not found")));
    };
    let overhead = class["overhead"]["podFixed"].clone();
    let given = pod["spec"].count("overhead") > 0;
    if given && pod["spec"]["overhead"] != overhead {
        let why = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
        return Err(forbidden(pod, why));
    }
    if !overhead.is_null() {
        pod.inner("spec").set("overhead", overhead);
    }
    schedule(pod, &class["scheduling"])
}

/// A runtime class may confine its pods to some nodes.
fn schedule(pod: &mut Value, scheduling: &Value) -> Result<(), Failure> {
    for (key, value) in scheduling.entries("nodeSelector") {
        let given = pod["spec"]["nodeSelector"].text(key).to_owned();
        if !given.is_empty() && given != *value {
            let why = format!(
                "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {}; pod.spec.nodeSelector[{key}] = {given}",
                value.as_str().unwrap_or_default()
            );
            return Err(forbidden(pod, &why));
        }
        pod.inner("spec").inner("nodeSelector").set(key, value.clone());
    }
    let mut tolerations = pod["spec"].list("tolerations").to_vec();
    for toleration in scheduling.list("tolerations") {
        if !tolerations.contains(toleration) {
            tolerations.push(toleration.clone());
        }
    }
    if !tolerations.is_empty() {
        pod.inner("spec").set("tolerations", tolerations);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::admit;
    use crate::kinds::strategy::Cluster;
    use serde_json::{Value, json};

    struct Classes;

    impl Cluster for Classes {
        fn object(&self, _: &str, plural: &str, _: &str, name: &str) -> Option<Value> {
            let class = json!({"metadata": {"name": "high"}, "value": 100, "preemptionPolicy": "Never"});
            (plural == "priorityclasses" && name == "high").then_some(class)
        }

        fn objects(&self, _: &str, _: &str, _: &str) -> Vec<Value> {
            Vec::new()
        }
    }

    #[test]
    fn the_priority_comes_from_the_class() {
        let mut pod = json!({"metadata": {"name": "a"}, "spec": {"priorityClassName": "high"}});
        admit(&mut pod, None, &Classes).unwrap();
        assert_eq!(pod["spec"]["priority"], 100);
        assert_eq!(pod["spec"]["preemptionPolicy"], "Never");
        let mut pod = json!({"metadata": {"name": "a"}, "spec": {"priorityClassName": "low"}});
        let failure = admit(&mut pod, None, &Classes).unwrap_err();
        assert_eq!(failure.message, "pods \"a\" is forbidden: no PriorityClass with name low was found");
    }

    #[test]
    fn tolerations_that_are_there_already_are_enough() {
        let mut pod = json!({"metadata": {}, "spec": {"tolerations": [{"operator": "Exists"}]}});
        admit(&mut pod, None, &Classes).unwrap();
        assert_eq!(pod["spec"]["tolerations"], json!([{"operator": "Exists"}]));
    }
}
