//! Splits a stream of bytes into CBOR items, which follow each other without anything between them.

use bytes::{Bytes, BytesMut};

use crate::watch::TooLong;

/// How deep arrays and maps may lie in each other. What is read may not lie deeper than 128 anyway.
const DEPTH: usize = 512;

/// Collects chunks until they make an item, and holds no more than its limit and a chunk.
#[derive(Debug)]
pub(crate) struct Items {
    limit: usize,
    /// What has come and was not given out.
    bytes: BytesMut,
    /// How much of it was looked at. This can be beyond its end, within a text.
    position: usize,
    /// How many values are still to come in each array and map that is open.
    open: Vec<u64>,
    /// Where the item ends, once that is known.
    end: Option<usize>,
}

/// What one value begins with.
enum Head {
    /// So many bytes follow, which are no values.
    Bytes(u64),
    /// So many values follow, which belong to this one.
    Values(u64),
    /// A tag: the value itself follows.
    Tag,
    /// No CBOR that servers write: how long it is cannot be told.
    Unknown,
}

impl Items {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, bytes: BytesMut::new(), position: 0, open: Vec::new(), end: None }
    }

    /// Adds the next chunk.
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.bytes.extend_from_slice(chunk);
    }

    /// The next whole item. `None` asks for another chunk. What is no CBOR is given out as it is: reading it says so.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, TooLong> {
        while self.end.is_none()
            && let Some((head, length)) = self.bytes.get(self.position..).and_then(head)
        {
            self.position += length;
            match head {
                Head::Values(count @ 1..) if self.open.len() < DEPTH => self.open.push(count),
                Head::Values(1..) | Head::Unknown => self.end = Some(self.bytes.len()),
                Head::Tag => {}
                Head::Values(0) => self.close(),
                Head::Bytes(more) => {
                    let more = usize::try_from(more).map_err(|_| TooLong)?;
                    self.position = self.position.checked_add(more).ok_or(TooLong)?;
                    self.close();
                }
            }
        }
        if self.end.unwrap_or_else(|| self.position.max(self.bytes.len())) > self.limit {
            return Err(TooLong);
        }
        let Some(end) = self.end.take_if(|end| *end <= self.bytes.len()) else { return Ok(None) };
        self.position = 0;
        self.open.clear();
        Ok(Some(self.bytes.split_to(end).freeze()))
    }

    /// A value has ended, and with it perhaps those that it was the last part of.
    fn close(&mut self) {
        while let Some(rest) = self.open.last_mut() {
            *rest -= 1;
            if *rest > 0 {
                return;
            }
            self.open.pop();
        }
        self.end = Some(self.position);
    }
}

/// What a value begins with, and how many bytes that takes. None if it has not come yet.
fn head(bytes: &[u8]) -> Option<(Head, usize)> {
    let (first, rest) = bytes.split_first()?;
    let (major, minor) = (first >> 5, first & 0x1f);
    let (argument, length) = match minor {
        0..24 => (u64::from(minor), 0),
        24 => (u64::from(*rest.first()?), 1),
        25 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
        26 => (u64::from(u32::from_be_bytes(*rest.first_chunk()?)), 4),
        27 => (u64::from_be_bytes(*rest.first_chunk()?), 8),
        _ => return Some((Head::Unknown, 1)),
    };
    let head = match major {
        2 | 3 => Head::Bytes(argument),
        4 => Head::Values(argument),
        5 => Head::Values(argument.saturating_mul(2)),
        6 => Head::Tag,
        // Numbers, flags and null are all in their first bytes.
        _ => Head::Bytes(0),
    };
    Some((head, 1 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(limit: usize, chunks: &[&[u8]]) -> Result<(Vec<Bytes>, usize), TooLong> {
        let mut items = Items::new(limit);
        let mut found = Vec::new();
        for chunk in chunks {
            items.push(chunk);
            while let Some(item) = items.next()? {
                found.push(item);
            }
        }
        Ok((found, items.bytes.len()))
    }

    /// A map, a tagged text of 300 bytes, nothing in a list, a number, and half a list.
    fn stream() -> (Vec<Vec<u8>>, Vec<u8>) {
        let mut text = vec![0xd9, 0xd9, 0xf7, 0x59, 0x01, 0x2c];
        text.extend([b'x'; 300]);
        let map = vec![0xa2, 0x41, b'a', 0x82, 0x01, 0x60, 0x61, b'b', 0xf9, 0x3c, 0x00];
        (vec![map, text, vec![0x80], vec![0x1a, 0, 0, 0, 1], vec![0x81, 0xa0]], vec![0x82, 0x01])
    }

    #[test]
    fn items_are_the_same_wherever_the_chunks_are_cut() {
        let (items, half) = stream();
        let bytes = [items.concat(), half.clone()].concat();
        for cut in 0..=bytes.len() {
            let (start, end) = bytes.split_at(cut);
            assert_eq!(
                all(1000, &[start, end]),
                Ok((items.iter().cloned().map(Bytes::from).collect(), 2)),
                "{cut}"
            );
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(all(1000, &single).unwrap().0, items);
    }

    #[test]
    fn an_item_comes_out_as_soon_as_it_is_complete() {
        let mut items = Items::new(1000);
        items.push(&[0x82, 0x01]);
        assert_eq!(items.next(), Ok(None));
        items.push(&[0x02]);
        assert_eq!(items.next(), Ok(Some(Bytes::from_static(&[0x82, 0x01, 0x02]))));
    }

    #[test]
    fn what_is_too_long_is_refused_by_its_length() {
        assert_eq!(all(10, &[&[0x5a, 0x7f, 0xff, 0xff, 0xff]]), Err(TooLong));
        assert_eq!(all(10, &[&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]]), Err(TooLong));
        assert_eq!(all(3, &[&[0x9b, 0xff], &[0xff, 0xff]]), Err(TooLong));
    }

    #[test]
    fn what_is_no_cbor_is_given_out_to_be_refused() {
        assert_eq!(all(10, &[&[0x9f, 0x00, 0xff]]).unwrap().0, [&[0x9f, 0x00, 0xff][..]]);
        let deep = vec![0x81; DEPTH + 5];
        assert_eq!(all(1000, &[&deep]).unwrap().0, [&deep[..]]);
    }
}
