//! Informers that are made once and shared by all who ask for the same objects.

use std::fmt;

use kubeset_rest::Endpoint;

/// The informers of a program: one for each resource and selection, however many parts of it ask.
#[derive(Clone, Default)]
pub struct InformerFactory {}

impl InformerFactory {
    /// A factory without informers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Picks objects of a resource to be kept in memory.
    pub fn select<K>(&self, endpoint: &Endpoint<K>) -> InformerBuilder<K> {
        InformerBuilder { endpoint: endpoint.clone() }
    }
}

impl fmt::Debug for InformerFactory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InformerFactory").finish_non_exhaustive()
    }
}

/// Which objects of a resource an informer keeps, and how.
#[must_use = "a selection does nothing until it is asked for its informer"]
pub struct InformerBuilder<K> {
    endpoint: Endpoint<K>,
}

impl<K> fmt::Debug for InformerBuilder<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InformerBuilder").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
