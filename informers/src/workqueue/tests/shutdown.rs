//! The end of a queue.

use tokio::time::{advance, timeout};

use super::*;

#[tokio::test]
async fn what_is_in_line_is_still_handed_out_and_nothing_is_added() {
    let queue = queue();
    queue.add("a");
    queue.add("b");
    assert!(!queue.is_shutting_down());
    queue.shut_down();
    assert!(queue.is_shutting_down());
    queue.add("c");
    queue.add_after("d", Duration::ZERO);
    queue.add_after("e", SECOND);
    queue.add_rate_limited("f");
    assert_eq!(queue.retries(&"f"), 0, "what is not added is not counted either");
    for key in ["a", "b"] {
        let work = queue.next().await.unwrap();
        assert_eq!(*work, key);
        work.done();
    }
    assert!(queue.next().await.is_none() && queue.next().await.is_none());
    assert_eq!(known(&queue), 0);
}

#[tokio::test]
async fn all_who_wait_are_told_of_the_end() {
    let queue = queue();
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.next().await.is_none() })
        })
        .collect();
    tokio::task::yield_now().await;
    queue.shut_down();
    for ended in waiting {
        assert!(ended.await.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn keys_whose_time_has_not_come_are_dropped() {
    let queue = queue();
    queue.add_after("due", SECOND);
    queue.add_after("not due", SECOND * 3);
    queue.add_after("in line and not due", SECOND * 3);
    queue.add("in line and not due");
    advance(SECOND * 2).await;
    queue.shut_down();
    assert_eq!(known(&queue), 2);
    advance(SECOND * 2).await;
    assert_eq!(take_all(&queue), ["in line and not due", "due"]);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_added_again_while_in_hand_is_handed_out_once_more() {
    let queue = queue();
    queue.add("a");
    queue.add("b");
    let (again, failed) = (queue.try_next().unwrap(), queue.try_next().unwrap());
    queue.add("a");
    queue.shut_down();
    queue.add("b");
    again.done();
    assert_eq!(failed.retry(), SECOND);
    assert_eq!(take_all(&queue), ["a"], "a retry is dropped, as all that is added");
    advance(SECOND * 2).await;
    assert!(queue.next().await.is_none());
    assert_eq!(known(&queue), 0);
}

#[tokio::test]
async fn a_drain_waits_for_what_is_in_hand_and_in_line() {
    let queue = queue();
    queue.add("a");
    queue.add("b");
    let first = queue.try_next().unwrap();
    let mut drain = Box::pin(queue.shut_down_with_drain());
    assert!(is_pending(drain.as_mut()) && queue.is_shutting_down());
    first.done();
    assert!(is_pending(drain.as_mut()), "one is in line");
    let second = queue.next().await.unwrap();
    assert!(is_pending(drain.as_mut()), "one is in hand");
    drop(second);
    drain.await;
}

#[tokio::test]
async fn a_drain_is_woken_by_the_last_key() {
    let queue = queue();
    queue.add("a");
    let work = queue.try_next().unwrap();
    queue.add("a");
    let drain = tokio::spawn({
        let queue = queue.clone();
        async move { queue.shut_down_with_drain().await }
    });
    tokio::task::yield_now().await;
    work.done();
    tokio::task::yield_now().await;
    assert!(!drain.is_finished(), "it was added again");
    queue.next().await.unwrap().done();
    timeout(SECOND * 10, drain).await.expect("it was woken").unwrap();
}

#[tokio::test]
async fn a_drain_of_an_idle_queue_ends_at_once() {
    let queue = queue();
    queue.add_after("dropped", SECOND);
    assert!(!is_pending(queue.shut_down_with_drain()));
    assert!(!is_pending(queue.shut_down_with_drain()), "a second time too");
}

#[tokio::test]
async fn a_shutdown_ends_a_drain() {
    let queue = queue();
    queue.add("a");
    let work = queue.try_next().unwrap();
    let drains: Vec<_> = (0..2)
        .map(|_| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.shut_down_with_drain().await })
        })
        .collect();
    tokio::task::yield_now().await;
    assert!(drains.iter().all(|drain| !drain.is_finished()));
    queue.shut_down();
    for drain in drains {
        timeout(SECOND * 10, drain).await.expect("it was woken").unwrap();
    }
    work.done();
}

#[tokio::test]
async fn a_drain_that_is_given_up_leaves_the_queue_shut_down() {
    let queue = queue();
    queue.add("a");
    assert!(is_pending(queue.shut_down_with_drain()));
    queue.add("b");
    assert_eq!(take_all(&queue), ["a"]);
    assert!(queue.next().await.is_none());
}
