//! Compressed answers.

use std::io::Write as _;

use flate2::Compression as Level;
use flate2::write::GzEncoder;
use k8s_openapi::api::core::v1::ConfigMap;
use kubeset_rest::{Compression, Config, Endpoint, Error};

use super::fault_server::{FaultServer, Reply, answer, json};
use super::{client, config, config_map};

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn compressed(body: Vec<u8>) -> Reply {
    let headers = [("content-type", "application/json".into()), ("content-encoding", "gzip".into())];
    answer(200, headers, body)
}

/// A configuration that asks for compressed answers also on this machine.
fn compressing(server: &FaultServer) -> Config {
    let mut config = config(server);
    config.compression = Compression::Always;
    config
}

fn asking(server: &FaultServer) -> Endpoint<ConfigMap> {
    Endpoint::new(&client(&compressing(server)), "configmaps").namespace("prod")
}

#[tokio::test]
async fn a_compressed_answer_is_asked_for_and_read() {
    let server = FaultServer::start([compressed(gzip(config_map("a").as_bytes()))]).await;
    let object = asking(&server).get("a").await.unwrap();
    assert_eq!(object.metadata.name.as_deref(), Some("a"));
    assert_eq!(server.only().header("accept-encoding"), Some("gzip"));
}

#[tokio::test]
async fn compression_can_be_turned_off_and_is_on_this_machine() {
    let server = FaultServer::start([json(200, "{}")]).await;
    let mut config = config(&server);
    for compression in [Compression::Auto, Compression::Never] {
        config.compression = compression;
        client(&config).get().abs_path("/x").send_raw().await.unwrap();
    }
    assert!(server.seen().iter().all(|request| request.header("accept-encoding").is_none()));
}

#[tokio::test]
async fn a_compressed_answer_that_is_cut_is_an_error() {
    let mut body = gzip(config_map("a").as_bytes());
    body.truncate(body.len() / 2);
    let server = FaultServer::start([compressed(body)]).await;
    let error = asking(&server).get("a").await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
}

#[tokio::test]
async fn what_a_small_answer_grows_to_is_bounded() {
    let server = FaultServer::start([compressed(gzip(&vec![b' '; 64 << 20]))]).await;
    let mut config = compressing(&server);
    config.content.max_response_bytes = 1 << 20;
    let error = client(&config).get().abs_path("/x").send_raw().await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn a_compressed_list_is_decoded_while_it_arrives() {
    let body = format!(r#"{{"kind":"ConfigMapList","items":[{},{}]}}"#, config_map("a"), config_map("b"));
    let server = FaultServer::start([compressed(gzip(body.as_bytes()))]).await;
    let list = asking(&server).list().await.unwrap();
    assert_eq!(list.items.len(), 2);
    let mut config = compressing(&server);
    config.content.max_response_bytes = body.len() - 1;
    let config_maps = Endpoint::<ConfigMap>::new(&client(&config), "configmaps");
    let error = config_maps.list().await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
}
