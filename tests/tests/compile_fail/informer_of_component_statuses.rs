//! Component statuses cannot be watched: there is no informer of them.

fn main() {}

fn example(clientset: kubeset::Clientset) {
    clientset.informers().core_v1().component_statuses();
}
