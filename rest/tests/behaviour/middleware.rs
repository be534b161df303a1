//! Layers around the HTTP client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::ConfigMap;
use kubeset_rest::{BoxError, Endpoint, Error, HttpClient, HttpService, ResponseBody, RestClient};
use tower::layer::layer_fn;
use tower::util::{MapRequestLayer, MapResponseLayer};

use super::fault_server::{FaultServer, Reply, Step, head, json, send};
use super::{config, config_map};

type Request = http::Request<Bytes>;

fn with(server: &FaultServer, change: impl FnOnce(HttpClient) -> HttpClient) -> Endpoint<ConfigMap> {
    let mut config = config(server);
    config.bearer_token = Some("top-secret".into());
    let http = change(HttpClient::new(&config).unwrap());
    let client = RestClient::with_http_client(&config, "", "v1", http).unwrap();
    Endpoint::new(&client, "configmaps").namespace("prod")
}

#[tokio::test]
async fn a_layer_sees_every_attempt_with_its_body_and_credentials_and_may_change_it() {
    let server = FaultServer::start([Reply::Steps(vec![Step::Reset]), json(200, config_map("a"))]).await;
    let attempts = Arc::new(AtomicU32::new(0));
    let count = attempts.clone();
    let layer = MapRequestLayer::new(move |mut request: Request| {
        assert_eq!(request.headers()["authorization"], "Bearer top-secret");
        let number = count.fetch_add(1, Ordering::Relaxed);
        request.headers_mut().insert("x-attempt", number.into());
        request
    });
    let config_maps = with(&server, |http| http.layer(layer));
    config_maps.get("a").await.unwrap();
    config_maps.create(&ConfigMap::default()).await.unwrap();
    let seen = server.seen();
    let numbers: Vec<_> = seen.iter().map(|seen| seen.header("x-attempt").unwrap()).collect();
    assert_eq!(numbers, ["0", "1", "2"]);
    assert!(!seen[2].body.is_empty());
    assert_eq!(attempts.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_layer_that_is_added_later_is_further_out() {
    let server = FaultServer::start([json(200, config_map("a"))]).await;
    let mark = |name: &'static str| {
        MapRequestLayer::new(move |mut request: Request| {
            request.headers_mut().insert("x-last", http::HeaderValue::from_static(name));
            request
        })
    };
    with(&server, |http| http.layer(mark("inner")).layer(mark("outer"))).get("a").await.unwrap();
    assert_eq!(server.only().header("x-last"), Some("inner"));
}

#[tokio::test]
async fn a_layer_may_answer_itself() {
    let server = FaultServer::start([json(200, config_map("a"))]).await;
    let layer = MapResponseLayer::new(|answer: http::Response<ResponseBody>| {
        answer.map(|_| ResponseBody::new(config_map("of-the-layer")))
    });
    let object = with(&server, |http| http.layer(layer)).get("a").await.unwrap();
    assert_eq!(object.metadata.name.as_deref(), Some("of-the-layer"));
}

/// Sends a request over a connection of the test's own making.
async fn over_own_connection(
    address: String,
    request: Request,
) -> Result<http::Response<ResponseBody>, BoxError> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender.send_request(request.map(Full::new)).await?.map(ResponseBody::new))
}

#[tokio::test]
async fn a_layer_may_dial_itself_and_leave_the_clients_connections_alone() {
    let server = FaultServer::start([json(200, config_map("a"))]).await;
    let address = server.url().trim_start_matches("http://").to_owned();
    let dial = layer_fn(move |_: HttpService| {
        let address = address.clone();
        tower::service_fn(move |request: Request| over_own_connection(address.clone(), request))
    });
    // No resolver knows this host, so only the layer can reach the server.
    let mut config = kubeset_rest::Config::new("http://cluster.invalid");
    config.rate_limit = kubeset_rest::RateLimit::Unlimited;
    let http = HttpClient::new(&config).unwrap().layer(dial);
    let client = RestClient::with_http_client(&config, "", "v1", http).unwrap();
    let object = Endpoint::<ConfigMap>::new(&client, "configmaps").namespace("prod").get("a").await.unwrap();
    assert_eq!(object.metadata.name.as_deref(), Some("a"));
}

#[tokio::test]
async fn a_failing_layer_is_a_transport_error_that_is_not_repeated() {
    let server = FaultServer::start([json(200, config_map("a"))]).await;
    let layer = layer_fn(|_: HttpService| {
        tower::service_fn(|_: Request| async {
            Err::<http::Response<ResponseBody>, BoxError>("closed for today".into())
        })
    });
    let error = with(&server, |http| http.layer(layer)).get("a").await.unwrap_err();
    let Error::Transport { source, .. } = &error else { panic!("{error:?}") };
    assert_eq!(source.source().unwrap().to_string(), "closed for today");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_watch_streams_through_layers() {
    let event = format!("{{\"type\":\"ADDED\",\"object\":{}}}\n", config_map("a"));
    let pause = Step::Wait(std::time::Duration::from_millis(50));
    let steps = vec![head("application/json"), send(event.clone()), pause, send(event)];
    let server = FaultServer::start([Reply::Steps(steps)]).await;
    let same = MapRequestLayer::new(|request: Request| request);
    let events = with(&server, |http| http.layer(same)).watch().await.unwrap();
    assert_eq!(events.try_collect::<Vec<_>>().await.unwrap().len(), 2);
}
