//! Protobuf without knowing what it is about: fields with numbers, one after the other.

/// The content of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content<'a> {
    /// A whole number, or a flag.
    Number(u64),
    /// Eight bytes, of a number with a point.
    Double(u64),
    /// Text, bytes, a message, or numbers in a row.
    Bytes(&'a [u8]),
}

/// The fields of a message.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

/// The fields of a message, up to the first that is broken.
pub(super) fn fields(message: &[u8]) -> Fields<'_> {
    Fields { rest: message }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Content<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field().ok_or_else(|| "unexpected EOF".to_owned());
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u32, Content<'a>)> {
        let key = number(&mut self.rest)?;
        let content = match key & 7 {
            0 => Content::Number(number(&mut self.rest)?),
            1 => Content::Double(u64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            2 => {
                let length = usize::try_from(number(&mut self.rest)?).ok()?;
                Content::Bytes(self.take(length)?)
            }
            5 => Content::Number(u64::from(u32::from_le_bytes(self.take(4)?.try_into().ok()?))),
            // Groups have been given up long ago.
            _ => return None,
        };
        let number = u32::try_from(key >> 3).ok().filter(|number| *number > 0)?;
        Some((number, content))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }
}

/// A number in groups of seven bits, the lowest first. None if it does not end, or is too large.
pub(super) fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
