//! Lists Pods and prints their names.

#![expect(clippy::print_stdout, reason = "printing is what it does")]

use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, Error, ResourceExt as _, api::ListParams};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let pods: Api<Pod> = Api::all(Client::try_default().await?);
    for pod in pods.list(&ListParams::default()).await? {
        println!("{}", pod.name_any());
    }
    Ok(())
}
