//! Where a reflector reads objects from.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use k8s_openapi::ListableResource;
use kubeset_rest::{
    Encoded, Endpoint, Error, InvalidObject, List, ListStream, ReadObject, StreamList, Watch, WatchEvent,
};

use super::machine::{ListRequest, WatchRequest};
use crate::compact::Compact;

/// A future of a [`Source`].
pub type SourceFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;
/// The objects of a list, and at its end what it says of itself.
pub type ListedObjects<T> = Pin<Box<dyn Stream<Item = Result<Listed<T>, Error>> + Send>>;
/// The events of a watch.
pub type WatchedEvents<T> = Pin<Box<dyn Stream<Item = Result<WatchEvent<T>, Error>> + Send>>;

/// What an informer reads its objects from: a resource of an API server, or anything that can be listed and watched.
pub trait Source<T>: Send + Sync + 'static {
    /// What is read, for messages: a resource, such as `core/v1 pods`.
    fn description(&self) -> String;

    /// Begins to read objects as they are. The stream ends with [`Listed::End`].
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn list(&self, request: ListRequest) -> SourceFuture<'_, ListedObjects<T>>;

    /// Begins to follow what happens to objects.
    ///
    /// # Errors
    ///
    /// If they cannot be followed.
    fn watch(&self, request: WatchRequest) -> SourceFuture<'_, WatchedEvents<T>>;
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a list has objects and an end")]
pub enum Listed<T> {
    /// An object.
    Object(T),
    /// There are no more objects in this answer.
    End {
        /// The version of the list.
        resource_version: String,
        /// What the rest of the list can be had with, if there is one.
        continue_token: Option<String>,
    },
}

/// Which objects of a resource are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Selection {
    pub(crate) namespace: Option<String>,
    pub(crate) labels: Option<String>,
    pub(crate) fields: Option<String>,
    pub(crate) shard: Option<String>,
    pub(crate) managed_fields: bool,
}

/// Calls a setter of a builder for each part of the selection that is set.
macro_rules! selected {
    ($selection:expr, $builder:expr) => {{
        let (selection, mut builder) = ($selection, $builder.max_retries(0));
        if let Some(selector) = &selection.labels {
            builder = builder.labels(selector);
        }
        if let Some(selector) = &selection.fields {
            builder = builder.fields(selector);
        }
        if let Some(selector) = &selection.shard {
            builder = builder.query("shardSelector", selector);
        }
        if selection.managed_fields { builder } else { builder.without_managed_fields() }
    }};
}

/// A resource of an API server.
///
/// Its requests are not repeated below: when to try again is the reflector's to say.
pub(crate) struct Resource<K> {
    endpoint: Endpoint<K>,
    selection: Selection,
}

impl<K> Resource<K> {
    pub(crate) fn new(endpoint: &Endpoint<K>, selection: &Selection) -> Self {
        let endpoint = match &selection.namespace {
            Some(namespace) => endpoint.namespace(namespace),
            None => endpoint.clone(),
        };
        Self { endpoint, selection: selection.clone() }
    }

    fn list(&self, request: &ListRequest) -> List<K> {
        let mut list = selected!(&self.selection, self.endpoint.list());
        if let Some(limit) = request.limit {
            list = list.limit(limit);
        }
        match (&request.continue_token, &request.at_least) {
            (Some(token), _) => list.continue_from(token),
            (None, Some(version)) => list.at_least(version),
            (None, None) => list,
        }
    }

    fn watch(&self, request: &WatchRequest) -> Watch<K> {
        let mut watch =
            selected!(&self.selection, self.endpoint.watch()).bookmarks().timeout(request.timeout);
        if let Some(version) = &request.resource_version {
            watch = watch.resource_version(version);
        }
        if request.send_initial_events { watch.send_initial_events() } else { watch }
    }
}

impl<K> Source<K> for Resource<K>
where
    K: ListableResource + ReadObject + Send + Sync + 'static,
{
    fn description(&self) -> String {
        let group_version = if K::GROUP.is_empty() { "core/v1" } else { K::API_VERSION };
        match &self.selection.namespace {
            Some(namespace) => format!("{group_version} {} in {namespace}", K::URL_PATH_SEGMENT),
            None => format!("{group_version} {}", K::URL_PATH_SEGMENT),
        }
    }

    fn list(&self, request: ListRequest) -> SourceFuture<'_, ListedObjects<K>> {
        let stream: StreamList<K> = self.list(&request).stream();
        Box::pin(async move {
            let objects = stream.await?;
            Ok(Box::pin(WithEnd { objects, ended: false }) as ListedObjects<K>)
        })
    }

    fn watch(&self, request: WatchRequest) -> SourceFuture<'_, WatchedEvents<K>> {
        let watch = self.watch(&request);
        Box::pin(async move { Ok(Box::pin(watch.await?) as WatchedEvents<K>) })
    }
}

impl<K> fmt::Debug for Resource<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Resource").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// A list's objects with its metadata after them.
struct WithEnd<K> {
    objects: ListStream<K>,
    ended: bool,
}

impl<K: ListableResource + ReadObject> Stream for WithEnd<K> {
    type Item = Result<Listed<K>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        Pin::new(&mut this.objects).poll_next(context).map(|item| {
            Some(match item {
                Some(object) => object.map(Listed::Object),
                None => {
                    this.ended = true;
                    let metadata = this.objects.metadata().cloned().unwrap_or_default();
                    Ok(Listed::End {
                        resource_version: metadata.resource_version.unwrap_or_default(),
                        continue_token: metadata.continue_.filter(|token| !token.is_empty()),
                    })
                }
            })
        })
    }
}

/// A resource of an API server, of which the objects are kept as they come.
pub(crate) struct CompactResource<K>(Resource<Encoded<K>>);

impl<K: ListableResource> CompactResource<K> {
    pub(crate) fn new(endpoint: &Endpoint<K>, selection: &Selection) -> Self {
        Self(Resource::new(&endpoint.encoded(), selection))
    }
}

impl<K: ListableResource + 'static> Source<Compact<K>> for CompactResource<K> {
    fn description(&self) -> String {
        self.0.description()
    }

    fn list(&self, request: ListRequest) -> SourceFuture<'_, ListedObjects<Compact<K>>> {
        Box::pin(async move {
            let source = self.description();
            let objects = Source::list(&self.0, request).await?;
            let pack = move |item| match item {
                Listed::Object(object) => pack(object, &source).map(Listed::Object),
                Listed::End { resource_version, continue_token } => {
                    Ok(Listed::End { resource_version, continue_token })
                }
            };
            Ok(Box::pin(AndThen { items: objects, change: pack }) as ListedObjects<Compact<K>>)
        })
    }

    fn watch(&self, request: WatchRequest) -> SourceFuture<'_, WatchedEvents<Compact<K>>> {
        Box::pin(async move {
            let source = self.description();
            let events = Source::watch(&self.0, request).await?;
            let pack = move |event: WatchEvent<_>| event.try_map(|object| pack(object, &source));
            Ok(Box::pin(AndThen { items: events, change: pack }) as WatchedEvents<Compact<K>>)
        })
    }
}

fn pack<K: ListableResource>(object: Encoded<K>, source: &str) -> Result<Compact<K>, Error> {
    Compact::new(object).map_err(|invalid: InvalidObject| Error::Decode {
        method: http::Method::GET,
        url: source.to_owned(),
        expected: K::KIND,
        source: Box::new(invalid),
    })
}

/// A stream whose items are changed, which may fail.
struct AndThen<I, F> {
    items: Pin<Box<dyn Stream<Item = Result<I, Error>> + Send>>,
    change: F,
}

impl<I, O, F: FnMut(I) -> Result<O, Error> + Unpin> Stream for AndThen<I, F> {
    type Item = Result<O, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.items.as_mut().poll_next(context).map(|item| Some(item?.and_then(&mut this.change)))
    }
}
