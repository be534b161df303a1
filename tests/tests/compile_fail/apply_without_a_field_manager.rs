//! The server refuses an apply that does not say who applies.

fn main() {}

async fn example(clientset: kubeset::Clientset, pod: kubeset::api::core::v1::Pod) {
    clientset.core_v1().pods().namespace("prod").apply("web", &pod).await;
}
