//! One of the two servers.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header::USER_AGENT;
use http_body_util::BodyExt as _;
use kubeset::rest::{HttpClient, HttpService, ResponseBody};
use kubeset::{Config, KubeconfigOverrides};
use kubeset_testserver::TestServer;
use tower::ServiceExt as _;

use crate::setting;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server and the connections to it.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    base: String,
    service: HttpService,
    /// Kept running.
    _server: Option<TestServer>,
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) head: http::response::Parts,
    pub(crate) body: Bytes,
}

impl Side {
    /// The server that the context `admin` of a kubeconfig names, or the current context if there is none of
    /// that name.
    pub(crate) fn of_kubeconfig(name: &'static str, path: &str) -> Self {
        let mut overrides = KubeconfigOverrides::default();
        overrides.context = Some("admin".to_owned());
        let path = Some(Path::new(path));
        let config = Config::from_kubeconfig(path, &overrides)
            .or_else(|_| Config::from_kubeconfig(path, &KubeconfigOverrides::default()))
            .unwrap();
        Self::new(name, &config)
    }

    /// The server that is tested: the in-memory one, if no other is named.
    pub(crate) async fn test_server() -> Self {
        if let Some(path) = setting("KUBESET_TESTSERVER_KUBECONFIG") {
            return Self::of_kubeconfig("test", &path);
        }
        // The real one is all alone too.
        let server = TestServer::builder().without_controllers().start().await.unwrap();
        let side = Self::new("test", &Config::new(server.url()));
        Self { _server: Some(server), ..side }
    }

    /// Requests go past everything in the client but its connections: scripts say all that is sent.
    fn new(name: &'static str, config: &Config) -> Self {
        let connections = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&connections);
        let layer = tower::layer::layer_fn(move |inner: HttpService| {
            *slot.lock().unwrap() = Some(inner.clone());
            inner
        });
        drop(HttpClient::new(config).unwrap().layer(layer));
        let service = connections.lock().unwrap().take().unwrap();
        Self { name, base: config.host.trim_end_matches('/').to_owned(), service, _server: None }
    }

    /// Sends a request and gives the answer as soon as its head is there.
    pub(crate) async fn open(
        &self,
        request: http::request::Builder,
        path: &str,
        body: Bytes,
    ) -> Result<http::Response<ResponseBody>, String> {
        let mut request =
            request.uri(format!("{}{path}", self.base)).body(body).map_err(|error| error.to_string())?;
        let agent = HeaderValue::from_static("differential/1.0");
        request.headers_mut().entry(USER_AGENT).or_insert(agent);
        match tokio::time::timeout(PATIENCE, self.service.clone().oneshot(request)).await {
            Ok(answer) => answer.map_err(|error| format!("{error:?}")),
            Err(_) => Err("no answer".to_owned()),
        }
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn send(
        &self,
        request: http::request::Builder,
        path: &str,
        body: Bytes,
    ) -> Result<Answer, String> {
        let (head, body) = self.open(request, path, body).await?.into_parts();
        match tokio::time::timeout(PATIENCE, body.collect()).await {
            Ok(Ok(body)) => Ok(Answer { head, body: body.to_bytes() }),
            Ok(Err(error)) => Err(format!("the answer breaks off: {error:?}")),
            Err(_) => Err("the answer does not end".to_owned()),
        }
    }
}
