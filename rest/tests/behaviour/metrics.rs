//! Which numbers a program gets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;
use k8s_openapi::api::core::v1::ConfigMap;
use kubeset_rest::{Endpoint, Metrics, RequestLabels};

use super::fault_server::{FaultServer, Reply, Step, json, retry_after};
use super::{client, config, config_map};

#[derive(Debug, Default)]
struct Collecting(Mutex<Vec<String>>);

impl Collecting {
    fn note(&self, labels: RequestLabels<'_>, number: String) {
        assert!(labels.host.starts_with("127.0.0.1:"));
        self.0.lock().unwrap().push(format!("{} {} {number}", labels.method, labels.path_template));
    }
}

impl Metrics for Collecting {
    fn request(&self, labels: RequestLabels<'_>, outcome: Option<StatusCode>, latency: Duration) {
        assert!(latency < Duration::from_secs(60));
        self.note(labels, format!("answered {:?}", outcome.map(|code| code.as_u16())));
    }

    fn retry(&self, labels: RequestLabels<'_>, attempt: u32) {
        self.note(labels, format!("attempt {attempt}"));
    }

    fn request_size(&self, labels: RequestLabels<'_>, bytes: usize) {
        self.note(labels, format!("sends {bytes}"));
    }

    fn response_size(&self, labels: RequestLabels<'_>, bytes: usize) {
        self.note(labels, format!("gets {bytes}"));
    }
}

#[tokio::test]
async fn each_attempt_is_counted_with_its_outcome_and_no_name_in_its_labels() {
    let cut = Reply::Steps(vec![Step::Reset]);
    let server = FaultServer::start([retry_after(429, "0"), json(200, config_map("a")), cut]).await;
    let collected = Arc::new(Collecting::default());
    let mut config = config(&server);
    config.metrics = Some(collected.clone());
    let config_maps = Endpoint::<ConfigMap>::new(&client(&config), "configmaps").namespace("prod");
    config_maps.get("a").await.unwrap();
    let delete = config_maps.delete("a");
    let sent = delete.as_ref().body_bytes().unwrap().len();
    delete.await.unwrap_err();

    let path = "/api/v1/namespaces/{namespace}/configmaps/{name}";
    let size = config_map("a").len();
    let wanted = [
        format!("GET {path} answered Some(429)"),
        format!("GET {path} sends 0"),
        format!("GET {path} answered Some(200)"),
        format!("GET {path} sends 0"),
        format!("GET {path} attempt 2"),
        format!("GET {path} gets {size}"),
        format!("DELETE {path} answered None"),
        format!("DELETE {path} sends {sent}"),
    ];
    assert_eq!(*collected.0.lock().unwrap(), wanted);
}
