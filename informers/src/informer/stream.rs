//! Events as a stream.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::sync::watch;

use super::Keeper;
use super::mailbox::{Mailbox, Parcel};
use crate::event::Event;
use crate::object::CacheObject;

/// What happens to the objects of an informer. Made by [`SharedInformer::events`](crate::SharedInformer::events).
///
/// It begins with the objects that are there as [`Added`](Event::Added) events. A stream that is read slowly delays nobody. If
/// it falls far behind, the events of each object are merged into one.
///
/// It ends when the informer is shut down. Dropping it ends the subscription.
#[must_use = "a stream tells nothing until it is polled"]
pub struct EventStream<T> {
    mailbox: Arc<Mailbox<T>>,
    events: Arc<Vec<Event<T>>>,
    /// How many of `events` were handed out.
    seen: usize,
    synced: watch::Sender<bool>,
    /// An informer runs as long as somebody listens.
    _keeper: Keeper,
}

impl<T> EventStream<T> {
    pub(super) fn new(mailbox: Arc<Mailbox<T>>, synced: watch::Sender<bool>, keeper: Keeper) -> Self {
        Self { mailbox, events: Arc::default(), seen: 0, synced, _keeper: keeper }
    }

    /// How many events wait to be read.
    pub fn backlog(&self) -> usize {
        self.mailbox.backlog()
    }

    /// Whether all objects that were there when the stream was made have been handed out.
    pub fn has_synced(&self) -> bool {
        *self.synced.borrow()
    }
}

impl<T: CacheObject> Stream for EventStream<T> {
    type Item = Event<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(event) = this.events.get(this.seen) {
                this.seen += 1;
                this.mailbox.seen();
                return Poll::Ready(Some(event.clone()));
            }
            match ready!(this.mailbox.poll_take(context)) {
                Some(Parcel::Events(events)) => (this.events, this.seen) = (events, 0),
                Some(Parcel::Synced) => drop(this.synced.send_replace(true)),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> Drop for EventStream<T> {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EventStream").field("backlog", &self.backlog()).finish_non_exhaustive()
    }
}
