//! Pods of one name can be in many namespaces.

fn main() {}

fn example(clientset: kubeset::Clientset) {
    clientset.informers().core_v1().pods().lister().get("web-0");
}
