//! Component statuses are made up when they are read: they cannot be watched.

fn main() {}

async fn example(clientset: kubeset::Clientset) {
    clientset.core_v1().component_statuses().watch().await;
}
