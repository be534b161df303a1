//! Short ways to say common things about pods.

use k8s_openapi::api::core::v1::{Binding, ObjectReference};
use k8s_openapi::api::policy::v1::Eviction;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Status};
use kubeset_rest::Create;

use crate::clients::core::v1::NamespacedPods;

impl NamespacedPods {
    /// Deletes the pod `name` unless a PodDisruptionBudget forbids it now, which is an error that
    /// [`is_too_many_requests`](crate::Error::is_too_many_requests):
    /// `POST /api/v1/namespaces/{namespace}/pods/{name}/eviction`.
    pub fn evict(&self, name: &str) -> Create<Status> {
        let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
        self.create_eviction(name, &Eviction { metadata, ..Eviction::default() })
    }

    /// Puts the pod `name` on a node, as a scheduler does:
    /// `POST /api/v1/namespaces/{namespace}/pods/{name}/binding`.
    pub fn bind(&self, name: &str, node: &str) -> Create<Status> {
        let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
        let kind = Some("Node".to_owned());
        let target = ObjectReference { kind, name: Some(node.to_owned()), ..ObjectReference::default() };
        self.create_binding(name, &Binding { metadata, target })
    }
}
