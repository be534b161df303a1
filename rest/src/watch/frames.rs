//! Splits a stream of bytes into frames, each after its length, without copying what arrives whole.

use bytes::{Buf as _, Bytes, BytesMut};

use super::TooLong;

/// How many bytes a length has. The highest comes first.
const LENGTH: usize = 4;

/// Collects chunks until they make a frame, and holds no more than its limit.
#[derive(Debug)]
pub(crate) struct Frames {
    limit: usize,
    /// The start of a frame, with its length, whose end has not come.
    partial: BytesMut,
    /// What has come and was not looked at.
    fresh: Bytes,
}

impl Frames {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, partial: BytesMut::new(), fresh: Bytes::new() }
    }

    /// Adds the next chunk. All frames of the chunk before must have been taken.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        debug_assert!(self.fresh.is_empty(), "the frames of the chunk before were not taken");
        self.fresh = chunk;
    }

    /// The next whole frame, without its length. `None` asks for another chunk.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, TooLong> {
        if self.partial.is_empty() {
            let Some(length) = length(&self.fresh) else { return Ok(self.wait()) };
            self.check(length)?;
            if self.fresh.len() - LENGTH < length {
                return Ok(self.wait());
            }
            self.fresh.advance(LENGTH);
            return Ok(Some(self.fresh.split_to(length)));
        }
        self.fill(LENGTH);
        let Some(length) = length(&self.partial) else { return Ok(None) };
        self.check(length)?;
        self.fill(LENGTH + length);
        if self.partial.len() < LENGTH + length {
            return Ok(None);
        }
        self.partial.advance(LENGTH);
        Ok(Some(self.partial.split().freeze()))
    }

    /// How many bytes are left when the stream has ended: those of half a frame.
    pub(crate) fn rest(&self) -> usize {
        self.partial.len()
    }

    /// Keeps what has come for when more does.
    fn wait(&mut self) -> Option<Bytes> {
        self.partial.extend_from_slice(&std::mem::take(&mut self.fresh));
        None
    }

    /// Moves bytes over until there are `wanted`, or no more.
    fn fill(&mut self, wanted: usize) {
        let missing = wanted.saturating_sub(self.partial.len()).min(self.fresh.len());
        self.partial.extend_from_slice(&self.fresh.split_to(missing));
    }

    fn check(&self, length: usize) -> Result<(), TooLong> {
        if length > self.limit { Err(TooLong) } else { Ok(()) }
    }
}

/// The length that stands before a frame, if all of it is there.
fn length(bytes: &[u8]) -> Option<usize> {
    let length = bytes.first_chunk::<LENGTH>()?;
    usize::try_from(u32::from_be_bytes(*length)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(limit: usize, chunks: &[&[u8]]) -> Result<(Vec<Bytes>, usize), TooLong> {
        let mut frames = Frames::new(limit);
        let mut found = Vec::new();
        for chunk in chunks {
            frames.push(Bytes::copy_from_slice(chunk));
            while let Some(frame) = frames.next()? {
                found.push(frame);
            }
        }
        Ok((found, frames.rest()))
    }

    const STREAM: &[u8] = b"\0\0\0\x03one\0\0\0\0\0\0\0\x05three\0\0\0\x02x";

    #[test]
    fn frames_are_the_same_wherever_the_chunks_are_cut() {
        for cut in 0..=STREAM.len() {
            let (start, end) = STREAM.split_at(cut);
            let (frames, rest) = all(100, &[start, end]).unwrap();
            assert_eq!(frames, ["one", "", "three"], "cut at {cut}");
            assert_eq!(rest, 5, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = STREAM.chunks(1).collect();
        assert_eq!(all(100, &bytes).unwrap(), (vec!["one".into(), "".into(), "three".into()], 5));
    }

    #[test]
    fn a_frame_of_the_limit_passes_and_a_longer_one_is_refused_by_its_length() {
        assert!(all(5, &[STREAM]).is_ok());
        assert_eq!(all(4, &[STREAM]), Err(TooLong));
        assert_eq!(all(100, &[b"\xff\xff", b"\xff\xff"]), Err(TooLong));
    }

    #[test]
    fn a_frame_in_one_chunk_is_not_copied() {
        let chunk = Bytes::from_static(STREAM);
        let mut frames = Frames::new(10);
        frames.push(chunk.clone());
        assert_eq!(frames.next().unwrap().unwrap().as_ptr(), chunk[LENGTH..].as_ptr());
    }
}
