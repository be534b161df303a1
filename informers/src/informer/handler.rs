//! Code of the program's that is called with events.

use std::future::poll_fn;
use std::sync::Arc;

use tokio::sync::watch;

use super::mailbox::{Mailbox, Parcel};
use crate::event::{Deleted, Event};
use crate::object::CacheObject;

/// What an informer calls with what happens, one event after the other. Closures that take an [`Event`] are handlers too.
///
/// Each handler runs in a task of its own: one that takes long delays no other. It should not block its thread, though, and
/// leave work to a [work queue](crate::workqueue); for events that are awaited, there is
/// [`SharedInformer::events`](crate::SharedInformer::events).
pub trait EventHandler<T>: Send + 'static {
    /// An object came to be. `initial`: it was there already when the handler was added, or when the informer began.
    fn on_add(&mut self, object: &Arc<T>, initial: bool) {
        let _ = (object, initial);
    }

    /// An object changed, or, if both are the same, a resync reminds of it.
    fn on_update(&mut self, old: &Arc<T>, new: &Arc<T>) {
        let _ = (old, new);
    }

    /// An object is gone.
    fn on_delete(&mut self, deleted: &Deleted<T>) {
        let _ = deleted;
    }

    /// Something happened. Calls the method for it.
    fn on_event(&mut self, event: &Event<T>) {
        match event {
            Event::Added { object, initial } => self.on_add(object, *initial),
            Event::Updated { old, new } => self.on_update(old, new),
            Event::Deleted(deleted) => self.on_delete(deleted),
        }
    }
}

impl<T, F: FnMut(&Event<T>) + Send + 'static> EventHandler<T> for F {
    fn on_event(&mut self, event: &Event<T>) {
        self(event);
    }
}

/// A handler that is told only of objects for which a condition holds. Made by [`filtered`].
#[derive(Debug)]
pub struct Filtered<C, H> {
    condition: C,
    handler: H,
}

/// A handler that is told only of objects for which `condition` holds.
///
/// An object that comes to fulfil it is an added one, and an object that no longer does is a deleted one, with the last state
/// in which it did.
pub fn filtered<T, C, H>(condition: C, handler: H) -> Filtered<C, H>
where
    C: FnMut(&T) -> bool + Send + 'static,
    H: EventHandler<T>,
{
    Filtered { condition, handler }
}

impl<T, C, H> EventHandler<T> for Filtered<C, H>
where
    C: FnMut(&T) -> bool + Send + 'static,
    H: EventHandler<T>,
{
    fn on_add(&mut self, object: &Arc<T>, initial: bool) {
        if (self.condition)(object) {
            self.handler.on_event(&Event::Added { object: Arc::clone(object), initial });
        }
    }

    fn on_update(&mut self, old: &Arc<T>, new: &Arc<T>) {
        match ((self.condition)(old), (self.condition)(new)) {
            (true, true) => {
                self.handler.on_event(&Event::Updated { old: Arc::clone(old), new: Arc::clone(new) });
            }
            (false, true) => {
                self.handler.on_event(&Event::Added { object: Arc::clone(new), initial: false });
            }
            (true, false) => self.handler.on_event(&Event::Deleted(Deleted::Final(Arc::clone(old)))),
            (false, false) => {}
        }
    }

    fn on_delete(&mut self, deleted: &Deleted<T>) {
        if (self.condition)(deleted.object()) {
            self.handler.on_event(&Event::Deleted(deleted.clone()));
        }
    }
}

/// Calls a handler with what comes until the mailbox is closed.
pub(super) async fn run<T: CacheObject>(
    mailbox: Arc<Mailbox<T>>,
    mut handler: impl EventHandler<T>,
    synced: watch::Sender<bool>,
) {
    let _close = CloseOnDrop(&mailbox);
    while let Some(parcel) = poll_fn(|context| mailbox.poll_take(context)).await {
        match parcel {
            Parcel::Events(events) => {
                for event in events.iter() {
                    if mailbox.is_closed() {
                        return;
                    }
                    handler.on_event(event);
                    mailbox.seen();
                    tokio::task::coop::consume_budget().await;
                }
            }
            Parcel::Synced => drop(synced.send_replace(true)),
        }
    }
}

/// Closes a mailbox when nobody takes from it any more, a panic of the handler included.
struct CloseOnDrop<'a, T>(&'a Mailbox<T>);

impl<T> Drop for CloseOnDrop<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(target: "kubeset::informers", "a handler panicked, and will not be called again");
        }
        self.0.close();
    }
}
