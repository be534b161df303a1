//! A Service is not a Pod.

fn main() {}

async fn example(clientset: kubeset::Clientset, service: kubeset::api::core::v1::Service) {
    clientset.core_v1().pods().namespace("prod").create(&service).await;
}
