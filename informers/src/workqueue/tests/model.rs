//! The queue beside a simple account of what it should do, step by step.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::{Instant, advance};

use super::super::{ExponentialLimiter, Work};
use super::*;

const STEPS: usize = 100_000;
const WORKERS: usize = 8;
const KEYS: u8 = 40;
const BASE: Duration = Duration::from_millis(2);
const MAX: Duration = Duration::from_millis(50);

/// What the queue should hold, in the plainest form.
#[derive(Default)]
struct Model {
    line: Vec<u8>,
    /// Keys in hand, and whether they were added again.
    in_hand: BTreeMap<u8, bool>,
    /// When each key that waits is due, and the order in which that was decided.
    delayed: BTreeMap<u8, (Instant, usize)>,
    failures: BTreeMap<u8, u32>,
}

impl Model {
    fn add(&mut self, key: u8) {
        if let Some(again) = self.in_hand.get_mut(&key) {
            *again = true;
        } else if !self.line.contains(&key) {
            self.line.push(key);
        }
    }

    fn add_after(&mut self, key: u8, delay: Duration, step: usize) {
        if delay.is_zero() {
            return self.add(key);
        }
        let at = Instant::now() + delay;
        let kept = self.delayed.entry(key).or_insert((at, step));
        if at < kept.0 {
            *kept = (at, step);
        }
    }

    fn add_rate_limited(&mut self, key: u8, step: usize) {
        let failures = self.failures.entry(key).or_insert(0);
        let delay = MAX.min(BASE * (1 << (*failures).min(10)));
        *failures += 1;
        self.add_after(key, delay, step);
    }

    fn release_due(&mut self) {
        let now = Instant::now();
        let mut due: Vec<_> = self.delayed.iter().map(|(key, at)| (*at, *key)).collect();
        due.retain(|((at, _), _)| *at <= now);
        due.sort_unstable();
        for (_, key) in due {
            self.delayed.remove(&key);
            self.add(key);
        }
    }

    fn take(&mut self) -> Option<u8> {
        self.release_due();
        if self.line.is_empty() {
            return None;
        }
        let key = self.line.remove(0);
        assert!(self.in_hand.insert(key, false).is_none(), "the model hands out a key twice");
        Some(key)
    }

    fn finish(&mut self, key: u8) {
        if self.in_hand.remove(&key).expect("it was handed out") {
            self.line.push(key);
        }
    }

    fn known(&self) -> usize {
        let keys: BTreeSet<_> =
            self.line.iter().chain(self.in_hand.keys()).chain(self.delayed.keys()).collect();
        keys.len()
    }
}

struct Run {
    random: fastrand::Rng,
    queue: WorkQueue<u8>,
    model: Model,
    hands: Vec<Work<u8>>,
    finished: usize,
}

impl Run {
    async fn step(&mut self, step: usize) {
        let key = self.random.u8(..KEYS);
        let delay = Duration::from_millis(self.random.u64(..20));
        match self.random.u8(..100) {
            0..30 => {
                self.queue.add(key);
                self.model.add(key);
            }
            30..40 => {
                self.queue.add_after(key, delay);
                self.model.add_after(key, delay, step);
            }
            40..45 => {
                self.queue.add_rate_limited(key);
                self.model.add_rate_limited(key, step);
            }
            45..48 => {
                self.queue.forget(&key);
                self.model.failures.remove(&key);
            }
            48..58 => advance(delay / 4).await,
            58..80 if self.hands.len() < WORKERS => {
                let work = self.queue.try_next();
                assert_eq!(work.as_deref().copied(), self.model.take(), "step {step}");
                self.hands.extend(work);
            }
            _ if !self.hands.is_empty() => self.finish(step, delay),
            _ => {}
        }
    }

    /// One of those who have a key finishes with it, somehow.
    fn finish(&mut self, step: usize, delay: Duration) {
        let work = self.hands.swap_remove(self.random.usize(..self.hands.len()));
        let key = *work;
        self.model.finish(key);
        self.finished += 1;
        match self.random.u8(..10) {
            0..6 => {
                work.done();
                self.model.failures.remove(&key);
            }
            6 => {
                work.retry();
                self.model.add_rate_limited(key, step);
            }
            7 => {
                drop(work);
                self.model.add_rate_limited(key, step);
            }
            _ => {
                work.retry_after(delay);
                self.model.failures.remove(&key);
                self.model.add_after(key, delay, step);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_steps_of_eight_workers_do_what_the_model_does() {
    for seed in 0..3 {
        let queue = WorkQueue::builder().rate_limiter(ExponentialLimiter::new(BASE, MAX)).build();
        let random = fastrand::Rng::with_seed(seed);
        let mut run = Run { random, queue, model: Model::default(), hands: Vec::new(), finished: 0 };
        for step in 0..STEPS {
            run.step(step).await;
            if step % 5 == 0 {
                run.model.release_due();
                assert_eq!(run.queue.len(), run.model.line.len(), "seed {seed}, step {step}");
                assert_eq!(known(&run.queue), run.model.known(), "seed {seed}, step {step}");
                let key = run.random.u8(..KEYS);
                let failures = run.model.failures.get(&key).copied().unwrap_or(0);
                assert_eq!(run.queue.retries(&key), failures, "seed {seed}, step {step}");
            }
        }
        assert!(run.finished > STEPS / 10, "it was worked on: {}", run.finished);
    }
}
