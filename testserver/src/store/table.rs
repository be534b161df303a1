//! The objects of one resource, and what happened to them lately.

use super::{Changed, Compacted, Entry, Listing, ObjectKey, Range};
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    /// It came to be.
    Added,
    /// It is another.
    Modified,
    /// It is gone.
    Deleted,
}

/// Something that happened to an object.
#[derive(Debug)]
pub(crate) struct Change {
    /// What happened.
    pub(crate) kind: ChangeKind,
    /// The state after it; for a removal the last state, with the version of the removal.
    pub(crate) entry: Arc<Entry>,
    /// The state before it.
    pub(crate) previous: Option<Arc<Entry>>,
    /// The line that most watches send for it, once one has.
    pub(crate) line: OnceLock<(String, bytes::Bytes)>,
    /// The same in protobuf.
    pub(crate) frame: OnceLock<(String, bytes::Bytes)>,
}

/// The objects of one resource.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) objects: BTreeMap<ObjectKey, Arc<Entry>>,
    /// In the order of revisions.
    history: VecDeque<Arc<Change>>,
    /// Changes up to this revision are forgotten.
    forgotten: u64,
    pub(super) latest: watch::Sender<u64>,
}

impl Table {
    /// The object, if it is in the state of revision `expected`.
    pub(super) fn expect(&self, key: &ObjectKey, expected: u64) -> Result<&Arc<Entry>, Changed> {
        match self.objects.get(key) {
            Some(entry) if entry.revision == expected => Ok(entry),
            Some(entry) => Err(Changed::Other(entry.clone())),
            None => Err(Changed::Gone),
        }
    }

    /// Makes a change, and forgets the oldest ones beyond `limit`.
    pub(super) fn commit(&mut self, kind: ChangeKind, entry: Arc<Entry>, limit: usize) -> Arc<Change> {
        let previous = match kind {
            ChangeKind::Deleted => self.objects.remove(&entry.key),
            ChangeKind::Added | ChangeKind::Modified => self.objects.insert(entry.key.clone(), entry.clone()),
        };
        let revision = entry.revision;
        let change =
            Arc::new(Change { kind, entry, previous, line: OnceLock::new(), frame: OnceLock::new() });
        self.history.push_back(change.clone());
        while self.history.len() > limit {
            if let Some(forgotten) = self.history.pop_front() {
                self.forgotten = forgotten.entry.revision;
            }
        }
        self.latest.send_replace(revision);
        change
    }

    /// Whether everything that happened after a revision is remembered, and may be: nobody learns of what was
    /// before `compacted`.
    pub(super) fn check(&self, wanted: u64, compacted: u64) -> Result<(), Compacted> {
        let oldest = self.forgotten.max(compacted);
        if wanted < oldest { Err(Compacted { wanted, oldest }) } else { Ok(()) }
    }

    pub(super) fn changes_after(&self, revision: u64) -> Result<Vec<Arc<Change>>, Compacted> {
        self.check(revision, 0)?;
        let start = self.history.partition_point(|change| change.entry.revision <= revision);
        Ok(self.history.range(start..).cloned().collect())
    }

    pub(super) fn list(
        &self,
        range: &Range,
        limit: usize,
        matches: impl Fn(&Entry) -> bool,
        listing: &mut Listing,
    ) {
        let past = range.revision.and_then(|revision| self.undone(revision));
        let objects = past.as_ref().unwrap_or(&self.objects);
        let start = match (&range.after, &range.namespace) {
            (Some(after), _) => Bound::Excluded(after.clone()),
            (None, Some(namespace)) => Bound::Included(ObjectKey::new(namespace.as_str(), "")),
            (None, None) => Bound::Unbounded,
        };
        let inside = |entry: &&Arc<Entry>| {
            range.namespace.as_ref().is_none_or(|namespace| entry.key.namespace == *namespace)
        };
        let passed_over = Cell::new(false);
        let mut found =
            objects.range((start, Bound::Unbounded)).map(|(_, entry)| entry).take_while(inside).filter(
                |entry| {
                    let selected = matches(entry);
                    passed_over.set(passed_over.get() || !selected);
                    selected
                },
            );
        listing.entries.extend(found.by_ref().take(limit).cloned());
        listing.remaining = found.count();
        listing.passed_over = passed_over.get();
    }

    /// The objects as of a revision; none if nothing has changed since.
    fn undone(&self, revision: u64) -> Option<BTreeMap<ObjectKey, Arc<Entry>>> {
        let later = self.history.iter().rev().take_while(|change| change.entry.revision > revision);
        let mut later = later.peekable();
        later.peek()?;
        let mut objects = self.objects.clone();
        for change in later {
            match &change.previous {
                Some(previous) => objects.insert(previous.key.clone(), previous.clone()),
                None => objects.remove(&change.entry.key),
            };
        }
        Some(objects)
    }
}
