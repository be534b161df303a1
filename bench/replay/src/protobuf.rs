//! The little of protobuf that is needed to take a recorded Pod apart and to write others like it.

use bytes::Bytes;

/// What the bytes of every object that travels on its own begin with.
const MAGIC: &[u8] = b"k8s\0";

/// The bytes of a field that is a text or a message, of which `body` begins with the key.
///
/// `None` if it is another field, or its length is not right.
pub(crate) fn field(body: &Bytes, number: u8) -> Option<(Bytes, Bytes)> {
    let (key, rest) = body.split_first()?;
    if *key != key_of(number) {
        return None;
    }
    let (length, read) = varint(rest)?;
    let start = 1 + read;
    let end = start.checked_add(length)?;
    (end <= body.len()).then(|| (body.slice(start..end), body.slice(end..)))
}

/// The number at the beginning, and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        number |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((number, index + 1));
        }
    }
    None
}

/// The key of a text or a message in a field below 16.
const fn key_of(number: u8) -> u8 {
    number << 3 | 2
}

/// Writes the key and the length of a field.
pub(crate) fn begin(to: &mut Vec<u8>, number: u8, length: usize) {
    to.push(key_of(number));
    let mut left = length;
    while left >= 0x80 {
        to.push(left as u8 | 0x80);
        left >>= 7;
    }
    to.push(left as u8);
}

/// Writes a field.
pub(crate) fn write(to: &mut Vec<u8>, number: u8, value: &[u8]) {
    begin(to, number, value.len());
    to.extend_from_slice(value);
}

/// How long a field is, with its key.
pub(crate) fn size(length: usize) -> usize {
    let mut head = Vec::with_capacity(6);
    begin(&mut head, 1, length);
    head.len() + length
}

/// Writes the beginning of an object that travels on its own, up to its own `length` bytes.
pub(crate) fn begin_object(to: &mut Vec<u8>, kind: &str, length: usize) {
    let mut meta = Vec::with_capacity(16);
    write(&mut meta, 1, b"v1");
    write(&mut meta, 2, kind.as_bytes());
    to.extend_from_slice(MAGIC);
    write(to, 1, &meta);
    begin(to, 2, length);
}

/// What comes behind such an object: that it is not encoded in another way, and is of no other type.
pub(crate) const END_OF_OBJECT: &[u8] = &[key_of(3), 0, key_of(4), 0];

/// Takes the object out of what travels on its own.
pub(crate) fn object(body: &Bytes) -> Option<Bytes> {
    let (_meta, rest) = field(&body.slice(body.starts_with(MAGIC).then_some(MAGIC.len())?..), 1)?;
    Some(field(&rest, 2)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for length in [0, 1, 127, 128, 20_000] {
            let value = vec![7; length];
            let mut body = Vec::new();
            write(&mut body, 5, &value);
            assert_eq!(body.len(), size(length));
            body.push(9);
            let body = Bytes::from(body);
            assert_eq!(field(&body, 5), Some((value.into(), Bytes::from_static(&[9]))));
            assert_eq!(field(&body, 4), None);
        }
    }

    #[test]
    fn an_object_comes_out_of_its_envelope() {
        let mut body = Vec::new();
        begin_object(&mut body, "Pod", 3);
        body.extend_from_slice(b"abc");
        body.extend_from_slice(END_OF_OBJECT);
        assert_eq!(object(&Bytes::from(body)), Some(Bytes::from_static(b"abc")));
        assert_eq!(object(&Bytes::from_static(b"{}")), None);
    }

    #[test]
    fn what_is_cut_off_is_not_read() {
        assert_eq!(field(&Bytes::from_static(&[0x0a, 5, 1]), 1), None);
        assert_eq!(field(&Bytes::new(), 1), None);
    }
}
