//! How often each key has failed.

use std::collections::HashMap;
use std::hash::Hash;

/// A count for each key that has failed and is not forgotten. Nothing else bounds it.
pub(super) struct Failures<K> {
    counts: HashMap<K, u32>,
}

impl<K> Failures<K> {
    pub(super) fn new() -> Self {
        Self { counts: HashMap::new() }
    }

    pub(super) fn keys(&self) -> usize {
        self.counts.len()
    }
}

impl<K: Clone + Eq + Hash> Failures<K> {
    /// Counts one more failure, and says how many there were before it.
    pub(super) fn record(&mut self, key: &K) -> u32 {
        if let Some(count) = self.counts.get_mut(key) {
            let before = *count;
            *count = before.saturating_add(1);
            return before;
        }
        self.counts.insert(key.clone(), 1);
        0
    }

    pub(super) fn forget(&mut self, key: &K) {
        // Nearly every key that is done has never failed: then it need not be hashed.
        if !self.counts.is_empty() {
            self.counts.remove(key);
        }
    }

    pub(super) fn of(&self, key: &K) -> u32 {
        self.counts.get(key).copied().unwrap_or(0)
    }
}
