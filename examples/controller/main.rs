//! A small operator: a controller that keeps Pods for a custom resource, as Deployments do.
//!
//! - `cargo run --example controller` shows it at work, on an API server in this process.
//! - `cargo run --example controller -- show` does the same on the cluster of the kubeconfig, and leaves the definition of the
//!   resource there.
//! - `cargo run --example controller -- run` runs the controller there until Ctrl-C: `kubectl apply` a Fleet.
//!
//! `fleet.rs` is the resource, `fleet_controller.rs` the controller, which is what to copy from. It is tested under faults in
//! `tests/tests/controller/`. Nobody elects a leader: two that run at once do no harm, but one is enough.

mod fleet;
mod fleet_controller;
mod walk;

use std::error::Error;
use std::num::NonZeroU32;
use std::time::Duration;

use kubeset::{Clientset, Config, RateLimit};
use kubeset_testserver::TestServer;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    // The controller and the crates below it tell what they do with `tracing`.
    tracing_subscriber::fmt().with_target(false).without_time().init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let server = TestServer::start().await?;
            walk::show(&server.clientset()).await
        }
        ["show"] => walk::show(&cluster().await?).await,
        ["run"] => {
            let clientset = cluster().await?;
            fleet::define(&clientset).await?;
            fleet_controller::run(clientset, asked_to_end()).await
        }
        _ => Err("the arguments are none, `show` or `run`".into()),
    }
}

/// The cluster of the kubeconfig, or the one that this program runs in.
async fn cluster() -> Outcome<Clientset> {
    let mut config = Config::infer().await?;
    // A call without an end would keep its Fleet waiting for ever.
    config.timeout = Some(Duration::from_secs(30));
    // By default a client sends 5 requests a second, which is little for a controller.
    let burst = NonZeroU32::new(100).ok_or("no request could be sent")?;
    config.rate_limit = RateLimit::Shared { qps: 50.0, burst };
    Ok(Clientset::new(&config)?)
}

/// Waits until this program is asked to end: at a terminal with Ctrl-C, in a cluster with SIGTERM.
async fn asked_to_end() {
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
