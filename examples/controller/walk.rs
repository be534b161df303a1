//! A walk through the life of a Fleet, with the controller beside it.

#![expect(clippy::print_stdout, reason = "an example tells what it does")]

use std::time::Duration;

use kubeset::api::core::v1::{Namespace, Pod};
use kubeset::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kubeset::clients::core::v1::NamespacedPods;
use kubeset::rest::Endpoint;
use kubeset::{Clientset, Error};
use serde_json::json;
use tokio::sync::oneshot;

use crate::fleet::{self, FLEET_LABEL, Fleet, FleetSpec};
use crate::{Outcome, fleet_controller};

/// How long each step of the walk may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the controller and the walk, in a namespace of their own.
pub(crate) async fn show(clientset: &Clientset) -> Outcome {
    fleet::define(clientset).await?;
    let namespace = Namespace {
        metadata: ObjectMeta { generate_name: Some("fleets-".to_owned()), ..ObjectMeta::default() },
        ..Namespace::default()
    };
    let namespace = clientset.core_v1().namespaces().create(&namespace).await?;
    let namespace = namespace.metadata.name.unwrap_or_default();

    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    let controller = tokio::spawn(fleet_controller::run(clientset.clone(), stopped));
    let walk = Walk {
        fleets: clientset.endpoint().namespace(&namespace),
        pods: clientset.core_v1().pods().namespace(&namespace),
    };
    let walked = walk.run().await;
    drop(stop);
    let ended = controller.await?;
    clientset.core_v1().namespaces().delete(&namespace).await?;
    walked.and(ended)
}

struct Walk {
    fleets: Endpoint<Fleet>,
    pods: NamespacedPods,
}

impl Walk {
    async fn run(&self) -> Outcome {
        println!("a Fleet of three");
        self.want(3, "registry.example.com/web:1").await?;

        println!("another image, and one Pod fewer");
        self.want(2, "registry.example.com/web:2").await?;

        println!("a Pod that is deleted behind the controller's back");
        let before = self.pods.get("web-0").await?.metadata.uid;
        self.pods.delete("web-0").await?;
        until("there is another web-0", async || {
            let now = self.pods.get("web-0").optional().await?;
            Ok(now.is_some_and(|pod| pod.metadata.uid != before))
        })
        .await?;
        self.tell().await?;

        println!("the end of the Fleet");
        self.fleets.delete("web").await?;
        until("the Fleet is gone", async || Ok(self.fleets.get("web").optional().await?.is_none())).await?;
        self.tell().await
    }

    /// Changes what is wanted of the Fleet, and waits until it is so.
    async fn want(&self, replicas: u32, image: &str) -> Outcome {
        let fleet = json!({
            "apiVersion": "example.com/v1",
            "kind": "Fleet",
            "metadata": {"name": "web"},
            "spec": {"replicas": replicas, "image": image},
        });
        let wanted = self.fleets.apply("web", &fleet, "controller-example").force().await?;
        until("the Fleet is as it should be", async || {
            let Fleet { status, spec: FleetSpec { replicas, .. }, .. } = self.fleets.get("web").await?;
            Ok(Some(status.observed_generation) == wanted.metadata.generation
                && (status.replicas, status.updated_replicas) == (replicas, replicas))
        })
        .await?;
        self.tell().await
    }

    /// Tells which Pods there are.
    async fn tell(&self) -> Outcome {
        let pods = self.pods.list().labels(FLEET_LABEL).await?.items;
        if pods.is_empty() {
            println!("  no Pods");
        }
        for Pod { metadata, spec, .. } in pods {
            let image = spec.and_then(|spec| spec.containers.into_iter().next()?.image);
            let (name, uid) = (metadata.name.unwrap_or_default(), metadata.uid.unwrap_or_default());
            println!("  {name} {} {uid}", image.unwrap_or_default());
        }
        Ok(())
    }
}

/// Waits until a condition holds.
async fn until(what: &str, mut condition: impl AsyncFnMut() -> Result<bool, Error>) -> Outcome {
    let wait = async {
        while !condition().await? {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .unwrap_or_else(|_| Err(format!("{what}: not within {PATIENCE:?}").into()))
}
