//! A review is answered and not kept: nothing of its group can be listed or watched.

fn main() {}

fn example(clientset: kubeset::Clientset) {
    clientset.informers().authorization_v1().self_subject_access_reviews();
}
