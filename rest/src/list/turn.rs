//! Giving way to other tasks while a list is decoded whose bytes are all there.

use std::pin::pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// How long a task decodes before it gives way, give or take an item.
const TURN: Duration = Duration::from_micros(500);

/// The time since a task last waited for something.
///
/// It is the machine's own time: that of a paused tokio would stand still.
#[derive(Debug, Default)]
pub(super) struct Turn {
    began: Option<Instant>,
}

impl Turn {
    /// Whether the task may go on. If not, it is woken when others had their turn.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.began.get_or_insert_with(Instant::now).elapsed() < TURN {
            return Poll::Ready(());
        }
        self.end();
        // Unlike a task that merely wakes itself, one that yields also lets the runtime look at sockets and timers. To be
        // polled once is all that it needs.
        pin!(tokio::task::yield_now()).poll(context)
    }

    /// The task waits for something else.
    pub(super) fn end(&mut self) {
        self.began = None;
    }
}
