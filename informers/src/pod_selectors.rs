//! Kinds that select Pods, and which of them select one.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::{
    DaemonSet, DaemonSetSpec, Deployment, DeploymentSpec, ReplicaSet, ReplicaSetSpec, StatefulSet,
    StatefulSetSpec,
};
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::{
    Pod, ReplicationController, ReplicationControllerSpec, Service, ServiceSpec,
};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1;
use kubeset_selectors::LabelSelector;

use crate::lister::Lister;
use crate::object::{CacheObject, Labelled};

/// A kind whose objects select Pods of their namespace by labels.
pub trait PodSelector: CacheObject {
    /// Which Pods it selects. Nothing if it has no selector, or one that is not valid.
    fn pod_selector(&self) -> LabelSelector;
}

impl<T: PodSelector> Lister<T> {
    /// The objects that select this Pod: the ReplicaSets that it may belong to, the Services that lead to it, the disruption
    /// budgets that guard it.
    ///
    /// Whether a controller owns the Pod is another question, which its owner references answer.
    pub fn selecting(&self, pod: &Pod) -> Vec<Arc<T>> {
        let selects = |object: &T| object.pod_selector().matches(&Labelled(pod));
        self.store().filter_namespace(pod.namespace().unwrap_or_default(), selects)
    }
}

/// A selector of which an empty one means nothing, as most controllers read it.
fn non_empty(selector: Option<&v1::LabelSelector>) -> LabelSelector {
    or_nothing(selector).filter(|selector| !selector.is_everything()).unwrap_or_else(LabelSelector::nothing)
}

fn or_nothing(selector: Option<&v1::LabelSelector>) -> Option<LabelSelector> {
    LabelSelector::try_from(selector?).ok()
}

fn of_labels(labels: Option<&BTreeMap<String, String>>) -> LabelSelector {
    let match_labels = labels.cloned();
    non_empty(Some(&v1::LabelSelector { match_labels, match_expressions: None }))
}

/// Says for each kind where its selector is.
macro_rules! select_pods {
    ($($kind:ty, $spec_type:ty: |$spec:ident| $selector:expr;)+) => {
        $(
            impl PodSelector for $kind {
                fn pod_selector(&self) -> LabelSelector {
                    // Required in some versions of Kubernetes and optional in others.
                    let spec: Option<&$spec_type> = (&self.spec).into();
                    spec.map_or_else(LabelSelector::nothing, |$spec| $selector)
                }
            }
        )+
    };
}

select_pods! {
    DaemonSet, DaemonSetSpec: |spec| non_empty(Some(&spec.selector));
    Deployment, DeploymentSpec: |spec| non_empty(Some(&spec.selector));
    ReplicaSet, ReplicaSetSpec: |spec| non_empty(Some(&spec.selector));
    StatefulSet, StatefulSetSpec: |spec| non_empty(Some(&spec.selector));
    Job, JobSpec: |spec| non_empty(spec.selector.as_ref());
    ReplicationController, ReplicationControllerSpec: |spec| of_labels(spec.selector.as_ref());
    Service, ServiceSpec: |spec| of_labels(spec.selector.as_ref());
    // An empty selector is every Pod of the namespace here.
    PodDisruptionBudget, PodDisruptionBudgetSpec: |spec| or_nothing(spec.selector.as_ref()).unwrap_or_else(LabelSelector::nothing);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn selects<T: PodSelector + serde::de::DeserializeOwned>(
        spec: &serde_json::Value,
        labels: &[(&str, &str)],
    ) -> bool {
        let object: T = serde_json::from_value(json!({"metadata": {"name": "a"}, "spec": spec})).unwrap();
        object.pod_selector().matches(labels)
    }

    #[test]
    fn each_kind_selects_by_its_own_field() {
        let web: &[(&str, &str)] = &[("app", "web")];
        let template = json!({"metadata": {}, "spec": {"containers": []}});
        let labels = json!({"selector": {"app": "web"}});
        let selector =
            json!({"selector": {"matchLabels": {"app": "web"}}, "template": template, "serviceName": "s"});
        assert!(selects::<ReplicaSet>(&selector, web) && !selects::<ReplicaSet>(&selector, &[("app", "db")]));
        assert!(selects::<Deployment>(&selector, web) && selects::<StatefulSet>(&selector, web));
        assert!(selects::<DaemonSet>(&selector, web) && selects::<Job>(&selector, web));
        assert!(selects::<Service>(&labels, web) && selects::<ReplicationController>(&labels, web));
        assert!(selects::<PodDisruptionBudget>(&selector, web));
    }

    #[test]
    fn an_empty_selector_is_every_pod_for_disruption_budgets_alone() {
        let template = json!({"metadata": {}, "spec": {"containers": []}});
        let empty = json!({"selector": {}, "template": template});
        assert!(selects::<PodDisruptionBudget>(&empty, &[]));
        assert!(!selects::<ReplicaSet>(&empty, &[]) && !selects::<Service>(&empty, &[]));
        assert!(!selects::<PodDisruptionBudget>(&json!({}), &[]) && !selects::<Service>(&json!({}), &[]));
    }

    #[test]
    fn a_selector_that_is_not_valid_selects_nothing() {
        let broken = json!({"selector": {"matchExpressions": [{"key": "a", "operator": "Near"}]}});
        assert!(!selects::<PodDisruptionBudget>(&broken, &[("a", "b")]));
    }
}
