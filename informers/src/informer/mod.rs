//! One watch and one store for all parts of a program that want the same objects.

mod cache;
mod handler;
mod mailbox;
mod merge;
mod registration;
mod stream;
mod sync;
mod task;
mod version;

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use self::cache::Cache;
use self::handler::run;
pub use self::handler::{EventHandler, Filtered, filtered};
use self::mailbox::Mailbox;
pub use self::registration::HandlerRegistration;
pub use self::stream::EventStream;
pub use self::sync::{NotReached, NotSynced, Unsynced};
pub use self::task::StartError;
use self::task::Tasks;
use crate::lister::Lister;
use crate::object::CacheObject;
use crate::reflector::{Reflector, ReflectorOptions, Source, Transform, WatchFailure};
use crate::store::{Index, IndexValues, Store};

/// Keeps an informer running.
type Keeper = Arc<dyn Any + Send + Sync>;

/// Keeps objects in memory as an API server has them, and tells handlers what happens to them.
///
/// Clones are the same informer: one watch and one [`Store`] for any number of handlers and readers. It begins with
/// [`start`](Self::start), and goes on until [`shut_down`](Self::shut_down), or until its clones, its stores, its listers and its
/// streams are all dropped. A handler that holds one of these keeps it going until it is shut down.
///
/// What goes wrong is tried again, with growing delays, for ever; [`on_failure`](Self::on_failure) and
/// [`last_failure`](Self::last_failure) tell of it.
pub struct SharedInformer<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    cache: Arc<Cache<T>>,
    tasks: Tasks,
    description: String,
    default_resync: Option<Duration>,
}

impl<T: CacheObject> SharedInformer<T> {
    /// An informer on any source.
    pub fn from_source(source: impl Source<T>) -> Self {
        Self::new(Arc::new(source), ReflectorOptions::default(), None, None)
    }

    pub(crate) fn new(
        source: Arc<dyn Source<T>>,
        options: ReflectorOptions,
        transform: Option<Transform<T>>,
        default_resync: Option<Duration>,
    ) -> Self {
        let description = source.description();
        let cache = Arc::new(Cache::new());
        let reflector = Reflector::new(source, Arc::clone(&cache), options, transform);
        let tasks = Tasks::new(task::run(reflector, Arc::clone(&cache)));
        Self { inner: Arc::new(Inner { cache, tasks, description, default_resync }) }
    }

    /// What it keeps, for messages: a resource, such as `core/v1 pods`.
    pub fn description(&self) -> &str {
        &self.inner.description
    }

    /// Begins to read the objects. Does nothing if it has begun already.
    ///
    /// # Errors
    ///
    /// If it was shut down, or if this is not called within a tokio runtime, whose tasks it needs.
    pub fn start(&self) -> Result<(), StartError> {
        self.inner.tasks.start()
    }

    /// Adds a handler, which hears of the objects that are there first. This can be before the informer is started, or at any
    /// later time.
    ///
    /// The handler stays until the informer ends, or until it is [removed](HandlerRegistration::remove).
    pub fn add_handler(&self, handler: impl EventHandler<T>) -> HandlerRegistration<T> {
        self.register(handler, self.inner.default_resync)
    }

    /// Adds a handler that is reminded of every object, as of an update, each time that `period` has passed: at least a
    /// second. Reminders come from the store and cost the API server nothing.
    pub fn add_handler_with_resync(
        &self,
        handler: impl EventHandler<T>,
        period: Duration,
    ) -> HandlerRegistration<T> {
        self.register(handler, Some(period))
    }

    fn register(&self, handler: impl EventHandler<T>, resync: Option<Duration>) -> HandlerRegistration<T> {
        let mailbox = Arc::new(Mailbox::default());
        let synced = watch::Sender::new(false);
        let registration = HandlerRegistration::new(Arc::clone(&mailbox), synced.subscribe());
        self.inner.cache.add_handler(&mailbox, resync);
        self.inner.tasks.spawn(run(mailbox, handler, synced));
        registration
    }

    /// What happens to the objects as a stream. It begins with those that are there.
    pub fn events(&self) -> EventStream<T> {
        let mailbox = Arc::new(Mailbox::default());
        self.inner.cache.add_handler(&mailbox, self.inner.default_resync);
        EventStream::new(mailbox, watch::Sender::new(false), self.keeper())
    }

    /// The objects. Reads may be stale.
    pub fn store(&self) -> Store<T> {
        self.inner.cache.store.kept_by(self.keeper())
    }

    /// The objects, by namespace, name and labels. Reads may be stale.
    pub fn lister(&self) -> Lister<T> {
        Lister::new(self.store())
    }

    /// Finds the objects by values of the program's own: see [`Store::add_index`].
    pub fn add_index(
        &self,
        name: &str,
        values_of: impl Fn(&T, &mut IndexValues) + Send + Sync + 'static,
    ) -> Index<T> {
        self.store().add_index(name, values_of)
    }

    /// Whether the store has all objects that there were when the informer began.
    ///
    /// Handlers may not have heard of all of them yet: see [`HandlerRegistration::has_synced`].
    pub fn has_synced(&self) -> bool {
        self.inner.cache.has_synced()
    }

    /// Calls `handler` with whatever goes wrong, in place of writing it to the log. It should be quick.
    pub fn on_failure(&self, handler: impl Fn(&WatchFailure) + Send + Sync + 'static) {
        self.inner.cache.set_failure_handler(Arc::new(handler));
    }

    /// What went wrong last, however long ago.
    pub fn last_failure(&self) -> Option<WatchFailure> {
        self.inner.cache.last_failure()
    }

    /// Ends the watch and all handlers, and waits for the calls to handlers that are under way. What handlers have not
    /// seen by then they will not see. The store stays as it is.
    pub async fn shut_down(&self) {
        self.stop();
        self.inner.tasks.finished().await;
    }

    /// Whether it was shut down, or has ended in a panic of code that it called.
    pub fn is_stopped(&self) -> bool {
        self.inner.tasks.is_stopped()
    }

    /// Tells all tasks to end.
    pub(crate) fn stop(&self) {
        self.inner.tasks.stop();
        self.inner.cache.close();
    }

    fn keeper(&self) -> Keeper {
        Arc::clone(&self.inner) as Keeper
    }
}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        self.tasks.stop();
    }
}

impl<T> Clone for SharedInformer<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<T: CacheObject> fmt::Debug for SharedInformer<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SharedInformer")
            .field("of", &self.inner.description)
            .field("synced", &self.has_synced())
            .field("store", &self.inner.cache.store)
            .finish_non_exhaustive()
    }
}
