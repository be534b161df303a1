//! `cargo xtask quickstart`: the example program, against whatever API server there is.

use crate::apiserver::ApiServer;
use crate::cargo::{cargo, succeed};
use crate::{Outcome, with_causes};
use kubeset_rest::{Config, RestClient};
use serde_json::Value;
use std::error::Error;
use std::process::Command;
use std::time::Duration;

/// Runs the example against the inferred cluster if that answers, else against an API server of its own.
///
/// # Errors
///
/// If no server is found and none can be started, or the example fails.
pub(crate) fn run() -> Outcome {
    match inferred() {
        Ok(cluster) => {
            eprintln!("quickstart: runs against {cluster}");
            succeed(&mut example("quickstart"))
        }
        Err(reason) => {
            eprintln!(
                "quickstart: no cluster to use ({}), so it gets one of its own",
                with_causes(reason.as_ref())
            );
            run_on(&ApiServer::start()?)
        }
    }
}

/// Runs the examples that need no cluster, where there is none.
///
/// # Errors
///
/// If one fails.
pub(crate) fn run_without_cluster() -> Outcome {
    for name in ["quickstart", "slim_types"] {
        let mut example = example(name);
        succeed(example.env("KUBECONFIG", "/no/such/kubeconfig").env_remove("KUBERNETES_SERVICE_HOST"))?;
    }
    for name in ["controller", "testing_a_controller"] {
        succeed(&mut example(name))?;
    }
    Ok(())
}

/// Runs the example against a server that runs.
///
/// # Errors
///
/// If the example fails.
pub(crate) fn run_on(server: &ApiServer) -> Outcome {
    succeed(example("quickstart").env("KUBECONFIG", server.kubeconfig()))
}

/// Runs the controller of the examples against a server that runs.
///
/// # Errors
///
/// If the example fails.
pub(crate) fn run_controller_on(server: &ApiServer) -> Outcome {
    succeed(example("controller").args(["--", "show"]).env("KUBECONFIG", server.kubeconfig()))
}

fn example(name: &str) -> Command {
    cargo(["run", "--quiet", "--package", "kubeset-tests", "--example", name])
}

/// Which cluster a program without arguments would use, if it answers.
fn inferred() -> Result<String, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let config = Config::infer().await?;
        let request = RestClient::unversioned(&config)?.get().abs_path("/version");
        let version: Value = request.max_retries(0).timeout(Some(Duration::from_secs(5))).send().await?;
        let version = version["gitVersion"].as_str().ok_or("its /version is not that of Kubernetes")?;
        Ok(format!("{} (Kubernetes {version})", config.host))
    })
}
