//! The cases of the benchmark, on kubeset.

mod informers;
mod lookup;
mod queue;
mod source;
mod widget;

use bench_harness::{
    Arguments, BoxError, Case, Codec, IDLE_NAMESPACE, Meter, NAMESPACE, Reads, Resource, SCRATCH_NAMESPACE,
    in_tasks, pod_name,
};
use futures_util::StreamExt as _;
use kubeset::api::core::v1::Pod;
use kubeset::k8s_openapi::{List, ListableResource};
use kubeset::{Clientset, Compression, Config, MergePatch, RateLimit};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::time::Duration;
use widget::Widget;

/// A Pod of which only the name of its node is read.
#[derive(Deserialize)]
struct PodNode {
    #[expect(dead_code, reason = "only decoded")]
    spec: PodNodeSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodNodeSpec {
    #[expect(dead_code, reason = "only decoded")]
    node_name: Option<String>,
}

kubeset::slim!(PodNode as Pod);

/// Does one case and prints what it cost.
///
/// # Errors
///
/// If the case cannot be done.
pub async fn run(arguments: Arguments) -> Result<(), BoxError> {
    match &arguments.case {
        Case::List(resource, namespace) => list(&arguments, *resource, namespace.as_deref()).await,
        Case::Decode(file) => decode(&arguments, file),
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
        other => Err(format!("kubeset has no case {other:?}").into()),
    }
}

/// A clientset without a limit of requests per second. Unless JSON is asked for, built-in kinds come in protobuf.
async fn clientset(arguments: &Arguments) -> Result<Clientset, BoxError> {
    let mut config = Config::infer().await?;
    config.rate_limit = RateLimit::Unlimited;
    config.compression = if arguments.gzip { Compression::Always } else { Compression::Never };
    if arguments.codec == Codec::Json {
        config.content.accept = Some("application/json".to_owned());
        config.content.content_type = Some("application/json".to_owned());
    }
    Ok(Clientset::new(&config)?)
}

async fn list(arguments: &Arguments, resource: Resource, namespace: Option<&str>) -> Result<(), BoxError> {
    let meter = Meter::start();
    let (clientset, reads) = (clientset(arguments).await?, arguments.reads);
    match (resource, namespace) {
        (Resource::Pods, namespace) if reads == Reads::NodeName => {
            let pods = clientset.endpoint::<PodNode>();
            let pods = if let Some(namespace) = namespace { pods.namespace(namespace) } else { pods };
            meter.end(pods.list().at_least("0").await?.items.len())
        }
        (Resource::Pods, None) => read(meter, clientset.core_v1().pods().list(), reads).await,
        (Resource::Pods, Some(namespace)) => {
            read(meter, clientset.core_v1().pods().namespace(namespace).list(), reads).await
        }
        (Resource::ConfigMaps, Some(namespace)) => {
            read(meter, clientset.core_v1().config_maps().namespace(namespace).list(), reads).await
        }
        (Resource::Widgets, None) => read(meter, clientset.endpoint::<Widget>().list(), reads).await,
        other => Err(format!("there is no case {other:?}").into()),
    }
}

/// Reads a list in one piece, from the server's cache.
async fn read<K>(meter: Meter, list: kubeset::rest::List<K>, reads: Reads) -> Result<(), BoxError>
where
    K: ListableResource + DeserializeOwned + Send + 'static,
{
    let list = list.at_least("0");
    let list = if reads == Reads::AllButManagedFields { list.without_managed_fields() } else { list };
    let list = list.await?;
    meter.end(list.items.len())
}

fn decode(arguments: &Arguments, file: &Path) -> Result<(), BoxError> {
    let body = fs::read(file)?;
    let meter = Meter::start();
    let options = kubeset_protobuf::Options::default();
    match (arguments.codec, arguments.reads) {
        (Codec::Json, Reads::Everything) => {
            let list: List<Pod> = serde_json::from_slice(&body)?;
            meter.end(list.items.len())
        }
        (Codec::Protobuf, Reads::NodeName) => {
            let list: List<PodNode> = kubeset_protobuf::from_slice(&body)?;
            meter.end(list.items.len())
        }
        (Codec::Protobuf, reads) => {
            let options = options.without_managed_fields(reads == Reads::AllButManagedFields);
            let list: List<Pod> = kubeset_protobuf::from_slice_with(&body, options)?;
            meter.end(list.items.len())
        }
        other => Err(format!("there is no case {other:?}").into()),
    }
}

/// The Pods of a list in protobuf, without their `managedFields`.
fn pods(file: &Path) -> Result<Vec<Pod>, BoxError> {
    let options = kubeset_protobuf::Options::default().without_managed_fields(true);
    let list: List<Pod> = kubeset_protobuf::from_slice_with(&fs::read(file)?, options)?;
    Ok(list.items)
}

async fn watch(arguments: &Arguments, count: usize) -> Result<(), BoxError> {
    let meter = Meter::start();
    let clientset = clientset(arguments).await?;
    let watch = clientset.core_v1().pods().watch().resource_version("0");
    let mut events =
        if arguments.reads == Reads::Everything { watch } else { watch.without_managed_fields() }.await?;
    for seen in 0..count {
        events.next().await.ok_or_else(|| format!("the watch ended after {seen} events"))??;
    }
    meter.end(count)
}

async fn get(arguments: &Arguments, count: usize, concurrency: usize) -> Result<(), BoxError> {
    let meter = Meter::start();
    let pods = clientset(arguments).await?.core_v1().pods().namespace(NAMESPACE);
    let work = move |index| {
        let get = pods.get(&pod_name(index));
        async move {
            get.await?;
            Ok(())
        }
    };
    let read = in_tasks(count, concurrency, work).await?;
    meter.end(read)
}

async fn cycle(arguments: &Arguments, count: usize, file: &Path) -> Result<(), BoxError> {
    let pod: Pod = serde_json::from_slice(&fs::read(file)?)?;
    let meter = Meter::start();
    let pods = clientset(arguments).await?.core_v1().pods().namespace(SCRATCH_NAMESPACE);
    let patch = json!({ "metadata": { "labels": { "patched": "yes" } } });
    for _ in 0..count {
        let name = pods.create(&pod).await?.metadata.name.unwrap_or_default();
        pods.patch(&name, MergePatch(&patch)).await?;
        pods.delete(&name).grace_period(Duration::ZERO).await?;
    }
    meter.end(count)
}

async fn idle_watches(arguments: &Arguments, count: usize) -> Result<(), BoxError> {
    let meter = Meter::start();
    let config_maps = clientset(arguments).await?.core_v1().config_maps().namespace(IDLE_NAMESPACE);
    let mut watches = Vec::with_capacity(count);
    for _ in 0..count {
        watches.push(config_maps.watch().resource_version("0").await?);
    }
    meter.end(watches.len())
}
