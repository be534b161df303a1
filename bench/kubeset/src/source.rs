//! Pods for an informer, from memory.

use bench_harness::BoxError;
use futures_util::{StreamExt as _, stream};
use kubeset::WatchEvent;
use kubeset::api::core::v1::Pod;
use kubeset::informers::{
    ListRequest, ListedObjects, SharedInformer, Source, SourceFuture, WatchRequest, WatchedEvents,
};
use kubeset::rest::Bookmark;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Changes of Pods, many at a time.
pub(crate) type Changes = UnboundedSender<Vec<WatchEvent<Pod>>>;

/// An informer that has these Pods, and will be told of changes.
pub(crate) async fn informer(pods: Vec<Pod>) -> Result<(SharedInformer<Pod>, Changes), BoxError> {
    let (changes, receiver) = unbounded_channel();
    let informer = SharedInformer::from_source(Memory(Mutex::new(Some((pods, receiver)))));
    informer.start()?;
    informer.wait_for_sync(Duration::from_secs(60)).await?;
    Ok((informer, changes))
}

/// All that there is, and all that comes, which can be asked for once.
struct Memory(Mutex<Option<Content>>);

type Content = (Vec<Pod>, UnboundedReceiver<Vec<WatchEvent<Pod>>>);

impl Source<Pod> for Memory {
    fn description(&self) -> String {
        "pods in memory".to_owned()
    }

    fn list(&self, _: ListRequest) -> SourceFuture<'_, ListedObjects<Pod>> {
        // The informer asks for a streaming list, and has no reason to ask for another one.
        Box::pin(async { Ok(stream::empty().boxed()) })
    }

    fn watch(&self, _: WatchRequest) -> SourceFuture<'_, WatchedEvents<Pod>> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::pin(async move {
            let Some((pods, receiver)) = taken else { return Ok(stream::empty().boxed()) };
            let mut end = Bookmark::default();
            end.resource_version = "1".to_owned();
            end.annotations.insert("k8s.io/initial-events-end".to_owned(), "true".to_owned());
            let there = pods.into_iter().map(WatchEvent::Added).chain([WatchEvent::Bookmark(end)]);
            let changes = stream::unfold(receiver, |mut receiver| async {
                Some((stream::iter(receiver.recv().await?), receiver))
            });
            Ok(stream::iter(there).chain(changes.flatten()).map(Ok).boxed())
        })
    }
}

/// The Pods of a list, as versions of `objects` objects.
pub(crate) fn versions(mut pods: Vec<Pod>, objects: usize) -> Vec<Pod> {
    for index in objects..pods.len() {
        let first = &pods[index % objects].metadata;
        let (name, namespace) = (first.name.clone(), first.namespace.clone());
        let metadata = &mut pods[index].metadata;
        (metadata.name, metadata.namespace) = (name, namespace);
    }
    pods
}

/// Counts the end of parts of the work.
pub(crate) type Parts = Arc<tokio::sync::Semaphore>;

/// Waits until so many parts have ended.
pub(crate) async fn ended(parts: &Parts, count: usize) -> Result<(), BoxError> {
    parts.acquire_many(u32::try_from(count)?).await?.forget();
    Ok(())
}
