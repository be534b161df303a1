//! Numbers about requests, for Prometheus, OpenTelemetry or whatever a program reports to.

use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};

/// What a number is about. All of it has few values, so that it can label a metric.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RequestLabels<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// The host, and the port if it is not that of the scheme.
    pub host: &'a str,
    /// The path with placeholders, such as `/api/v1/namespaces/{namespace}/pods/{name}`.
    pub path_template: &'a str,
}

/// Takes the numbers of a client. Every method does nothing unless it is implemented.
///
/// They are called on the task that awaits the answer, so they should not block. `examples/metrics.rs` connects them
/// to the `metrics` facade.
pub trait Metrics: fmt::Debug + Send + Sync {
    /// An attempt has ended after `latency`: with the head of an answer, or with none (`None`).
    fn request(&self, labels: RequestLabels<'_>, outcome: Option<StatusCode>, latency: Duration) {
        let _ = (labels, outcome, latency);
    }

    /// A request is sent again. `attempt` is 2 for the first repetition.
    fn retry(&self, labels: RequestLabels<'_>, attempt: u32) {
        let _ = (labels, attempt);
    }

    /// A request carries this many bytes in its body.
    fn request_size(&self, labels: RequestLabels<'_>, bytes: usize) {
        let _ = (labels, bytes);
    }

    /// An answer that was read whole had this many bytes in its body, after decompression.
    fn response_size(&self, labels: RequestLabels<'_>, bytes: usize) {
        let _ = (labels, bytes);
    }

    /// A credential plugin was run for `duration`, and gave credentials or failed.
    fn exec_plugin(&self, command: &Path, succeeded: bool, duration: Duration) {
        let _ = (command, succeeded, duration);
    }

    /// The client certificate that a credential plugin gave expires at `expiry`.
    fn client_certificate_expiry(&self, expiry: SystemTime) {
        let _ = expiry;
    }

    /// The client's own rate limiter held a request back for `waited`.
    fn rate_limiter_wait(&self, labels: RequestLabels<'_>, waited: Duration) {
        let _ = (labels, waited);
    }
}
