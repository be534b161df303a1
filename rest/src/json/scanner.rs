//! A JSON text, checked byte by byte as it arrives: where its keys and values begin and end.
//!
//! The scanner accepts what `serde_json` accepts, holds one byte for each open array or object, and goes on in the
//! middle of anything when the next bytes come. It keeps no text.

/// How deeply arrays and objects may be nested. What is decoded may not be deeper than 128 anyway.
const MAX_DEPTH: usize = 512;

/// What the scanner has come to. `at` is the place of the next byte that it will look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A key begins with the quotation mark at `at`.
    KeyBegin,
    /// A key has ended with the quotation mark before `at`.
    KeyEnd,
    /// A value begins with the byte at `at`.
    ValueBegin,
    /// A value has ended just before `at`.
    ValueEnd,
    /// The comma before `at` separates two members or elements.
    Comma,
}

/// The text is not JSON from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Invalid {
    #[error("a value is expected")]
    Value,
    #[error("a key or the end of the object is expected")]
    Key,
    #[error("`:` is expected")]
    Colon,
    #[error("`,` or the end of the object is expected")]
    Member,
    #[error("`,` or the end of the array is expected")]
    Element,
    #[error("the number is not valid")]
    Number,
    #[error("a control character stands in a string")]
    Control,
    #[error("the escape is not valid")]
    Escape,
    #[error("arrays and objects are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    #[error("characters follow the end")]
    Trailing,
    #[error("the text ends too early")]
    TooShort,
}

/// Where in a JSON text the scanner is.
#[derive(Debug)]
pub(crate) struct Scanner {
    state: State,
    open: Vec<Container>,
    watched: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Array,
    Object,
}

/// What may come next.
#[derive(Clone, Copy, Debug)]
enum State {
    /// A value. In an array that has just begun, also its end.
    Value {
        or_end: bool,
    },
    /// The first byte of a value that was told of.
    ValueStart,
    /// A key. In an object that has just begun, also its end.
    Key {
        or_end: bool,
    },
    /// The first byte of a key that was told of.
    KeyStart,
    Colon,
    /// What follows a value.
    After,
    String {
        key: bool,
    },
    /// What follows a backslash.
    Escape {
        key: bool,
    },
    /// So many more hexadecimal digits.
    Hex {
        key: bool,
        left: u8,
    },
    /// A word, of which so many bytes have come.
    Word(Word, u8),
    Number(Number),
}

/// A value that is a word.
#[derive(Clone, Copy, Debug)]
enum Word {
    True,
    False,
    Null,
}

/// What of a number was last.
#[derive(Clone, Copy, Debug)]
enum Number {
    Minus,
    Zero,
    Digits,
    Point,
    Fraction,
    E,
    Sign,
    Exponent,
}

/// One in each byte of a word.
const ONES: u64 = u64::from_le_bytes([1; 8]);
/// The highest bit of each byte of a word.
const HIGHEST: u64 = ONES << 7;

impl Scanner {
    /// A scanner before the first byte, which tells of what is in no array or object.
    pub(crate) fn new() -> Self {
        Self { state: State::Value { or_end: false }, open: Vec::new(), watched: 0 }
    }

    /// Tells from now on of what is in as many arrays and objects at most.
    pub(crate) fn watch(&mut self, depth: usize) {
        self.watched = depth;
    }

    /// In how many arrays and objects the scanner is. What is told of a value is told outside of it.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Goes on in `chunk` from `at` to the next event. `None` asks for the next chunk.
    #[inline]
    pub(crate) fn next(&mut self, chunk: &[u8], at: &mut usize) -> Result<Option<Event>, Invalid> {
        while let Some(&byte) = chunk.get(*at) {
            let event = match self.state {
                State::String { key } => self.string(key, chunk, at)?,
                _ if byte.is_ascii_whitespace() && self.skips(byte) => {
                    *at += 1;
                    None
                }
                _ => self.step(byte, at)?,
            };
            if event.is_some() && self.open.len() <= self.watched {
                return Ok(event);
            }
        }
        Ok(None)
    }

    /// Whether the whole text was a value.
    pub(crate) fn end(&self) -> Result<(), Invalid> {
        match self.state {
            State::After if self.open.is_empty() => Ok(()),
            State::Number(number) if self.open.is_empty() && number.may_end() => Ok(()),
            _ => Err(Invalid::TooShort),
        }
    }

    /// Whether this white space stands between tokens.
    fn skips(&self, byte: u8) -> bool {
        // A form feed is white space to ASCII, but not to JSON.
        byte != b'\x0c'
            && matches!(self.state, State::Value { .. } | State::Key { .. } | State::Colon | State::After)
    }

    fn step(&mut self, byte: u8, at: &mut usize) -> Result<Option<Event>, Invalid> {
        match self.state {
            State::Value { or_end: true } if byte == b']' => return Ok(self.close(at)),
            State::Value { .. } => {
                self.state = State::ValueStart;
                return Ok(Some(Event::ValueBegin));
            }
            State::Key { or_end: true } if byte == b'}' => return Ok(self.close(at)),
            State::Key { .. } if byte == b'"' => {
                self.state = State::KeyStart;
                return Ok(Some(Event::KeyBegin));
            }
            State::Number(number) => return self.number(number, byte, at),
            _ => {}
        }
        *at += 1;
        match self.state {
            State::ValueStart => self.value(byte)?,
            State::KeyStart => self.state = State::String { key: true },
            State::Colon if byte == b':' => self.state = State::Value { or_end: false },
            State::After => return self.after(byte),
            State::Escape { key } => self.state = escaped(byte, key)?,
            State::Hex { key, left } if byte.is_ascii_hexdigit() => {
                self.state =
                    if left > 1 { State::Hex { key, left: left - 1 } } else { State::String { key } };
            }
            State::Word(word, come) => return self.word(word, come, byte),
            State::Hex { .. } => return Err(Invalid::Escape),
            State::Colon => return Err(Invalid::Colon),
            _ => return Err(Invalid::Key),
        }
        Ok(None)
    }

    /// The first byte of a value.
    fn value(&mut self, byte: u8) -> Result<(), Invalid> {
        self.state = match byte {
            b'"' => State::String { key: false },
            b'{' => {
                self.open(Container::Object)?;
                State::Key { or_end: true }
            }
            b'[' => {
                self.open(Container::Array)?;
                State::Value { or_end: true }
            }
            b't' => State::Word(Word::True, 1),
            b'f' => State::Word(Word::False, 1),
            b'n' => State::Word(Word::Null, 1),
            b'-' => State::Number(Number::Minus),
            b'0' => State::Number(Number::Zero),
            b'1'..=b'9' => State::Number(Number::Digits),
            _ => return Err(Invalid::Value),
        };
        Ok(())
    }

    fn open(&mut self, container: Container) -> Result<(), Invalid> {
        if self.open.len() == MAX_DEPTH {
            return Err(Invalid::TooDeep);
        }
        self.open.push(container);
        Ok(())
    }

    /// Takes the end of the innermost array or object, which is the end of a value outside of it.
    fn close(&mut self, at: &mut usize) -> Option<Event> {
        *at += 1;
        self.open.pop();
        self.state = State::After;
        Some(Event::ValueEnd)
    }

    /// The byte after a value, which was taken.
    fn after(&mut self, byte: u8) -> Result<Option<Event>, Invalid> {
        let (state, event) = match (self.open.last(), byte) {
            (Some(Container::Object), b',') => (State::Key { or_end: false }, Event::Comma),
            (Some(Container::Array), b',') => (State::Value { or_end: false }, Event::Comma),
            (Some(Container::Object), b'}') | (Some(Container::Array), b']') => {
                self.open.pop();
                (State::After, Event::ValueEnd)
            }
            (Some(Container::Object), _) => return Err(Invalid::Member),
            (Some(Container::Array), _) => return Err(Invalid::Element),
            (None, _) => return Err(Invalid::Trailing),
        };
        self.state = state;
        Ok(Some(event))
    }

    /// Goes through a string to its end, an escape, or the end of the chunk.
    fn string(&mut self, key: bool, chunk: &[u8], at: &mut usize) -> Result<Option<Event>, Invalid> {
        let rest = &chunk[*at..];
        let Some(plain) = plain_text(rest) else {
            *at = chunk.len();
            return Ok(None);
        };
        *at += plain + 1;
        match rest[plain] {
            b'"' => Ok(Some(self.end_string(key, chunk, at))),
            b'\\' => {
                self.state = State::Escape { key };
                Ok(None)
            }
            _ => Err(Invalid::Control),
        }
    }

    /// The end of a string was taken. Where nobody is told, what servers write next is taken at once: the value of a key,
    /// or another key, if that is a string.
    #[inline]
    fn end_string(&mut self, key: bool, chunk: &[u8], at: &mut usize) -> Event {
        let untold = self.open.len() > self.watched;
        match (key, &chunk[*at..]) {
            (true, [b':', b'"', ..]) if untold => {
                *at += 2;
                self.state = State::String { key: false };
            }
            (true, _) => self.state = State::Colon,
            (false, [b',', b'"', ..]) if untold && self.open.last() == Some(&Container::Object) => {
                *at += 2;
                self.state = State::String { key: true };
            }
            (false, _) => self.state = State::After,
        }
        if key { Event::KeyEnd } else { Event::ValueEnd }
    }

    /// A byte of a word, which was taken. So many have come before.
    fn word(&mut self, word: Word, come: u8, byte: u8) -> Result<Option<Event>, Invalid> {
        let text: &[u8] = match word {
            Word::True => b"true",
            Word::False => b"false",
            Word::Null => b"null",
        };
        let index = usize::from(come);
        if text.get(index) != Some(&byte) {
            return Err(Invalid::Value);
        }
        let ended = index + 1 == text.len();
        self.state = if ended { State::After } else { State::Word(word, come + 1) };
        Ok(ended.then_some(Event::ValueEnd))
    }

    /// The byte at `at`, which is taken if it belongs to the number.
    fn number(&mut self, number: Number, byte: u8, at: &mut usize) -> Result<Option<Event>, Invalid> {
        match number.then(byte) {
            Some(number) => {
                *at += 1;
                self.state = State::Number(number);
                Ok(None)
            }
            None if number.may_end() => {
                self.state = State::After;
                Ok(Some(Event::ValueEnd))
            }
            None => Err(Invalid::Number),
        }
    }
}

/// How many bytes come before a quotation mark, a backslash or a control character. None if none of them comes.
fn plain_text(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return Some(index * 8 + special.trailing_zeros() as usize / 8);
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    Some(words.len() * 8 + rest.iter().position(is_special)?)
}

/// A word whose lowest bit that is set lies in the first byte of the text that is not plain. Zero if all are.
///
/// To subtract from a byte that is not larger sets its highest bit, and may do so to bytes after it.
fn special_bytes(word: u64) -> u64 {
    let equal = |byte: u8| {
        let difference = word ^ (ONES * u64::from(byte));
        difference.wrapping_sub(ONES) & !difference
    };
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (equal(b'"') | equal(b'\\') | control) & HIGHEST
}

/// The state after the byte that follows a backslash.
fn escaped(byte: u8, key: bool) -> Result<State, Invalid> {
    match byte {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(State::String { key }),
        b'u' => Ok(State::Hex { key, left: 4 }),
        _ => Err(Invalid::Escape),
    }
}

impl Number {
    /// What the number is after another byte, if the byte belongs to it.
    fn then(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Self::Minus, b'0') => Some(Self::Zero),
            (Self::Minus, b'1'..=b'9') | (Self::Digits, b'0'..=b'9') => Some(Self::Digits),
            (Self::Zero | Self::Digits, b'.') => Some(Self::Point),
            (Self::Point | Self::Fraction, b'0'..=b'9') => Some(Self::Fraction),
            (Self::Zero | Self::Digits | Self::Fraction, b'e' | b'E') => Some(Self::E),
            (Self::E, b'+' | b'-') => Some(Self::Sign),
            (Self::E | Self::Sign | Self::Exponent, b'0'..=b'9') => Some(Self::Exponent),
            _ => None,
        }
    }

    fn may_end(self) -> bool {
        matches!(self, Self::Zero | Self::Digits | Self::Fraction | Self::Exponent)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    /// The events of a text that arrives in these chunks, with their places in the whole.
    fn events(chunks: &[&[u8]], depth: usize) -> Result<Vec<(Event, usize, usize)>, Invalid> {
        let mut scanner = Scanner::new();
        scanner.watch(depth);
        let (mut events, mut before) = (Vec::new(), 0);
        for chunk in chunks {
            let mut at = 0;
            while let Some(event) = scanner.next(chunk, &mut at)? {
                events.push((event, before + at, scanner.depth()));
            }
            assert_eq!(at, chunk.len(), "the whole chunk is used");
            before += chunk.len();
        }
        scanner.end()?;
        Ok(events)
    }

    const TEXTS: [&str; 40] = [
        r#"{"a":[1,-2.5e+3,{"b\"\u00e9":null}],"c" : {} , "d":[ ],"e":"\\"}"#,
        " true ",
        "false",
        "null",
        "0",
        "-0.0e-0",
        "12",
        "1e5",
        "\"\\u12aF\\n\"",
        "[[[]],{}]",
        "{}",
        "[1 , 2]",
        "",
        " ",
        "tru",
        "truee",
        "nul",
        "01",
        "-",
        "1.",
        "1e",
        "1e+",
        ".5",
        "+1",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "[1,]",
        "[,]",
        "[1 2]",
        "[1}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\":1]",
        "1 2",
        "\"\u{1}\"",
        "[\u{c}1]",
    ];

    #[test]
    fn the_same_texts_are_valid_as_for_serde_json() {
        for text in TEXTS {
            let valid = serde_json::from_str::<IgnoredAny>(text).is_ok();
            let got = events(&[text.as_bytes()], 0);
            assert_eq!(got.is_ok(), valid, "{text:?}: {got:?}");
        }
    }

    #[test]
    fn events_are_the_same_wherever_the_chunks_are_cut() {
        for text in TEXTS.map(str::as_bytes) {
            let whole = events(&[text], 9);
            let bytes: Vec<&[u8]> = text.chunks(1).collect();
            assert_eq!(events(&bytes, 9), whole, "{text:?}");
            for cut in 0..=text.len() {
                let (start, end) = text.split_at(cut);
                assert_eq!(events(&[start, end], 9), whole, "{text:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn events_tell_where_and_how_deep() {
        use Event::{Comma, KeyBegin, KeyEnd, ValueBegin, ValueEnd};
        let text = br#"{"a":[1,2],"b":"c"}"#;
        let wanted = [
            (ValueBegin, 0, 0),
            (KeyBegin, 1, 1),
            (KeyEnd, 4, 1),
            (ValueBegin, 5, 1),
            (ValueEnd, 10, 1),
            (Comma, 11, 1),
            (KeyBegin, 11, 1),
            (KeyEnd, 14, 1),
            (ValueBegin, 15, 1),
            (ValueEnd, 18, 1),
            (ValueEnd, 19, 0),
        ];
        assert_eq!(events(&[text], 1).unwrap(), wanted, "nothing is told of the array's elements");
        assert_eq!(events(&[text], 0).unwrap(), [wanted[0], wanted[10]]);
    }

    #[test]
    fn depth_has_a_limit() {
        let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(events(&[&nested(MAX_DEPTH)], 0).is_ok());
        assert_eq!(events(&[&nested(MAX_DEPTH + 1)], 0), Err(Invalid::TooDeep));
    }
}
