//! Keys that wait for their time: a heap that knows where each of them stands.

use tokio::time::Instant;

/// The position of a slot that does not wait.
const ABSENT: usize = usize::MAX;

/// Slots by the time when they are due; those of one time in the order in which they were given it.
#[derive(Default)]
pub(super) struct Delays {
    heap: Vec<Entry>,
    /// Where in the heap each slot is.
    positions: Vec<usize>,
    given: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    at: Instant,
    /// Numbers what was scheduled, so that equal times stay in order.
    number: u64,
    slot: usize,
}

impl Entry {
    fn is_before(&self, other: &Self) -> bool {
        (self.at, self.number) < (other.at, other.number)
    }
}

impl Delays {
    pub(super) fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    pub(super) fn contains(&self, slot: usize) -> bool {
        self.position(slot) != ABSENT
    }

    /// When the first of them is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.heap.first().map(|entry| entry.at)
    }

    /// Makes a slot due at `at`, unless it is due earlier. Says whether it is now the first of all, and was not before
    /// or was later.
    pub(super) fn schedule(&mut self, slot: usize, at: Instant) -> bool {
        let entry = Entry { at, number: self.given, slot };
        let position = match self.position(slot) {
            ABSENT => {
                self.heap.push(entry);
                self.heap.len() - 1
            }
            position if at < self.heap[position].at => position,
            _ => return false,
        };
        self.given += 1;
        if self.positions.len() <= slot {
            self.positions.resize(slot + 1, ABSENT);
        }
        self.rise(position, entry) == 0
    }

    /// Takes out the first slot, with its time, if that is not after `now`.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<(usize, Instant)> {
        let first = *self.heap.first().filter(|entry| entry.at <= now)?;
        let last = self.heap.pop()?;
        self.positions[first.slot] = ABSENT;
        if !self.heap.is_empty() {
            self.sink(last);
        }
        Some((first.slot, first.at))
    }

    /// Takes out all slots, in no order.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = usize> + use<> {
        self.positions = Vec::new();
        std::mem::take(&mut self.heap).into_iter().map(|entry| entry.slot)
    }

    fn position(&self, slot: usize) -> usize {
        self.positions.get(slot).copied().unwrap_or(ABSENT)
    }

    fn put(&mut self, position: usize, entry: Entry) {
        self.heap[position] = entry;
        self.positions[entry.slot] = position;
    }

    /// Puts an entry where it belongs between `position` and the top, and says where that is.
    fn rise(&mut self, mut position: usize, entry: Entry) -> usize {
        while position > 0 {
            let above = (position - 1) / 2;
            if !entry.is_before(&self.heap[above]) {
                break;
            }
            self.put(position, self.heap[above]);
            position = above;
        }
        self.put(position, entry);
        position
    }

    /// Puts an entry where it belongs between the top, which is free, and the bottom.
    fn sink(&mut self, entry: Entry) {
        let mut position = 0;
        loop {
            let mut below = 2 * position + 1;
            if below >= self.heap.len() {
                break;
            }
            if below + 1 < self.heap.len() && self.heap[below + 1].is_before(&self.heap[below]) {
                below += 1;
            }
            if !self.heap[below].is_before(&entry) {
                break;
            }
            self.put(position, self.heap[below]);
            position = below;
        }
        self.put(position, entry);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;

    #[test]
    fn slots_come_out_by_time_and_then_in_order() {
        let now = Instant::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        let mut delays = Delays::default();
        assert!(delays.schedule(4, at(5)));
        assert!(!delays.schedule(2, at(7)));
        assert!(!delays.schedule(9, at(5)));
        assert!(delays.schedule(2, at(1)), "an earlier time counts");
        assert!(!delays.schedule(2, at(9)), "a later one does not");
        assert_eq!((delays.next(), delays.contains(9), delays.contains(3)), (Some(at(1)), true, false));
        assert_eq!(delays.pop_due(now), None);
        let out: Vec<_> = std::iter::from_fn(|| delays.pop_due(at(5))).collect();
        assert_eq!(out, [(2, at(1)), (4, at(5)), (9, at(5))]);
        assert!(delays.is_empty() && !delays.contains(9));
    }

    #[test]
    fn any_number_of_slots_comes_out_sorted() {
        let now = Instant::now();
        let mut random = fastrand::Rng::with_seed(7);
        let (mut delays, mut wanted) = (Delays::default(), BTreeMap::new());
        for _ in 0..20_000 {
            let (slot, at) = (random.usize(..500), now + Duration::from_millis(random.u64(..100_000)));
            delays.schedule(slot, at);
            let kept = wanted.entry(slot).or_insert(at);
            *kept = at.min(*kept);
            if random.u8(..) < 100 {
                let first = *wanted.values().min().unwrap();
                let (slot, at) = delays.pop_due(first).unwrap();
                assert_eq!((first, wanted.remove(&slot)), (at, Some(at)));
            }
        }
        assert_eq!(delays.drain().count(), wanted.len());
        assert!(delays.is_empty() && !(0..500).any(|slot| delays.contains(slot)));
    }
}
