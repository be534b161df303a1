//! What the metrics are told.

use std::io;
use std::sync::{Mutex, OnceLock};

use tokio::time::{advance, sleep};

use super::super::{Outcome, UnfinishedWork, WorkQueueMetrics};
use super::*;

/// Writes down what it is told.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<String>>);

impl Told {
    fn note(&self, queue: &str, text: String) {
        assert_eq!(queue, "pods");
        self.0.lock().unwrap().push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl WorkQueueMetrics for Told {
    fn added(&self, queue: &str) {
        self.note(queue, "added".into());
    }

    fn depth(&self, queue: &str, keys: usize) {
        self.note(queue, format!("depth {keys}"));
    }

    fn latency(&self, queue: &str, waited: Duration) {
        self.note(queue, format!("waited {waited:?}"));
    }

    fn work_duration(&self, queue: &str, worked: Duration) {
        self.note(queue, format!("worked {worked:?}"));
    }

    fn retried(&self, queue: &str) {
        self.note(queue, "retried".into());
    }

    fn unfinished(&self, queue: &str, work: UnfinishedWork) {
        self.note(queue, format!("unfinished {} {:?} {:?}", work.keys, work.total, work.longest));
    }
}

fn measured() -> (WorkQueue<Key>, Arc<Told>) {
    let told = Arc::new(Told::default());
    let limiter = FastSlowLimiter::new(SECOND, SECOND, 0);
    (WorkQueue::builder().name("pods").rate_limiter(limiter).metrics(told.clone()).build(), told)
}

#[tokio::test(start_paused = true)]
async fn each_step_of_a_key_is_told() {
    let (queue, told) = measured();
    queue.add("a");
    queue.add("a");
    queue.add("b");
    assert_eq!(told.take(), ["added", "depth 1", "added", "depth 2"], "a key that is in line is not added");
    advance(SECOND * 2).await;
    let work = queue.try_next().unwrap();
    assert_eq!(told.take(), ["waited 2s", "depth 1"]);
    advance(SECOND * 3).await;
    queue.add("a");
    assert_eq!(told.take(), ["added", "depth 2"], "what will run again waits too");
    advance(SECOND).await;
    work.done();
    assert_eq!(told.take(), ["worked 4s"]);
    assert_eq!(take_all(&queue), ["b", "a"]);
    assert_eq!(told.take(), ["waited 6s", "depth 1", "worked 0ns", "waited 1s", "depth 0", "worked 0ns"]);
}

#[tokio::test(start_paused = true)]
async fn delays_are_told_as_retries_and_keys_as_added_when_they_are_due() {
    let (queue, told) = measured();
    queue.add_rate_limited("a");
    queue.add_after("b", Duration::ZERO);
    assert_eq!(told.take(), ["retried", "retried", "added", "depth 1"]);
    advance(SECOND * 4).await;
    queue.try_next().unwrap().retry();
    assert_eq!(told.take(), ["added", "depth 2", "waited 4s", "depth 1", "worked 0ns", "retried"]);
    queue.try_next().unwrap().done();
    assert_eq!(told.take(), ["waited 3s", "depth 0", "worked 0ns"], "it was due three seconds ago");
}

#[tokio::test(start_paused = true)]
async fn unfinished_work_is_known_at_any_time() {
    let (queue, _) = measured();
    queue.add("a");
    queue.add("b");
    let first = queue.try_next().unwrap();
    advance(SECOND * 2).await;
    let second = queue.try_next().unwrap();
    advance(SECOND * 3).await;
    let work = queue.unfinished().unwrap();
    assert_eq!((work.keys, work.total, work.longest), (2, SECOND * 8, SECOND * 5));
    first.done();
    second.done();
    assert_eq!(queue.unfinished(), Some(UnfinishedWork::default()));
}

#[test]
fn without_metrics_nothing_is_timed() {
    let queue = queue();
    queue.add("a");
    let work = queue.try_next().unwrap();
    assert_eq!(queue.unfinished(), None);
    work.done();
}

#[tokio::test(start_paused = true)]
async fn workers_tell_of_unfinished_work_twice_a_second() {
    let (queue, told) = measured();
    queue.add("a");
    queue.shut_down();
    let slow = |_| async {
        sleep(Duration::from_millis(1_250)).await;
        Ok::<_, io::Error>(Outcome::Done)
    };
    queue.run(2, slow).await;
    let told: Vec<_> = told.take().into_iter().filter(|text| text.starts_with("unfinished")).collect();
    assert_eq!(told, ["unfinished 1 500ms 500ms", "unfinished 1 1s 1s"]);
}

/// Asks the queue when it is told of unfinished work.
#[derive(Debug, Default)]
struct Asking {
    queue: OnceLock<WorkQueue<Key>>,
    lengths: Mutex<Vec<usize>>,
}

impl WorkQueueMetrics for Asking {
    fn unfinished(&self, _: &str, work: UnfinishedWork) {
        let queue = self.queue.get().unwrap();
        self.lengths.lock().unwrap().push(work.keys + queue.len());
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_told_of_unfinished_work_may_ask_the_queue() {
    let asking = Arc::new(Asking::default());
    let queue = WorkQueue::builder().metrics(asking.clone()).build();
    asking.queue.set(queue.clone()).unwrap();
    queue.add("a");
    queue.add("b");
    queue.shut_down();
    let slow = |_| async {
        sleep(Duration::from_millis(700)).await;
        Ok::<_, io::Error>(Outcome::Done)
    };
    queue.run(1, slow).await;
    assert_eq!(*asking.lengths.lock().unwrap(), [2, 1]);
}
