//! A review is asked for, and never stored.

fn main() {}

async fn example(clientset: kubeset::Clientset) {
    clientset.authorization_v1().self_subject_access_reviews().list().await;
}
