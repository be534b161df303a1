//! The controller: makes the Pods of each Fleet as the Fleet wants them.
//!
//! It reads from the caches of informers, which may be late, also with what the controller has just written itself. To wait for
//! that (`SharedInformer::wait_for_version`) is no help where an answer was lost, or the controller crashed. So whatever it does
//! can be done twice without harm:
//!
//! - Pods have the names `<fleet>-<ordinal>`. One that the cache does not show yet is created again, and the server says that
//!   it exists. With names that the server makes up, there would be two of them.
//! - A Pod is deleted by its `uid`: what the cache shows too long is deleted once, and never its successor.
//! - A status says what the cache shows, and the next event brings the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use kubeset::api::core::v1::{Container, Pod, PodSpec};
use kubeset::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kubeset::clients::core::v1::NamespacedPods;
use kubeset::informers::workqueue::{Outcome, WorkQueue};
use kubeset::informers::{CacheObject as _, Event, Index, ObjectKey, Store, controlling_owner};
use kubeset::rest::Endpoint;
use kubeset::{Clientset, Informers, MergePatch};
use serde_json::json;

use crate::fleet::{FLEET_LABEL, Fleet, FleetStatus};

/// Keeps a Fleet that is being deleted until its Pods are gone: who waits for its end knows that nothing of it runs.
pub(crate) const FINALIZER: &str = "example.com/pods";

/// How many Fleets are worked on at a time.
const WORKERS: usize = 4;
/// How long the caches may take to fill. They never do if, say, the resource is not defined or the rights are missing.
const SYNC_DEADLINE: Duration = Duration::from_secs(60);
/// When to look again at what no event may tell of.
const LATER: Duration = Duration::from_secs(5);

/// Runs the controller until `stop` is over. Then it finishes what it is at, and ends with all its tasks.
///
/// It needs the right to list and watch Fleets and Pods, to create and delete Pods, to patch Fleets and `fleets/status`, and,
/// where the API server guards `blockOwnerDeletion`, to update `fleets/finalizers`.
pub(crate) async fn run(
    clientset: Clientset,
    stop: impl Future<Output = ()>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let informers = clientset.informers();
    let queue = WorkQueue::builder().name("fleets").build();
    let controller = Arc::new(Controller::new(clientset, &informers, &queue));
    let outcome = work(controller, &informers, &queue, stop).await;
    informers.shut_down().await;
    outcome
}

async fn work(
    controller: Arc<Controller>,
    informers: &Informers,
    queue: &WorkQueue<ObjectKey>,
    stop: impl Future<Output = ()>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut stop = pin!(stop);
    informers.start()?;
    // A cache that is half full looks as if Pods were missing.
    tokio::select! {
        synced = informers.wait_for_sync(SYNC_DEADLINE) => synced?,
        () = &mut stop => return Ok(()),
    }
    let working = queue.run(WORKERS, move |key| {
        let controller = Arc::clone(&controller);
        async move { controller.reconcile(&key).await }
    });
    let stopping = async {
        stop.await;
        queue.shut_down();
    };
    tokio::join!(working, stopping);
    Ok(())
}

/// What reconciling needs: two caches, and a client to write with.
struct Controller {
    clientset: Clientset,
    fleets: Store<Fleet>,
    /// The Pods by the `uid` of their Fleet. A Fleet that is deleted and created anew has another one.
    pods: Index<Pod>,
}

impl Controller {
    /// A controller whose informers add the keys of Fleets to `queue`.
    fn new(clientset: Clientset, informers: &Informers, queue: &WorkQueue<ObjectKey>) -> Self {
        let fleets = informers.select::<Fleet>().informer();
        // Of many Pods, a type with fewer fields saves memory: see `examples/slim_types.rs`.
        let pods = informers.core_v1().pods().labels(FLEET_LABEL).informer();

        let changed = queue.clone();
        fleets.add_handler(move |event: &Event<Fleet>| changed.add(event.key()));
        let changed = queue.clone();
        pods.add_handler(move |event: &Event<Pod>| {
            // A Pod that has changed hands is news for both Fleets.
            for pod in event.old().into_iter().chain([event.object()]) {
                fleet_key(pod).into_iter().for_each(|fleet| changed.add(fleet));
            }
        });

        let pods = pods.add_index("fleet", |pod: &Pod, values| {
            values.extend(controlling_owner::<Fleet>(&pod.metadata).map(|fleet| fleet.uid.as_str()));
        });
        Self { clientset, fleets: fleets.store(), pods }
    }

    /// Brings one Fleet nearer to what it wants. Called when it or one of its Pods has changed, and again after an error.
    async fn reconcile(&self, key: &ObjectKey) -> Result<Outcome, kubeset::Error> {
        // One that is gone has nothing left to do: the finalizer saw to it.
        let Some(fleet) = self.fleets.get(key) else { return Ok(Outcome::Done) };
        let finalizers = fleet.metadata.finalizers.clone().unwrap_or_default();
        let is_held = finalizers.iter().any(|finalizer| finalizer == FINALIZER);
        match (fleet.metadata.deletion_timestamp.is_some(), is_held) {
            (false, true) => self.keep(&fleet).await,
            (false, false) => {
                self.set_finalizers(&fleet, [finalizers, vec![FINALIZER.to_owned()]].concat()).await
            }
            (true, true) => self.wind_up(&fleet, finalizers).await,
            (true, false) => Ok(Outcome::Done),
        }
    }

    /// Creates and deletes Pods, and tells how far that has got.
    async fn keep(&self, fleet: &Fleet) -> Result<Outcome, kubeset::Error> {
        let pods = self.pods.get(fleet.uid());
        let changed = self.change_pods(fleet, Plan::new(fleet, &pods)).await;
        let status = status(fleet, &pods);
        if status != fleet.status {
            let patch = MergePatch(json!({"status": status}));
            self.fleet(fleet).subresource::<Fleet>("status").patch(fleet.name(), patch).await?;
        }
        changed
    }

    /// One after the other, up to the first that fails: a server in need is not asked a thousand times.
    async fn change_pods(&self, fleet: &Fleet, plan: Plan) -> Result<Outcome, kubeset::Error> {
        let mut outcome = Outcome::Done;
        for pod in plan.delete {
            self.delete(fleet, &pod).await?;
        }
        for name in plan.create {
            match self.pods_beside(fleet).create(&new_pod(fleet, &name)).await {
                Ok(_) => tracing::info!(fleet = %fleet.key(), pod = name, "created"),
                // If the cache is late, an event is on its way. If the Pod is somebody else's, none may ever come.
                Err(error) if error.is_already_exists() => outcome = Outcome::RetryAfter(LATER),
                Err(error) => return Err(error),
            }
        }
        Ok(outcome)
    }

    async fn delete(&self, fleet: &Fleet, pod: &Pod) -> Result<(), kubeset::Error> {
        match self.pods_beside(fleet).delete(pod.name()).uid(pod.uid()).await {
            Ok(_) => tracing::info!(fleet = %fleet.key(), pod = pod.name(), "deleted"),
            // It is gone, or another one has its name.
            Err(error) if error.is_not_found() || error.is_conflict() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Deletes the Pods of a Fleet that is being deleted, and lets it go when there are none.
    async fn wind_up(&self, fleet: &Fleet, mut finalizers: Vec<String>) -> Result<Outcome, kubeset::Error> {
        // This cannot be mended by a later event, so the cache is not enough: the server is asked, which knows all Pods.
        let selector = format!("{FLEET_LABEL}={}", fleet.name());
        let mut pods = self.pods_beside(fleet).list().labels(&selector).await?.items;
        pods.retain(|pod| {
            controlling_owner::<Fleet>(&pod.metadata).is_some_and(|owner| owner.uid == fleet.uid())
        });
        if pods.is_empty() {
            finalizers.retain(|finalizer| finalizer != FINALIZER);
            return self.set_finalizers(fleet, finalizers).await;
        }
        for pod in pods.iter().filter(|pod| !is_ending(pod)) {
            self.delete(fleet, pod).await?;
        }
        // The end of each Pod is an event, unless the cache has never seen it.
        Ok(Outcome::RetryAfter(LATER))
    }

    /// Replaces the list of finalizers, unless somebody has changed the Fleet: that is a conflict, and tried again.
    async fn set_finalizers(
        &self,
        fleet: &Fleet,
        finalizers: Vec<String>,
    ) -> Result<Outcome, kubeset::Error> {
        let version = fleet.resource_version();
        let patch = json!({"metadata": {"resourceVersion": version, "finalizers": finalizers}});
        self.fleet(fleet).patch(fleet.name(), MergePatch(patch)).await?;
        Ok(Outcome::Done)
    }

    fn fleet(&self, fleet: &Fleet) -> Endpoint<Fleet> {
        self.clientset.endpoint().namespace(fleet.namespace().unwrap_or_default())
    }

    fn pods_beside(&self, fleet: &Fleet) -> NamespacedPods {
        self.clientset.core_v1().pods().namespace(fleet.namespace().unwrap_or_default())
    }
}

/// What is to be done about the Pods of a Fleet.
#[derive(Debug)]
struct Plan {
    create: Vec<String>,
    delete: Vec<Arc<Pod>>,
}

impl Plan {
    fn new(fleet: &Fleet, pods: &[Arc<Pod>]) -> Self {
        let mut missing: BTreeSet<String> =
            (0..fleet.spec.replicas).map(|ordinal| format!("{}-{ordinal}", fleet.name())).collect();
        let (wanted, surplus): (Vec<&Arc<Pod>>, Vec<_>) =
            pods.iter().partition(|pod| missing.remove(pod.name()));
        let mut delete: Vec<_> = surplus.into_iter().filter(|pod| !is_ending(pod)).cloned().collect();
        // Pods are replaced one at a time, and always the first: if the cache is late and still shows it, it is deleted
        // again, and no other one. A Pod that ends keeps its name until it is gone, and its successor waits for that.
        if missing.is_empty() && !wanted.iter().any(|pod| is_ending(pod)) {
            let outdated = wanted.into_iter().filter(|pod| !is_current(fleet, pod));
            delete.extend(outdated.min_by_key(|pod| pod.name()).cloned());
        }
        Self { create: missing.into_iter().collect(), delete }
    }
}

/// The key of the Fleet that a Pod belongs to, if it belongs to one.
fn fleet_key(pod: &Pod) -> Option<ObjectKey> {
    let fleet = controlling_owner::<Fleet>(&pod.metadata)?;
    Some(ObjectKey::new(pod.namespace().unwrap_or_default(), &fleet.name))
}

fn status(fleet: &Fleet, pods: &[Arc<Pod>]) -> FleetStatus {
    let count = |condition: &dyn Fn(&Pod) -> bool| {
        u32::try_from(pods.iter().filter(|pod| !is_ending(pod) && condition(pod)).count()).unwrap_or(u32::MAX)
    };
    FleetStatus {
        observed_generation: fleet.metadata.generation.unwrap_or_default(),
        replicas: count(&|_| true),
        updated_replicas: count(&|pod| is_current(fleet, pod)),
    }
}

/// Whether a Pod is being deleted.
fn is_ending(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_some()
}

/// Whether a Pod is one that the Fleet would create now, and has not failed for good, as one that was evicted has.
fn is_current(fleet: &Fleet, pod: &Pod) -> bool {
    let image = pod.spec.as_ref().and_then(|spec| spec.containers.first()?.image.as_ref());
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    image == Some(&fleet.spec.image) && phase != Some("Failed")
}

fn new_pod(fleet: &Fleet, name: &str) -> Pod {
    let container =
        Container { name: "main".to_owned(), image: Some(fleet.spec.image.clone()), ..Container::default() };
    Pod {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(BTreeMap::from([(FLEET_LABEL.to_owned(), fleet.name().to_owned())])),
            owner_references: Some(vec![fleet.owner_reference()]),
            ..ObjectMeta::default()
        },
        spec: Some(PodSpec { containers: vec![container], ..PodSpec::default() }),
        ..Pod::default()
    }
}
