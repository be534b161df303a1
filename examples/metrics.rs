//! Connects the numbers of a clientset to the `metrics` facade, from which an exporter takes them to Prometheus,
//! OpenTelemetry or elsewhere.
//!
//! `cargo run -p kubeset-tests --example metrics` runs it against the cluster of the kubeconfig. Here a recorder that
//! prints stands in for the exporter; a program installs one with `metrics_exporter_…::install()` or its like.

#![expect(clippy::print_stdout, reason = "an example tells what it does")]

use std::sync::Arc;
use std::time::Duration;

use kubeset::rest::{Metrics, RequestLabels};
use kubeset::{Clientset, Config};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    counter, histogram,
};

/// Gives the names that client-go's users know to what kubeset measures.
#[derive(Debug)]
struct Facade;

impl Metrics for Facade {
    fn request(&self, labels: RequestLabels<'_>, outcome: Option<http::StatusCode>, latency: Duration) {
        let code = outcome.map_or("<error>".to_owned(), |code| code.as_u16().to_string());
        let (method, host) = (labels.method.to_string(), labels.host.to_owned());
        let path = labels.path_template.to_owned();
        counter!("rest_client_requests_total", "code" => code, "method" => method.clone(), "host" => host.clone())
            .increment(1);
        histogram!("rest_client_request_duration_seconds", "verb" => method, "host" => host, "url" => path)
            .record(latency);
    }

    fn retry(&self, labels: RequestLabels<'_>, _: u32) {
        counter!("rest_client_request_retries_total", "verb" => labels.method.to_string()).increment(1);
    }

    fn response_size(&self, labels: RequestLabels<'_>, bytes: usize) {
        let size = u32::try_from(bytes).map_or(f64::INFINITY, f64::from);
        histogram!("rest_client_response_size_bytes", "verb" => labels.method.to_string()).record(size);
    }

    fn rate_limiter_wait(&self, labels: RequestLabels<'_>, waited: Duration) {
        histogram!("rest_client_rate_limiter_duration_seconds", "verb" => labels.method.to_string())
            .record(waited);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    metrics::set_global_recorder(Printer)?;
    let mut config = Config::infer().await?;
    config.metrics = Some(Arc::new(Facade));
    let clientset = Clientset::new(&config)?;
    let pods = clientset.core_v1().pods().list().limit(10).await?;
    println!("{} pods on the first page", pods.items.len());
    Ok(())
}

/// Prints every number with its key.
struct Printer;

struct Line(Key);

impl CounterFn for Line {
    fn increment(&self, value: u64) {
        println!("{} +{value}", self.0);
    }

    fn absolute(&self, value: u64) {
        println!("{} ={value}", self.0);
    }
}

impl HistogramFn for Line {
    fn record(&self, value: f64) {
        println!("{} {value}", self.0);
    }
}

impl Recorder for Printer {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(Line(key.clone())))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Line(key.clone())))
    }
}
