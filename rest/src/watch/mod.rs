//! Watches: a long answer, of which each line or frame is an event.

mod cut;
mod event;
#[cfg(feature = "protobuf")]
mod frames;
mod lines;

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use http::StatusCode;

use self::cut::Cut;
pub use self::event::{Bookmark, WatchEvent};
pub(crate) use self::event::{Frame, FrameKind};
pub(crate) use self::lines::{Lines, TooLong};
use crate::codec::{Format, Keeps};
use crate::encoded::ReadObject;
use crate::error::Error;
use crate::request::Request;
use crate::retry::{self, Purpose};
use crate::send;
use crate::stream::ByteStream;

/// The longest event that is read, in bytes: 16 MiB.
const MAX_EVENT: usize = 16 << 20;

/// The events of a watch, as they arrive.
///
/// The stream ends when the server ends the watch, which it does after some minutes, and when the connection
/// breaks: neither is an error, and a new watch from the last seen resource version goes on without a gap. An
/// error that the server sends ([`is_expired`](Error::is_expired), say), or an event that cannot be read,
/// comes out as an error before the end.
///
/// Dropping the stream stops the watch.
#[must_use = "a watch tells nothing until it is polled"]
pub struct WatchStream<K> {
    state: State,
    event: PhantomData<fn() -> K>,
}

enum State {
    Open { body: ByteStream, cut: Cut, keeps: Keeps },
    Closed,
}

impl Request {
    /// Sends the request and reads the answer as the events of a watch.
    ///
    /// # Errors
    ///
    /// If the request is not valid, no answer comes, or the server refuses. A server that cannot be reached
    /// for long because connections break gives an empty stream, like a watch that ended at once.
    pub async fn send_for_events<K: ReadObject>(self) -> Result<WatchStream<K>, Error> {
        let response = match send::open(&self, Purpose::Watch).await {
            Ok(response) => response,
            Err(error) if ended_early(&error) => return Ok(WatchStream::closed()),
            Err(error) => return Err(error),
        };
        if response.status() != StatusCode::OK {
            let problem = format!("the server answers with status {}", response.status().as_u16());
            return Err(self.decode_error("a watch", problem));
        }
        let format =
            Format::of(response.headers()).map_err(|problem| self.decode_error("a watch", problem))?;
        let body = ByteStream::new(&self, response);
        let (cut, keeps) = (Cut::new(format, MAX_EVENT), self.keeps());
        Ok(WatchStream { state: State::Open { body, cut, keeps }, event: PhantomData })
    }
}

/// Whether a watch could not be opened for a reason that would have ended an open one without an error.
fn ended_early(error: &Error) -> bool {
    error.status().is_none()
        && !error.is_deadline_exceeded()
        && (retry::is_lost_connection(error) || retry::is_timeout(error))
}

impl<K> WatchStream<K> {
    fn closed() -> Self {
        Self { state: State::Closed, event: PhantomData }
    }
}

impl<K: ReadObject> WatchStream<K> {
    /// Gives out an item; what cannot be read ends the stream, for nothing after it can be trusted.
    fn give(&mut self, item: Result<WatchEvent<K>, Error>) -> Poll<Option<Result<WatchEvent<K>, Error>>> {
        if matches!(item, Err(Error::WatchEvent(_))) {
            self.state = State::Closed;
        }
        Poll::Ready(Some(item))
    }

    /// The body has ended. A last event may stand there without its line's end; half of one is dropped.
    fn end(&mut self) -> Poll<Option<Result<WatchEvent<K>, Error>>> {
        let State::Open { mut cut, keeps, .. } = std::mem::replace(&mut self.state, State::Closed) else {
            return Poll::Ready(None);
        };
        let rest = cut.rest();
        let last = cut.read(&rest, keeps).filter(|item| !matches!(item, Err(Error::WatchEvent(_))));
        if last.is_none() && !rest.is_empty() {
            tracing::debug!(target: "kubeset::rest", bytes = rest.len(), "the watch was cut within an event");
        }
        Poll::Ready(last)
    }
}

/// Reads a stranger's watch that arrives in chunks of this size, and returns how many events and errors it has.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn exercise<K: ReadObject>(
    format: Format,
    bytes: &[u8],
    chunk: usize,
    limit: usize,
) -> (usize, usize) {
    let (mut cut, mut counts) = (Cut::new(format, limit), (0, 0));
    let mut count = |cut: &Cut, event: &[u8]| match cut.read::<K>(event, Keeps::Everything) {
        Some(Ok(_)) => counts.0 += 1,
        Some(Err(error)) => {
            drop(format!("{error} {error:?}"));
            counts.1 += 1;
        }
        None => {}
    };
    for chunk in bytes.chunks(chunk.max(1)) {
        cut.push(bytes::Bytes::copy_from_slice(chunk));
        loop {
            match cut.next() {
                Ok(Some(event)) => count(&cut, &event),
                Ok(None) => break,
                Err(TooLong) => return counts,
            }
        }
    }
    let rest = cut.rest();
    count(&cut, &rest);
    counts
}

impl<K: ReadObject> Stream for WatchStream<K> {
    type Item = Result<WatchEvent<K>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let State::Open { body, cut, keeps } = &mut this.state else {
                return Poll::Ready(None);
            };
            match cut.next() {
                Ok(Some(event)) => match cut.read(&event, *keeps) {
                    Some(item) => return this.give(item),
                    None => continue,
                },
                Ok(None) => {}
                Err(TooLong) => {
                    let problem = format!("it is longer than {MAX_EVENT} bytes");
                    return this.give(Err(Error::WatchEvent(problem.into())));
                }
            }
            match ready!(Pin::new(body).poll_next(context)) {
                Some(Ok(chunk)) => cut.push(chunk),
                None => return this.end(),
                Some(Err(error)) if retry::is_lost_connection(&error) || retry::is_timeout(&error) => {
                    tracing::debug!(target: "kubeset::rest", %error, "the watch's connection broke");
                    return this.end();
                }
                Some(Err(error)) => return this.give(Err(Error::WatchEvent(Box::new(error)))),
            }
        }
    }
}

impl<K> fmt::Debug for WatchStream<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = matches!(self.state, State::Open { .. });
        formatter.debug_struct("WatchStream").field("open", &open).finish_non_exhaustive()
    }
}
