//! Fills an API server with what the benchmark reads, and records its answers: `bench-seed <folder>`.
//!
//! The server is that of the kubeconfig. The folder gets a file for each answer, at the answer's path; the replay
//! server serves them as they are.

mod objects;
mod pods;
mod record;
mod write;

use bench_harness::{BoxError, CONFIG_MAPS_NAMESPACE, IDLE_NAMESPACE, PODS_PER_NAMESPACE, SCRATCH_NAMESPACE};
use kubeset::{Clientset, Compression, Config, RateLimit};
use std::path::PathBuf;
use std::time::Instant;
use write::Writer;

/// How many namespaces have Pods.
const NAMESPACES: usize = 10;

/// How many Pods and `ConfigMap`s there are.
const PODS: usize = NAMESPACES * PODS_PER_NAMESPACE;

/// How many custom objects there are.
const WIDGETS: usize = 2_000;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or("usage: bench-seed <folder>")?.into();
    let mut config = Config::infer().await?;
    config.rate_limit = RateLimit::Unlimited;
    // Compressed answers are asked for one by one, and recorded as they come.
    config.compression = Compression::Never;
    let clientset = Clientset::new(&config)?;
    let start = Instant::now();

    let writer = Writer::new(&clientset);
    writer.prepare([CONFIG_MAPS_NAMESPACE, IDLE_NAMESPACE, SCRATCH_NAMESPACE], NAMESPACES).await?;
    writer.pods(PODS).await?;
    writer.config_maps(PODS).await?;
    writer.widgets(WIDGETS).await?;
    eprintln!("seed: {PODS} Pods, {PODS} ConfigMaps and {WIDGETS} Widgets after {:.1?}", start.elapsed());

    record::watches(&clientset, &folder, PODS).await?;
    record::initial_events(&clientset, &folder, PODS).await?;
    record::lists(&clientset, &folder).await?;
    record::template(&folder)?;
    eprintln!("seed: recorded after {:.1?}", start.elapsed());
    Ok(())
}
