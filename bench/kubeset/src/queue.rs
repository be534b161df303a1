//! Work queues.

use crate::source::{Parts, ended};
use bench_harness::{BoxError, Meter, PODS_PER_NAMESPACE, pod_name};
use kubeset::informers::ObjectKey;
use kubeset::informers::workqueue::WorkQueue;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Adds all keys, lets workers take them, and begins again when all are done.
pub(crate) async fn run(items: usize, keys: usize, workers: usize) -> Result<(), BoxError> {
    let names: Vec<ObjectKey> = (0..keys)
        .map(|index| ObjectKey::new(&format!("bench-{}", index / PODS_PER_NAMESPACE), &pod_name(index)))
        .collect();
    let meter = Meter::start();
    let queue = WorkQueue::<ObjectKey>::new();
    let (done, rounds) = (Arc::new(AtomicUsize::new(0)), Parts::new(Semaphore::new(0)));
    let mut tasks = JoinSet::new();
    for _ in 0..workers {
        let (queue, done, rounds) = (queue.clone(), Arc::clone(&done), Arc::clone(&rounds));
        tasks.spawn(async move {
            let mut taken = 0;
            while let Some(work) = queue.next().await {
                taken += 1;
                work.done();
                if (done.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(keys) {
                    rounds.add_permits(1);
                }
            }
            taken
        });
    }
    for _ in 0..items / keys {
        for name in &names {
            queue.add(name.clone());
        }
        ended(&rounds, 1).await?;
    }
    queue.shut_down();
    let taken: usize = tasks.join_all().await.iter().sum();
    meter.end(taken)
}
