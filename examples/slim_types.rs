//! How many Pods run on each node, read with a type that has only what is needed for it.
//!
//! `cargo run --example slim_types` runs it against the cluster of the kubeconfig if that answers, else against an API
//! server in this process.

#![expect(clippy::print_stdout, reason = "an example tells what it does")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use kubeset::api::core::v1::Pod;
use kubeset::{Clientset, Config};
use kubeset_testserver::TestServer;
use serde::Deserialize;
use serde_json::json;

/// A Pod of which only the name of its node is read.
#[derive(Deserialize)]
struct PodNode {
    #[serde(default)]
    spec: PodNodeSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodNodeSpec {
    node_name: Option<String>,
}

kubeset::slim!(PodNode as Pod);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (clientset, _server) = match cluster().await {
        Ok(clientset) => (clientset, None),
        Err(_) => {
            let server = server().await?;
            // The server stops when it is dropped, so it is kept until the end.
            (server.clientset(), Some(server))
        }
    };
    for (node, pods) in pods_of_nodes(&clientset).await? {
        println!("{pods:6} {node}");
    }
    Ok(())
}

/// The Pods are counted as they arrive: never more than one of them is in memory.
async fn pods_of_nodes(clientset: &Clientset) -> Result<BTreeMap<String, usize>, kubeset::Error> {
    let mut nodes = BTreeMap::new();
    // `at_least("0")` takes the server's cache, which is enough for a count.
    let mut pods = clientset.endpoint::<PodNode>().list().at_least("0").stream().await?;
    while let Some(pod) = pods.try_next().await? {
        let node = pod.spec.node_name.unwrap_or_else(|| "(no node)".to_owned());
        *nodes.entry(node).or_default() += 1;
    }
    Ok(nodes)
}

/// The cluster of the kubeconfig, or the one that this program runs in, if it answers.
async fn cluster() -> Result<Clientset, Box<dyn Error>> {
    let mut config = Config::infer().await?;
    config.timeout = Some(Duration::from_secs(10));
    let clientset = Clientset::new(&config)?;
    clientset.server_version().max_retries(0).await?;
    Ok(clientset)
}

/// A server in this process, with some Pods.
async fn server() -> Result<TestServer, Box<dyn Error>> {
    let server = TestServer::start().await?;
    for number in 0..10 {
        server.put(json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"namespace": "default", "name": format!("web-{number}")},
            "spec": {
                "nodeName": format!("node-{}", number % 3),
                "containers": [{"name": "web", "image": "registry.example.com/web:1"}],
            },
        }))?;
    }
    Ok(server)
}
