//! Lookups in a store.

use crate::pods;
use crate::source::{self, Changes};
use bench_harness::{BoxError, Lookup, Meter, NODES, Pace, in_threads, node_name};
use kubeset::WatchEvent;
use kubeset::api::core::v1::Pod;
use kubeset::informers::{CacheObject as _, ObjectKey, SharedInformer};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Looks up once, by a number, and tells whether all was found.
type Find = Arc<dyn Fn(usize) -> bool + Send + Sync>;

pub(crate) async fn run(
    by: Lookup,
    file: &Path,
    count: usize,
    readers: usize,
    writes: usize,
) -> Result<(), BoxError> {
    let pods = pods(file)?;
    let (informer, changes) = source::informer(pods.clone()).await?;
    let find = find(by, &informer, &pods)?;
    let ended = Arc::new(AtomicBool::new(writes == 0));
    let meter = Meter::start();
    let writing = tokio::spawn(write(changes, pods, writes, Arc::clone(&ended)));
    let found = in_threads(count, readers, move |index| find(index)).await?;
    let reading = meter.read(found)?;
    ended.store(true, Ordering::Relaxed);
    writing.await??;
    reading.print()
}

fn find(by: Lookup, informer: &SharedInformer<Pod>, pods: &[Pod]) -> Result<Find, BoxError> {
    match by {
        Lookup::Key => {
            let keys: Vec<ObjectKey> = pods.iter().map(Pod::key).collect();
            let store = informer.store();
            Ok(Arc::new(move |index| {
                store.get(&keys[index % keys.len()]).is_some_and(|pod| pod.metadata.name.is_some())
            }))
        }
        Lookup::Node => {
            let (nodes, wanted): (Vec<String>, _) = ((0..NODES).map(node_name).collect(), pods.len() / NODES);
            let by_node = informer.add_index("node", |pod, values| {
                values.extend(pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()));
            });
            Ok(Arc::new(move |index| by_node.get(&nodes[index % NODES]).len() == wanted))
        }
        other => Err(format!("nothing is looked up by {other:?}").into()),
    }
}

/// Tells the informer of changes, until it is told to end.
async fn write(
    changes: Changes,
    pods: Vec<Pod>,
    writes: usize,
    ended: Arc<AtomicBool>,
) -> Result<(), BoxError> {
    let (mut pace, mut made) = (Pace::new(writes), 0);
    while !ended.load(Ordering::Relaxed) {
        let due = pace.next().await;
        made += due.len();
        let change = |index: usize| {
            let mut pod = pods[index % pods.len()].clone();
            pod.metadata.resource_version = Some((1_000_000 + index).to_string());
            WatchEvent::Modified(pod)
        };
        changes.send(due.map(change).collect())?;
    }
    pace.check(made)
}
