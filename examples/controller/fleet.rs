//! Fleets: the custom resource that the controller is about.

use std::time::Duration;

use kubeset::Clientset;
use kubeset::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kubeset::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kubeset::k8s_openapi::{ListableResource, Metadata, NamespaceResourceScope, Resource};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The label of a Fleet's Pods, with the name of the Fleet.
pub(crate) const FLEET_LABEL: &str = "example.com/fleet";

/// So many Pods of one image.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fleet {
    pub(crate) metadata: ObjectMeta,
    pub(crate) spec: FleetSpec,
    #[serde(default)]
    pub(crate) status: FleetStatus,
}

/// What is wanted.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FleetSpec {
    pub(crate) replicas: u32,
    pub(crate) image: String,
}

/// What there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct FleetStatus {
    /// The generation of the Fleet that the controller has seen.
    pub(crate) observed_generation: i64,
    /// The Pods that are not on their way out.
    pub(crate) replicas: u32,
    /// Those of them that are as the Fleet wants them.
    pub(crate) updated_replicas: u32,
}

/// With this, a type of the program's own works wherever a built-in one does.
impl Resource for Fleet {
    const API_VERSION: &'static str = "example.com/v1";
    const GROUP: &'static str = "example.com";
    const KIND: &'static str = "Fleet";
    const VERSION: &'static str = "v1";
    const URL_PATH_SEGMENT: &'static str = "fleets";
    type Scope = NamespaceResourceScope;
}

impl ListableResource for Fleet {
    const LIST_KIND: &'static str = "FleetList";
}

impl Metadata for Fleet {
    type Ty = ObjectMeta;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl Fleet {
    /// The reference that makes a Pod its own: by it the garbage collector deletes Pods that nobody else has deleted.
    pub(crate) fn owner_reference(&self) -> OwnerReference {
        OwnerReference {
            api_version: Self::API_VERSION.to_owned(),
            kind: Self::KIND.to_owned(),
            name: self.metadata.name.clone().unwrap_or_default(),
            uid: self.metadata.uid.clone().unwrap_or_default(),
            controller: Some(true),
            block_owner_deletion: Some(true),
        }
    }
}

/// Defines the resource, and waits until the server has it. The rights for this are an administrator's.
pub(crate) async fn define(clientset: &Clientset) -> Result<(), kubeset::Error> {
    let definitions = clientset.apiextensions_v1().custom_resource_definitions();
    let definition = definition();
    let name = definition["metadata"]["name"].as_str().unwrap_or_default();
    let mut defined = definitions.apply(name, &definition, "controller-example").force().await?;
    while !is_established(&defined) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        defined = definitions.get(name).await?;
    }
    Ok(())
}

fn is_established(definition: &CustomResourceDefinition) -> bool {
    let conditions = definition.status.iter().flat_map(|status| &status.conditions).flatten();
    conditions.into_iter().any(|condition| condition.type_ == "Established" && condition.status == "True")
}

/// The definition of the resource, for the API server.
///
/// The server refuses whatever the schema does not allow, so that the controller need not check it again. A name is no longer
/// than a label's value may be.
fn definition() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{}.{}", Fleet::URL_PATH_SEGMENT, Fleet::GROUP)},
        "spec": {
            "group": Fleet::GROUP,
            "names": {"plural": Fleet::URL_PATH_SEGMENT, "singular": "fleet", "kind": Fleet::KIND},
            "scope": "Namespaced",
            "versions": [{
                "name": Fleet::VERSION,
                "served": true,
                "storage": true,
                "subresources": {
                    "status": {},
                    "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"},
                },
                "additionalPrinterColumns": [
                    {"name": "Desired", "type": "integer", "jsonPath": ".spec.replicas"},
                    {"name": "Current", "type": "integer", "jsonPath": ".status.replicas"},
                    {"name": "Up-to-date", "type": "integer", "jsonPath": ".status.updatedReplicas"},
                ],
                "schema": {"openAPIV3Schema": schema()},
            }],
        },
    })
}

fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["spec"],
        "properties": {
            "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 63}}},
            "spec": {
                "type": "object",
                "required": ["replicas", "image"],
                "properties": {
                    "replicas": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 1000},
                    "image": {"type": "string", "minLength": 1},
                },
            },
            "status": {
                "type": "object",
                "properties": {
                    "observedGeneration": {"type": "integer", "format": "int64"},
                    "replicas": {"type": "integer", "format": "int32"},
                    "updatedReplicas": {"type": "integer", "format": "int32"},
                },
            },
        },
    })
}
