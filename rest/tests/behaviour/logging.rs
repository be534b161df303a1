//! What is logged tells what happened, and nothing that is secret.

use std::io::Write;
use std::sync::{Arc, Mutex};

use k8s_openapi::api::core::v1::Secret;
use kubeset_rest::Endpoint;
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::fmt::format::FmtSpan;

use super::fault_server::{FaultServer, json, retry_after};
use super::{client, config};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn spans_tell_verb_template_status_and_attempts_but_no_name_token_or_body() {
    let secret =
        r#"{"kind":"Secret","apiVersion":"v1","metadata":{"name":"db"},"stringData":{"password":7}}"#;
    let server = FaultServer::start([retry_after(429, "0"), json(200, secret)]).await;
    let mut config = config(&server);
    config.bearer_token = Some("top-secret".into());
    let secrets = Endpoint::<Secret>::new(&client(&config), "secrets").namespace("prod");
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let call = secrets.create(&Secret::default()).query("selector", "hidden").into_future();
    call.with_subscriber(subscriber).await.unwrap_err();
    let text = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<&str> = text.lines().filter(|line| line.contains("kubeset")).collect();
    let ours = ours.join("\n");
    assert!(ours.contains("url.template=\"/api/v1/namespaces/{namespace}/secrets\""), "{text}");
    assert!(ours.contains("http.request.method=POST"), "{text}");
    assert!(ours.contains("http.response.status_code=200"), "{text}");
    assert!(ours.contains("http.request.resend_count=1"), "{text}");
    for secret in ["top-secret", "hidden", "password"] {
        assert!(!ours.contains(secret), "{secret} is in {text}");
    }
}
