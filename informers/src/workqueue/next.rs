//! Waiting for a key.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::task::coop;
use tokio::time::{Instant, Sleep, sleep_until};

use super::queue::WorkQueue;
use super::state::Turn;
use super::work::Work;

/// Waits for a key. Made by [`WorkQueue::next`], which says how.
#[must_use = "a future does nothing until it is awaited"]
pub struct Next<'a, K> {
    queue: &'a WorkQueue<K>,
    /// The number under which this waits.
    waiter: Option<u64>,
    /// Only whoever minds the time has it.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<'a, K> Next<'a, K> {
    pub(super) fn new(queue: &'a WorkQueue<K>) -> Self {
        Self { queue, waiter: None, timer: None }
    }

    /// Whether it is `at` or later. If not, this is woken then.
    fn poll_time(&mut self, at: Instant, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        timer.as_mut().poll(context)
    }
}

impl<K: Clone> Future for Next<'_, K> {
    type Output = Option<Work<K>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // A worker that never runs out of keys lets other tasks have their turn.
        let progress = ready!(coop::poll_proceed(context));
        let this = &mut *self;
        loop {
            let turn =
                this.queue.with_state(|state, calls| state.turn(&mut this.waiter, context.waker(), calls));
            let work = match turn {
                Turn::Work(slot, key) => Some(Work::new(key, this.queue.clone(), slot)),
                Turn::End => None,
                Turn::Wait(None) => return Poll::Pending,
                Turn::Wait(Some(at)) => {
                    ready!(this.poll_time(at, context));
                    continue;
                }
            };
            progress.made_progress();
            return Poll::Ready(work);
        }
    }
}

impl<K> Drop for Next<'_, K> {
    fn drop(&mut self) {
        if let Some(waiter) = self.waiter.take() {
            self.queue.with_state(|state, calls| state.leave(waiter, calls));
        }
    }
}

impl<K> fmt::Debug for Next<'_, K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Next").field("queue", self.queue).finish_non_exhaustive()
    }
}
