//! Across all namespaces, objects can be listed and watched, and nothing else.

fn main() {}

async fn example(clientset: kubeset::Clientset, pod: kubeset::api::core::v1::Pod) {
    clientset.core_v1().pods().create(&pod).await;
}
