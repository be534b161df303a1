//! The cases of the benchmark, on kube and kube-runtime.

mod informers;
mod lookup;
mod queue;
mod widget;

use bench_harness::{
    Arguments, BoxError, Case, Codec, IDLE_NAMESPACE, Meter, NAMESPACE, Reads, Resource, SCRATCH_NAMESPACE,
    in_tasks, pod_name,
};
use futures_util::TryStreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{DeleteParams, ListParams, ObjectList, Patch, PatchParams, PostParams, WatchParams};
use kube::{Api, Client, Config, ResourceExt as _};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::pin::pin;
use widget::Widget;

/// Does one case and prints what it cost.
///
/// # Errors
///
/// If the case cannot be done.
pub async fn run(arguments: Arguments) -> Result<(), BoxError> {
    if arguments.codec != Codec::Json {
        return Err("kube has nothing but JSON".into());
    }
    if arguments.reads != Reads::Everything && arguments.case != Case::Cache {
        return Err("kube reads whole objects".into());
    }
    match &arguments.case {
        Case::List(resource, namespace) => list(&arguments, *resource, namespace.as_deref()).await,
        Case::Decode(file) => decode(file),
        Case::Watch(events) => watch(&arguments, *events).await,
        Case::Get(count, concurrency) => get(&arguments, *count, *concurrency).await,
        Case::Cycle(count, file) => cycle(&arguments, *count, file).await,
        Case::IdleWatches(count) => idle_watches(&arguments, *count).await,
        Case::Cache => informers::cache(&arguments).await,
        Case::Handle { file, objects, events, handlers } => {
            informers::handle(file, *objects, *events, *handlers).await
        }
        Case::Inform { objects, events, handlers } => {
            informers::inform(&arguments, *objects, *events, *handlers).await
        }
        Case::Lookup { by, file, count, readers, writes } => {
            lookup::run(*by, file, *count, *readers, *writes).await
        }
        Case::Queue { items, keys, workers } => queue::run(*items, *keys, *workers).await,
        other => Err(format!("kube has no case {other:?}").into()),
    }
}

async fn client(arguments: &Arguments) -> Result<Client, BoxError> {
    let mut config = Config::infer().await?;
    config.disable_compression = !arguments.gzip;
    Ok(Client::try_from(config)?)
}

async fn list(arguments: &Arguments, resource: Resource, namespace: Option<&str>) -> Result<(), BoxError> {
    let meter = Meter::start();
    let client = client(arguments).await?;
    let from_cache = ListParams::default().match_any();
    match (resource, namespace) {
        (Resource::Pods, None) => {
            let list = Api::<Pod>::all(client).list(&from_cache).await?;
            meter.end(list.items.len())
        }
        (Resource::Pods, Some(namespace)) => {
            let list = Api::<Pod>::namespaced(client, namespace).list(&from_cache).await?;
            meter.end(list.items.len())
        }
        (Resource::ConfigMaps, Some(namespace)) => {
            let list = Api::<ConfigMap>::namespaced(client, namespace).list(&from_cache).await?;
            meter.end(list.items.len())
        }
        (Resource::Widgets, None) => {
            let list = Api::<Widget>::all(client).list(&from_cache).await?;
            meter.end(list.items.len())
        }
        other => Err(format!("there is no case {other:?}").into()),
    }
}

fn decode(file: &Path) -> Result<(), BoxError> {
    let body = fs::read(file)?;
    let meter = Meter::start();
    let list: ObjectList<Pod> = serde_json::from_slice(&body)?;
    meter.end(list.items.len())
}

/// The Pods of a list, without their `managedFields`.
fn pods(file: &Path) -> Result<Vec<Pod>, BoxError> {
    let mut list: ObjectList<Pod> = serde_json::from_slice(&fs::read(file)?)?;
    for pod in &mut list.items {
        pod.metadata.managed_fields = None;
    }
    Ok(list.items)
}

async fn watch(arguments: &Arguments, count: usize) -> Result<(), BoxError> {
    let meter = Meter::start();
    let pods = Api::<Pod>::all(client(arguments).await?);
    let mut events = pin!(pods.watch(&WatchParams::default(), "0").await?);
    for seen in 0..count {
        events.try_next().await?.ok_or_else(|| format!("the watch ended after {seen} events"))?;
    }
    meter.end(count)
}

async fn get(arguments: &Arguments, count: usize, concurrency: usize) -> Result<(), BoxError> {
    let meter = Meter::start();
    let pods = Api::<Pod>::namespaced(client(arguments).await?, NAMESPACE);
    let work = move |index| {
        let pods = pods.clone();
        async move {
            pods.get(&pod_name(index)).await?;
            Ok(())
        }
    };
    let read = in_tasks(count, concurrency, work).await?;
    meter.end(read)
}

async fn cycle(arguments: &Arguments, count: usize, file: &Path) -> Result<(), BoxError> {
    let pod: Pod = serde_json::from_slice(&fs::read(file)?)?;
    let meter = Meter::start();
    let pods = Api::<Pod>::namespaced(client(arguments).await?, SCRATCH_NAMESPACE);
    let patch = Patch::Merge(json!({ "metadata": { "labels": { "patched": "yes" } } }));
    let now = DeleteParams::default().grace_period(0);
    for _ in 0..count {
        let name = pods.create(&PostParams::default(), &pod).await?.name_any();
        pods.patch(&name, &PatchParams::default(), &patch).await?;
        pods.delete(&name, &now).await?;
    }
    meter.end(count)
}

async fn idle_watches(arguments: &Arguments, count: usize) -> Result<(), BoxError> {
    let meter = Meter::start();
    let config_maps = Api::<ConfigMap>::namespaced(client(arguments).await?, IDLE_NAMESPACE);
    let mut watches = Vec::with_capacity(count);
    for _ in 0..count {
        watches.push(config_maps.watch(&WatchParams::default(), "0").await?);
    }
    meter.end(watches.len())
}
