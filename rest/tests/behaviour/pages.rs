//! Reading a long list page by page.

use futures_util::TryStreamExt as _;

use super::fault_server::{FaultServer, Reply, json};
use super::{config_map, config_maps, status};

fn page(names: &[&str], token: &str) -> Reply {
    let items: Vec<String> = names.iter().map(|name| config_map(name)).collect();
    let metadata = format!(r#"{{"resourceVersion":"9","continue":"{token}"}}"#);
    let items = items.join(",");
    json(
        200,
        format!(r#"{{"kind":"ConfigMapList","apiVersion":"v1","metadata":{metadata},"items":[{items}]}}"#),
    )
}

fn queries(server: &FaultServer) -> Vec<String> {
    server.seen().iter().map(|seen| seen.query().to_owned()).collect()
}

#[tokio::test]
async fn pages_follow_the_tokens_to_the_end() {
    let server = FaultServer::start([page(&["a", "b"], "t1"), page(&["c"], "t2"), page(&["d"], "")]).await;
    let pages = config_maps(&server).list().labels("app=web").at_least("5").pages();
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    let sizes: Vec<_> = pages.iter().map(|page| page.list.items.len()).collect();
    assert_eq!(sizes, [2, 1, 1]);
    assert!(pages.iter().all(|page| !page.restarted));
    assert_eq!(
        queries(&server),
        [
            "labelSelector=app%3Dweb&limit=500&resourceVersion=5&resourceVersionMatch=NotOlderThan",
            "continue=t1&labelSelector=app%3Dweb&limit=500",
            "continue=t2&labelSelector=app%3Dweb&limit=500",
        ]
    );
}

#[tokio::test]
async fn the_whole_list_comes_again_when_a_token_has_expired() {
    let expired = json(410, status(410, "Expired"));
    let server = FaultServer::start([page(&["a"], "t1"), expired, page(&["a", "b", "c"], "")]).await;
    let pages: Vec<_> =
        config_maps(&server).list().limit(1).at_least("5").pages().try_collect().await.unwrap();
    assert!(!pages[0].restarted);
    assert!(pages[1].restarted);
    assert_eq!(pages[1].list.items.len(), 3);
    assert_eq!(queries(&server)[2], "resourceVersion=5&resourceVersionMatch=NotOlderThan");
}

#[tokio::test]
async fn an_expired_first_page_is_an_error() {
    let server = FaultServer::start([json(410, status(410, "Expired"))]).await;
    let error = config_maps(&server).list().pages().try_next().await.unwrap_err();
    assert!(error.is_expired());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_error_ends_the_pages() {
    let server = FaultServer::start([page(&["a"], "t1"), json(403, status(403, "Forbidden"))]).await;
    let mut pages = config_maps(&server).list().pages();
    assert!(pages.try_next().await.unwrap().is_some());
    assert!(pages.try_next().await.unwrap_err().is_forbidden());
    assert!(pages.try_next().await.unwrap().is_none());
}
