//! Conditions of Pods.

use crate::object::{self, as_map, map};
use crate::time::now;
use serde_json::{Value, json};

/// Sets a condition of a Pod, which keeps its time if its status stays.
pub(super) fn set(pod: &mut Value, kind: &str, status: &str, reason: &str, message: &str) {
    let mut condition =
        json!({"type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": now()});
    for (key, text) in [("reason", reason), ("message", message)] {
        if !text.is_empty() {
            condition[key] = text.into();
        }
    }
    let conditions = map(pod, "status").entry("conditions").or_insert_with(|| json!([]));
    let Some(conditions) = conditions.as_array_mut() else { return };
    let Some(old) = conditions.iter_mut().find(|old| old["type"] == kind) else {
        conditions.push(condition);
        return;
    };
    if old["status"] == condition["status"] {
        condition["lastTransitionTime"] = old["lastTransitionTime"].clone();
    }
    condition["lastProbeTime"] = old["lastProbeTime"].clone();
    if let Some(generation) = old.get("observedGeneration") {
        as_map(&mut condition).insert("observedGeneration".into(), generation.clone());
    }
    *old = condition;
}

/// Whether a Pod says to be ready.
pub(super) fn is_ready(pod: &Value) -> bool {
    let conditions = object::at(pod, &["status", "conditions"]).and_then(Value::as_array);
    let mut conditions = conditions.into_iter().flatten();
    conditions.any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

#[cfg(test)]
mod tests {
    use super::{is_ready, set};
    use serde_json::json;

    #[test]
    fn a_condition_keeps_its_time_while_its_status_stays() {
        let time = "2020-01-01T00:00:00Z";
        let mut pod = json!({"status": {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": time}]}});
        assert!(is_ready(&pod));
        set(&mut pod, "Ready", "True", "Because", "");
        assert_eq!(pod["status"]["conditions"][0]["lastTransitionTime"], time);
        assert_eq!(pod["status"]["conditions"][0]["reason"], "Because");
        set(&mut pod, "Ready", "False", "", "");
        assert_ne!(pod["status"]["conditions"][0]["lastTransitionTime"], time);
        assert!(!is_ready(&pod));
        set(&mut pod, "Other", "True", "", "");
        assert_eq!(pod["status"]["conditions"].as_array().map(Vec::len), Some(2));
    }
}
