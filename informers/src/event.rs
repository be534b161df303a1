//! What handlers are told.

use std::sync::Arc;

use crate::key::ObjectKey;
use crate::object::CacheObject;

/// What happened to an object in a cache, which has it by then.
///
/// The events of one object come in the order in which its states came; those of different objects in any order. A state
/// may be left out if another one followed before it could be told: then an update leads from the last state that was told of, or
/// from the end of an object that nobody was told of, to the current one.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "handlers match on what happened, and there is nothing else")]
pub enum Event<T> {
    /// The object came to be, or came to match the selection.
    Added {
        /// The object.
        object: Arc<T>,
        /// Whether it was there already when the handler was added, or when the informer began.
        initial: bool,
    },
    /// The object changed. If both are the same, nothing did, and this is a [resync](Event::is_resync).
    ///
    /// An object that was deleted and created anew while the API server could not be reached is told of as a change too:
    /// then the two have different `uid`s.
    Updated {
        /// What it was before.
        old: Arc<T>,
        /// What it is now.
        new: Arc<T>,
    },
    /// The object is gone, or no longer matches the selection.
    Deleted(Deleted<T>),
}

/// An object that is gone.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "either the last state is known or it is not")]
pub enum Deleted<T> {
    /// The last state of the object, as the API server told it.
    Final(Arc<T>),
    /// The object vanished while the API server could not be reached. This is the last state that is known; it may have
    /// changed after that.
    FinalStateUnknown(Arc<T>),
}

impl<T> Deleted<T> {
    /// The last known state.
    pub fn object(&self) -> &Arc<T> {
        match self {
            Self::Final(object) | Self::FinalStateUnknown(object) => object,
        }
    }
}

impl<T> Event<T> {
    /// The object as it is now, or as it was last known if it is gone.
    pub fn object(&self) -> &Arc<T> {
        match self {
            Self::Added { object, .. } => object,
            Self::Updated { new, .. } => new,
            Self::Deleted(deleted) => deleted.object(),
        }
    }

    /// The object as it was before, if it changed. With a resync that is what it is now.
    pub fn old(&self) -> Option<&Arc<T>> {
        match self {
            Self::Updated { old, .. } => Some(old),
            Self::Added { .. } | Self::Deleted(_) => None,
        }
    }

    /// Whether nothing happened, and the handler is only reminded of the object, as it asked to be.
    pub fn is_resync(&self) -> bool {
        matches!(self, Self::Updated { old, new } if Arc::ptr_eq(old, new))
    }

    pub(crate) fn in_initial_list(self, initial: bool) -> Self {
        match self {
            Self::Added { object, .. } => Self::Added { object, initial },
            other => other,
        }
    }
}

impl<T: CacheObject> Event<T> {
    /// The key of the object.
    pub fn key(&self) -> ObjectKey {
        self.object().key()
    }
}

impl<T> Clone for Event<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Added { object, initial } => Self::Added { object: Arc::clone(object), initial: *initial },
            Self::Updated { old, new } => Self::Updated { old: Arc::clone(old), new: Arc::clone(new) },
            Self::Deleted(deleted) => Self::Deleted(deleted.clone()),
        }
    }
}

impl<T> Clone for Deleted<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Final(object) => Self::Final(Arc::clone(object)),
            Self::FinalStateUnknown(object) => Self::FinalStateUnknown(Arc::clone(object)),
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    #[test]
    fn only_a_change_has_an_old_state() {
        let (old, new) = (Arc::new(ConfigMap::default()), Arc::new(ConfigMap::default()));
        let updated = Event::Updated { old: Arc::clone(&old), new: Arc::clone(&new) };
        assert!(updated.old().is_some_and(|state| Arc::ptr_eq(state, &old)));
        assert!(Arc::ptr_eq(updated.object(), &new));
        assert!(Event::Added { object: Arc::clone(&new), initial: false }.old().is_none());
        assert!(Event::Deleted(Deleted::Final(new)).old().is_none());
    }
}
