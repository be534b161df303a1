//! A cluster-scoped resource is in no namespace.

fn main() {}

async fn example(clientset: kubeset::Clientset) {
    clientset.core_v1().nodes().namespace("prod").get("node-1").await;
}
