//! Faults: what goes wrong because a test wants it to.
//!
//! They come before everything else that a server does, and work the same over HTTP/1.1 and HTTP/2.

mod body;
mod event;
mod rules;
#[cfg(test)]
mod tests;
mod watches;

pub(crate) use body::{Control, Interfered};
pub(crate) use event::MadeUp;
pub(crate) use rules::{Action, Ending, Rules};
pub(crate) use watches::Watches;

use crate::matcher::Matcher;
use crate::reply::Reply;
use crate::server::Server;
use rules::{Garbled, Limit, Rule, Turn};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The faults of a server. Made by [`TestServer::faults`](crate::TestServer::faults).
///
/// They are looked at in the order in which they were added. A delay, and the expiry of the history, let a request go
/// on to the next one; the first of the others decides.
///
/// ```
/// use kubeset_testserver::{Matcher, Reply, TestServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = TestServer::start().await?;
/// let busy = server.faults().on(Matcher::verb("create").resource("pods")).times(2).answer(Reply::error(429).retry_after(1));
/// // The program under test runs here.
/// assert_eq!(busy.hits(), 0);
/// busy.remove();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Faults {
    server: Arc<Server>,
}

impl Faults {
    pub(crate) fn new(server: Arc<Server>) -> Self {
        Self { server }
    }

    /// Begins a fault of the requests that are meant. It applies to all of them, unless the next calls say less.
    pub fn on(&self, matcher: Matcher) -> FaultBuilder {
        FaultBuilder { server: self.server.clone(), matcher, turn: Turn::default() }
    }

    /// Removes all faults. What they are doing to requests and watches under way, they go on doing.
    pub fn clear(&self) {
        self.server.faults.clear();
    }

    /// How many watches that are meant are running.
    pub fn running_watches(&self, matcher: &Matcher) -> usize {
        self.server.watches.count(matcher)
    }

    /// Ends the watches that are running and are meant, properly; says how many there were.
    pub fn end_watches(&self, matcher: &Matcher) -> usize {
        self.server.watches.control(matcher, &Control::End(Ending::Clean))
    }

    /// Breaks off the watches that are running and are meant, without an end; says how many there were.
    ///
    /// HTTP/1.1 can only do so by closing the connection. Over HTTP/2 the stream is reset.
    pub fn break_watches(&self, matcher: &Matcher) -> usize {
        self.server.watches.control(matcher, &Control::End(Ending::Break))
    }

    /// Lets the watches that are running and are meant send nothing more, and not end; says how many there were.
    pub fn freeze_watches(&self, matcher: &Matcher) -> usize {
        self.server.watches.control(matcher, &Control::End(Ending::Freeze))
    }

    /// Ends the watches that are running and are meant with an `ERROR` event; says how many there were.
    pub fn fail_watches(&self, matcher: &Matcher, status: Reply) -> usize {
        self.server.watches.control(matcher, &Control::End(Ending::Error(error_event(status))))
    }

    /// Closes all connections that are open. What was asked on them may be done all the same.
    pub fn disconnect_all(&self) {
        self.server.all_cut.send_modify(|times| *times += 1);
    }
}

/// An `ERROR` event.
fn error_event(status: Reply) -> MadeUp {
    MadeUp::new("ERROR", status.into_bytes())
}

/// A fault that does not say yet what goes wrong. Made by [`Faults::on`].
///
/// The last call says what goes wrong, and adds the fault.
#[derive(Clone, Debug)]
#[must_use = "nothing goes wrong until it is said what"]
pub struct FaultBuilder {
    server: Arc<Server>,
    matcher: Matcher,
    turn: Turn,
}

/// When.
impl FaultBuilder {
    /// Applies to so many requests at most.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher, Reply};
    /// # fn example(faults: &Faults) {
    /// // The third and the fourth creation fail.
    /// faults.on(Matcher::verb("create")).after(2).times(2).answer(Reply::error(500));
    /// // Every tenth request fails.
    /// faults.on(Matcher::any()).every(10).answer(Reply::error(503));
    /// # }
    /// ```
    pub fn times(mut self, most: u64) -> Self {
        self.turn.times = Some(most);
        self
    }

    /// Applies to one request.
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Leaves the first requests alone that it would apply to: so many.
    pub fn after(mut self, requests: u64) -> Self {
        self.turn.skip = requests;
        self
    }

    /// Applies to every nth request only: the nth, the one after n more, and so on.
    pub fn every(mut self, nth: u64) -> Self {
        self.turn.every = nth;
        self
    }
}

/// What.
impl FaultBuilder {
    /// Answers in place of the server, which does not hear of the request.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher, Reply};
    /// # fn example(faults: &Faults) {
    /// let refusal = Reply::status(403, "Forbidden", "pods is forbidden: the quota is used up");
    /// faults.on(Matcher::verb("create").resource("pods")).answer(refusal);
    /// faults.on(Matcher::verb("list")).once().answer(Reply::error(503).retry_after(1));
    /// # }
    /// ```
    pub fn answer(self, reply: Reply) -> Fault {
        self.act(Action::Answer(Box::new(reply)))
    }

    /// Lets the request wait before anything is done about it.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher};
    /// # fn example(faults: &Faults) {
    /// faults.on(Matcher::any().user_agent("slow-operator")).delay(std::time::Duration::from_millis(200));
    /// # }
    /// ```
    pub fn delay(self, delay: Duration) -> Fault {
        self.act(Action::Delay(delay))
    }

    /// Closes the connection without an answer. The request is not carried out.
    ///
    /// An HTTP/2 connection is closed too, with all that happens on it.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher};
    /// # fn example(faults: &Faults) {
    /// faults.on(Matcher::verb("get").resource("leases")).once().disconnect();
    /// # }
    /// ```
    pub fn disconnect(self) -> Fault {
        self.act(Action::Disconnect)
    }

    /// Carries the request out, and then closes the connection without an answer.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher};
    /// # fn example(faults: &Faults) {
    /// // The client cannot know that there is a pod now.
    /// faults.on(Matcher::verb("create").resource("pods")).once().disconnect_after_handling();
    /// # }
    /// ```
    pub fn disconnect_after_handling(self) -> Fault {
        self.act(Action::DisconnectAfter)
    }

    /// Closes the connection after so many bytes of the answer's body. A shorter answer is whole.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher};
    /// # fn example(faults: &Faults) {
    /// faults.on(Matcher::verb("list").resource("secrets")).disconnect_within(1000);
    /// # }
    /// ```
    pub fn disconnect_within(self, bytes: u64) -> Fault {
        self.act(Action::Cut(Limit::Bytes(bytes), Ending::Disconnect))
    }

    /// Ends the answer after so many bytes of its body. An answer with a `Content-Length` says that it is longer; a
    /// watch ends within a line.
    ///
    /// HTTP/1.1 then closes the connection, since there is no other way to end such an answer. HTTP/2 ends the stream.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher};
    /// # fn example(faults: &Faults) {
    /// faults.on(Matcher::verb("get").resource("configmaps")).once().truncate(10);
    /// # }
    /// ```
    pub fn truncate(self, bytes: u64) -> Fault {
        self.act(Action::Cut(Limit::Bytes(bytes), Ending::Short))
    }

    /// Makes other bytes of some bytes of the answer's body, so that they are neither JSON nor UTF-8.
    ///
    /// Protobuf with other bytes may still be protobuf, and mean something else.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher};
    /// # fn example(faults: &Faults) {
    /// faults.on(Matcher::verb("get").resource("configmaps")).garble(20..24);
    /// # }
    /// ```
    pub fn garble(self, bytes: Range<u64>) -> Fault {
        self.act(Action::Garble(Garbled(bytes)))
    }

    /// Lets a watch send so many events, bookmarks among them, and then nothing more; it does not end either.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher};
    /// # fn example(faults: &Faults) {
    /// faults.on(Matcher::verb("watch").resource("pods")).once().freeze_watch(3);
    /// # }
    /// ```
    pub fn freeze_watch(self, events: u64) -> Fault {
        self.act(Action::Cut(Limit::Events(events), Ending::Freeze))
    }

    /// Ends a watch properly after so many events.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher};
    /// # fn example(faults: &Faults) {
    /// faults.on(Matcher::verb("watch")).times(5).end_watch(1);
    /// # }
    /// ```
    pub fn end_watch(self, events: u64) -> Fault {
        self.act(Action::Cut(Limit::Events(events), Ending::Clean))
    }

    /// Breaks a watch off after so many events, as [`Faults::break_watches`] does.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher};
    /// # fn example(faults: &Faults) {
    /// faults.on(Matcher::verb("watch")).every(3).break_watch(0);
    /// # }
    /// ```
    pub fn break_watch(self, events: u64) -> Fault {
        self.act(Action::Cut(Limit::Events(events), Ending::Break))
    }

    /// Ends a watch after so many events with an `ERROR` event.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher, Reply};
    /// # fn example(faults: &Faults) {
    /// let expired = Reply::status(410, "Expired", "too old resource version: 1 (9)");
    /// faults.on(Matcher::verb("watch").resource("pods")).once().fail_watch(2, expired);
    /// # }
    /// ```
    pub fn fail_watch(self, events: u64, status: Reply) -> Fault {
        self.act(Action::Cut(Limit::Events(events), Ending::Error(error_event(status))))
    }

    /// Forgets the history before the request is carried out, as
    /// [`TestServer::expire_history`](crate::TestServer::expire_history) does.
    ///
    /// ```
    /// # use kubeset_testserver::{Faults, Matcher};
    /// # fn example(faults: &Faults) {
    /// // The second page of every list finds its token expired.
    /// let pages = Matcher::verb("list").filter(|request| request.parameter("continue").is_some());
    /// faults.on(pages).every(2).expire_history();
    /// # }
    /// ```
    pub fn expire_history(self) -> Fault {
        self.act(Action::ExpireHistory)
    }

    fn act(self, action: Action) -> Fault {
        let Self { server, matcher, turn } = self;
        let (matched, hits) = (AtomicU64::new(0), AtomicU64::new(0));
        let rule = Arc::new(Rule { matcher, turn, action, matched, hits });
        server.faults.add(rule.clone());
        Fault { server, rule }
    }
}

/// A fault that has been added. It stays until it is removed; dropping this changes nothing.
#[derive(Clone, Debug)]
pub struct Fault {
    server: Arc<Server>,
    rule: Arc<Rule>,
}

impl Fault {
    /// To how many requests it has been applied.
    pub fn hits(&self) -> u64 {
        self.rule.hits.load(Ordering::Acquire)
    }

    /// How many requests it has matched, also when it was not its turn.
    pub fn matched(&self) -> u64 {
        self.rule.matched.load(Ordering::Acquire)
    }

    /// Removes it. What it is doing to requests and watches under way, it goes on doing.
    pub fn remove(&self) {
        self.server.faults.remove(&self.rule);
    }
}
