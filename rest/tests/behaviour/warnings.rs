//! Warnings reach the handler.

use std::sync::{Arc, Mutex};

use kubeset_rest::{Warning, WarningHandler};

use super::fault_server::{FaultServer, answer};
use super::{client, config};

#[derive(Debug, Default)]
struct Collecting(Mutex<Vec<String>>);

impl WarningHandler for Collecting {
    fn handle(&self, warning: &Warning) {
        self.0.lock().unwrap().push(warning.text.clone());
    }
}

#[tokio::test]
async fn successes_and_refusals_hand_their_warnings_over() {
    for code in [200, 404] {
        let header = ("warning", r#"299 - "a, b", 299 - "c""#.to_owned());
        let server = FaultServer::start([answer(code, [header], "{}")]).await;
        let handler = Arc::new(Collecting::default());
        let mut config = config(&server);
        config.warning_handler = Some(handler.clone());
        let _ = client(&config).get().abs_path("/x").send_for_status().await;
        assert_eq!(*handler.0.lock().unwrap(), ["a, b", "c"], "{code}");
    }
}

#[tokio::test]
async fn a_request_can_have_a_handler_of_its_own() {
    let server = FaultServer::start([answer(200, [("warning", r#"299 - "old""#.to_owned())], "{}")]).await;
    let (common, own) = (Arc::new(Collecting::default()), Arc::new(Collecting::default()));
    let client = client(&config(&server)).with_warning_handler(common.clone());
    client.get().abs_path("/x").warning_handler(own.clone()).send_raw().await.unwrap();
    assert_eq!(common.0.lock().unwrap().len(), 0);
    assert_eq!(own.0.lock().unwrap().len(), 1);
}
