//! Bodies that go wrong on their way.

use super::event::MadeUp;
use super::rules::{Ending, Garbled, Limit};
use crate::body::{Body, BrokenOff};
use crate::server::Connection;
use bytes::Bytes;
use http::Version;
use http_body::{Body as _, Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;

/// What a test does to a watch that is running.
#[derive(Clone, Debug)]
pub(crate) enum Control {
    /// Sends an event.
    Event(MadeUp),
    /// Ends it, one way or another.
    End(Ending),
}

/// The body of an answer that somebody interferes with.
pub(crate) struct Interfered {
    inner: Body,
    connection: Arc<Connection>,
    version: Version,
    /// How long the answer says that it is.
    promised: SizeHint,
    /// After what it ends, and how.
    cut: Option<(Limit, Ending)>,
    garbled: Option<Garbled>,
    control: Option<mpsc::UnboundedReceiver<Control>>,
    /// How much the connection had sent before.
    before: u64,
    bytes: u64,
    events: u64,
    /// Whether it is a watch in protobuf, each piece of which is an event.
    is_framed: bool,
    state: State,
}

enum State {
    Passing,
    /// Sends nothing more, and does not end.
    Frozen,
    /// Waits until what came before is on its way.
    Leaving(Pin<Box<dyn Future<Output = ()> + Send>>, Ending),
    Over,
}

impl Interfered {
    pub(crate) fn new(inner: Body, connection: Arc<Connection>, version: Version) -> Self {
        Self {
            promised: inner.size_hint(),
            before: connection.flushed(),
            inner,
            connection,
            version,
            cut: None,
            garbled: None,
            control: None,
            bytes: 0,
            events: 0,
            is_framed: false,
            state: State::Passing,
        }
    }

    /// Says that it is a watch in protobuf, or that it is not.
    pub(crate) fn framed(mut self, is_framed: bool) -> Self {
        self.is_framed = is_framed;
        self
    }

    /// Ends the body after something.
    pub(crate) fn cut(mut self, limit: Limit, ending: Ending) -> Self {
        self.cut = Some((limit, ending));
        self
    }

    /// Makes some of its bytes others.
    pub(crate) fn garble(mut self, garbled: Garbled) -> Self {
        self.garbled = Some(garbled);
        self
    }

    /// Lets a test decide while it is sent.
    pub(crate) fn controlled_by(mut self, control: mpsc::UnboundedReceiver<Control>) -> Self {
        self.control = Some(control);
        self
    }

    /// How much may still be sent; none if there is no limit.
    fn left(&self) -> Option<u64> {
        match self.cut.as_ref()?.0 {
            Limit::Bytes(bytes) => Some(bytes.saturating_sub(self.bytes)),
            Limit::Events(events) if self.events >= events => Some(0),
            Limit::Events(_) => None,
        }
    }

    /// Passes bytes on, as far as they may go.
    fn pass(&mut self, mut bytes: Bytes) -> Bytes {
        if let Some(left) = self.left() {
            bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        if let Some(garbled) = &self.garbled {
            bytes = garbled.apply(bytes, self.bytes);
        }
        self.bytes += bytes.len() as u64;
        self.events += u64::from(self.is_framed || bytes.ends_with(b"\n"));
        bytes
    }

    /// Begins to end. Gives what is still to be sent.
    fn end(&mut self, ending: Ending) -> Option<Bytes> {
        match ending {
            Ending::Freeze => self.state = State::Frozen,
            Ending::Clean => self.state = State::Over,
            Ending::Error(event) => {
                self.state = State::Over;
                return Some(event.encoded(self.is_framed));
            }
            // An HTTP/2 stream can end before its content does; HTTP/1 can only close the connection.
            Ending::Short if self.version == Version::HTTP_2 => self.state = State::Over,
            Ending::Short | Ending::Break | Ending::Disconnect => {
                let sent = self.connection.clone().until_flushed(self.before + self.bytes);
                self.state = State::Leaving(Box::pin(sent), ending);
            }
        }
        None
    }

    fn poll_control(&mut self, context: &mut Context<'_>) -> Option<Control> {
        match self.control.as_mut()?.poll_recv(context) {
            Poll::Ready(Some(control)) => Some(control),
            Poll::Ready(None) => {
                self.control = None;
                None
            }
            Poll::Pending => None,
        }
    }

    fn poll_left(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BrokenOff>>> {
        let State::Leaving(sent, ending) = &mut self.state else { return Poll::Pending };
        ready!(sent.as_mut().poll(context));
        let disconnect = matches!(ending, Ending::Disconnect);
        if disconnect {
            self.connection.begin_to_cut();
            // Until the connection is gone: an end would look like one.
            (self.state, self.control) = (State::Frozen, None);
            return Poll::Pending;
        }
        self.state = State::Over;
        Poll::Ready(Some(Err(BrokenOff)))
    }

    fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BrokenOff>>> {
        loop {
            match self.state {
                State::Over => return Poll::Ready(None),
                State::Leaving(..) => return self.poll_left(context),
                State::Passing | State::Frozen => {}
            }
            let ending = match self.poll_control(context) {
                Some(Control::Event(event)) => {
                    let bytes = event.encoded(self.is_framed);
                    self.bytes += bytes.len() as u64;
                    return Poll::Ready(Some(Ok(bytes)));
                }
                Some(Control::End(ending)) => Some(ending),
                None if matches!(self.state, State::Frozen) => return Poll::Pending,
                None if self.left() == Some(0) => self.cut.take().map(|(_, ending)| ending),
                None => None,
            };
            if let Some(ending) = ending {
                match self.end(ending) {
                    Some(event) => return Poll::Ready(Some(Ok(event))),
                    None => continue,
                }
            }
            let frame = match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                Some(Err(broken)) => return Poll::Ready(Some(Err(broken))),
                None => return Poll::Ready(None),
            };
            if let Ok(bytes) = frame.into_data() {
                return Poll::Ready(Some(Ok(self.pass(bytes))));
            }
        }
    }
}

impl http_body::Body for Interfered {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        self.poll_bytes(context).map(|bytes| bytes.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match self.state {
            State::Over => true,
            State::Passing => self.cut.is_none() && self.inner.is_end_stream(),
            State::Frozen | State::Leaving(..) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.promised
    }
}

impl fmt::Debug for Interfered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Interfered").field("cut", &self.cut).finish_non_exhaustive()
    }
}
