//! Which faults there are, and whose turn it is.

use super::event::MadeUp;
use crate::matcher::Matcher;
use crate::reply::Reply;
use crate::request::Seen;
use bytes::{Bytes, BytesMut};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// The request waits, and goes on.
    Delay(Duration),
    /// All states but the latest are forgotten, and the request goes on.
    ExpireHistory,
    /// Somebody else answers.
    Answer(Box<Reply>),
    /// The connection is closed before anything is done.
    Disconnect,
    /// The connection is closed when everything is done.
    DisconnectAfter,
    /// The answer ends early.
    Cut(Limit, Ending),
    /// The answer is not what was sent.
    Garble(Garbled),
}

/// How much of an answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// So many bytes of its body.
    Bytes(u64),
    /// So many events of a watch.
    Events(u64),
}

/// How an answer ends early.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// Properly, as if that were all.
    Clean,
    /// Properly, with this at its end.
    Error(MadeUp),
    /// Properly where HTTP/2 allows it, but shorter than it said.
    Short,
    /// In the middle, without an end.
    Break,
    /// With the connection.
    Disconnect,
    /// Never.
    Freeze,
}

/// Bytes of a body that are others.
#[derive(Clone, Debug)]
pub(crate) struct Garbled(pub(super) Range<u64>);

impl Garbled {
    /// Garbles those of `bytes`, the first of which is the body's byte number `start`.
    pub(super) fn apply(&self, bytes: Bytes, start: u64) -> Bytes {
        let end = start + bytes.len() as u64;
        if self.0.end <= start || end <= self.0.start {
            return bytes;
        }
        let mut garbled = BytesMut::from(bytes);
        let places = self.0.start.max(start)..self.0.end.min(end);
        for place in places {
            let byte = usize::try_from(place - start).ok().and_then(|place| garbled.get_mut(place));
            if let Some(byte) = byte {
                // No JSON has such bytes, and no UTF-8 text so many of them alone.
                *byte |= 0x80;
            }
        }
        garbled.freeze()
    }
}

/// When a rule applies: to which of the requests that it matches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// How many are left alone at first.
    pub(super) skip: u64,
    /// Of those that follow, every so manyth.
    pub(super) every: u64,
    /// How often at most.
    pub(super) times: Option<u64>,
}

impl Default for Turn {
    fn default() -> Self {
        Self { skip: 0, every: 1, times: None }
    }
}

impl Turn {
    /// Whether the rule applies to the request number `number`, which begins with 0.
    fn is(self, number: u64) -> bool {
        let Some(number) = number.checked_sub(self.skip) else { return false };
        let every = self.every.max(1);
        let turn = number % every == every - 1;
        turn && self.times.is_none_or(|times| number / every < times)
    }
}

/// One fault.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) matcher: Matcher,
    pub(super) turn: Turn,
    pub(super) action: Action,
    pub(super) matched: AtomicU64,
    pub(super) hits: AtomicU64,
}

impl Rule {
    /// Whether it is this rule's turn.
    fn applies(&self, seen: &Seen) -> bool {
        let of_watches = matches!(self.action, Action::Cut(Limit::Events(_), _));
        if (of_watches && seen.verb != "watch") || !self.matcher.matches(seen) {
            return false;
        }
        let applies = self.turn.is(self.matched.fetch_add(1, Ordering::AcqRel));
        if applies {
            self.hits.fetch_add(1, Ordering::AcqRel);
        }
        applies
    }
}

/// The faults of a server.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    rules: RwLock<Vec<Arc<Rule>>>,
}

impl Rules {
    pub(super) fn add(&self, rule: Arc<Rule>) {
        self.rules.write().unwrap_or_else(PoisonError::into_inner).push(rule);
    }

    pub(super) fn remove(&self, rule: &Arc<Rule>) {
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        rules.retain(|other| !Arc::ptr_eq(other, rule));
    }

    pub(super) fn clear(&self) {
        self.rules.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What happens to a request, in order: all but the last let it go on.
    pub(crate) fn plan(&self, seen: &Seen) -> Vec<Action> {
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        if rules.is_empty() {
            return Vec::new();
        }
        // A matcher may call a function of the test, which may add faults: so not under the lock.
        let rules: Vec<Arc<Rule>> = {
            let all = rules.clone();
            drop(rules);
            all
        };
        let mut plan = Vec::new();
        for rule in rules.iter().filter(|rule| rule.applies(seen)) {
            plan.push(rule.action.clone());
            if !matches!(rule.action, Action::Delay(_) | Action::ExpireHistory) {
                break;
            }
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::{Garbled, Turn};
    use bytes::Bytes;

    fn turns(turn: Turn) -> Vec<u64> {
        (0..12).filter(|number| turn.is(*number)).collect()
    }

    #[test]
    fn a_rule_has_its_turn_at_some_requests() {
        assert_eq!(turns(Turn { times: Some(2), ..Turn::default() }), [0, 1]);
        assert_eq!(turns(Turn { skip: 10, ..Turn::default() }), [10, 11]);
        assert_eq!(turns(Turn { every: 4, ..Turn::default() }), [3, 7, 11]);
        assert_eq!(turns(Turn { skip: 1, every: 3, times: Some(2) }), [3, 6]);
        assert_eq!(turns(Turn { every: 0, times: Some(1), skip: 0 }), [0]);
    }

    #[test]
    fn bytes_are_garbled_where_it_was_said_across_pieces() {
        let garbled = Garbled(2..5);
        assert_eq!(garbled.apply(Bytes::from_static(b"{\"a\""), 0).as_ref(), b"{\"\xe1\xa2");
        assert_eq!(garbled.apply(Bytes::from_static(b":1}"), 4).as_ref(), b"\xba1}");
        assert_eq!(garbled.apply(Bytes::from_static(b"rest"), 7).as_ref(), b"rest");
    }
}
