//! Logs of containers, as tests set them.

use super::TestServer;

/// Logs of containers.
impl TestServer {
    /// Sets the log of a container, whether its Pod exists yet or not. Who follows it is told the new one.
    ///
    /// Without it, the log is empty, and of a Pod whose node does not exist it cannot be had.
    pub fn set_logs(&self, namespace: &str, pod: &str, container: &str, text: &str) {
        self.server.pod_logs.set(namespace, pod, container, text);
    }

    /// Adds to the log of a container. Who follows it is told.
    pub fn append_logs(&self, namespace: &str, pod: &str, container: &str, text: &str) {
        self.server.pod_logs.append(namespace, pod, container, text);
    }

    /// Sets the log of the container that ran before this one, which `kubectl logs --previous` shows.
    pub fn set_previous_logs(&self, namespace: &str, pod: &str, container: &str, text: &str) {
        self.server.pod_logs.set_previous(namespace, pod, container, text);
    }
}
