//! Bodies of answers.

use bytes::Bytes;
use http_body::{Body, Frame};
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How many bytes of a body that is there as a whole are sent at a time.
const SIZE: usize = 64 << 10;

/// A body in pieces, of unknown length, as kube-apiserver sends what is large.
pub(crate) struct Pieces {
    pieces: Box<dyn Iterator<Item = Bytes> + Send>,
    /// Whether it stays open when all is sent, as a watch does in which nothing happens.
    held: bool,
}

impl Pieces {
    /// These, and then the end.
    pub(crate) fn all(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Self {
        Self { pieces: Box::new(pieces), held: false }
    }

    /// These, and then nothing.
    pub(crate) fn held(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Self {
        Self { pieces: Box::new(pieces), held: true }
    }
}

impl From<Bytes> for Pieces {
    fn from(mut whole: Bytes) -> Self {
        Self::all(std::iter::from_fn(move || {
            let size = SIZE.min(whole.len());
            (size > 0).then(|| whole.split_to(size))
        }))
    }
}

impl Iterator for Pieces {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.pieces.next()
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pieces").field("held", &self.held).finish_non_exhaustive()
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.next() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            // Nobody wakes the task again but the connection, when its client is gone.
            None if self.held => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pieces, SIZE};

    #[test]
    fn a_body_is_sent_in_pieces() {
        let lengths: Vec<usize> =
            Pieces::from(bytes::Bytes::from(vec![0; SIZE + 5])).map(|piece| piece.len()).collect();
        assert_eq!(lengths, [SIZE, 5]);
        assert_eq!(Pieces::from(bytes::Bytes::new()).count(), 0);
    }
}
