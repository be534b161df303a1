//! Informers of what a clientset reaches, and all else that controllers are made of: the crate `kubeset-informers`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{ListableResource, Metadata};
use serde::de::DeserializeOwned;

use crate::Clientset;

pub use kubeset_informers::*;

/// The informers of a program, by group, version and resource.
///
/// Whoever asks for the same objects shares one informer, and with it one watch and one copy of each object, but only
/// among clones: so a program makes one of these, and clones it. Clones are cheap.
///
/// ```no_run
/// # #[cfg(feature = "latest")]
/// # fn example(clientset: kubeset::Clientset) {
/// let informers = clientset.informers();
/// let pods = informers.core_v1().pods();
/// # drop(pods);
/// # }
/// ```
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
    pub fn select<K>(&self) -> InformerBuilder<K>
    where
        K: Metadata<Ty = ObjectMeta> + ListableResource + DeserializeOwned + Send + Sync + 'static,
    {
        self.factory.select(&self.clientset.endpoint())
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
