//! Futures that are dropped, and tasks that panic.

use tokio::time::timeout;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_key_that_is_dropped_is_retried_by_rate() {
    let queue = queue();
    queue.add("a");
    drop(queue.try_next());
    assert_eq!((queue.len(), queue.retries(&"a")), (0, 1));
    let start = tokio::time::Instant::now();
    assert_eq!(*queue.next().await.unwrap(), "a");
    assert_eq!(start.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_aborted_or_panics_gives_its_key_back() {
    let queue = queue();
    queue.add("aborted");
    queue.add("panicked");
    let hold = |queue: WorkQueue<Key>| async move {
        let work = queue.next().await.unwrap();
        assert_ne!(*work, "panicked");
        std::future::pending::<()>().await;
    };
    let aborted = tokio::spawn(hold(queue.clone()));
    tokio::task::yield_now().await;
    let panicked = tokio::spawn(hold(queue.clone()));
    assert!(panicked.await.unwrap_err().is_panic());
    aborted.abort();
    assert!(aborted.await.unwrap_err().is_cancelled());
    let mut keys = [*queue.next().await.unwrap(), *queue.next().await.unwrap()];
    keys.sort_unstable();
    assert_eq!(keys, ["aborted", "panicked"]);
}

#[tokio::test]
async fn one_that_was_called_and_goes_calls_another() {
    let queue = queue();
    let (mut first, mut second) = (queue.next(), queue.next());
    let (at_first, at_second) = (Arc::new(Calls::default()), Arc::new(Calls::default()));
    assert!(at_first.poll(&mut first).is_pending() && at_second.poll(&mut second).is_pending());
    queue.add("a");
    assert_eq!((at_first.count(), at_second.count()), (1, 0));
    drop(first);
    assert_eq!(at_second.count(), 1);
    assert!(matches!(at_second.poll(&mut second), Poll::Ready(Some(work)) if *work == "a"));
}

#[tokio::test]
async fn one_that_was_called_in_vain_waits_on() {
    let queue = queue();
    let (mut next, calls) = (queue.next(), Arc::new(Calls::default()));
    assert!(calls.poll(&mut next).is_pending());
    queue.add("a");
    assert_eq!(take_all(&queue), ["a"]);
    assert!(calls.poll(&mut next).is_pending());
    queue.add("b");
    assert_eq!(calls.count(), 2);
    assert!(matches!(calls.poll(&mut next), Poll::Ready(Some(work)) if *work == "b"));
}

#[tokio::test]
async fn one_that_goes_without_having_been_called_calls_nobody() {
    let queue = queue();
    let (mut first, mut second) = (queue.next(), queue.next());
    let calls = Arc::new(Calls::default());
    assert!(calls.poll(&mut first).is_pending() && calls.poll(&mut second).is_pending());
    drop(first);
    assert_eq!(calls.count(), 0);
}

#[tokio::test]
async fn a_future_that_moves_to_another_task_is_woken_there() {
    let queue = queue();
    let (mut next, old, new) = (queue.next(), Arc::new(Calls::default()), Arc::new(Calls::default()));
    assert!(old.poll(&mut next).is_pending() && new.poll(&mut next).is_pending());
    queue.add("a");
    assert_eq!((old.count(), new.count()), (0, 1));
}

#[tokio::test]
async fn a_worker_that_never_runs_out_of_keys_lets_others_have_their_turn() {
    let queue = queue();
    queue.add("a");
    let worker = tokio::spawn({
        let queue = queue.clone();
        async move {
            while let Some(work) = queue.next().await {
                queue.add(*work);
                work.done();
            }
        }
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    worker.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn waiting_that_is_given_up_at_any_time_loses_no_key() {
    const KEYS: usize = 20_000;
    let queue: WorkQueue<usize> = WorkQueue::new();
    let takers: Vec<_> = (0..8)
        .map(|seed| {
            let queue = queue.clone();
            tokio::spawn(async move {
                let mut random = fastrand::Rng::with_seed(seed);
                let mut taken = Vec::new();
                loop {
                    match timeout(Duration::from_micros(random.u64(..40)), queue.next()).await {
                        Ok(Some(work)) => {
                            taken.push(*work);
                            work.done();
                        }
                        Ok(None) => return taken,
                        Err(_) => {}
                    }
                    let mut next = queue.next();
                    if random.bool()
                        && let Poll::Ready(Some(work)) = Arc::new(Calls::default()).poll(&mut next)
                    {
                        taken.push(*work);
                        work.done();
                    }
                }
            })
        })
        .collect();
    let mut random = fastrand::Rng::with_seed(99);
    for key in 0..KEYS {
        if random.u8(..) < 10 {
            queue.add_after(key, Duration::from_millis(random.u64(..20)));
        } else {
            queue.add(key);
        }
        if random.u8(..) < 30 {
            tokio::task::yield_now().await;
        }
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    queue.shut_down_with_drain().await;
    let mut all = Vec::new();
    for taker in takers {
        all.extend(timeout(SECOND * 60, taker).await.expect("all are told of the end").unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (0..KEYS).collect::<Vec<_>>());
}
