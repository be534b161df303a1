//! Reading logs.

use futures_util::TryStreamExt as _;

use super::fault_server::{FaultServer, Reply, answer, head, send};
use super::pods;

#[tokio::test]
async fn a_log_is_text_whatever_its_bytes() {
    let server =
        FaultServer::start([answer(200, [("content-type", "text/plain".into())], b"one\n\xff\n")]).await;
    let text = pods(&server).logs("web").container("app").await.unwrap();
    assert_eq!(text, "one\n\u{fffd}\n");
    assert_eq!(server.only().target, "/api/v1/namespaces/prod/pods/web/log?container=app");
}

#[tokio::test]
async fn lines_come_one_by_one_and_the_last_needs_no_end() {
    let body = vec![head("text/plain"), send("one\n\ntw"), send("o\nthree")];
    let server = FaultServer::start([Reply::Steps(body)]).await;
    let lines: Vec<_> = pods(&server).logs("web").follow().await.unwrap().try_collect().await.unwrap();
    assert_eq!(lines, ["one", "", "two", "three"]);
    let seen = server.only();
    assert_eq!(seen.query(), "follow=true");
    assert_eq!(seen.header("accept-encoding"), Some("identity"));
}
