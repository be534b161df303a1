//! Informers, listers and work queues: what Kubernetes controllers are made of.
//!
//! A [`SharedInformer`] keeps the objects of a resource in memory as the API server has them, and tells any number of handlers
//! what happens to them, with one watch and one copy of each object. Handlers put the keys of objects into a
//! [work queue](workqueue), from which workers take them; these read from [`Lister`]s and [`Index`]es, which send nothing.
//!
//! Programs mostly use it through the crate `kubeset` and its feature `informers`, which has an informer for every resource:
//! `clientset.informers().core_v1().pods()`. An [`InformerFactory`] does the same for any
//! [`Endpoint`](kubeset_rest::Endpoint).
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use k8s_openapi::api::core::v1::Pod;
//! use kubeset_informers::workqueue::{Outcome, WorkQueue};
//! use kubeset_informers::{Event, InformerFactory, ObjectKey};
//! use kubeset_rest::Endpoint;
//!
//! # async fn example(endpoint: Endpoint<Pod>) -> Result<(), Box<dyn std::error::Error>> {
//! let factory = InformerFactory::new();
//! let pods = factory.select(&endpoint).namespace("prod").labels("app=web").informer();
//! let queue = WorkQueue::new();
//! let add = queue.clone();
//! pods.add_handler(move |event: &Event<Pod>| add.add(event.key()));
//!
//! factory.start()?;
//! factory.wait_for_sync(Duration::from_secs(30)).await?;
//! let lister = pods.lister();
//! let reconcile = move |key: ObjectKey| {
//!     let pod = lister.store().get(&key);
//!     async move {
//!         println!("{key} is {}", if pod.is_some() { "there" } else { "gone" });
//!         Ok::<_, kubeset_rest::Error>(Outcome::Done)
//!     }
//! };
//! queue.run(4, reconcile).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What can be relied on
//!
//! - A store is as new as the last thing that its watch told, and never goes back in time. It may be stale.
//! - A store has a change before handlers hear of it. Each handler hears of the states of an object in their order, and, sooner
//!   or later, of the last one. It hears of the end of an object also if the object vanished while the server was away.
//! - A handler that is slow delays no other, nor the watch. If it falls far behind, the events of each object are merged
//!   into one: from the last state that it heard of to the current one. So its memory is bounded by the objects there are.
//! - What goes wrong is tried again for ever, with delays that grow up to a minute, and are short again only after a watch
//!   that went well.
//! - No object is copied: stores and handlers share it. `managedFields` do not get into memory unless they are asked for.

mod compact;
mod event;
mod factory;
mod informer;
mod key;
mod lister;
mod object;
mod pod_selectors;
mod reflector;
mod store;
pub mod workqueue;

pub use compact::Compact;
pub use event::{Deleted, Event};
pub use factory::{InformerBuilder, InformerFactory};
pub use informer::{
    EventHandler, EventStream, Filtered, HandlerRegistration, NotReached, NotSynced, SharedInformer,
    StartError, Unsynced, filtered,
};
pub use key::ObjectKey;
pub use kubeset_selectors::{self as selectors, LabelSelector};
pub use lister::{Lister, NamespaceLister};
pub use object::CacheObject;
pub use pod_selectors::PodSelector;
pub use reflector::{
    Attempt, ListRequest, Listed, ListedObjects, Source, SourceFuture, WatchFailure, WatchRequest,
    WatchedEvents,
};
pub use store::{Index, IndexValues, Store};
