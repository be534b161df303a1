//! Reactors: functions of a test that see every request, and may answer it.

use crate::matcher::Matcher;
use crate::reply::Reply;
use crate::request::{Request, Seen};
use bytes::Bytes;
use serde_json::Value;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// What becomes of a request that a reactor has seen.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reaction {
    /// It goes on, to the next reactor or to the server.
    Pass,
    /// This is the answer. Nobody else sees the request.
    Answer(Reply),
    /// The server gets it with this body. Other reactors do not see it.
    Replace(Value),
}

/// What becomes of a request that all reactors have seen.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    Pass,
    Answer(Reply),
    Replace(Bytes),
}

type Function = Box<dyn Fn(&Request) -> Reaction + Send + Sync>;

struct Rule {
    matcher: Matcher,
    react: Function,
    handled: AtomicU64,
}

/// The reactors of a server.
#[derive(Default)]
pub(crate) struct Reactors {
    rules: RwLock<Vec<Arc<Rule>>>,
}

impl Reactors {
    /// Adds a reactor after all others.
    pub(crate) fn add(
        reactors: &Arc<Self>,
        matcher: Matcher,
        react: impl Fn(&Request) -> Reaction + Send + Sync + 'static,
    ) -> Reactor {
        let rule = Arc::new(Rule { matcher, react: Box::new(react), handled: AtomicU64::new(0) });
        reactors.rules.write().unwrap_or_else(PoisonError::into_inner).push(rule.clone());
        Reactor { reactors: reactors.clone(), rule }
    }

    /// Asks them one by one.
    pub(crate) fn ask(&self, seen: &Seen) -> Verdict {
        // They may add others, or remove themselves: so not under the lock.
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner).clone();
        for rule in rules.iter().filter(|rule| rule.matcher.matches(seen)) {
            let verdict = match (rule.react)(&seen.to_request()) {
                Reaction::Pass => continue,
                Reaction::Answer(reply) => Verdict::Answer(reply),
                Reaction::Replace(body) => Verdict::Replace(body.to_string().into()),
            };
            rule.handled.fetch_add(1, Ordering::AcqRel);
            return verdict;
        }
        Verdict::Pass
    }
}

impl fmt::Debug for Reactors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        formatter.debug_list().entries(rules.iter().map(|rule| &rule.matcher)).finish()
    }
}

/// A reactor that has been added. It stays until it is removed; dropping this changes nothing.
#[derive(Clone)]
pub struct Reactor {
    reactors: Arc<Reactors>,
    rule: Arc<Rule>,
}

impl Reactor {
    /// How many requests it has not let pass.
    pub fn handled(&self) -> u64 {
        self.rule.handled.load(Ordering::Acquire)
    }

    /// Removes it.
    pub fn remove(&self) {
        let mut rules = self.reactors.rules.write().unwrap_or_else(PoisonError::into_inner);
        rules.retain(|rule| !Arc::ptr_eq(rule, &self.rule));
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Reactor");
        shown.field("matcher", &self.rule.matcher).field("handled", &self.handled()).finish_non_exhaustive()
    }
}
