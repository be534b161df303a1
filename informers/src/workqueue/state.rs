//! What a queue holds under its lock: which keys there are, and what is to become of each.

use std::collections::VecDeque;
use std::task::Waker;
use std::time::Duration;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use slab::Slab;
use tokio::time::Instant;

use super::delay::Delays;
use super::limiter::RateLimiter;
use super::metrics::{Meter, UnfinishedWork};
use super::waiters::{Calls, Place, Waiters};

/// A delay that no clock can hold ends in as many years as this has seconds: thirty.
const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 3_600);

/// All keys that wait, are worked on, or will be due, each once, in a slot of its own.
///
/// Nobody waits in vain, because of two rules. A waiter gets in line only if no key is ready, each key that becomes
/// ready calls one, and one that was called and leaves without a key calls another: so while somebody is in line, as
/// many have been called as there are ready keys. And while somebody is in line and keys wait for their time,
/// somebody minds it.
pub(super) struct State<K> {
    slots: Slab<Slot<K>>,
    /// Slots by the hash of their key.
    by_key: HashTable<usize>,
    /// Keys that wait to be worked on and are not being worked on.
    ready: VecDeque<usize>,
    delays: Delays,
    waiters: Waiters,
    working: usize,
    /// Keys that are being worked on and wait to be worked on again.
    reruns: usize,
    pub(super) limiter: Box<dyn RateLimiter<K>>,
    pub(super) meter: Meter,
    shut_down: bool,
    draining: bool,
}

/// A key and what is known of it. It is one of `queued`, `working` and delayed, or several.
struct Slot<K> {
    key: K,
    hash: u64,
    queued: bool,
    working: bool,
    /// Only if somebody wants to know.
    queued_at: Option<Instant>,
    working_since: Option<Instant>,
}

/// When a key that was worked on is worked on again without being added.
#[derive(Clone, Copy)]
pub(super) enum Again {
    Never,
    After(Duration),
    ByRate,
}

/// What came of asking for a key.
pub(super) enum Turn<K> {
    /// A key, and its slot.
    Work(usize, K),
    /// Nothing yet. If there is a time, it must be minded.
    Wait(Option<Instant>),
    /// Nothing any more.
    End,
}

impl<K> State<K> {
    pub(super) fn new(limiter: Box<dyn RateLimiter<K>>, meter: Meter) -> Self {
        Self {
            slots: Slab::new(),
            by_key: HashTable::new(),
            ready: VecDeque::new(),
            delays: Delays::default(),
            waiters: Waiters::default(),
            working: 0,
            reruns: 0,
            limiter,
            meter,
            shut_down: false,
            draining: false,
        }
    }

    /// How many keys could be handed out now.
    pub(super) fn len(&mut self, calls: &mut Calls) -> usize {
        let due = self.release_due();
        self.waiters.call(due, calls);
        self.ready.len()
    }

    pub(super) fn is_shut_down(&self) -> bool {
        self.shut_down
    }

    /// Whether nobody has to wait for a drain any more.
    pub(super) fn is_drained(&self) -> bool {
        !self.draining || self.is_idle()
    }

    /// The key of a slot that is being worked on.
    pub(super) fn key(&self, slot: usize) -> &K {
        &self.slots[slot].key
    }

    /// Ends the work on a slot. Returns the delay until the next, and the key if nothing keeps it.
    pub(super) fn finish(&mut self, slot: usize, again: Again, calls: &mut Calls) -> (Duration, Option<K>) {
        // Before the limiter, which is somebody else's code: if it panics, the key can at least be added again.
        self.stop_work(slot, calls);
        let key = &self.slots[slot].key;
        let delay = match again {
            Again::ByRate => Some(self.limiter.delay(key)),
            Again::After(delay) => {
                self.limiter.forget(key);
                Some(delay)
            }
            Again::Never => {
                self.limiter.forget(key);
                None
            }
        };
        if let Some(delay) = delay
            && !self.shut_down
        {
            self.schedule(slot, delay, calls);
        }
        if self.shut_down && self.is_idle() {
            calls.drained = true;
        }
        (delay.unwrap_or_default(), self.release(slot))
    }

    /// Refuses keys from now on. Returns those that waited for their time.
    pub(super) fn shut_down(&mut self, drain: bool, calls: &mut Calls) -> Vec<K> {
        self.release_due();
        self.shut_down = true;
        self.draining = drain;
        self.waiters.call_all(calls);
        calls.drained = true;
        let delayed = self.delays.drain();
        delayed.filter_map(|slot| self.release(slot)).collect()
    }

    /// A waiter that goes without a key.
    pub(super) fn leave(&mut self, waiter: u64, calls: &mut Calls) {
        match self.waiters.leave(waiter) {
            Place::Timekeeper if !self.delays.is_empty() => self.waiters.call_timekeeper(calls),
            Place::Called if !self.ready.is_empty() => self.waiters.call(1, calls),
            _ => {}
        }
    }

    pub(super) fn unfinished(&self) -> UnfinishedWork {
        let now = Instant::now();
        let mut work = UnfinishedWork::default();
        for since in self.slots.iter().filter_map(|(_, slot)| slot.working_since) {
            let age = now.saturating_duration_since(since);
            work.keys += 1;
            work.total = work.total.saturating_add(age);
            work.longest = work.longest.max(age);
        }
        work
    }

    /// How many keys are known at all.
    #[cfg(test)]
    pub(super) fn known(&self) -> usize {
        assert_eq!(self.slots.len(), self.by_key.len(), "each slot is found by its key");
        self.slots.len()
    }

    fn is_idle(&self) -> bool {
        self.ready.is_empty() && self.working == 0
    }

    /// Lets a slot be worked on, now or as soon as the work on it has ended. Says whether it is ready now, and was not.
    fn enqueue(&mut self, slot: usize, since: impl FnOnce() -> Instant) -> bool {
        let entry = &mut self.slots[slot];
        if entry.queued {
            return false;
        }
        entry.queued = true;
        let ready = !entry.working;
        if self.meter.is_on() {
            entry.queued_at = Some(since());
        }
        if ready {
            self.ready.push_back(slot);
        } else {
            self.reruns += 1;
        }
        self.meter.tell(|metrics, queue| metrics.added(queue));
        self.tell_depth();
        ready
    }

    /// Enqueues a slot after a delay.
    fn schedule(&mut self, slot: usize, delay: Duration, calls: &mut Calls) {
        self.meter.tell(|metrics, queue| metrics.retried(queue));
        if delay.is_zero() {
            let ready = self.enqueue(slot, Instant::now);
            self.waiters.call(usize::from(ready), calls);
            return;
        }
        let now = Instant::now();
        let at = now.checked_add(delay).unwrap_or(now + FAR_FUTURE);
        if self.delays.schedule(slot, at) {
            self.waiters.call_timekeeper(calls);
        }
    }

    /// Enqueues the slots whose time has come, and says how many of them are ready.
    fn release_due(&mut self) -> usize {
        if self.delays.is_empty() {
            return 0;
        }
        let now = Instant::now();
        let mut ready = 0;
        while let Some((slot, at)) = self.delays.pop_due(now) {
            ready += usize::from(self.enqueue(slot, || at));
        }
        ready
    }

    fn stop_work(&mut self, slot: usize, calls: &mut Calls) {
        let entry = &mut self.slots[slot];
        entry.working = false;
        self.working -= 1;
        if let Some(since) = entry.working_since.take() {
            self.meter.tell(|metrics, queue| metrics.work_duration(queue, since.elapsed()));
        }
        if entry.queued {
            self.reruns -= 1;
            self.ready.push_back(slot);
            self.waiters.call(1, calls);
        }
    }

    /// Frees a slot and returns its key, if nothing is to become of it.
    fn release(&mut self, slot: usize) -> Option<K> {
        let entry = &self.slots[slot];
        if entry.queued || entry.working || self.delays.contains(slot) {
            return None;
        }
        let found = self.by_key.find_entry(entry.hash, |other| *other == slot);
        if let Ok(found) = found {
            found.remove();
        }
        Some(self.slots.remove(slot).key)
    }

    fn tell_depth(&self) {
        self.meter.tell(|metrics, queue| metrics.depth(queue, self.ready.len() + self.reruns));
    }
}

impl<K: Eq> State<K> {
    /// Adds a key. Returns it if it was not needed.
    pub(super) fn add(&mut self, hash: u64, key: K, calls: &mut Calls) -> Option<K> {
        if self.shut_down {
            return Some(key);
        }
        let (slot, spare) = self.slot(hash, key);
        let ready = self.enqueue(slot, Instant::now);
        self.waiters.call(usize::from(ready), calls);
        spare
    }

    /// Adds a key when a delay has passed: this one, or the limiter's. Returns the key if it was not needed.
    pub(super) fn add_later(
        &mut self,
        hash: u64,
        key: K,
        delay: Option<Duration>,
        calls: &mut Calls,
    ) -> Option<K> {
        if self.shut_down {
            return Some(key);
        }
        let delay = delay.unwrap_or_else(|| self.limiter.delay(&key));
        let (slot, spare) = self.slot(hash, key);
        self.schedule(slot, delay, calls);
        spare
    }

    /// The slot of a key, and the key itself if it has one already.
    fn slot(&mut self, hash: u64, key: K) -> (usize, Option<K>) {
        let slots = &mut self.slots;
        let is_it = |slot: &usize| slots[*slot].hash == hash && slots[*slot].key == key;
        match self.by_key.entry(hash, is_it, |slot| slots[*slot].hash) {
            Entry::Occupied(entry) => (*entry.get(), Some(key)),
            Entry::Vacant(entry) => {
                let slot = slots.insert(Slot {
                    key,
                    hash,
                    queued: false,
                    working: false,
                    queued_at: None,
                    working_since: None,
                });
                entry.insert(slot);
                (slot, None)
            }
        }
    }
}

impl<K: Clone> State<K> {
    /// Takes a key, or waits for one as `waiter`, which is its number if it has waited before.
    pub(super) fn turn(&mut self, waiter: &mut Option<u64>, waker: &Waker, calls: &mut Calls) -> Turn<K> {
        if let Some((slot, key)) = self.take(waiter, calls) {
            return Turn::Work(slot, key);
        }
        if self.shut_down {
            *waiter = None;
            return Turn::End;
        }
        let number = self.waiters.wait(*waiter, waker, !self.delays.is_empty());
        *waiter = Some(number);
        let minds_time = self.waiters.is_timekeeper(number);
        Turn::Wait(self.delays.next().filter(|_| minds_time))
    }

    /// Takes the key that has been ready for longest.
    pub(super) fn take(&mut self, waiter: &mut Option<u64>, calls: &mut Calls) -> Option<(usize, K)> {
        let due = self.release_due();
        let slot = *self.ready.front()?;
        let key = self.slots[slot].key.clone();
        self.ready.pop_front();
        self.start_work(slot);
        let place = waiter.take().map(|number| self.waiters.leave(number));
        // One of those that are due now needs nobody else, unless this one was called for another.
        let own = usize::from(place != Some(Place::Called));
        self.waiters.call(due.saturating_sub(own), calls);
        if place == Some(Place::Timekeeper) && !self.delays.is_empty() {
            self.waiters.call_timekeeper(calls);
        }
        Some((slot, key))
    }

    fn start_work(&mut self, slot: usize) {
        let entry = &mut self.slots[slot];
        entry.queued = false;
        entry.working = true;
        self.working += 1;
        if !self.meter.is_on() {
            return;
        }
        let now = Instant::now();
        entry.working_since = Some(now);
        if let Some(since) = entry.queued_at.take() {
            let waited = now.saturating_duration_since(since);
            self.meter.tell(|metrics, queue| metrics.latency(queue, waited));
        }
        self.tell_depth();
    }
}
