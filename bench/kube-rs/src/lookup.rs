//! Lookups in a store. It has no indices: what is not looked up by its key is searched for.

use crate::informers::fill;
use crate::pods;
use bench_harness::{BoxError, Lookup, Meter, NODES, Pace, in_threads, node_name};
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::reflector::store::Writer;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::Event;
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
    let (store, mut writer) = reflector::store();
    fill(&mut writer, &pods);
    let find = find(by, store, &pods)?;
    let ended = Arc::new(AtomicBool::new(writes == 0));
    let meter = Meter::start();
    let writing = tokio::spawn(write(writer, pods, writes, Arc::clone(&ended)));
    let found = in_threads(count, readers, move |index| find(index)).await?;
    let reading = meter.read(found)?;
    ended.store(true, Ordering::Relaxed);
    writing.await??;
    reading.print()
}

fn find(by: Lookup, store: Store<Pod>, pods: &[Pod]) -> Result<Find, BoxError> {
    match by {
        Lookup::Key => {
            let keys: Vec<ObjectRef<Pod>> = pods.iter().map(ObjectRef::from_obj).collect();
            Ok(Arc::new(move |index| {
                store.get(&keys[index % keys.len()]).is_some_and(|pod| pod.metadata.name.is_some())
            }))
        }
        Lookup::Node => {
            let (nodes, wanted): (Vec<String>, _) = ((0..NODES).map(node_name).collect(), pods.len() / NODES);
            Ok(Arc::new(move |index| {
                let node = nodes[index % NODES].as_str();
                let on_the_node =
                    |pod: &Pod| pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()) == Some(node);
                store.state_filter(on_the_node).len() == wanted
            }))
        }
        other => Err(format!("nothing is looked up by {other:?}").into()),
    }
}

/// Tells the store of changes, until it is told to end.
async fn write(
    mut writer: Writer<Pod>,
    pods: Vec<Pod>,
    writes: usize,
    ended: Arc<AtomicBool>,
) -> Result<(), BoxError> {
    let (mut pace, mut made) = (Pace::new(writes), 0);
    while !ended.load(Ordering::Relaxed) {
        for index in pace.next().await {
            let mut pod = pods[index % pods.len()].clone();
            pod.metadata.resource_version = Some((1_000_000 + index).to_string());
            writer.apply_watcher_event(&Event::Apply(pod));
            made += 1;
        }
    }
    pace.check(made)
}
