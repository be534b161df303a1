//! The watches that are running, for tests that interfere with them.

use super::body::Control;
use crate::matcher::Matcher;
use crate::request::Seen;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// The watches of a server that are running.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    running: Mutex<Vec<Running>>,
}

#[derive(Clone, Debug)]
struct Running {
    seen: Arc<Seen>,
    control: mpsc::UnboundedSender<Control>,
}

impl Watches {
    fn lock(&self) -> MutexGuard<'_, Vec<Running>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|watch| !watch.control.is_closed());
        running
    }

    /// Adds a watch. It is forgotten when what this returns is dropped.
    pub(crate) fn add(&self, seen: Arc<Seen>) -> mpsc::UnboundedReceiver<Control> {
        let (control, receiver) = mpsc::unbounded_channel();
        self.lock().push(Running { seen, control });
        receiver
    }

    /// How many of the watches that are meant are running.
    pub(crate) fn count(&self, matcher: &Matcher) -> usize {
        self.matching(matcher).len()
    }

    /// Does something to the watches that are meant; says to how many.
    pub(crate) fn control(&self, matcher: &Matcher, control: &Control) -> usize {
        let watches = self.matching(matcher);
        watches.iter().filter(|watch| watch.control.send(control.clone()).is_ok()).count()
    }

    fn matching(&self, matcher: &Matcher) -> Vec<Running> {
        // The matcher may call a function of the test, which may look at watches: so not under the lock.
        let all = self.lock().clone();
        all.into_iter().filter(|watch| matcher.matches(&watch.seen)).collect()
    }
}
