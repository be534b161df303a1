//! Reading a long list page by page.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use k8s_openapi::ListableResource;
use serde::de::DeserializeOwned;

use super::{List, SendFuture};
use crate::error::Error;

/// How many objects a page has unless the list says otherwise.
const PAGE_SIZE: u32 = 500;

/// One page of a long list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<K: ListableResource> {
    /// The objects of the page, and the version and continue token of the list.
    pub list: k8s_openapi::List<K>,
    /// This page holds the whole list from its start: the server forgot the version that the pages before
    /// were of. What came before it is out of date and should be dropped.
    pub restarted: bool,
}

/// The pages of a list, each read when it is asked for. Made by [`List::pages`].
///
/// All pages are of one version of the list. If the server forgets that version before the last page, the
/// whole list comes again in one page, which says so.
///
/// ```no_run
/// # use futures_util::TryStreamExt as _;
/// # use kubeset_rest::{Endpoint, Error};
/// # use k8s_openapi::api::core::v1::Pod;
/// # async fn example(pods: Endpoint<Pod>) -> Result<(), Error> {
/// let mut pages = pods.list().pages();
/// let mut names = Vec::new();
/// while let Some(page) = pages.try_next().await? {
///     if page.restarted {
///         names.clear();
///     }
///     names.extend(page.list.items.into_iter().filter_map(|pod| pod.metadata.name));
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "pages are read only as the stream is polled"]
pub struct Pages<K: ListableResource> {
    first: List<K>,
    state: State<K>,
}

/// What a page is read for: its list, and whether it starts the list again.
type Reading<K> = SendFuture<Result<Page<K>, Error>>;

enum State<K: ListableResource> {
    Start,
    Reading { page: Reading<K>, continued: bool },
    Between { token: String },
    End,
}

impl<K: ListableResource> Pages<K> {
    pub(crate) fn new(list: List<K>) -> Self {
        let pages = list.request().has_query("limit");
        let first = if pages { list } else { list.limit(PAGE_SIZE) };
        Self { first, state: State::Start }
    }
}

impl<K: ListableResource + DeserializeOwned + Send + 'static> Pages<K> {
    fn read(list: List<K>, restarted: bool) -> Reading<K> {
        let list = list.into_future();
        Box::pin(async move { Ok(Page { list: list.await?, restarted }) })
    }

    /// The page after the one that had `token`. The token stands for the version of the list.
    fn next_page(&self, token: &str) -> Reading<K> {
        Self::read(self.first.continued(token), false)
    }

    /// The whole list at once, of the version that the first page was asked for.
    fn whole(&self) -> Reading<K> {
        Self::read(self.first.unlimited(), true)
    }

    /// What comes after a page or an error.
    fn after(&self, outcome: &Result<Page<K>, Error>, continued: bool) -> State<K> {
        match outcome {
            Ok(page) => match page.list.metadata.continue_.clone().filter(|token| !token.is_empty()) {
                Some(token) => State::Between { token },
                None => State::End,
            },
            Err(error) if continued && error.is_expired() => {
                State::Reading { page: self.whole(), continued: false }
            }
            Err(_) => State::End,
        }
    }
}

impl<K: ListableResource + DeserializeOwned + Send + 'static> Stream for Pages<K> {
    type Item = Result<Page<K>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            match &mut this.state {
                State::Start => {
                    let page = Self::read(this.first.same(), false);
                    this.state = State::Reading { page, continued: false };
                }
                State::Between { token } => {
                    let token = std::mem::take(token);
                    this.state = State::Reading { page: this.next_page(&token), continued: true };
                }
                State::Reading { page, continued } => {
                    let continued = *continued;
                    let outcome = ready!(page.as_mut().poll(context));
                    this.state = this.after(&outcome, continued);
                    if !matches!(this.state, State::Reading { .. }) {
                        return Poll::Ready(Some(outcome));
                    }
                }
                State::End => return Poll::Ready(None),
            }
        }
    }
}

impl<K: ListableResource> fmt::Debug for Pages<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pages").field("list", &self.first).finish_non_exhaustive()
    }
}
