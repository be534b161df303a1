//! Versions that the server has forgotten.

use futures_util::{StreamExt as _, TryStreamExt as _};

use super::apiserver::SERVER;
use super::{admin, namespace, object};

#[tokio::test]
async fn a_forgotten_version_is_expired_for_lists_watches_and_pages() {
    let _alone = super::HISTORY.write().await;
    let clientset = admin();
    let namespace = namespace(&clientset).await;
    // Events are read from the store itself, not from a cache that remembers for longer.
    let events = clientset.core_v1().events().namespace(&namespace);
    let make = async |names: [&str; 3]| {
        for name in names {
            let event = object!({"metadata": {"name": name}, "involvedObject": {"namespace": namespace}});
            events.create(&event).await.unwrap();
        }
    };
    make(["a", "b", "c"]).await;
    let old = events.list().limit(1).await.unwrap().metadata.resource_version.unwrap();
    let mut pages = events.list().limit(1).pages();
    assert!(!pages.try_next().await.unwrap().unwrap().restarted);
    make(["d", "e", "f"]).await;
    SERVER.forget(&clientset).await;

    let error = events.list().exactly(&old).limit(1).await.unwrap_err();
    assert!(error.is_expired(), "{error:?}");
    assert_eq!(error.code(), Some(410));

    let error = match events.watch().resource_version(&old).await {
        Ok(mut events) => events.next().await.expect("the server says why it ends").unwrap_err(),
        Err(error) => error,
    };
    assert!(error.is_expired(), "{error:?}");

    let whole = pages.try_next().await.unwrap().unwrap();
    assert!(whole.restarted);
    assert_eq!(whole.list.items.len(), 6);
    assert!(pages.try_next().await.unwrap().is_none());
}
