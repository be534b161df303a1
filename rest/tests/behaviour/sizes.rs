//! A server cannot make the client hold more memory than it allows.

use kubeset_rest::Error;

use super::fault_server::{FaultServer, Reply, Step, answer, head, json, send};
use super::{client, config};

#[tokio::test]
async fn an_answer_over_the_limit_is_an_error() {
    let endless = Reply::Steps(vec![head("application/json"), send(vec![b' '; 4 << 20])]);
    for reply in [endless, json(200, vec![b' '; 1 << 21]), json(200, vec![b' '; (1 << 20) + 1])] {
        let server = FaultServer::start([reply]).await;
        let mut config = config(&server);
        config.content.max_response_bytes = 1 << 20;
        let error = client(&config).get().abs_path("/x").send_raw().await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: 1_048_576, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_of_just_the_limit_passes() {
    let server = FaultServer::start([json(200, vec![b' '; 1 << 20])]).await;
    let mut config = config(&server);
    config.content.max_response_bytes = 1 << 20;
    let answer = client(&config).get().abs_path("/x").send_raw().await.unwrap();
    assert_eq!(answer.body.len(), 1 << 20);
}

#[tokio::test]
async fn a_length_that_does_not_come_is_an_error_and_is_not_reserved() {
    let lie = Reply::Steps(vec![
        send("HTTP/1.1 200 OK\r\ncontent-length: 9000000000000000000\r\n\r\nab"),
        Step::Wait(std::time::Duration::from_millis(50)),
        send("cd"),
    ]);
    let server = FaultServer::start([lie]).await;
    let error = client(&config(&server)).get().abs_path("/x").send_raw().await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
}

#[tokio::test]
async fn a_refusal_of_any_size_is_read_in_part() {
    let server =
        FaultServer::start([answer(500, [("content-type", "text/plain".into())], vec![b'x'; 8 << 20])]).await;
    let error = client(&config(&server)).get().abs_path("/x").send_raw().await.unwrap_err();
    assert_eq!(error.code(), Some(500));
    assert!(error.to_string().len() < 3_000);
}

#[tokio::test]
async fn a_flood_of_headers_is_an_error() {
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    for number in 0..100_000 {
        head.extend_from_slice(format!("x-{number}: {number}\r\n").as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    let server = FaultServer::start([Reply::Steps(vec![send(head)])]).await;
    let error = client(&config(&server)).get().abs_path("/x").max_retries(0).send_raw().await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
}
