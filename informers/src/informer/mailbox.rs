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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use k8s_openapi::api::core::v1::ConfigMap;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn object(name: usize, version: usize) -> Arc<ConfigMap> {
        let metadata = ObjectMeta {
            name: Some(name.to_string()),
            resource_version: Some(version.to_string()),
            ..ObjectMeta::default()
        };
        Arc::new(ConfigMap { metadata, ..ConfigMap::default() })
    }

    fn updates(objects: usize, version: usize) -> Parcel<ConfigMap> {
        let update = |name| Event::Updated { old: object(name, version), new: object(name, version + 1) };
        Parcel::Events(Arc::new((0..objects).map(update).collect()))
    }

    fn take(mailbox: &Mailbox<ConfigMap>) -> Option<Parcel<ConfigMap>> {
        match mailbox.poll_take(&Context::from_waker(Waker::noop())) {
            Poll::Ready(parcel) => parcel,
            Poll::Pending => None,
        }
    }

    /// The versions that the next parcel leads from and to.
    fn versions(mailbox: &Mailbox<ConfigMap>) -> Vec<(String, String)> {
        let Some(Parcel::Events(events)) = take(mailbox) else { panic!("there are events") };
        let version = |object: &ConfigMap| object.metadata.resource_version.clone().unwrap_or_default();
        let versions = |event: &Event<ConfigMap>| match event {
            Event::Updated { old, new } => (version(old), version(new)),
            other => panic!("{other:?} is no update"),
        };
        events.iter().map(versions).collect()
    }

    #[test]
    fn parcels_come_out_as_they_were_put_in() {
        let mailbox = Mailbox::default();
        assert!(
            mailbox.put(updates(2, 1), 10)
                && mailbox.put(Parcel::Synced, 10)
                && mailbox.put(updates(1, 2), 10)
        );
        assert_eq!(mailbox.backlog(), 3);
        assert_eq!(versions(&mailbox).len(), 2);
        assert_eq!(mailbox.backlog(), 3);
        mailbox.seen();
        mailbox.seen();
        assert_eq!(mailbox.backlog(), 1);
        assert!(matches!(take(&mailbox), Some(Parcel::Synced)));
        assert_eq!(versions(&mailbox).len(), 1);
        assert!(take(&mailbox).is_none());
    }

    #[test]
    fn what_is_more_than_the_limit_is_merged_and_comes_before_what_is_new() {
        let mailbox = Mailbox::default();
        for version in 1..=100 {
            mailbox.put(updates(3, version), 10);
            if version == 50 {
                mailbox.put(Parcel::Synced, 10);
            }
            assert!(mailbox.backlog() <= 10);
        }
        let way = ("1".to_owned(), "101".to_owned());
        assert_eq!(versions(&mailbox), [way.clone(), way.clone(), way]);
        assert!(matches!(take(&mailbox), Some(Parcel::Synced)));
        mailbox.put(updates(1, 101), 10);
        assert_eq!(versions(&mailbox), [("101".to_owned(), "102".to_owned())]);
    }

    #[test]
    fn many_merged_events_come_in_parts_and_what_comes_meanwhile_is_not_lost() {
        let mailbox = Mailbox::default();
        mailbox.put(updates(MERGED_PARCEL + 1, 1), 10);
        assert_eq!(versions(&mailbox).len(), MERGED_PARCEL);
        mailbox.put(updates(1, 2), 10);
        assert_eq!(versions(&mailbox).len(), 2);
        assert!(take(&mailbox).is_none());
    }

    #[test]
    fn who_waits_is_woken_and_who_comes_after_the_end_is_told() {
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mailbox = Mailbox::default();
        assert!(mailbox.poll_take(&Context::from_waker(&waker)).is_pending());
        mailbox.put(updates(1, 1), 10);
        mailbox.put(updates(1, 2), 10);
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
        mailbox.close();
        assert!(matches!(mailbox.poll_take(&Context::from_waker(&waker)), Poll::Ready(None)));
        assert!(!mailbox.put(updates(1, 3), 10) && mailbox.backlog() == 0);
    }
}
