//! Nodes are in no namespace.

fn main() {}

fn example(clientset: kubeset::Clientset) {
    clientset.informers().core_v1().nodes().namespace("prod");
}
