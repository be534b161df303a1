//! What stands for a work queue: the scheduler of the runtime, and with several workers the applier that runs
//! reconcilers from it, of which no two have the same object at a time.

use crate::informers::fill;
use bench_harness::{BoxError, Meter, PODS_PER_NAMESPACE, pod_name};
use futures_util::{Stream, StreamExt as _, stream};
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::applier;
use kube::runtime::controller::{Action, Config};
use kube::runtime::reflector::{self, ObjectRef};
use kube::runtime::scheduler::{ScheduleRequest, scheduler};
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::Instant;

pub(crate) async fn run(items: usize, keys: usize, workers: usize) -> Result<(), BoxError> {
    let names: Vec<ObjectRef<Pod>> = (0..keys)
        .map(|index| {
            ObjectRef::new(&pod_name(index)).within(&format!("bench-{}", index / PODS_PER_NAMESPACE))
        })
        .collect();
    if workers == 1 { scheduled(&names, items).await } else { applied(&names, items, workers).await }
}

/// One worker takes what the scheduler has.
async fn scheduled(names: &[ObjectRef<Pod>], items: usize) -> Result<(), BoxError> {
    let meter = Meter::start();
    let (sender, requests) = channel();
    let mut queue =
        pin!(scheduler(requests.map(|message| ScheduleRequest { message, run_at: Instant::now() })));
    let mut taken = 0;
    for _ in 0..items / names.len() {
        add(&sender, names)?;
        for _ in names {
            queue.next().await.ok_or("the queue ended")?;
            taken += 1;
        }
    }
    meter.end(taken)
}

/// Reconcilers that do nothing.
async fn applied(names: &[ObjectRef<Pod>], items: usize, workers: usize) -> Result<(), BoxError> {
    let (store, mut writer) = reflector::store();
    // The applier waits for the store, and asks it for each object.
    let pods = names.iter().map(|name| {
        let mut pod = Pod::default();
        (pod.metadata.name, pod.metadata.namespace) = (Some(name.name.clone()), name.namespace.clone());
        pod
    });
    fill(&mut writer, &pods.collect::<Vec<_>>());
    let meter = Meter::start();
    let (sender, requests) = channel();
    let mut done = pin!(applier(
        |_, _| std::future::ready(Ok::<_, Infallible>(Action::await_change())),
        |_, _, _| Action::await_change(),
        Arc::new(()),
        store,
        requests.map(Ok::<_, Infallible>),
        Config::default().concurrency(u16::try_from(workers)?),
    ));
    let mut taken = 0;
    for _ in 0..items / names.len() {
        add(&sender, names)?;
        for _ in names {
            done.next().await.ok_or("the queue ended")??;
            taken += 1;
        }
    }
    meter.end(taken)
}

fn channel() -> (UnboundedSender<ObjectRef<Pod>>, impl Stream<Item = ObjectRef<Pod>>) {
    let (sender, receiver) = unbounded_channel();
    (
        sender,
        Box::pin(stream::unfold(receiver, |mut receiver| async {
            receiver.recv().await.map(|name| (name, receiver))
        })),
    )
}

fn add(sender: &UnboundedSender<ObjectRef<Pod>>, names: &[ObjectRef<Pod>]) -> Result<(), BoxError> {
    for name in names {
        sender.send(name.clone()).map_err(|_| "the queue is closed")?;
    }
    Ok(())
}
