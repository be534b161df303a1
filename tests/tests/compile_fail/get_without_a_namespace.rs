//! A namespaced object has no name of its own: it needs a namespace.

fn main() {}

async fn example(clientset: kubeset::Clientset) {
    clientset.core_v1().pods().get("web").await;
}
