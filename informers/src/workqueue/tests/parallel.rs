//! Workers and those who add, at the same time.

use std::sync::atomic::AtomicBool;

use super::super::{ExponentialLimiter, Work};
use super::*;

const KEYS: usize = 64;
const ADDERS: usize = 4;
const WORKERS: usize = 8;
const OPERATIONS: usize = 100_000;

/// What is known of each key, with times that are numbers of a common clock.
struct Account {
    clock: AtomicUsize,
    keys: Vec<Record>,
    runs: AtomicUsize,
    retries: AtomicUsize,
}

#[derive(Default)]
struct Record {
    in_hand: AtomicBool,
    /// Before the last time that it was added.
    added: AtomicUsize,
    /// After the last time that it was handed out.
    begun: AtomicUsize,
}

impl Account {
    fn new() -> Self {
        let keys = (0..KEYS).map(|_| Record::default()).collect();
        Self { clock: AtomicUsize::new(1), keys, runs: AtomicUsize::new(0), retries: AtomicUsize::new(0) }
    }

    fn now(&self) -> usize {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    fn will_add(&self, key: usize) {
        self.keys[key].added.fetch_max(self.now(), Ordering::SeqCst);
    }
}

async fn add(queue: WorkQueue<usize>, account: Arc<Account>, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..OPERATIONS / ADDERS {
        let key = random.usize(..KEYS);
        account.will_add(key);
        match random.u8(..20) {
            0 => queue.add_after(key, Duration::from_micros(random.u64(..3_000))),
            1 => queue.add_rate_limited(key),
            _ => queue.add(key),
        }
        if random.u8(..) < 20 {
            tokio::task::yield_now().await;
        }
    }
}

async fn work(queue: WorkQueue<usize>, account: Arc<Account>, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    while let Some(work) = queue.next().await {
        let record = &account.keys[*work];
        record.begun.store(account.now(), Ordering::SeqCst);
        assert!(!record.in_hand.swap(true, Ordering::SeqCst), "key {} is in two pairs of hands", *work);
        account.runs.fetch_add(1, Ordering::SeqCst);
        for _ in 0..random.u8(..3) {
            tokio::task::yield_now().await;
        }
        assert!(record.in_hand.swap(false, Ordering::SeqCst));
        finish(work, &account, &mut random);
    }
}

fn finish(work: Work<usize>, account: &Account, random: &mut fastrand::Rng) {
    let how = random.u8(..20);
    if how < 3 {
        account.will_add(*work);
        account.retries.fetch_add(1, Ordering::SeqCst);
    }
    match how {
        0 => drop(work),
        1 => {
            work.retry();
        }
        2 => work.retry_after(Duration::from_micros(random.u64(..3_000))),
        _ => work.done(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_key_is_worked_on_after_it_was_last_added_and_never_twice_at_a_time() {
    let account = Arc::new(Account::new());
    let limiter = ExponentialLimiter::new(Duration::from_micros(10), Duration::from_millis(3));
    let queue = WorkQueue::builder().rate_limiter(limiter).build();
    let workers: Vec<_> = (0..WORKERS as u64)
        .map(|seed| tokio::spawn(work(queue.clone(), Arc::clone(&account), seed)))
        .collect();
    let adders: Vec<_> = (0..ADDERS as u64)
        .map(|seed| tokio::spawn(add(queue.clone(), Arc::clone(&account), 100 + seed)))
        .collect();
    for adder in adders {
        adder.await.unwrap();
    }
    let settled = async {
        while known(&queue) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SECOND * 60, settled).await.expect("every key is done in the end");
    queue.shut_down();
    for worker in workers {
        worker.await.unwrap();
    }
    for (key, record) in account.keys.iter().enumerate() {
        let (added, begun) = (record.added.load(Ordering::SeqCst), record.begun.load(Ordering::SeqCst));
        assert!(begun > added, "key {key} was added at {added}, and work began last at {begun}");
    }
    let (runs, retries) = (account.runs.load(Ordering::SeqCst), account.retries.load(Ordering::SeqCst));
    assert!((KEYS..=OPERATIONS + retries).contains(&runs), "{runs} runs, {retries} retries");
}
