//! What a handler has not seen yet.
//!
//! Events are handed over in parcels that all handlers share, so that one more handler costs one more pointer. Should a handler
//! fall far behind, its events are merged until there is one for each object: what it is told then is the way from the
//! last state that it has seen to the current one, and its memory is bounded by the number of objects.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::merge::Merged;
use crate::event::Event;
use crate::object::CacheObject;

/// How many merged events are handed over at once.
const MERGED_PARCEL: usize = 64;

/// What is put into a mailbox.
#[derive(Debug)]
pub(super) enum Parcel<T> {
    /// What happened, in this order.
    Events(Arc<Vec<Event<T>>>),
    /// All objects that were there at first have been told of.
    Synced,
}

impl<T> Clone for Parcel<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Events(events) => Self::Events(Arc::clone(events)),
            Self::Synced => Self::Synced,
        }
    }
}

/// The way from an informer to one handler.
pub(super) struct Mailbox<T> {
    pending: Mutex<Pending<T>>,
    /// How many events the handler has taken and not seen yet.
    in_hand: AtomicUsize,
    /// Nothing will be put in or taken out any more.
    closed: AtomicBool,
}

struct Pending<T> {
    parcels: VecDeque<Parcel<T>>,
    merged: Option<Merged<T>>,
    /// How many events all of these are.
    events: usize,
    waker: Option<Waker>,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        let pending = Pending { parcels: VecDeque::new(), merged: None, events: 0, waker: None };
        Self { pending: Mutex::new(pending), in_hand: AtomicUsize::new(0), closed: AtomicBool::new(false) }
    }
}

impl<T> Mailbox<T> {
    /// How many events the handler has not seen.
    pub(super) fn backlog(&self) -> usize {
        self.lock().events + self.in_hand.load(Ordering::Relaxed)
    }

    /// Ends the way. What is in it is dropped.
    pub(super) fn close(&self) {
        let mut pending = self.lock();
        self.closed.store(true, Ordering::Release);
        pending.parcels.clear();
        pending.merged = None;
        pending.events = 0;
        pending.wake();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Notes that the handler has seen an event.
    pub(super) fn seen(&self) {
        self.in_hand.fetch_sub(1, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Pending<T>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: CacheObject> Mailbox<T> {
    /// Puts a parcel in. If there would be more than `limit` events, they are merged. False if nobody takes them any more.
    pub(super) fn put(&self, parcel: Parcel<T>, limit: usize) -> bool {
        let mut pending = self.lock();
        if self.is_closed() {
            return false;
        }
        let events = match &parcel {
            Parcel::Events(events) => events.len(),
            Parcel::Synced => 0,
        };
        pending.parcels.push_back(parcel);
        pending.events += events;
        if pending.merged.is_some() || pending.events > limit {
            pending.merge();
        }
        pending.wake();
        true
    }

    /// The next parcel. `None` if there will be no more.
    pub(super) fn poll_take(&self, context: &Context<'_>) -> Poll<Option<Parcel<T>>> {
        let mut pending = self.lock();
        if self.is_closed() {
            return Poll::Ready(None);
        }
        let Some(parcel) = pending.take() else {
            pending.waker = Some(context.waker().clone());
            return Poll::Pending;
        };
        if let Parcel::Events(events) = &parcel {
            self.in_hand.store(events.len(), Ordering::Relaxed);
        }
        Poll::Ready(Some(parcel))
    }
}

impl<T> Pending<T> {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl<T: CacheObject> Pending<T> {
    fn merge(&mut self) {
        let merged = self.merged.get_or_insert_default();
        for parcel in self.parcels.drain(..) {
            match parcel {
                Parcel::Events(events) => merged.extend(events.iter().cloned()),
                Parcel::Synced => merged.synced(),
            }
        }
        self.events = merged.len();
    }

    fn take(&mut self) -> Option<Parcel<T>> {
        let Some(merged) = &mut self.merged else {
            let parcel = self.parcels.pop_front()?;
            if let Parcel::Events(events) = &parcel {
                self.events -= events.len();
            }
            return Some(parcel);
        };
        let events: Vec<_> = merged.take(MERGED_PARCEL).collect();
        self.events = merged.len();
        if !events.is_empty() {
            return Some(Parcel::Events(Arc::new(events)));
        }
        let synced = merged.is_synced();
        self.merged = None;
        synced.then_some(Parcel::Synced)
    }
}
