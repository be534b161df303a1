//! A key in somebody's hands.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use super::queue::WorkQueue;
use super::state::Again;

/// A key that is being worked on: nobody else gets it until this is finished or dropped.
///
/// It derefs to the key. Finish it with [`done`](Self::done), [`retry`](Self::retry) or
/// [`retry_after`](Self::retry_after). If it is dropped without one of them, because the future that held it was cancelled or
/// panicked, that is a `retry`: the key is not lost. Once the queue was shut down, nothing is retried.
#[must_use = "a key that is dropped is retried"]
pub struct Work<K> {
    key: K,
    claim: Claim<K>,
}

impl<K> Work<K> {
    pub(super) fn new(key: K, queue: WorkQueue<K>, slot: usize) -> Self {
        Self { key, claim: Claim { queue, slot, held: true } }
    }

    /// The work has succeeded, or is given up. What the key is known to have failed is forgotten.
    pub fn done(self) {
        self.claim.finish(Again::Never);
    }

    /// The work has failed, and is tried again when the queue's limiter lets it. Returns how long that is.
    pub fn retry(self) -> Duration {
        self.claim.finish(Again::ByRate)
    }

    /// The work is to be done again after `delay`, which is no failure: those before are forgotten, as after
    /// [`done`](Self::done). If the key is added before, it is handed out then, and again after the delay.
    pub fn retry_after(self, delay: Duration) {
        self.claim.finish(Again::After(delay));
    }

    pub(super) fn into_parts(self) -> (K, Claim<K>) {
        (self.key, self.claim)
    }
}

impl<K> Deref for Work<K> {
    type Target = K;

    fn deref(&self) -> &K {
        &self.key
    }
}

impl<K: fmt::Debug> fmt::Debug for Work<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Work").field(&self.key).finish()
    }
}

/// The right to work on the key of a slot, which is given back in any case.
pub(super) struct Claim<K> {
    queue: WorkQueue<K>,
    slot: usize,
    held: bool,
}

impl<K> Claim<K> {
    pub(super) fn finish(mut self, again: Again) -> Duration {
        self.held = false;
        self.queue.finish(self.slot, again)
    }
}

impl<K: Clone> Claim<K> {
    pub(super) fn key(&self) -> K {
        self.queue.lock().key(self.slot).clone()
    }
}

impl<K> Drop for Claim<K> {
    fn drop(&mut self) {
        if self.held {
            self.queue.finish(self.slot, Again::ByRate);
        }
    }
}
