//! What is measured.

use crate::Error;
use crate::client::{Asked, Connection, ask_all};
use crate::cost::{Beginning, Cost, SERVER, resident};
use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt as _;
use kubeset_testserver::TestServer;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::runtime::{self, Runtime};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// How many connections ask at once.
const CONNECTIONS: usize = 8;

/// How many watches there are.
const WATCHERS: usize = 100;

/// Where the objects are.
const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";
const PODS: &str = "/api/v1/namespaces/default/pods";

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Just enough to see that it works.
    Small,
    /// Enough to measure it.
    Full,
}

impl Scale {
    fn of(self, full: usize) -> usize {
        if self == Self::Full { full } else { full.div_ceil(100) }
    }
}

/// One measurement.
#[derive(Debug)]
pub(crate) struct Run {
    /// How many times something was done.
    pub(crate) count: usize,
    /// What all of it has cost.
    pub(crate) cost: Cost,
    /// What else was seen.
    pub(crate) note: String,
}

impl Run {
    pub(crate) fn per_second(&self) -> f64 {
        self.count as f64 / self.cost.wall.as_secs_f64()
    }
}

/// A case: measured once.
pub(crate) type Case = fn(Scale) -> Result<Run, Error>;

/// All cases in their order. The first start of a process comes first.
pub(crate) const ALL: &[(&str, Case)] = &[
    ("start", start),
    ("create-configmap", create_config_maps),
    ("create-pod", create_pods),
    ("get-configmap", get_config_maps),
    ("update-configmap", update_config_maps),
    ("patch-merge", patch_merge),
    ("patch-strategic", patch_strategic),
    ("patch-apply", patch_apply),
    ("list-10000", list),
    ("watch-100x1000", watch),
    ("hold-100000", hold),
];

/// A server with threads of its own.
struct Served {
    server: TestServer,
    threads: Runtime,
}

impl Served {
    fn start() -> Result<Self, Error> {
        let threads = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(SERVER)
            .enable_all()
            .build()?;
        let server = threads.block_on(TestServer::start())?;
        Ok(Self { server, threads })
    }

    fn address(&self) -> SocketAddr {
        self.server.address()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Connections end as the server stops; they live on its threads.
        let _entered = self.threads.enter();
    }
}

/// The thread of the client, which is this one.
fn client() -> Result<Runtime, Error> {
    Ok(runtime::Builder::new_current_thread().enable_all().build()?)
}

fn config_map(name: &str, value: usize) -> Bytes {
    let object = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"app": "load", "tier": "bench"}},
        "data": {"value": value.to_string(), "settings": "x".repeat(120), "mode": "fast"},
    });
    object.to_string().into()
}

fn pod(name: &str) -> Bytes {
    let container = |name: &str| {
        json!({
            "name": name,
            "image": "registry.example/app:1.0",
            "ports": [{"containerPort": 8080, "name": format!("{name}-http")}],
            "env": [{"name": "MODE", "value": "fast"}, {"name": "LEVEL", "value": "info"}],
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
            "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
        })
    };
    let object = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": "load"}},
        "spec": {"containers": [container("app"), container("side")]},
    });
    object.to_string().into()
}

fn create(number: usize) -> Asked {
    Asked::new(Method::POST, CONFIG_MAPS, config_map(&format!("load-{number}"), number))
}

fn create_pod(number: usize) -> Asked {
    Asked::new(Method::POST, PODS, pod(&format!("load-{number}")))
}

/// Measures many requests, after others that prepare them.
fn many(
    prepared: usize,
    prepare: impl Fn(usize) -> Asked + Send + Sync + 'static,
    count: usize,
    make: impl Fn(usize) -> Asked + Send + Sync + 'static,
) -> Result<Run, Error> {
    let (served, client) = (Served::start()?, client()?);
    client.block_on(async {
        ask_all(served.address(), CONNECTIONS, prepared, prepare).await?;
        let beginning = Beginning::now();
        ask_all(served.address(), CONNECTIONS, count, make).await?;
        Ok(Run { count, cost: beginning.cost(), note: String::new() })
    })
}

/// Starts servers. The first one of a process reads the schemas, so the note tells of it.
fn start(scale: Scale) -> Result<Run, Error> {
    static FIRST: OnceLock<Duration> = OnceLock::new();
    let mut served = Vec::new();
    let beginning = Beginning::now();
    served.push(Served::start()?);
    let first = FIRST.get_or_init(|| beginning.cost().wall);
    let count = scale.of(100);
    let beginning = Beginning::now();
    for _ in 0..count {
        served.push(Served::start()?);
    }
    let cost = beginning.cost();
    Ok(Run { count, cost, note: format!("the first of the process: {:.2} ms", first.as_secs_f64() * 1e3) })
}

fn create_config_maps(scale: Scale) -> Result<Run, Error> {
    many(100, |number| create(number + 1_000_000), scale.of(20_000), create)
}

fn create_pods(scale: Scale) -> Result<Run, Error> {
    many(100, |number| create_pod(number + 1_000_000), scale.of(10_000), create_pod)
}

fn get_config_maps(scale: Scale) -> Result<Run, Error> {
    many(1000, create, scale.of(60_000), |number| Asked::get(format!("{CONFIG_MAPS}/load-{}", number % 1000)))
}

fn update_config_maps(scale: Scale) -> Result<Run, Error> {
    many(1000, create, scale.of(20_000), |number| {
        let name = format!("load-{}", number % 1000);
        Asked::new(Method::PUT, format!("{CONFIG_MAPS}/{name}"), config_map(&name, number + 1))
    })
}

fn patch_merge(scale: Scale) -> Result<Run, Error> {
    many(1000, create, scale.of(20_000), |number| {
        let patch = json!({"data": {"value": format!("new-{number}")}}).to_string();
        let path = format!("{CONFIG_MAPS}/load-{}", number % 1000);
        Asked { media_type: "application/merge-patch+json", ..Asked::new(Method::PATCH, path, patch) }
    })
}

fn patch_strategic(scale: Scale) -> Result<Run, Error> {
    many(1000, create_pod, scale.of(10_000), |number| {
        let image = format!("registry.example/app:{number}");
        let patch = json!({"spec": {"containers": [{"name": "app", "image": image}]}}).to_string();
        let path = format!("{PODS}/load-{}", number % 1000);
        Asked {
            media_type: "application/strategic-merge-patch+json",
            ..Asked::new(Method::PATCH, path, patch)
        }
    })
}

fn patch_apply(scale: Scale) -> Result<Run, Error> {
    many(1000, create_pod, scale.of(10_000), |number| {
        let labels = json!({"applied": number.to_string()});
        let name = format!("load-{}", number % 1000);
        let metadata = json!({"name": name, "labels": labels});
        let patch = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata}).to_string();
        let path = format!("{PODS}/{name}?fieldManager=load");
        Asked { media_type: "application/apply-patch+yaml", ..Asked::new(Method::PATCH, path, patch) }
    })
}

fn list(scale: Scale) -> Result<Run, Error> {
    let (served, client) = (Served::start()?, client()?);
    client.block_on(async {
        ask_all(served.address(), CONNECTIONS, scale.of(10_000), create).await?;
        let mut connection = Connection::open(served.address()).await?;
        let (count, mut bytes) = (scale.of(20), 0);
        let beginning = Beginning::now();
        for _ in 0..count {
            bytes = connection.ask(Asked::get(CONFIG_MAPS)).await?;
        }
        Ok(Run { count, cost: beginning.cost(), note: format!("{:.1} MB each", bytes as f64 / 1e6) })
    })
}

/// Counts the lines of a watch until it has had so many.
async fn follow(address: SocketAddr, events: usize, begun: Arc<Barrier>) -> Result<usize, Error> {
    let mut connection = Connection::open(address).await?;
    let mut body = connection.begin(Asked::get(format!("{CONFIG_MAPS}?watch=1"))).await?;
    begun.wait().await;
    let mut seen = 0;
    while seen < events {
        let Some(frame) = body.frame().await else { break };
        let data = frame?.into_data().unwrap_or_default();
        seen += data.iter().filter(|byte| **byte == b'\n').count();
    }
    Ok(seen)
}

/// From the first write to the last event that the last watch gets.
fn watch(scale: Scale) -> Result<Run, Error> {
    let (served, client) = (Served::start()?, client()?);
    let events = scale.of(1000);
    client.block_on(async {
        let mut watches = JoinSet::new();
        let begun = Arc::new(Barrier::new(WATCHERS + 1));
        for _ in 0..WATCHERS {
            watches.spawn(follow(served.address(), events, begun.clone()));
        }
        begun.wait().await;
        let beginning = Beginning::now();
        ask_all(served.address(), CONNECTIONS, events, create).await?;
        let written = beginning.cost();
        let mut count = 0;
        while let Some(seen) = watches.join_next().await {
            count += seen??;
        }
        let (cost, expected) = (beginning.cost(), WATCHERS * events);
        if count != expected {
            return Err(format!("{count} events of {expected} were delivered").into());
        }
        let note = format!("all delivered; written after {:.3} s", written.wall.as_secs_f64());
        Ok(Run { count, cost, note })
    })
}

fn hold(scale: Scale) -> Result<Run, Error> {
    let (served, client) = (Served::start()?, client()?);
    let count = scale.of(100_000);
    client.block_on(async {
        let before = resident();
        let beginning = Beginning::now();
        ask_all(served.address(), CONNECTIONS, count, create).await?;
        let cost = beginning.cost();
        let grown = resident().saturating_sub(before);
        let note = format!("{} MB more, {} bytes per object", grown / 1_000_000, grown / count as u64);
        Ok(Run { count, cost, note })
    })
}
