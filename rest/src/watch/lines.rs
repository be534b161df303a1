//! Splits a stream of bytes into lines without copying what arrives whole.

use bytes::{Bytes, BytesMut};

/// Collects chunks until they make a line, and holds no more than its limit.
#[derive(Debug)]
pub(crate) struct Lines {
    limit: usize,
    /// The start of a line whose end has not come.
    partial: BytesMut,
    /// What has come and was not looked at.
    fresh: Bytes,
}

/// A line is longer than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Lines {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, partial: BytesMut::new(), fresh: Bytes::new() }
    }

    /// Adds the next chunk. All lines of the chunk before must have been taken.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        debug_assert!(self.fresh.is_empty(), "the lines of the chunk before were not taken");
        self.fresh = chunk;
    }

    /// The next whole line, without its end. `None` asks for another chunk.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, TooLong> {
        let Some(end) = memchr::memchr(b'\n', &self.fresh) else {
            let rest = std::mem::take(&mut self.fresh);
            self.keep(&rest)?;
            return Ok(None);
        };
        let line = self.fresh.split_to(end);
        // Dropping the line's end moves the start on; nothing is copied.
        let _ = self.fresh.split_to(1);
        if self.partial.is_empty() {
            return if line.len() > self.limit { Err(TooLong) } else { Ok(Some(line)) };
        }
        self.keep(&line)?;
        Ok(Some(self.partial.split().freeze()))
    }

    /// What is left when the stream has ended: a line without an end, or nothing.
    pub(crate) fn rest(&mut self) -> Bytes {
        self.partial.split().freeze()
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.partial.len() + part.len() > self.limit {
            return Err(TooLong);
        }
        self.partial.extend_from_slice(part);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(limit: usize, chunks: &[&[u8]]) -> Result<(Vec<Bytes>, Bytes), TooLong> {
        let mut lines = Lines::new(limit);
        let mut found = Vec::new();
        for chunk in chunks {
            lines.push(Bytes::copy_from_slice(chunk));
            while let Some(line) = lines.next()? {
                found.push(line);
            }
        }
        Ok((found, lines.rest()))
    }

    #[test]
    fn lines_are_the_same_wherever_the_chunks_are_cut() {
        let text = b"one\ntwo\n\nthree";
        for cut in 0..=text.len() {
            let (start, end) = text.split_at(cut);
            let (lines, rest) = all(100, &[start, end]).unwrap();
            assert_eq!(lines, ["one", "two", ""], "cut at {cut}");
            assert_eq!(rest, "three", "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(all(100, &bytes).unwrap().0, ["one", "two", ""]);
    }

    #[test]
    fn a_line_of_the_limit_passes_and_a_longer_one_does_not() {
        assert!(all(3, &[b"abc\n"]).is_ok());
        assert_eq!(all(3, &[b"abcd\n"]), Err(TooLong));
        assert_eq!(all(3, &[b"ab", b"cd"]), Err(TooLong));
        assert_eq!(all(3, &[b"ab", b"cd\n"]), Err(TooLong));
    }

    #[test]
    fn a_line_in_one_chunk_is_not_copied() {
        let chunk = Bytes::from_static(b"one\ntwo\n");
        let mut lines = Lines::new(10);
        lines.push(chunk.clone());
        let line = lines.next().unwrap().unwrap();
        assert_eq!(line.as_ptr(), chunk.as_ptr());
    }
}
