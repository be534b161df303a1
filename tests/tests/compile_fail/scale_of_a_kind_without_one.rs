//! A ConfigMap has no scale.

fn main() {}

async fn example(clientset: kubeset::Clientset) {
    clientset.core_v1().config_maps().namespace("prod").get_scale("web").await;
}
