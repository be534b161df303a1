//! Keeping a store as the API server has it: reading all objects, then following what happens to them.

mod backoff;
mod failure;
mod machine;
mod report;
mod source;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_core::Stream;
use kubeset_rest::{Error, WatchEvent};
use tokio::time::Instant;

use self::backoff::Jitter;
use self::failure::Failure;
pub(crate) use self::machine::Settings as ReflectorOptions;
use self::machine::{Effect, Machine, Outcome, Step};
pub use self::machine::{ListRequest, WatchRequest};
pub use self::report::{Attempt, WatchFailure};
pub(crate) use self::source::{CompactResource, Resource, Selection};
pub use self::source::{Listed, ListedObjects, Source, SourceFuture, WatchedEvents};
use crate::object::CacheObject;
use crate::store::{Change, Staging};

/// The most events that are applied at once.
const BATCH: usize = 256;
/// How much longer than it was asked for a watch may last before it is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the initial events of a watch may pause.
const SILENCE: Duration = Duration::from_secs(30);

/// What a reflector writes to.
pub(crate) trait Sink<T>: Send + Sync {
    /// Takes over what happened.
    fn apply(&self, changes: Vec<Change<T>>, resource_version: &str);

    /// Takes over all objects, in place of those that it has.
    fn replace(&self, staged: Staging<T>, resource_version: &str);

    /// Notes that everything up to this version has been told.
    fn bookmark(&self, resource_version: &str);

    /// The same state of this object, if it has it.
    fn same_state(&self, object: &T) -> Option<Arc<T>>;

    /// Something went wrong. It will be tried again after this time.
    fn failed(&self, failure: WatchFailure);
}

/// Keeps a [`Sink`] as a [`Source`] has it.
pub(crate) struct Reflector<T, S> {
    source: Arc<dyn Source<T>>,
    description: Arc<str>,
    sink: S,
    machine: Machine,
    staged: Staging<T>,
    transform: Option<Transform<T>>,
}

/// Changes an object before anybody sees it.
pub(crate) type Transform<T> = Box<dyn FnMut(&mut T) + Send>;

impl<T: CacheObject, S: Sink<T>> Reflector<T, S> {
    pub(crate) fn new(
        source: Arc<dyn Source<T>>,
        sink: S,
        options: ReflectorOptions,
        transform: Option<Transform<T>>,
    ) -> Self {
        let machine = Machine::new(options, Jitter::Random(fastrand::Rng::new()));
        let description = source.description().into();
        Self { source, description, sink, machine, staged: Staging::default(), transform }
    }

    /// Goes on for ever. The store is whole whenever this is dropped.
    pub(crate) async fn run(mut self) {
        loop {
            match self.machine.next() {
                Step::Wait(delay) => tokio::time::sleep(delay).await,
                Step::List(request) => self.list(request).await,
                Step::Watch(request) => self.watch(request).await,
            }
        }
    }

    async fn list(&mut self, request: ListRequest) {
        if let Err(error) = self.read_list(request).await {
            let effect = self.machine.on(Outcome::ListFailed(Failure::of(&error)));
            self.take_effect(effect);
            self.report(Attempt::List, Some(error));
        }
    }

    async fn read_list(&mut self, request: ListRequest) -> Result<(), Error> {
        let source = Arc::clone(&self.source);
        let mut objects = source.list(request).await?;
        while let Some(item) = next(&mut objects).await {
            match item? {
                Listed::Object(object) => self.set_aside(object),
                Listed::End { resource_version, continue_token } => {
                    let continue_token = continue_token.as_deref();
                    let effect =
                        self.machine.on(Outcome::Page { version: &resource_version, continue_token });
                    self.take_effect(effect);
                    return Ok(());
                }
            }
        }
        // Only a source of the program's own does that.
        Err(Error::Decode {
            method: http::Method::GET,
            url: self.description.to_string(),
            expected: "a list",
            source: "it ends without saying its version".into(),
        })
    }

    async fn watch(&mut self, request: WatchRequest) {
        let source = Arc::clone(&self.source);
        let patience = request.timeout + PATIENCE;
        let mut events = match source.watch(request).await {
            Ok(events) => events,
            Err(error) => return self.watch_failed(error, None),
        };
        let opened = Instant::now();
        let follow = tokio::time::timeout(patience, self.follow(&mut events));
        // A watch that goes on for longer than it was asked to is one that ends.
        let end = follow.await.unwrap_or(End::Quiet);
        let lasted = opened.elapsed();
        match end {
            End::Error(error) => self.watch_failed(error, Some(lasted)),
            End::Quiet => self.watch_ended(lasted),
            End::Silence => self.watch_is_silent(),
        }
    }

    /// Applies events until there are no more.
    async fn follow(&mut self, events: &mut WatchedEvents<T>) -> End {
        let mut changes = Vec::new();
        loop {
            let patience = self.machine.reads_initial_events().then_some(SILENCE);
            let Some(mut item) = next_within(events, patience).await else { return End::Silence };
            let end = loop {
                match item {
                    Some(Ok(event)) => self.take_event(event, &mut changes),
                    Some(Err(error)) => break Some(End::Error(error)),
                    None => break Some(End::Quiet),
                }
                if changes.len() >= BATCH {
                    break None;
                }
                match next_now(events).await {
                    Some(next) => item = next,
                    None => break None,
                }
            };
            self.flush(&mut changes);
            if let Some(end) = end {
                return end;
            }
        }
    }

    fn take_event(&mut self, event: WatchEvent<T>, changes: &mut Vec<Change<T>>) {
        let (object, deleted) = match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => (object, false),
            WatchEvent::Deleted(object) => (object, true),
            WatchEvent::Bookmark(bookmark) => {
                self.flush(changes);
                let version = &bookmark.resource_version;
                let ends_initial_events = bookmark.ends_initial_events();
                let effect = self.machine.on(Outcome::Bookmark { version, ends_initial_events });
                self.take_effect(effect);
                return self.sink.bookmark(self.machine.version());
            }
        };
        match (self.machine.on(Outcome::Object { version: object.resource_version() }), deleted) {
            (Effect::SetAside, false) => self.set_aside(object),
            (Effect::SetAside, true) => self.staged.remove(&object),
            (Effect::Apply, false) => changes.push(Change::Put(self.prepare(object))),
            (Effect::Apply, true) => changes.push(Change::Remove(self.prepare(object))),
            (effect, _) => self.take_effect(effect),
        }
    }

    fn flush(&mut self, changes: &mut Vec<Change<T>>) {
        if !changes.is_empty() {
            self.sink.apply(std::mem::take(changes), self.machine.version());
        }
    }

    /// Keeps an object for when all are there. One that is known in this state already is not kept twice.
    fn set_aside(&mut self, object: T) {
        let object = match self.sink.same_state(&object) {
            Some(known) => known,
            None => self.prepare(object),
        };
        self.staged.put(object);
    }

    fn prepare(&mut self, mut object: T) -> Arc<T> {
        if let Some(transform) = &mut self.transform {
            transform(&mut object);
        }
        Arc::new(object)
    }

    fn take_effect(&mut self, effect: Effect) {
        match effect {
            Effect::Replace => {
                let staged = std::mem::take(&mut self.staged);
                self.sink.replace(staged, self.machine.version());
            }
            Effect::Discard => self.staged = Staging::default(),
            Effect::Nothing | Effect::SetAside | Effect::Apply => {}
        }
    }

    fn watch_failed(&mut self, error: Error, lasted: Option<Duration>) {
        let effect = self.machine.on(Outcome::WatchFailed { failure: Failure::of(&error), lasted });
        self.take_effect(effect);
        self.report(Attempt::Watch, Some(error));
    }

    fn watch_ended(&mut self, lasted: Duration) {
        let effect = self.machine.on(Outcome::WatchEnded { lasted });
        self.take_effect(effect);
        if !self.machine.delay().is_zero() {
            self.report(Attempt::Watch, None);
        }
    }

    fn watch_is_silent(&mut self) {
        tracing::warn!(
            target: "kubeset::informers",
            "the streaming list of {} does not come to its end: a list is read in its place", self.description
        );
        let effect = self.machine.on(Outcome::InitialEventsSilent);
        self.take_effect(effect);
    }

    fn report(&self, attempt: Attempt, error: Option<Error>) {
        let retry_in = self.machine.delay();
        let description = Arc::clone(&self.description);
        self.sink.failed(WatchFailure { description, attempt, error: error.map(Arc::new), retry_in });
    }
}

/// How a watch came to its end.
enum End {
    Error(Error),
    Quiet,
    /// The server tells nothing more and leaves open whether that is all.
    Silence,
}

async fn next<I>(stream: &mut Pin<Box<dyn Stream<Item = I> + Send>>) -> Option<I> {
    poll_fn(|context| stream.as_mut().poll_next(context)).await
}

/// The next item, or nothing if it takes longer than this.
async fn next_within<I>(
    stream: &mut Pin<Box<dyn Stream<Item = I> + Send>>,
    patience: Option<Duration>,
) -> Option<Option<I>> {
    match patience {
        Some(patience) => tokio::time::timeout(patience, next(stream)).await.ok(),
        None => Some(next(stream).await),
    }
}

/// The next item if it is there already.
async fn next_now<I>(stream: &mut Pin<Box<dyn Stream<Item = I> + Send>>) -> Option<Option<I>> {
    poll_fn(|context| {
        Poll::Ready(match stream.as_mut().poll_next(context) {
            Poll::Ready(item) => Some(item),
            Poll::Pending => None,
        })
    })
    .await
}
