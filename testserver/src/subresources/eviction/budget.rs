//! PodDisruptionBudgets: how many Pods may go.

use crate::answer::stored_object;
use crate::call::{Call, WriteOptions};
use crate::failure::{Cause, Failure, Named};
use crate::kinds::{self, Cluster as _};
use crate::object::{self, as_map, map};
use crate::route::ResourceRoute;
use crate::store::ObjectKey;
use crate::time::now;
use crate::verbs::{self, Part};
use http::StatusCode;
use serde_json::{Value, json};

const REFUSED: &str = "Cannot evict pod as it would violate the pod's disruption budget.";

/// How many evicted Pods may wait until a controller has seen that they are gone.
const MOST_DISRUPTED: usize = 2000;

/// The budget of a Pod.
#[derive(Debug)]
pub(super) struct Budget {
    object: Value,
    pod: String,
}

impl Budget {
    /// The budget that selects a Pod, if there is one.
    ///
    /// # Errors
    ///
    /// If there are several.
    pub(super) fn of(call: &Call, pod: &Value) -> Result<Option<Self>, Failure> {
        let labels = &pod["metadata"]["labels"];
        let mut budgets = call.server.objects("policy", "poddisruptionbudgets", &call.route.namespace);
        budgets.retain(|budget| {
            let selector = &budget["spec"]["selector"];
            !selector.is_null() && kinds::selects(selector, labels)
        });
        let Some(object) = budgets.pop() else { return Ok(None) };
        if !budgets.is_empty() {
            return Err(Failure::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "",
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            ));
        }
        Ok(Some(Self { object, pod: object::meta(pod, "name").to_owned() }))
    }

    fn name(&self) -> &str {
        object::meta(&self.object, "name")
    }

    /// Whether a Pod that is not ready may go without being counted.
    pub(super) fn lets_unhealthy_go(&self) -> bool {
        let healthy = |key| count(&self.object, key);
        self.object["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
            || (healthy("currentHealthy") >= healthy("desiredHealthy") && healthy("desiredHealthy") > 0)
    }

    /// That nobody can say at the moment whether Pods may go.
    pub(super) fn busy(&self) -> Failure {
        let message =
            format!("The disruption budget {} is still being processed by the server.", self.name());
        let mut failure = Failure::too_many_requests(REFUSED, 10);
        failure.details.causes.push(cause(message));
        failure
    }

    /// Counts one more Pod that goes.
    ///
    /// # Errors
    ///
    /// If none may.
    pub(super) fn take_one(&self, call: &Call, dry_run: bool) -> Result<(), Failure> {
        let snapshot = call.server.catalog.snapshot();
        let resource = snapshot.resource("policy", "v1", "poddisruptionbudgets");
        let resource = resource.ok_or_else(Failure::no_such_path)?;
        let key = ObjectKey::new(call.route.namespace.as_str(), self.name());
        if dry_run {
            let entry = call.server.store.get(&resource.storage_key(), &key);
            return entry.map_or(Ok(()), |entry| self.check(&stored_object(&entry, resource)));
        }
        let route = ResourceRoute {
            group: "policy".into(),
            version: "v1".into(),
            namespace: key.namespace,
            plural: "poddisruptionbudgets".into(),
            name: key.name,
            subresource: "status".into(),
            ..ResourceRoute::default()
        };
        let own = call.of_the_server(route, resource.clone());
        let options =
            WriteOptions { field_manager: Some("kube-apiserver".into()), ..WriteOptions::default() };
        verbs::change_object(&own, Part::Status, &options, &mut Vec::new(), |budget, _| {
            self.check(budget)?;
            let mut budget = budget.clone();
            self.count_down(&mut budget);
            Ok(budget)
        })
        .map(|_| ())
    }

    /// Whether one more Pod may go.
    fn check(&self, budget: &Value) -> Result<(), Failure> {
        let number = |key| budget["metadata"][key].as_i64().unwrap_or_default();
        if count(budget, "observedGeneration") < number("generation") {
            return Err(self.busy());
        }
        let allowed = count(budget, "disruptionsAllowed");
        let broken = |why: &str, told: &str| {
            let named = Named { group: "policy", resource: "poddisruptionbudget" };
            let mut failure = Failure::forbidden(named, self.name(), why);
            let message = format!(
                "The disruption budget {} does not allow evicting pods currently: {told}",
                self.name()
            );
            failure.details.causes.push(cause(message));
            Err(failure)
        };
        if allowed < 0 {
            let why = "pdb disruptions allowed is negative";
            return broken(why, why);
        }
        let disrupted = budget["status"]["disruptedPods"].as_object();
        if disrupted.is_some_and(|pods| pods.len() > MOST_DISRUPTED) {
            return broken(
                "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
                "too many pending evictions not confirmed by PDB controller",
            );
        }
        if allowed > 0 {
            return Ok(());
        }
        let mut failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", REFUSED);
        failure.details.causes.push(cause(self.why_none(budget)));
        Err(failure)
    }

    fn why_none(&self, budget: &Value) -> String {
        let name = self.name();
        let conditions = budget["status"]["conditions"].as_array();
        let condition = conditions.into_iter().flatten().find(|condition| {
            condition["type"] == "DisruptionAllowed"
                && condition["status"] == "False"
                && condition["message"].as_str().is_some_and(|message| !message.is_empty())
        });
        let said = condition.map(|condition| {
            let text = |key: &str| condition[key].as_str().unwrap_or_default();
            (text("reason"), text("message"))
        });
        let (wanted, is) = (count(budget, "desiredHealthy"), count(budget, "currentHealthy"));
        match said {
            Some(("SyncFailed", message)) => format!(
                "The disruption budget {name} does not allow evicting pods currently because it failed sync: {message}"
            ),
            _ if is <= wanted => {
                format!("The disruption budget {name} needs {wanted} healthy pods and has {is} currently")
            }
            Some((reason, message)) => format!(
                "The disruption budget {name} does not allow evicting pods currently ({reason}): {message}"
            ),
            None => format!("The disruption budget {name} does not allow evicting pods currently"),
        }
    }

    fn count_down(&self, budget: &mut Value) {
        let left = count(budget, "disruptionsAllowed") - 1;
        let generation = budget["status"].get("observedGeneration").cloned();
        let status = map(budget, "status");
        status.insert("disruptionsAllowed".into(), left.into());
        as_map(status.entry("disruptedPods").or_insert_with(|| json!({})))
            .insert(self.pod.clone(), now().into());
        if left > 0 {
            return;
        }
        let mut condition = json!({
            "type": "DisruptionAllowed", "status": "False", "reason": "InsufficientPods", "message": "",
            "lastTransitionTime": now(),
        });
        if let Some(generation) = generation {
            condition["observedGeneration"] = generation;
        }
        let conditions = status.entry("conditions").or_insert_with(|| json!([]));
        let Some(conditions) = conditions.as_array_mut() else { return };
        match conditions.iter_mut().find(|old| old["type"] == "DisruptionAllowed") {
            Some(old) => {
                if old["status"] == "False" {
                    condition["lastTransitionTime"] = old["lastTransitionTime"].clone();
                }
                *old = condition;
            }
            None => conditions.push(condition),
        }
    }
}

fn count(budget: &Value, key: &str) -> i64 {
    budget["status"][key].as_i64().unwrap_or_default()
}

fn cause(message: String) -> Cause {
    Cause { reason: "DisruptionBudget", field: String::new(), message }
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use serde_json::{Value, json};

    fn budget(status: Value) -> Budget {
        let metadata = json!({"name": "b", "generation": 1});
        Budget { object: json!({"metadata": metadata, "spec": {}, "status": status}), pod: "p".into() }
    }

    fn told(status: Value) -> String {
        let budget = budget(status);
        let failure = budget.check(&budget.object).unwrap_err();
        failure.details.causes[0].message.clone()
    }

    #[test]
    fn a_budget_says_why_nobody_may_go() {
        assert!(told(json!({})).ends_with("b is still being processed by the server."));
        let status = json!({"observedGeneration": 1, "currentHealthy": 1, "desiredHealthy": 2});
        assert!(told(status).ends_with("b needs 2 healthy pods and has 1 currently"));
        let status = json!({"observedGeneration": 1, "currentHealthy": 2, "desiredHealthy": 1});
        assert!(told(status).ends_with("b does not allow evicting pods currently"));
        let condition =
            json!({"type": "DisruptionAllowed", "status": "False", "reason": "R", "message": "why"});
        let status = json!({"observedGeneration": 1, "currentHealthy": 2, "desiredHealthy": 1, "conditions": [condition]});
        assert!(told(status).ends_with("currently (R): why"));
        assert!(told(json!({"observedGeneration": 1, "disruptionsAllowed": -1})).ends_with("is negative"));
    }

    #[test]
    fn the_last_one_who_may_go_closes_the_budget() {
        let budget = budget(json!({"observedGeneration": 1, "disruptionsAllowed": 1}));
        assert!(budget.check(&budget.object).is_ok());
        let mut object = budget.object.clone();
        budget.count_down(&mut object);
        assert_eq!(object["status"]["disruptionsAllowed"], 0);
        assert!(object["status"]["disruptedPods"]["p"].is_string());
        assert_eq!(object["status"]["conditions"][0]["reason"], "InsufficientPods");
    }

    #[test]
    fn pods_that_are_not_ready_go_if_there_are_enough_others() {
        assert!(!budget(json!({"currentHealthy": 1, "desiredHealthy": 2})).lets_unhealthy_go());
        assert!(budget(json!({"currentHealthy": 2, "desiredHealthy": 2})).lets_unhealthy_go());
        assert!(!budget(json!({})).lets_unhealthy_go());
    }
}
