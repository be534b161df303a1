//! Workers that run until the queue ends.

use std::collections::BTreeSet;
use std::io;
use std::sync::Mutex;

use tokio::time::{Instant, sleep, timeout};

use super::super::{ExponentialLimiter, Outcome, RateLimiter};
use super::*;

/// What happened, and at which millisecond.
#[derive(Clone)]
struct Diary {
    start: Instant,
    entries: Arc<Mutex<Vec<(Key, u128)>>>,
}

impl Diary {
    fn new() -> Self {
        Self { start: Instant::now(), entries: Arc::default() }
    }

    /// Writes a key down, and says how often it is there.
    fn note(&self, key: Key) -> usize {
        let mut entries = self.entries.lock().unwrap();
        entries.push((key, self.start.elapsed().as_millis()));
        entries.iter().filter(|(other, _)| *other == key).count()
    }

    fn entries(&self) -> Vec<(Key, u128)> {
        self.entries.lock().unwrap().clone()
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_keys_are_worked_on_at_a_time_as_there_are_workers() {
    let queue = queue();
    for key in ["a", "b", "c", "d", "e"] {
        queue.add(key);
    }
    queue.shut_down();
    let diary = Diary::new();
    let notes = diary.clone();
    let reconcile = move |key| {
        notes.note(key);
        async {
            sleep(SECOND).await;
            Ok::<_, io::Error>(Outcome::Done)
        }
    };
    queue.run(2, reconcile).await;
    assert_eq!(diary.entries(), [("a", 0), ("b", 0), ("c", 1_000), ("d", 1_000), ("e", 2_000)]);
    assert_eq!(known(&queue), 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_added_while_it_is_worked_on_waits_though_workers_are_free() {
    let queue = queue();
    queue.add("a");
    let (diary, adder) = (Diary::new(), queue.clone());
    let notes = diary.clone();
    let reconcile = move |key| {
        let (first, adder) = (notes.note(key) == 1, adder.clone());
        async move {
            if first {
                adder.add(key);
                adder.shut_down();
            }
            sleep(SECOND).await;
            Ok::<_, io::Error>(Outcome::Done)
        }
    };
    queue.run(8, reconcile).await;
    assert_eq!(diary.entries(), [("a", 0), ("a", 1_000)]);
}

#[tokio::test(start_paused = true)]
async fn errors_are_retried_later_and_later_until_success_forgets_them() {
    let queue = WorkQueue::builder()
        .rate_limiter(ExponentialLimiter::new(Duration::from_millis(100), SECOND))
        .build();
    queue.add("a");
    let (diary, ender) = (Diary::new(), queue.clone());
    let notes = diary.clone();
    let reconcile = move |key| {
        let (times, ender) = (notes.note(key), ender.clone());
        async move {
            match times {
                1..=3 => Err("not yet"),
                4 => Ok(Outcome::RetryAfter(SECOND * 10)),
                5 => Err("again"),
                _ => {
                    ender.shut_down();
                    Ok(Outcome::Done)
                }
            }
        }
    };
    queue.run(1, reconcile).await;
    let times: Vec<u128> = diary.entries().iter().map(|(_, at)| *at).collect();
    assert_eq!(times, [0, 100, 300, 700, 10_700, 10_800]);
    assert_eq!(queue.retries(&"a"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_loses_neither_its_key_nor_its_worker() {
    let queue = queue();
    for key in ["at once", "later", "other"] {
        queue.add(key);
    }
    let (diary, ender) = (Diary::new(), queue.clone());
    let notes = diary.clone();
    let reconcile = move |key| {
        let first = notes.note(key) == 1;
        assert!(!(first && key == "at once"), "a panic before there is a future");
        let ender = ender.clone();
        async move {
            tokio::task::yield_now().await;
            assert!(!(first && key == "later"), "a panic in the future");
            if !first && key == "later" {
                ender.shut_down();
            }
            Ok::<_, io::Error>(Outcome::Done)
        }
    };
    queue.run(1, reconcile).await;
    let wanted = [("at once", 0), ("later", 0), ("other", 0), ("at once", 1_000), ("later", 1_000)];
    assert_eq!(diary.entries(), wanted);
}

/// Panics the first time that it is to forget a key.
#[derive(Debug)]
struct Careless(bool);

impl RateLimiter<Key> for Careless {
    fn delay(&mut self, _: &Key) -> Duration {
        SECOND
    }

    fn forget(&mut self, _: &Key) {
        assert!(std::mem::replace(&mut self.0, true), "a limiter panics");
    }

    fn retries(&self, _: &Key) -> u32 {
        0
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_panics_in_a_limiter_is_replaced_and_the_queue_goes_on() {
    let queue = WorkQueue::builder().rate_limiter(Careless(false)).build();
    queue.add("a");
    queue.add("b");
    let (diary, ender) = (Diary::new(), queue.clone());
    let notes = diary.clone();
    let reconcile = move |key| {
        notes.note(key);
        if key == "b" {
            ender.add("a");
            ender.shut_down();
        }
        async { Ok::<_, io::Error>(Outcome::Done) }
    };
    timeout(SECOND, queue.run(1, reconcile)).await.expect("there is a worker");
    assert_eq!(diary.entries(), [("a", 0), ("b", 0), ("a", 0)]);
    assert_eq!(known(&queue), 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_workers_puts_their_keys_back() {
    let queue = queue();
    for key in ["a", "b", "c"] {
        queue.add(key);
    }
    let hang = |_| std::future::pending::<Result<Outcome, io::Error>>();
    assert!(timeout(SECOND, queue.run(2, hang)).await.is_err());
    let mut keys = BTreeSet::new();
    for _ in 0..3 {
        let work = timeout(SECOND * 10, queue.next()).await.expect("no key is lost").unwrap();
        keys.insert(*work);
        work.done();
    }
    assert_eq!(keys, BTreeSet::from(["a", "b", "c"]));
}

#[tokio::test]
async fn without_a_worker_there_is_one() {
    let queue = queue();
    queue.add("a");
    queue.shut_down();
    queue.run(0, |_| async { Ok::<_, io::Error>(Outcome::Done) }).await;
    assert_eq!(known(&queue), 0);
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_the_workers() {
    let queue = queue();
    queue.add("a");
    queue.add("b");
    let slow = |_| async {
        sleep(SECOND).await;
        Ok::<_, io::Error>(Outcome::Done)
    };
    let running = tokio::spawn({
        let queue = queue.clone();
        async move { queue.run(1, slow).await }
    });
    tokio::task::yield_now().await;
    let start = Instant::now();
    queue.shut_down_with_drain().await;
    assert_eq!(start.elapsed(), SECOND * 2);
    timeout(SECOND, running).await.expect("they ended").unwrap();
}
