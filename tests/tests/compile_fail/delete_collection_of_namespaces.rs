//! Namespaces are deleted one by one.

fn main() {}

async fn example(clientset: kubeset::Clientset) {
    clientset.core_v1().namespaces().delete_collection().await;
}
