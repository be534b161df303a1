//! Compressed answers.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use kubeset_rest::Error;

use super::fault_server::{FaultServer, Reply, answer, json};
use super::{client, config, config_map, config_maps};

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn compressed(body: Vec<u8>) -> Reply {
    let headers = [("content-type", "application/json".into()), ("content-encoding", "gzip".into())];
    answer(200, headers, body)
}

#[tokio::test]
async fn a_compressed_answer_is_asked_for_and_read() {
    let server = FaultServer::start([compressed(gzip(config_map("a").as_bytes()))]).await;
    let object = config_maps(&server).get("a").await.unwrap();
    assert_eq!(object.metadata.name.as_deref(), Some("a"));
    assert_eq!(server.only().header("accept-encoding"), Some("gzip"));
}

#[tokio::test]
async fn compression_can_be_turned_off() {
    let server = FaultServer::start([json(200, "{}")]).await;
    let mut config = config(&server);
    config.disable_compression = true;
    client(&config).get().abs_path("/x").send_raw().await.unwrap();
    assert_eq!(server.only().header("accept-encoding"), None);
}

#[tokio::test]
async fn a_compressed_answer_that_is_cut_is_an_error() {
    let mut body = gzip(config_map("a").as_bytes());
    body.truncate(body.len() / 2);
    let server = FaultServer::start([compressed(body)]).await;
    let error = config_maps(&server).get("a").await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
}

#[tokio::test]
async fn what_a_small_answer_grows_to_is_bounded() {
    let server = FaultServer::start([compressed(gzip(&vec![b' '; 64 << 20]))]).await;
    let mut config = config(&server);
    config.content.max_response_bytes = 1 << 20;
    let error = client(&config).get().abs_path("/x").send_raw().await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
}
