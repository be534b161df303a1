//! Informers of what a clientset reaches, and all else that controllers are made of: the crate `kubeset-informers`.
//!
//! ```no_run
//! # #[cfg(feature = "latest")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use kubeset::Clientset;
//! use kubeset::api::core::v1::Pod;
//! use kubeset::informers::{Event, LabelSelector};
//!
//! let informers = Clientset::infer().await?.informers();
//! let pods = informers.core_v1().pods().namespace("prod").labels("app=web").informer();
//! pods.add_handler(|event: &Event<Pod>| println!("{} has changed", event.key()));
//! let by_node = pods.add_index("node", |pod: &Pod, values| {
//!     values.extend(pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()));
//! });
//!
//! informers.start()?;
//! informers.wait_for_sync(Duration::from_secs(30)).await?;
//! let web = pods.lister().namespace("prod").get("web-0");
//! let backend = pods.lister().list(&LabelSelector::parse("tier in (api, db)")?);
//! println!("{web:?}, {} behind it, {} on node-1", backend.len(), by_node.count("node-1"));
//! informers.shut_down().await;
//! # Ok(())
//! # }
//! ```

use std::time::Duration;

use k8s_openapi::Resource;

use crate::Clientset;

pub use kubeset_informers::*;

/// The informers of a program, by group, version and resource.
///
/// Whoever asks for the same objects shares one informer, and with it one watch and one copy of each object, but only
/// among clones: so a program makes one of these, and clones it. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Informers {
    clientset: Clientset,
    factory: InformerFactory,
}

impl Informers {
    /// Picks objects of any type that says which resource it is: a custom resource, or a slimmer built-in kind.
    ///
    /// Whether the server can list and watch them is for the caller to know. For built-in kinds, the methods of each version
    /// of a group say it.
    pub fn select<K: Resource>(&self) -> InformerBuilder<K> {
        self.factory.select(&self.clientset.endpoint())
    }

    /// Starts all informers that are not running yet.
    ///
    /// # Errors
    ///
    /// If one of them was shut down, or if this is not called within a tokio runtime, whose tasks they need.
    pub fn start(&self) -> Result<(), StartError> {
        self.factory.start()
    }

    /// Waits until the stores of all informers have all objects.
    ///
    /// # Errors
    ///
    /// If one has not by the deadline: the error names all of these, and what went wrong last. An informer that was not started
    /// is among them.
    pub async fn wait_for_sync(&self, deadline: Duration) -> Result<(), NotSynced> {
        self.factory.wait_for_sync(deadline).await
    }

    /// Ends all informers, and waits for the calls to handlers that are under way: see [`SharedInformer::shut_down`].
    pub async fn shut_down(&self) {
        self.factory.shut_down().await;
    }

    /// What makes the informers and shares them.
    pub fn factory(&self) -> &InformerFactory {
        &self.factory
    }
}

impl Clientset {
    /// New informers, which share nothing with those of an earlier call: a program makes them once, and clones them.
    pub fn informers(&self) -> Informers {
        Informers { clientset: self.clone(), factory: InformerFactory::new() }
    }
}
