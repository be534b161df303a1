//! A handler that was added.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use super::mailbox::Mailbox;

/// A handler of an informer. Dropping this leaves the handler where it is.
pub struct HandlerRegistration<T> {
    mailbox: Arc<Mailbox<T>>,
    synced: watch::Receiver<bool>,
}

impl<T> HandlerRegistration<T> {
    pub(super) fn new(mailbox: Arc<Mailbox<T>>, synced: watch::Receiver<bool>) -> Self {
        Self { mailbox, synced }
    }

    /// Whether the handler was called with every object that was there when it was added, or when the informer had read
    /// all of them, if that was later.
    pub fn has_synced(&self) -> bool {
        *self.synced.borrow()
    }

    /// Waits until the handler [has synced](Self::has_synced). False if it ended before.
    pub async fn synced(&self) -> bool {
        self.synced.clone().wait_for(|synced| *synced).await.is_ok()
    }

    /// How many events the handler has not been called with yet. One that grows and grows belongs to a handler that is too
    /// slow; its events are merged then, object by object.
    pub fn backlog(&self) -> usize {
        self.mailbox.backlog()
    }

    /// Whether the handler is called with what happens. Not if it was removed, has panicked, or the informer has ended.
    pub fn is_active(&self) -> bool {
        !self.mailbox.is_closed()
    }

    /// Takes the handler away. A call that is under way goes on to its end; [`removed`](Self::removed) waits for it.
    pub fn remove(&self) {
        self.mailbox.close();
    }

    /// Waits until the handler is gone and no call of it is under way.
    ///
    /// Never wait for this within the handler itself.
    pub async fn removed(&self) {
        // The handler's task owns the other end.
        let mut synced = self.synced.clone();
        while synced.changed().await.is_ok() {}
    }
}

impl<T> fmt::Debug for HandlerRegistration<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HandlerRegistration")
            .field("synced", &self.has_synced())
            .field("backlog", &self.backlog())
            .field("active", &self.is_active())
            .finish()
    }
}
