//! The logs that tests have set.

use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// A container of a Pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    namespace: String,
    pod: String,
    container: String,
}

impl Place {
    pub(super) fn new(namespace: &str, pod: &str, container: &str) -> Self {
        Self { namespace: namespace.to_owned(), pod: pod.to_owned(), container: container.to_owned() }
    }
}

/// A line, with its end if it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) time: Timestamp,
    pub(super) text: String,
}

/// The log of a container.
#[derive(Debug, Default)]
pub(super) struct Log {
    content: Mutex<Content>,
    /// Tells those who follow that there is more.
    pub(super) changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Content {
    lines: Vec<Line>,
    /// Of the container before this one.
    previous: Option<Vec<Line>>,
}

/// All logs.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    logs: Mutex<HashMap<Place, Arc<Log>>>,
}

impl Logs {
    pub(super) fn find(&self, place: &Place) -> Option<Arc<Log>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner).get(place).cloned()
    }

    fn of(&self, namespace: &str, pod: &str, container: &str) -> Arc<Log> {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.entry(Place::new(namespace, pod, container)).or_default().clone()
    }

    /// Replaces a log. Who follows it follows the new one from its beginning.
    pub(crate) fn set(&self, namespace: &str, pod: &str, container: &str, text: &str) {
        let log = self.of(namespace, pod, container);
        let mut lines = Vec::new();
        append(&mut lines, text);
        log.content().lines = lines;
        log.changed.send_replace(());
    }

    /// Replaces the log of the container before this one.
    pub(crate) fn set_previous(&self, namespace: &str, pod: &str, container: &str, text: &str) {
        let mut lines = Vec::new();
        append(&mut lines, text);
        self.of(namespace, pod, container).content().previous = Some(lines);
    }

    /// Adds to a log.
    pub(crate) fn append(&self, namespace: &str, pod: &str, container: &str, text: &str) {
        let log = self.of(namespace, pod, container);
        append(&mut log.content().lines, text);
        log.changed.send_replace(());
    }
}

impl Log {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        self.content().lines.clone()
    }

    pub(super) fn previous(&self) -> Option<Vec<Line>> {
        self.content().previous.clone()
    }
}

/// Adds text to lines, of which the last may not have ended.
fn append(lines: &mut Vec<Line>, text: &str) {
    let time = Timestamp::now();
    for piece in text.split_inclusive('\n') {
        match lines.last_mut().filter(|last| !last.text.ends_with('\n')) {
            Some(last) => last.text.push_str(piece),
            None => lines.push(Line { time, text: piece.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Logs, Place};

    #[test]
    fn a_line_may_come_in_pieces() {
        let logs = Logs::default();
        logs.set("x", "p", "c", "one\ntw");
        logs.append("x", "p", "c", "o\nthree");
        let lines = logs.find(&Place::new("x", "p", "c")).unwrap().lines();
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["one\n", "two\n", "three"]);
        assert!(logs.find(&Place::new("x", "p", "d")).is_none());
    }
}
