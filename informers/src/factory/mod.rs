//! Informers that are made once and shared by all parts of a program that ask for the same objects.

mod builder;

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kubeset_rest::Endpoint;
use tokio::time::Instant;

pub use self::builder::InformerBuilder;
use crate::informer::{NotSynced, SharedInformer, StartError, Unsynced};
use crate::object::CacheObject;
use crate::reflector::Selection;

/// The informers of a program: one for each resource and selection, however many parts of it ask.
///
/// Clones are the same factory. Informers that are asked for after [`start`](Self::start) begin with the next one.
#[derive(Clone, Default)]
pub struct InformerFactory {
    informers: Arc<Mutex<HashMap<Identity, Box<dyn Informer>>>>,
}

/// What makes two informers the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Identity {
    /// The type of the cached objects.
    objects: TypeId,
    /// The path of the resource.
    path: String,
    selection: Selection,
}

impl InformerFactory {
    /// A factory without informers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Picks objects of a resource to be kept in memory.
    pub fn select<K>(&self, endpoint: &Endpoint<K>) -> InformerBuilder<K> {
        InformerBuilder::new(self.clone(), endpoint.clone())
    }

    /// Starts all informers that are not running yet.
    ///
    /// # Errors
    ///
    /// If one of them was shut down, or if this is not called within a tokio runtime, whose tasks they need.
    pub fn start(&self) -> Result<(), StartError> {
        self.lock().values().try_for_each(|informer| informer.start())
    }

    /// Waits until the stores of all informers have all objects.
    ///
    /// # Errors
    ///
    /// If one has not by the deadline: the error names all of these, and what went wrong last. An informer that was not started
    /// is among them.
    pub async fn wait_for_sync(&self, deadline: Duration) -> Result<(), NotSynced> {
        let end = Instant::now() + deadline;
        let mut unsynced = Vec::new();
        for informer in self.all() {
            unsynced.extend(informer.unsynced_at(end).await);
        }
        if unsynced.is_empty() { Ok(()) } else { Err(NotSynced { deadline, informers: unsynced }) }
    }

    /// Ends all informers, and waits for the calls to handlers that are under way: see [`SharedInformer::shut_down`].
    pub async fn shut_down(&self) {
        let informers = self.all();
        for informer in &informers {
            informer.stop();
        }
        for informer in &informers {
            informer.stopped().await;
        }
    }

    /// The informer of this identity, made if there is none.
    fn get_or_make<T: CacheObject>(
        &self,
        identity: Identity,
        make: impl FnOnce() -> SharedInformer<T>,
    ) -> SharedInformer<T> {
        let mut informers = self.lock();
        let known = informers.get(&identity).and_then(|informer| informer.as_any().downcast_ref());
        if let Some(informer) = known {
            return SharedInformer::clone(informer);
        }
        let informer = make();
        informers.insert(identity, Box::new(informer.clone()));
        informer
    }

    fn all(&self) -> Vec<Box<dyn Informer>> {
        self.lock().values().map(|informer| informer.share()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Identity, Box<dyn Informer>>> {
        self.informers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for InformerFactory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let informers = self.lock();
        let mut descriptions: Vec<_> =
            informers.values().map(|informer| informer.name().to_owned()).collect();
        descriptions.sort_unstable();
        formatter.debug_struct("InformerFactory").field("informers", &descriptions).finish()
    }
}

type Waiting<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An informer of any type.
trait Informer: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn share(&self) -> Box<dyn Informer>;
    fn name(&self) -> &str;
    fn start(&self) -> Result<(), StartError>;
    fn unsynced_at(&self, end: Instant) -> Waiting<'_, Option<Unsynced>>;
    fn stop(&self);
    fn stopped(&self) -> Waiting<'_, ()>;
}

impl<T: CacheObject> Informer for SharedInformer<T> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn share(&self) -> Box<dyn Informer> {
        Box::new(self.clone())
    }

    fn name(&self) -> &str {
        self.description()
    }

    fn start(&self) -> Result<(), StartError> {
        SharedInformer::start(self)
    }

    fn unsynced_at(&self, end: Instant) -> Waiting<'_, Option<Unsynced>> {
        Box::pin(self.unsynced_at(end))
    }

    fn stop(&self) {
        SharedInformer::stop(self);
    }

    fn stopped(&self) -> Waiting<'_, ()> {
        Box::pin(self.shut_down())
    }
}
