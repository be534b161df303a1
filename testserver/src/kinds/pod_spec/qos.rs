//! The quality of service of a pod.

use super::super::access::Look;
use super::super::quantity::Quantity;
use serde_json::Value;
use std::cmp::Ordering;

/// `Guaranteed`, `Burstable` or `BestEffort`, by the CPU and memory that a pod requests and is limited to.
pub(crate) fn quality(spec: &Value) -> &'static str {
    if spec.has("resources") && (spec["resources"].count("requests") + spec["resources"].count("limits")) > 0
    {
        return of(&spec["resources"]);
    }
    let mut common = None;
    for container in spec.list("initContainers").iter().chain(spec.list("containers")) {
        let quality = of(&container["resources"]);
        if quality == "Burstable" || common.is_some_and(|common| common != quality) {
            return "Burstable";
        }
        common = Some(quality);
    }
    common.unwrap_or("BestEffort")
}

fn of(resources: &Value) -> &'static str {
    if resources.count("requests") + resources.count("limits") == 0 {
        return "BestEffort";
    }
    let [cpu, memory] = ["cpu", "memory"].map(|name| {
        let quantity =
            |list: &str| Quantity::parse(resources[list].text(name)).unwrap_or_else(|_| Quantity::whole(0));
        let (request, limit) = (quantity("requests"), quantity("limits"));
        match request.sign() {
            _ if request != limit => "Burstable",
            Ordering::Equal => "BestEffort",
            _ => "Guaranteed",
        }
    });
    if cpu == memory { cpu } else { "Burstable" }
}

#[cfg(test)]
mod tests {
    use super::quality;
    use serde_json::json;

    #[test]
    fn the_quality_follows_from_requests_and_limits() {
        let pod = |resources| quality(&json!({"containers": [{"resources": resources}]}));
        assert_eq!(pod(json!({})), "BestEffort");
        assert_eq!(pod(json!({"requests": {"cpu": "1"}})), "Burstable");
        let both = json!({"cpu": "1", "memory": "1Gi"});
        assert_eq!(pod(json!({"requests": both, "limits": both})), "Guaranteed");
        assert_eq!(pod(json!({"requests": {"cpu": "1"}, "limits": {"cpu": "1"}})), "Burstable");
        assert_eq!(pod(json!({"requests": {"ephemeral-storage": "1"}})), "BestEffort");
    }
}
