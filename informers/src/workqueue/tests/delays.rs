//! Keys that wait for their time.

use tokio::time::{Instant, advance};

use super::super::Next;
use super::*;

/// Takes the next key and says after how many seconds it came.
async fn next(queue: &WorkQueue<Key>, start: Instant) -> (Key, u64) {
    let work = queue.next().await.expect("the queue is open");
    let key = *work;
    work.done();
    (key, start.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_key_comes_when_its_time_has_come_and_not_before() {
    let (queue, start) = (queue(), Instant::now());
    queue.add_after("late", SECOND * 9);
    queue.add_after("soon", SECOND * 3);
    queue.add_after("later", SECOND * 9);
    assert_eq!((queue.len(), known(&queue)), (0, 3));
    assert_eq!(next(&queue, start).await, ("soon", 3));
    assert_eq!(next(&queue, start).await, ("late", 9));
    assert_eq!(next(&queue, start).await, ("later", 9), "those of one time come in order");
    assert_eq!(known(&queue), 0);
}

#[tokio::test(start_paused = true)]
async fn of_two_times_the_earlier_counts() {
    let (queue, start) = (queue(), Instant::now());
    for (key, seconds) in [("a", 5), ("b", 4), ("a", 2), ("b", 60)] {
        queue.add_after(key, SECOND * seconds);
    }
    assert_eq!(next(&queue, start).await, ("a", 2));
    assert_eq!(next(&queue, start).await, ("b", 4));
    advance(SECOND * 3_600).await;
    assert!(queue.try_next().is_none(), "each came once");
}

#[tokio::test(start_paused = true)]
async fn without_a_delay_a_key_comes_at_once() {
    let queue = queue();
    queue.add_after("a", Duration::ZERO);
    assert_eq!(take_all(&queue), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_added_before_its_time_comes_now_and_then_again() {
    let (queue, start) = (queue(), Instant::now());
    queue.add_after("a", SECOND * 5);
    queue.add("a");
    assert_eq!(next(&queue, start).await, ("a", 0));
    assert_eq!(next(&queue, start).await, ("a", 5));
    assert_eq!(known(&queue), 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_time_comes_while_it_is_in_line_comes_once() {
    let queue = queue();
    queue.add_after("a", SECOND);
    advance(SECOND / 2).await;
    queue.add("a");
    advance(SECOND).await;
    assert_eq!(take_all(&queue), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_time_comes_while_it_is_in_hand_runs_once_more() {
    let queue = queue();
    queue.add("a");
    let work = queue.try_next().unwrap();
    queue.add_after("a", SECOND);
    advance(SECOND * 2).await;
    assert!(queue.try_next().is_none(), "it is still in hand");
    work.done();
    assert_eq!(take_all(&queue), ["a"]);
    assert_eq!(known(&queue), 0);
}

#[tokio::test(start_paused = true)]
async fn keys_are_found_when_they_are_due_though_nobody_waited() {
    let queue = queue();
    for key in ["a", "b", "c"] {
        queue.add_after(key, SECOND);
    }
    advance(SECOND).await;
    assert_eq!(queue.len(), 3);
    assert_eq!(take_all(&queue), ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn an_endless_delay_does_not_panic() {
    let queue = queue();
    queue.add_after("never", Duration::MAX);
    queue.add_after("a", SECOND);
    assert_eq!(next(&queue, Instant::now()).await, ("a", 1));
    assert!(tokio::time::timeout(SECOND * 1_000_000, queue.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn one_who_waits_already_notices_an_earlier_time() {
    let (queue, start) = (queue(), Instant::now());
    queue.add_after("late", SECOND * 100);
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { next(&queue, start).await }
    });
    tokio::task::yield_now().await;
    queue.add_after("soon", SECOND * 2);
    assert_eq!(waiting.await.unwrap(), ("soon", 2));
}

/// Many who wait, each polled once.
fn crowd(queue: &WorkQueue<Key>) -> Vec<(Next<'_, Key>, Arc<Calls>)> {
    let mut crowd: Vec<_> = (0..1_000).map(|_| (queue.next(), Arc::new(Calls::default()))).collect();
    assert_eq!(poll_called(&mut crowd, 0), 0);
    crowd
}

/// Polls those who were called `times` times, drops those who got a key, and says how many did.
fn poll_called(crowd: &mut Vec<(Next<'_, Key>, Arc<Calls>)>, times: usize) -> usize {
    let before = crowd.len();
    crowd.retain_mut(|(next, calls)| calls.count() != times || calls.poll(next).is_pending());
    before - crowd.len()
}

fn calls(crowd: &[(Next<'_, Key>, Arc<Calls>)]) -> usize {
    crowd.iter().map(|(_, calls)| calls.count()).sum()
}

#[tokio::test(start_paused = true)]
async fn a_key_that_becomes_due_wakes_one_of_those_who_wait() {
    let queue = queue();
    queue.add_after("a", SECOND);
    let mut crowd = crowd(&queue);
    assert_eq!(calls(&crowd), 0, "one has the timer, and nobody else need know");
    advance(SECOND * 2).await;
    assert_eq!(calls(&crowd), 1);
    assert_eq!(poll_called(&mut crowd, 1), 1);
    // What the guard of the key does when it is dropped is to be retried, so somebody must mind the time again.
    assert_eq!(calls(&crowd), 1);
}

#[tokio::test(start_paused = true)]
async fn each_key_of_one_time_wakes_one_of_those_who_wait() {
    let queue = queue();
    for key in ["a", "b", "c", "d"] {
        queue.add_after(key, SECOND);
    }
    let mut crowd = crowd(&queue);
    advance(SECOND * 2).await;
    assert_eq!(calls(&crowd), 1, "the timer's");
    let mut works = Vec::new();
    crowd.retain_mut(|(next, calls)| {
        if calls.count() > 0
            && let Poll::Ready(work) = calls.poll(next)
        {
            works.extend(work);
        }
        calls.count() == 0
    });
    // Whether they come before or after the one with the timer, three others were called.
    works.extend(crowd.iter_mut().filter(|(_, calls)| calls.count() > 0).filter_map(|(next, calls)| {
        match calls.poll(next) {
            Poll::Ready(work) => work,
            Poll::Pending => None,
        }
    }));
    assert_eq!(works.iter().map(|work| **work).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    works.into_iter().for_each(super::super::Work::done);
}

/// Two who wait: the first has the timer.
struct Pair<'a> {
    first: Next<'a, Key>,
    second: Next<'a, Key>,
    at_first: Arc<Calls>,
    at_second: Arc<Calls>,
}

impl<'a> Pair<'a> {
    fn new(queue: &'a WorkQueue<Key>) -> Self {
        let (mut first, mut second) = (queue.next(), queue.next());
        let (at_first, at_second) = (Arc::new(Calls::default()), Arc::new(Calls::default()));
        assert!(at_first.poll(&mut first).is_pending() && at_second.poll(&mut second).is_pending());
        Self { first, second, at_first, at_second }
    }

    fn counts(&self) -> (usize, usize) {
        (self.at_first.count(), self.at_second.count())
    }
}

fn key(poll: Poll<Option<super::super::Work<Key>>>) -> Option<Key> {
    let Poll::Ready(Some(work)) = poll else { return None };
    let key = *work;
    work.done();
    Some(key)
}

#[tokio::test(start_paused = true)]
async fn when_the_one_with_the_timer_goes_another_takes_it() {
    let queue = queue();
    queue.add_after("a", SECOND);
    let mut pair = Pair::new(&queue);
    drop(pair.first);
    assert_eq!(pair.at_second.count(), 1);
    assert!(pair.at_second.poll(&mut pair.second).is_pending());
    advance(SECOND * 2).await;
    assert_eq!(pair.at_second.count(), 2);
    assert_eq!(key(pair.at_second.poll(&mut pair.second)), Some("a"));
}

#[tokio::test(start_paused = true)]
async fn when_the_one_with_the_timer_gets_a_key_another_takes_it() {
    let queue = queue();
    queue.add_after("soon", SECOND);
    queue.add_after("late", SECOND * 5);
    let mut pair = Pair::new(&queue);
    advance(SECOND * 2).await;
    assert_eq!(pair.counts(), (1, 0));
    assert_eq!(key(pair.at_first.poll(&mut pair.first)), Some("soon"));
    assert_eq!(pair.counts(), (1, 1));
    assert!(pair.at_second.poll(&mut pair.second).is_pending());
    advance(SECOND * 5).await;
    assert_eq!(pair.counts(), (1, 2));
    assert_eq!(key(pair.at_second.poll(&mut pair.second)), Some("late"));
}

#[tokio::test(start_paused = true)]
async fn the_one_with_the_timer_is_woken_for_a_key_only_if_nobody_else_waits() {
    let queue = queue();
    queue.add_after("late", SECOND);
    let mut pair = Pair::new(&queue);
    queue.add("a");
    assert_eq!(pair.counts(), (0, 1));
    queue.add("b");
    assert_eq!(pair.counts(), (1, 1));
    assert_eq!(key(pair.at_first.poll(&mut pair.first)), Some("a"));
    assert_eq!(key(pair.at_second.poll(&mut pair.second)), Some("b"));
}

#[tokio::test(start_paused = true)]
async fn the_one_with_the_timer_is_woken_where_it_was_polled_last() {
    let queue = queue();
    queue.add_after("a", SECOND);
    let mut pair = Pair::new(&queue);
    drop(pair.second);
    let elsewhere = Arc::new(Calls::default());
    assert!(elsewhere.poll(&mut pair.first).is_pending());
    queue.add("b");
    assert_eq!((pair.at_first.count(), elsewhere.count()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn one_who_was_called_and_finds_another_key_due_calls_for_that() {
    let queue = queue();
    queue.add_after("due", SECOND);
    let mut pair = Pair::new(&queue);
    let (mut third, at_third) = (queue.next(), Arc::new(Calls::default()));
    assert!(at_third.poll(&mut third).is_pending());
    queue.add("now");
    advance(SECOND * 2).await;
    assert_eq!(key(pair.at_second.poll(&mut pair.second)), Some("now"));
    assert_eq!(at_third.count(), 1);
    drop(pair.first);
    assert_eq!(key(at_third.poll(&mut third)), Some("due"));
}

#[tokio::test(start_paused = true)]
async fn counting_the_keys_that_are_due_calls_those_who_wait_for_them() {
    let queue = queue();
    queue.add_after("a", SECOND);
    queue.add_after("b", SECOND);
    let mut pair = Pair::new(&queue);
    advance(SECOND * 2).await;
    assert_eq!(queue.len(), 2);
    assert_eq!(pair.at_second.count(), 1);
    assert_eq!(key(pair.at_first.poll(&mut pair.first)), Some("a"));
    assert_eq!(key(pair.at_second.poll(&mut pair.second)), Some("b"));
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_before_there_is_a_delay_are_woken_for_it() {
    let queue = queue();
    let mut crowd = crowd(&queue);
    queue.add_after("a", SECOND);
    assert_eq!(calls(&crowd), 1, "one of them is to have the timer");
    assert_eq!(poll_called(&mut crowd, 1), 0);
    advance(SECOND * 2).await;
    assert_eq!(poll_called(&mut crowd, 2), 1);
}
