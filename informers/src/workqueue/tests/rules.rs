//! Each key once, in order, and in one pair of hands.

use super::*;

#[test]
fn a_key_that_waits_is_not_added_twice() {
    let queue = queue();
    for key in ["a", "b", "a", "a", "b"] {
        queue.add(key);
    }
    assert_eq!(queue.len(), 2);
    assert_eq!(take_all(&queue), ["a", "b"]);
    assert!(queue.is_empty());
}

#[test]
fn keys_are_handed_out_in_the_order_in_which_they_came() {
    let queue = queue();
    for key in ["c", "a", "b"] {
        queue.add(key);
    }
    let first = queue.try_next().unwrap();
    queue.add("d");
    queue.add(*first);
    queue.add("b");
    first.done();
    assert_eq!(
        take_all(&queue),
        ["a", "b", "d", "c"],
        "the first came back last, the others kept their places"
    );
}

#[test]
fn a_key_in_hand_is_not_handed_out_again_and_runs_once_more_if_it_was_added() {
    let queue = queue();
    queue.add("a");
    let work = queue.try_next().unwrap();
    queue.add("a");
    queue.add("a");
    assert_eq!((*work, queue.len()), ("a", 0));
    assert!(queue.try_next().is_none());
    work.done();
    assert_eq!(queue.len(), 1);
    assert_eq!(take_all(&queue), ["a"]);
}

#[test]
fn a_key_that_gets_in_line_when_it_is_finished_wakes_one_who_waits() {
    let queue = queue();
    queue.add("a");
    let work = queue.try_next().unwrap();
    let (mut next, calls) = (queue.next(), Arc::new(Calls::default()));
    assert!(calls.poll(&mut next).is_pending());
    queue.add("a");
    assert_eq!(calls.count(), 0);
    work.done();
    assert_eq!(calls.count(), 1);
    assert!(matches!(calls.poll(&mut next), Poll::Ready(Some(work)) if *work == "a"));
}

#[test]
fn a_key_that_is_done_can_be_added_again() {
    let queue = queue();
    for _ in 0..3 {
        queue.add("a");
        assert_eq!(take_all(&queue), ["a"]);
    }
}

#[test]
fn keys_that_are_done_take_no_room() {
    let queue = WorkQueue::new();
    for key in 0..1_000 {
        queue.add(key);
        let work = queue.try_next().unwrap();
        queue.add(key);
        assert_eq!(known(&queue), 1);
        work.done();
        queue.try_next().unwrap().done();
    }
    assert_eq!(known(&queue), 0);
}

#[tokio::test]
async fn one_who_waits_gets_the_key_that_comes() {
    let queue = queue();
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { queue.next().await.map(|work| *work) }
    });
    tokio::task::yield_now().await;
    queue.add("a");
    assert_eq!(waiting.await.unwrap(), Some("a"));
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_counted_and_done_forgets_it() {
    let queue = queue();
    queue.add("a");
    assert_eq!(queue.try_next().unwrap().retry(), SECOND);
    assert_eq!((queue.retries(&"a"), queue.retries(&"b"), queue.len()), (1, 0, 0));
    let work = queue.next().await.unwrap();
    assert_eq!(work.retry(), SECOND);
    assert_eq!(queue.retries(&"a"), 2);
    queue.next().await.unwrap().done();
    assert_eq!((queue.retries(&"a"), known(&queue)), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn work_that_wants_its_key_later_has_not_failed() {
    let queue = queue();
    queue.add_rate_limited("a");
    assert_eq!(queue.retries(&"a"), 1);
    queue.next().await.unwrap().retry_after(SECOND * 60);
    assert_eq!(queue.retries(&"a"), 0);
    let start = tokio::time::Instant::now();
    queue.next().await.unwrap().done();
    assert_eq!(start.elapsed(), SECOND * 60);
}

#[test]
fn forgetting_ends_the_history_of_one_key() {
    let queue = queue();
    for key in ["a", "b", "a"] {
        queue.add_rate_limited(key);
    }
    queue.forget(&"a");
    assert_eq!((queue.retries(&"a"), queue.retries(&"b")), (0, 1));
}

#[test]
fn the_default_limiter_is_exponential_for_each_key_and_a_bucket_for_all() {
    let queue = WorkQueue::new();
    let retry = |key: usize| {
        queue.add(key);
        while let Some(work) = queue.try_next() {
            if *work == key {
                return work.retry();
            }
        }
        panic!("the key is in line");
    };
    let delays: Vec<u128> = (0..4).map(|_| retry(0).as_millis()).collect();
    assert_eq!(delays, [5, 10, 20, 40]);
    assert_eq!(retry(1), Duration::from_millis(5));
    let last = (2..102).map(retry).max().unwrap();
    assert!(last > Duration::from_millis(50), "the bucket was emptied: {last:?}");
}

#[test]
fn a_queue_tells_its_name_and_how_many_wait() {
    let queue = WorkQueue::builder().name("pods").build();
    queue.add(1);
    assert_eq!(queue.name(), "pods");
    assert_eq!(format!("{queue:?}"), "WorkQueue { name: \"pods\", len: 1, .. }");
    assert_eq!(format!("{:?}", queue.try_next().unwrap()), "Work(1)");
}
