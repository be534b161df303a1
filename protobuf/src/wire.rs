//! Protobuf without knowing what it is about: fields with numbers, one after the other.

use crate::Error;
use crate::message::Kind;

/// What a field holds, as far as the wire tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content<'a> {
    /// A whole number or a flag.
    Varint(u64),
    /// Eight bytes.
    Fixed64(u64),
    /// Four bytes.
    Fixed32(u32),
    /// Text, bytes, a message, or numbers in a row.
    Bytes(&'a [u8]),
}

impl Content<'_> {
    /// Whether this is the zero of its type: 0, false, an empty text, an empty message.
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Self::Varint(number) | Self::Fixed64(number) => *number == 0,
            Self::Fixed32(number) => *number == 0,
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }
}

/// What has not been read of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire<'a> {
    rest: &'a [u8],
}

impl<'a> Wire<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The bytes that have not been read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next field: its number and what it holds. None at the end.
    #[inline]
    pub(crate) fn field(&mut self) -> Result<Option<(u32, Content<'a>)>, Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let content = match key & 7 {
            0 => Content::Varint(self.varint()?),
            1 => Content::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => Content::Bytes(self.bytes()?),
            5 => Content::Fixed32(u32::from_le_bytes(self.array()?)),
            // Groups were given up before Kubernetes began.
            _ => return Err(Error::wire("it has a field of an unknown wire type")),
        };
        match u32::try_from(key >> 3) {
            Ok(number) if number > 0 => Ok(Some((number, content))),
            _ => Err(Error::wire("it has a field whose number is out of range")),
        }
    }

    /// The next field if it has this number. The wire stays where it is if not.
    #[inline]
    pub(crate) fn field_numbered(&mut self, number: u32) -> Result<Option<Content<'a>>, Error> {
        let mut ahead = *self;
        match ahead.field()? {
            Some((found, content)) if found == number => {
                *self = ahead;
                Ok(Some(content))
            }
            _ => Ok(None),
        }
    }

    /// What lies between here and `later`, where the same wire was read on to.
    pub(crate) fn up_to(self, later: Self) -> Self {
        Self { rest: &self.rest[..self.rest.len() - later.rest.len()] }
    }

    /// The next of numbers that stand in a row, without the field's number before each.
    pub(crate) fn packed(&mut self, kind: Kind) -> Result<Content<'a>, Error> {
        match kind {
            Kind::Double => Ok(Content::Fixed64(u64::from_le_bytes(self.array()?))),
            _ => Ok(Content::Varint(self.varint()?)),
        }
    }

    /// How many fields with this number come next, one after the other.
    pub(crate) fn count(mut self, number: u32) -> Result<usize, Error> {
        let mut count = 0;
        while self.field_numbered(number)?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    /// A number in groups of seven bits, the lowest first.
    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, Error> {
        if let [byte @ 0..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(u64::from(*byte));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u64, Error> {
        let mut number = 0;
        for (index, byte) in self.rest.iter().enumerate().take(10) {
            // The tenth byte has room for one bit more.
            if index == 9 && *byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Ok(number);
            }
        }
        match self.rest.len() {
            0..10 => Err(Error::cut()),
            _ => Err(Error::wire("it has a number of more than 64 bits")),
        }
    }

    fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let length = usize::try_from(self.varint()?).map_err(|_| Error::cut())?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or_else(Error::cut)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (array, rest) = self.rest.split_first_chunk::<N>().ok_or_else(Error::cut)?;
        self.rest = rest;
        Ok(*array)
    }
}

/// Writes a number in groups of seven bits.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Writes a field.
pub(crate) fn put_field(out: &mut Vec<u8>, number: u32, content: Content<'_>) {
    let key = u64::from(number) << 3;
    match content {
        Content::Varint(value) => {
            put_varint(out, key);
            put_varint(out, value);
        }
        Content::Fixed64(value) => {
            put_varint(out, key | 1);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Content::Bytes(bytes) => {
            put_varint(out, key | 2);
            put_varint(out, bytes.len() as u64);
            out.extend_from_slice(bytes);
        }
        Content::Fixed32(value) => {
            put_varint(out, key | 5);
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
}

/// Begins a field that is a message, whose length is not known yet. Returns where the message begins.
pub(crate) fn start_message(out: &mut Vec<u8>, number: u32) -> usize {
    put_varint(out, u64::from(number) << 3 | 2);
    // Room for a length below 128, which most are.
    out.push(0);
    out.len()
}

/// Ends the message that begins at `start`: writes its length, for which a longer message moves on.
pub(crate) fn finish_message(out: &mut Vec<u8>, start: usize) {
    let end = out.len();
    let mut length = Vec::with_capacity(10);
    put_varint(&mut length, (end - start) as u64);
    let more = length.len() - 1;
    if more > 0 {
        out.resize(end + more, 0);
        out.copy_within(start..end, start + more);
    }
    out[start - 1..start + more].copy_from_slice(&length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let fields = [
            (1, Content::Varint(0)),
            (15, Content::Varint(u64::MAX)),
            (16, Content::Bytes(b"text")),
            (2048, Content::Bytes(b"")),
            (3, Content::Fixed64(1 << 63)),
            (536_870_911, Content::Fixed32(7)),
        ];
        let mut bytes = Vec::new();
        for (number, content) in fields {
            put_field(&mut bytes, number, content);
        }
        let mut wire = Wire::new(&bytes);
        for field in fields {
            assert_eq!(wire.field(), Ok(Some(field)));
        }
        assert_eq!(wire.field(), Ok(None));
    }

    #[test]
    fn a_message_whose_length_is_known_last_is_written_as_one_whose_length_is_known_first() {
        for length in [0, 1, 127, 128, 20_000] {
            let content = vec![7; length];
            let (mut first, mut last) = (vec![1], vec![1]);
            put_field(&mut first, 40, Content::Bytes(&content));
            let start = start_message(&mut last, 40);
            last.extend_from_slice(&content);
            finish_message(&mut last, start);
            assert_eq!(first, last, "{length}");
        }
    }

    #[test]
    fn a_run_of_equal_numbers_is_counted_without_being_read() {
        let mut bytes = Vec::new();
        for number in [2, 2, 2, 3, 2] {
            put_field(&mut bytes, number, Content::Bytes(b"x"));
        }
        let mut wire = Wire::new(&bytes);
        assert_eq!(wire.count(2), Ok(3));
        assert_eq!(wire.field_numbered(3), Ok(None));
        assert!(wire.field_numbered(2).unwrap().is_some());
        assert_eq!(wire.count(2), Ok(2));
    }

    #[test]
    fn broken_bytes_are_errors() {
        let number_of_65_bits = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
        let endless_number = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let length_of_2_to_63 = [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0];
        let broken: [&[u8]; 9] = [
            &[0x0a, 5, 1],
            &[0x80],
            &[0x08],
            &[0x09, 0, 0],
            &[0x0b],
            &[0x02, 0],
            &number_of_65_bits,
            &endless_number,
            &length_of_2_to_63,
        ];
        for bytes in broken {
            assert!(Wire::new(bytes).field().is_err(), "{bytes:?}");
        }
    }
}
