//! What is kept of a JSON text that arrives in chunks, copied only where it must be.

/// A part of a text: it lies in the current chunk as long as it can, and in a buffer from when a chunk ends or something
/// in its middle is left out.
///
/// Lengths count what is kept, from the part's beginning.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    buffer: Vec<u8>,
    /// Where in the chunk begins what is kept and not in the buffer. `None` while nothing is kept.
    run: Option<usize>,
}

impl Kept {
    /// Keeps what comes from `at` on, and forgets the part before.
    pub(crate) fn begin(&mut self, at: usize) {
        self.buffer.clear();
        self.run = Some(at);
    }

    /// Keeps nothing of what comes.
    pub(crate) fn stop(&mut self) {
        self.buffer.clear();
        self.run = None;
    }

    /// How much has been kept up to `at`.
    pub(crate) fn length(&self, at: usize) -> usize {
        self.buffer.len() + self.run.map_or(0, |run| at - run)
    }

    /// Forgets what was kept after `length`, and keeps nothing of what comes until [`resume`](Self::resume).
    pub(crate) fn rewind(&mut self, length: usize, chunk: &[u8]) {
        match (self.run.take(), length.checked_sub(self.buffer.len())) {
            (Some(run), Some(more)) => self.buffer.extend_from_slice(&chunk[run..run + more]),
            _ => self.buffer.truncate(length),
        }
    }

    /// Keeps what comes from `at` on as well.
    pub(crate) fn resume(&mut self, at: usize) {
        self.run = Some(at);
    }

    /// Puts what was kept into the buffer: another chunk comes.
    pub(crate) fn next_chunk(&mut self, chunk: &[u8]) {
        if let Some(run) = &mut self.run {
            self.buffer.extend_from_slice(&chunk[*run..]);
            *run = 0;
        }
    }

    /// What was kept from `length` on, up to `at`.
    pub(crate) fn since<'a>(&'a mut self, length: usize, chunk: &'a [u8], at: usize) -> &'a [u8] {
        let run = self.run.unwrap_or(at);
        if let Some(more) = length.checked_sub(self.buffer.len()) {
            return &chunk[(run + more).min(at)..at];
        }
        self.buffer.extend_from_slice(&chunk[run..at]);
        self.run = self.run.map(|_| at);
        &self.buffer[length..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_one_chunk_is_not_copied() {
        let chunk = b"abcdef";
        let mut kept = Kept::default();
        kept.begin(1);
        assert_eq!(kept.since(0, chunk, 4), b"bcd");
        assert_eq!(kept.since(1, chunk, 4).as_ptr(), chunk[2..].as_ptr());
        assert!(kept.buffer.is_empty());
    }

    #[test]
    fn parts_of_chunks_are_put_together() {
        let mut kept = Kept::default();
        kept.begin(2);
        kept.next_chunk(b"abc");
        kept.next_chunk(b"def");
        assert_eq!(kept.length(1), 5);
        assert_eq!(kept.since(0, b"ghi", 1), b"cdefg");
        assert_eq!(kept.since(4, b"ghi", 3), b"ghi");
        kept.begin(1);
        assert_eq!(kept.since(0, b"ghi", 3), b"hi", "the part before is forgotten");
    }

    #[test]
    fn a_middle_can_be_left_out_in_one_chunk_and_across_chunks() {
        let text = b"0123456789";
        for cut in 0..text.len() {
            let (start, end) = text.split_at(cut);
            let mut kept = Kept::default();
            kept.begin(0);
            let place = |at: usize, kept: &mut Kept, chunks: &mut usize| {
                if at >= cut && *chunks == 0 {
                    kept.next_chunk(start);
                    *chunks = 1;
                }
                if *chunks == 0 { (start, at) } else { (end, at - cut) }
            };
            let mut chunks = 0;
            let (chunk, _) = place(6, &mut kept, &mut chunks);
            kept.rewind(3, chunk);
            let (_, at) = place(8, &mut kept, &mut chunks);
            kept.resume(at);
            let (chunk, at) = place(10, &mut kept, &mut chunks);
            assert_eq!(kept.since(0, chunk, at), b"01289", "cut at {cut}");
        }
    }
}
