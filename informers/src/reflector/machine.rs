//! What a reflector does next, as a state machine without I/O, clock or chance of its own.
//!
//! [`Machine::next`] says what to do, and [`Machine::on`] takes what came of it. Two ways lead to the objects: a list and
//! then a watch from its version, or a watch that begins with all objects (a streaming list). After that, watches follow
//! each other from the last version seen, until a server has forgotten it.

use std::time::Duration;

use super::backoff::{Backoff, Jitter};
use super::failure::Failure;

/// How many objects a page has, unless the informer says otherwise.
const PAGE_SIZE: u32 = 500;
/// A watch that ends sooner than this, and has told nothing, counts as failed.
const SHORT_WATCH: Duration = Duration::from_secs(1);
/// After so many short watches in a row the objects are read anew: the server may refuse the version without a word.
const SHORT_WATCHES: u32 = 2;
/// After so many streaming lists in a row that were cut before their end, the objects are read with a list.
const CUT_STREAMS: u32 = 2;
/// The shortest time that a server is asked to watch for, unless the informer says otherwise.
const MIN_WATCH_TIMEOUT: Duration = Duration::from_secs(300);

/// What does not change while a reflector runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Whether to try a streaming list before a list.
    pub(crate) streaming_lists: bool,
    /// How many objects a page has. By default 500, and no limit where that would make the server slow.
    pub(crate) page_size: Option<u32>,
    /// The shortest time of a watch; the longest is twice as long.
    pub(crate) min_watch_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { streaming_lists: true, page_size: None, min_watch_timeout: MIN_WATCH_TIMEOUT }
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Do nothing for this long.
    Wait(Duration),
    /// Read a page of a list, or all of it.
    List(ListRequest),
    /// Open a watch.
    Watch(WatchRequest),
}

/// Which objects of a list a [`Source`](super::Source) is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListRequest {
    /// The version that the list must be as new as; `"0"` allows any. `None` asks for the latest, of all servers.
    pub at_least: Option<String>,
    /// How many objects the answer may have. `None` asks for all of them.
    pub limit: Option<u32>,
    /// Which page to go on with. It holds the version.
    pub continue_token: Option<String>,
}

/// What a [`Source`](super::Source) is to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WatchRequest {
    /// The version after which the watch begins. `None` asks for all objects, at the latest version.
    pub resource_version: Option<String>,
    /// Whether all objects come first, and then a bookmark that says so.
    pub send_initial_events: bool,
    /// After which time the server ends the watch.
    pub timeout: Duration,
}

/// What came of a step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome<'a> {
    /// A page of a list was read.
    Page { version: &'a str, continue_token: Option<&'a str> },
    /// A page of a list could not be read.
    ListFailed(Failure),
    /// The watch told of an object.
    Object { version: &'a str },
    /// The watch told of a version.
    Bookmark { version: &'a str, ends_initial_events: bool },
    /// The watch could not be opened, or the server ended it with an error after this time.
    WatchFailed { failure: Failure, lasted: Option<Duration> },
    /// The watch is over after this time.
    WatchEnded { lasted: Duration },
    /// The watch has told nothing for long, although not all objects have come.
    InitialEventsSilent,
}

/// What to do with the objects of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Nothing,
    /// The object belongs to a set that is not complete: set it aside.
    SetAside,
    /// The object is news: apply it to the store.
    Apply,
    /// What was set aside is the whole set: it takes the place of what is in the store.
    Replace,
    /// What was set aside is of no use.
    Discard,
}

/// Where the machine is.
#[derive(Debug, PartialEq, Eq)]
enum State {
    /// The objects are to be read, one way or the other.
    Start,
    /// A list is under way. `fallback`: of the latest version, since the server refused the one that was asked for before.
    Listing { request: ListRequest, fallback: bool },
    /// A streaming list is under way: the objects come.
    InitialEvents,
    /// A watch tells the news.
    Watching { told: bool },
    /// The store is as new as the last version; a watch is to be opened.
    Listed,
}

/// Decides what a reflector does.
#[derive(Debug)]
pub(super) struct Machine {
    settings: Settings,
    state: State,
    /// The last version seen, of a list, an event or a bookmark. Empty if there is none.
    version: String,
    /// The server has forgotten the version, or does not have it yet.
    version_unavailable: bool,
    /// The server does not know streaming lists.
    streaming_unsupported: bool,
    /// This time, a list takes the place of a streaming list that failed.
    list_once: bool,
    /// A list that any version would do for came in pages: the server has no cache to answer from.
    paginated: bool,
    /// How many watches in a row have ended at once.
    short_watches: u32,
    /// How many streaming lists in a row were cut before their end.
    cut_streams: u32,
    /// The last streaming list did not come to its end, although nothing cut it.
    was_silent: bool,
    /// The server has refused a version since the last watch that went well.
    was_forgotten: bool,
    backoff: Backoff,
    delay: Option<Duration>,
}

impl Machine {
    pub(super) fn new(settings: Settings, jitter: Jitter) -> Self {
        Self {
            settings,
            state: State::Start,
            version: String::new(),
            version_unavailable: false,
            streaming_unsupported: false,
            list_once: false,
            paginated: false,
            short_watches: 0,
            cut_streams: 0,
            was_silent: false,
            was_forgotten: false,
            backoff: Backoff::new(jitter),
            delay: None,
        }
    }

    /// The last version seen; empty before the first.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// How long it will wait before the next request.
    pub(super) fn delay(&self) -> Duration {
        self.delay.unwrap_or_default()
    }

    /// What to do next.
    pub(super) fn next(&mut self) -> Step {
        if let Some(delay) = self.delay.take() {
            return Step::Wait(delay);
        }
        match &self.state {
            State::Listing { request, .. } => Step::List(request.clone()),
            State::Start if self.streams() => {
                self.state = State::InitialEvents;
                let known = !self.version.is_empty() && !self.version_unavailable;
                self.watch(known.then(|| self.version.clone()), true)
            }
            State::Start => {
                let request = self.first_page();
                self.state = State::Listing { request: request.clone(), fallback: false };
                Step::List(request)
            }
            State::InitialEvents | State::Watching { .. } | State::Listed => {
                self.state = State::Watching { told: false };
                self.watch(Some(self.version.clone()).filter(|version| !version.is_empty()), false)
            }
        }
    }

    /// Takes what came of the last step.
    pub(super) fn on(&mut self, outcome: Outcome<'_>) -> Effect {
        match outcome {
            Outcome::Page { version, continue_token } => self.page(version, continue_token),
            Outcome::ListFailed(failure) => self.list_failed(failure),
            Outcome::Object { version } => self.object(version),
            Outcome::Bookmark { version, ends_initial_events } => self.bookmark(version, ends_initial_events),
            Outcome::WatchFailed { failure, lasted } if self.state == State::InitialEvents => {
                self.initial_events_failed(failure, lasted.is_some())
            }
            Outcome::WatchFailed { failure, lasted } => self.watch_failed(failure, lasted),
            Outcome::WatchEnded { lasted } => self.watch_ended(lasted),
            Outcome::InitialEventsSilent => self.initial_events_silent(),
        }
    }

    /// Whether a streaming list is under way.
    pub(super) fn reads_initial_events(&self) -> bool {
        self.state == State::InitialEvents
    }

    fn streams(&self) -> bool {
        self.settings.streaming_lists && !self.streaming_unsupported && !self.list_once
    }

    fn watch(&mut self, resource_version: Option<String>, send_initial_events: bool) -> Step {
        let shortest = self.settings.min_watch_timeout;
        let timeout = shortest + self.backoff.jitter().of(shortest);
        Step::Watch(WatchRequest { resource_version, send_initial_events, timeout })
    }

    /// The first page of a list: of any version at first, so that the server can answer from its cache, and then of the last
    /// one seen or later, so that the store never goes back in time; and of the latest if the server does not have that one.
    ///
    /// Servers answer from their cache only if there is no limit, unless any version will do.
    fn first_page(&self) -> ListRequest {
        let at_least = match (self.version_unavailable, self.version.as_str()) {
            (true, _) => None,
            (false, "") => Some("0".to_owned()),
            (false, version) => Some(version.to_owned()),
        };
        let pages = self.paginated || matches!(at_least.as_deref(), None | Some("0"));
        let limit = self.settings.page_size.or(pages.then_some(PAGE_SIZE));
        ListRequest { at_least, limit, continue_token: None }
    }

    fn page(&mut self, version: &str, continue_token: Option<&str>) -> Effect {
        let State::Listing { request, .. } = &mut self.state else { return Effect::Nothing };
        if let Some(token) = continue_token.filter(|token| !token.is_empty()) {
            self.paginated |= self.settings.page_size.is_none() && request.at_least.as_deref() == Some("0");
            request.continue_token = Some(token.to_owned());
            return Effect::Nothing;
        }
        self.synced(version);
        self.state = State::Listed;
        Effect::Replace
    }

    fn list_failed(&mut self, failure: Failure) -> Effect {
        let State::Listing { request, fallback } = &mut self.state else { return Effect::Nothing };
        let forgotten = matches!(failure, Failure::Expired | Failure::VersionTooLarge);
        if failure == Failure::Expired && request.continue_token.take().is_some() {
            // The version of the pages is gone: all of it at once, which needs no token.
            request.limit = None;
            return Effect::Discard;
        }
        if forgotten && !*fallback {
            self.version_unavailable = true;
            let request = self.first_page();
            self.state = State::Listing { request, fallback: true };
            return Effect::Discard;
        }
        self.restart_after(failure)
    }

    fn object(&mut self, version: &str) -> Effect {
        match &mut self.state {
            // They come in no order: only the bookmark after them has a version to go on from.
            State::InitialEvents => Effect::SetAside,
            State::Watching { told } => {
                *told = true;
                self.seen(version);
                Effect::Apply
            }
            _ => Effect::Nothing,
        }
    }

    fn bookmark(&mut self, version: &str, ends_initial_events: bool) -> Effect {
        match &mut self.state {
            State::InitialEvents if ends_initial_events => {
                self.was_silent = false;
                self.synced(version);
                self.state = State::Watching { told: false };
                Effect::Replace
            }
            State::Watching { .. } => {
                self.seen(version);
                Effect::Nothing
            }
            _ => Effect::Nothing,
        }
    }

    fn seen(&mut self, version: &str) {
        // What has no version, which only a broken server sends, does not make the last one forgotten.
        if !version.is_empty() {
            version.clone_into(&mut self.version);
        }
    }

    /// All objects were read.
    fn synced(&mut self, version: &str) {
        version.clone_into(&mut self.version);
        self.version_unavailable = false;
        self.list_once = false;
        self.cut_streams = 0;
    }

    /// A streaming list failed: a server that does not know them is not asked again, others are the next time.
    fn initial_events_failed(&mut self, failure: Failure, opened: bool) -> Effect {
        match failure {
            Failure::Expired | Failure::VersionTooLarge => {
                self.version_unavailable = true;
                self.wait_unless_first(failure);
                self.state = State::Start;
            }
            Failure::Busy(_) => return self.restart_after(failure),
            Failure::Unreachable(_) if !opened => return self.restart_after(failure),
            Failure::Unsupported | Failure::Unreachable(_) | Failure::Other => {
                self.streaming_unsupported |= failure == Failure::Unsupported;
                self.list_once = true;
                self.state = State::Start;
            }
        }
        Effect::Discard
    }

    /// A server that has nothing more to tell and does not say so knows watches, but not streaming lists. The first time it may
    /// have been the network.
    fn initial_events_silent(&mut self) -> Effect {
        self.streaming_unsupported = std::mem::replace(&mut self.was_silent, true);
        self.list_once = true;
        self.state = State::Start;
        Effect::Discard
    }

    fn watch_failed(&mut self, failure: Failure, lasted: Option<Duration>) -> Effect {
        self.note_success(lasted.unwrap_or_default());
        match failure {
            Failure::Expired => {
                self.wait_unless_first(failure);
                self.state = State::Start;
            }
            // The server is there, or will be, and nothing says that it has forgotten the version.
            Failure::Busy(_) => self.rewatch_after(failure),
            Failure::Unreachable(_) if lasted.is_none() => self.rewatch_after(failure),
            _ => return self.restart_after(failure),
        }
        Effect::Nothing
    }

    fn watch_ended(&mut self, lasted: Duration) -> Effect {
        if self.state == State::InitialEvents {
            self.cut_streams += 1;
            let effect = self.restart_after(Failure::Unreachable(None));
            self.list_once = self.cut_streams >= CUT_STREAMS;
            return effect;
        }
        if self.note_success(lasted) {
            self.state = State::Listed;
            return Effect::Nothing;
        }
        self.short_watches += 1;
        if self.short_watches >= SHORT_WATCHES {
            self.short_watches = 0;
            return self.restart_after(Failure::Other);
        }
        self.rewatch_after(Failure::Other);
        Effect::Nothing
    }

    /// Whether the watch that is over was a success: only that makes the delays short again.
    fn note_success(&mut self, lasted: Duration) -> bool {
        let success = self.state == State::Watching { told: true } || lasted >= SHORT_WATCH;
        if success {
            self.backoff.reset();
            self.short_watches = 0;
            self.was_forgotten = false;
        }
        success
    }

    /// Waits, but not the first time since a success, also after other failures: the server answers, and reading anew is all
    /// that is needed.
    fn wait_unless_first(&mut self, failure: Failure) {
        if std::mem::replace(&mut self.was_forgotten, true) {
            self.wait(failure);
        } else {
            self.backoff.count_failure();
        }
    }

    fn wait(&mut self, failure: Failure) {
        self.delay = Some(self.backoff.after_failure().max(failure.retry_after()));
    }

    fn rewatch_after(&mut self, failure: Failure) {
        self.wait(failure);
        self.state = State::Listed;
    }

    /// Reads all objects anew, after a delay.
    fn restart_after(&mut self, failure: Failure) -> Effect {
        self.wait(failure);
        self.list_once = false;
        self.state = State::Start;
        Effect::Discard
    }
}

#[cfg(test)]
#[path = "machine_scripts.rs"]
mod scripts;
