//! Informers, listers and work queues: what Kubernetes controllers are made of.

mod compact;
mod event;
mod factory;
mod informer;
mod key;
mod lister;
mod object;
mod reflector;
mod store;
pub mod workqueue;

pub use compact::Compact;
pub use event::{Deleted, Event};
pub use factory::{InformerBuilder, InformerFactory};
pub use informer::{
    EventHandler, EventStream, Filtered, HandlerRegistration, NotSynced, SharedInformer, StartError,
    Unsynced, filtered,
};
pub use key::ObjectKey;
pub use kubeset_selectors::{self as selectors, LabelSelector};
pub use lister::{Lister, NamespaceLister};
pub use object::CacheObject;
pub use reflector::{
    Attempt, ListRequest, Listed, ListedObjects, Source, SourceFuture, WatchFailure, WatchRequest,
    WatchedEvents,
};
pub use store::{Index, IndexValues, Store};
