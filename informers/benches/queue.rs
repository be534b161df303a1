//! What an operation of a work queue costs: `cargo bench -p kubeset-informers --bench queue`.
//!
//! Each line is the median of several runs, in nanoseconds of the clock for one key that is added, taken and done.

use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use kubeset_informers::ObjectKey;
use kubeset_informers::workqueue::WorkQueue;
use tokio::runtime::{Builder, Runtime};

const KEYS: usize = 10_000;
const ROUNDS: usize = 50;
/// As many as all keys in all rounds.
const OPERATIONS: u32 = 500_000;
const RUNS: usize = 7;

fn main() -> io::Result<()> {
    let keys: Vec<ObjectKey> =
        (0..KEYS).map(|number| ObjectKey::new("prod", &format!("web-{number}"))).collect();
    let one = Builder::new_current_thread().enable_time().build()?;
    let two = Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    report("one key at a time", || alternate(&keys))?;
    report("one key at a time, while another waits for its time", || alternate_with_delay(&keys))?;
    report("all keys, then all of them", || in_bulk(&keys))?;
    report("the same key again and again, while it is in line", || repeat(&keys))?;
    report("1 task adds, 1 works, 1 thread", || in_tasks(&one, &keys, 1, 1))?;
    report("1 task adds, 1 works, 2 threads", || in_tasks(&two, &keys, 1, 1))?;
    report("4 tasks add, 8 work, 2 threads", || in_tasks(&two, &keys, 4, 8))
}

fn report(what: &str, mut run: impl FnMut() -> (Duration, u32)) -> io::Result<()> {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let (elapsed, keys) = run();
            elapsed / keys.max(1)
        })
        .collect();
    times.sort_unstable();
    writeln!(io::stdout(), "{:6} ns  {what}", times[RUNS / 2].as_nanos())
}

fn alternate(keys: &[ObjectKey]) -> (Duration, u32) {
    alternate_on(&WorkQueue::new(), keys)
}

fn alternate_with_delay(keys: &[ObjectKey]) -> (Duration, u32) {
    let queue = WorkQueue::new();
    queue.add_after(ObjectKey::cluster("later"), Duration::from_secs(3_600));
    alternate_on(&queue, keys)
}

fn alternate_on(queue: &WorkQueue<ObjectKey>, keys: &[ObjectKey]) -> (Duration, u32) {
    let start = Instant::now();
    for key in keys.iter().cycle().take(OPERATIONS as usize) {
        queue.add(key.clone());
        let work = queue.try_next().expect("a key is in line");
        black_box(&*work);
        work.done();
    }
    (start.elapsed(), OPERATIONS)
}

fn in_bulk(keys: &[ObjectKey]) -> (Duration, u32) {
    let queue = WorkQueue::new();
    let start = Instant::now();
    for _ in 0..ROUNDS {
        for key in keys {
            queue.add(key.clone());
        }
        finish_all(&queue);
    }
    (start.elapsed(), OPERATIONS)
}

fn repeat(keys: &[ObjectKey]) -> (Duration, u32) {
    let queue = WorkQueue::new();
    let start = Instant::now();
    for _ in 0..OPERATIONS {
        queue.add(keys[0].clone());
    }
    let elapsed = start.elapsed();
    finish_all(&queue);
    (elapsed, OPERATIONS)
}

fn finish_all(queue: &WorkQueue<ObjectKey>) {
    while let Some(work) = queue.try_next() {
        black_box(&*work);
        work.done();
    }
}

/// Each of the adders adds its own part of the keys.
fn in_tasks(runtime: &Runtime, keys: &[ObjectKey], adders: usize, workers: usize) -> (Duration, u32) {
    let queue = WorkQueue::new();
    let start = Instant::now();
    let done = runtime.block_on(async {
        let workers: Vec<_> = (0..workers).map(|_| tokio::spawn(work(queue.clone()))).collect();
        let adders: Vec<_> =
            keys.chunks(KEYS / adders).map(|part| tokio::spawn(add(queue.clone(), part.to_vec()))).collect();
        for adder in adders {
            adder.await.expect("an adder ends");
        }
        queue.shut_down();
        let mut done = 0;
        for worker in workers {
            done += worker.await.expect("a worker ends");
        }
        done
    });
    (start.elapsed(), done)
}

async fn add(queue: WorkQueue<ObjectKey>, keys: Vec<ObjectKey>) {
    for _ in 0..ROUNDS {
        // No more than a worker takes before it lets others have their turn.
        for part in keys.chunks(100) {
            for key in part {
                queue.add(key.clone());
            }
            tokio::task::yield_now().await;
        }
    }
}

async fn work(queue: WorkQueue<ObjectKey>) -> u32 {
    let mut done = 0;
    while let Some(work) = queue.next().await {
        black_box(&*work);
        work.done();
        done += 1;
    }
    done
}
