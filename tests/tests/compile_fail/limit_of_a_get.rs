//! Options belong to their verbs.

fn main() {}

async fn example(clientset: kubeset::Clientset) {
    clientset.core_v1().pods().namespace("prod").get("web").limit(5).await;
}
