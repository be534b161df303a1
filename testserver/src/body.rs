//! Bodies of answers: whole, or bit by bit.

use crate::faults::Interfered;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// An answer that breaks off. The connection, or the stream of an HTTP/2 connection, ends without saying so.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer breaks off here, as it was asked to")]
pub(crate) struct BrokenOff;

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Body {
    /// All at once; none once it has been sent.
    Whole(Option<Bytes>),
    /// As pieces come.
    Pieces(mpsc::Receiver<Result<Bytes, BrokenOff>>),
    /// As a test wants it.
    Interfered(Box<Interfered>),
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Pieces(pieces) => {
                pieces.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
            }
            Self::Interfered(interfered) => Pin::new(interfered.as_mut()).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Pieces(_) => false,
            Self::Interfered(interfered) => interfered.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Pieces(_) => SizeHint::default(),
            Self::Interfered(interfered) => interfered.size_hint(),
        }
    }
}
