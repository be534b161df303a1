//! Cutting a list in protobuf into its items, wherever its chunks begin and end.
//!
//! The body is four bytes and a message that holds the version, the kind and the list, which is a message too. Each field
//! says how long it is, so that only the lengths are looked at here.

use bytes::Bytes;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use kubeset_protobuf::{Envelope as Body, MAGIC, Message};

use super::{Envelope, Expected, MAX_PRELUDE, Problem};
use crate::codec::Keeps;
use crate::encoded::Read;
use crate::error::{Error, failure_in_success};
use crate::json::Kept;

const NO_PROTOBUF: &str = "its protobuf is not known: ask for JSON";

/// Cuts a list in protobuf into its items.
#[derive(Debug)]
pub(crate) struct ProtobufCutter {
    state: State,
    chunk: Bytes,
    /// Where in the chunk the cutter is.
    at: usize,
    /// How many bytes came before the chunk.
    before: u64,
    kept: Kept,
    limit: usize,
    keeps: Keeps,
    envelope: Envelope,
    /// The messages of the list's metadata and of its items.
    messages: Option<(&'static Message, &'static Message)>,
    list: List,
    count: usize,
    handed_over: bool,
    /// What came before the list, and the list if it may be a `Status`.
    prelude: Vec<u8>,
}

/// Where the list is in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    /// It has not begun.
    Ahead,
    /// It ends after so many bytes of the body.
    Until(u64),
    Over,
}

/// What comes next.
#[derive(Clone, Copy, Debug)]
enum State {
    /// What every body begins with, but for the bytes that have come.
    Magic(usize),
    /// The number and type of a field.
    Key(Varint),
    /// How long a field is.
    Length(Field, Varint),
    /// A number that nobody wants.
    Number(Varint),
    /// The bytes of a field, of which so many are left.
    Bytes(Field, u64),
}

/// A field, if it is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    TypeMeta,
    List,
    Encoding,
    Metadata,
    Item,
    Other,
}

/// The start of a number in groups of seven bits, the lowest first.
#[derive(Clone, Copy, Debug, Default)]
struct Varint {
    number: u64,
    bits: u32,
}

impl Varint {
    /// Takes the next byte. The number if that was the last.
    fn take(&mut self, byte: u8) -> Result<Option<u64>, Problem> {
        let group = u64::from(byte & 0x7f);
        if self.bits > 63 || (self.bits == 63 && group > 1) {
            return Err("it has a number of more than 64 bits".to_owned());
        }
        self.number |= group << self.bits;
        self.bits += 7;
        Ok((byte < 0x80).then_some(self.number))
    }
}

impl ProtobufCutter {
    pub(super) fn new(expected: Expected, limit: usize, keeps: Keeps) -> Self {
        let list = Message::of_kind(expected.api_version, expected.kind);
        Self {
            state: State::Magic(0),
            chunk: Bytes::new(),
            at: 0,
            before: 0,
            kept: Kept::default(),
            limit,
            keeps,
            envelope: Envelope::new(expected),
            messages: list.and_then(|list| Some((list.message_of("metadata")?, list.message_of("items")?))),
            list: List::Ahead,
            count: 0,
            handed_over: false,
            prelude: Vec::new(),
        }
    }

    pub(super) fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    pub(super) fn push(&mut self, chunk: Bytes) {
        debug_assert!(self.chunk.is_empty(), "the items of the chunk before were not taken");
        if self.list == List::Ahead || self.may_be_status() {
            let room = MAX_PRELUDE - self.prelude.len();
            self.prelude.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        self.chunk = chunk;
    }

    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, Problem> {
        if std::mem::take(&mut self.handed_over) {
            self.kept.stop();
        }
        loop {
            if self.end_list()? {
                continue;
            }
            let Some(&byte) = self.chunk.get(self.at) else { break };
            self.step(byte)?;
            if let State::Bytes(field, 0) = self.state {
                self.state = State::Key(Varint::default());
                if field == Field::Item {
                    self.handed_over = true;
                    return Ok(Some(self.kept.since(0, &self.chunk, self.at)));
                }
                self.end_field(field)?;
            }
        }
        self.kept.next_chunk(&self.chunk);
        self.before += self.chunk.len() as u64;
        self.chunk = Bytes::new();
        self.at = 0;
        Ok(None)
    }

    /// Decodes an item that was cut out.
    pub(super) fn decode_next<K: Read>(&mut self) -> Result<Option<K>, Problem> {
        let (messages, keeps) = (self.messages, self.keeps);
        let Some(item) = self.next()? else { return Ok(None) };
        let (_, message) = messages.ok_or(NO_PROTOBUF)?;
        let decoded = K::from_protobuf(message, item, keeps);
        decoded.map(Some).map_err(|error| format!("item {}: {error}", self.count))
    }

    pub(super) fn end(&mut self) -> Result<(), Problem> {
        match (self.state, self.list) {
            (State::Key(Varint { bits: 0, .. }), List::Ahead | List::Over) => {
                self.envelope.metadata.get_or_insert_default();
                self.envelope.check()
            }
            (_, List::Until(_)) => Err(format!("it ends after {} items, before its end", self.count)),
            _ => Err("it ends too early".to_owned()),
        }
    }

    pub(super) fn failure(&self) -> Option<Error> {
        failure_in_success(&self.prelude)
    }

    fn may_be_status(&self) -> bool {
        self.envelope.kind.as_deref() == Some("Status")
    }

    fn place(&self) -> u64 {
        self.before + self.at as u64
    }

    /// Whether the list ends here.
    fn end_list(&mut self) -> Result<bool, Problem> {
        let List::Until(end) = self.list else { return Ok(false) };
        match (self.place().cmp(&end), self.state) {
            (std::cmp::Ordering::Less, _) => Ok(false),
            (std::cmp::Ordering::Equal, State::Key(Varint { bits: 0, .. })) => {
                self.list = List::Over;
                Ok(true)
            }
            _ => Err("a field reaches beyond the list".to_owned()),
        }
    }

    /// Takes what belongs together of what comes next, or as much of it as there is.
    fn step(&mut self, byte: u8) -> Result<(), Problem> {
        if let State::Bytes(field, left) = self.state {
            let there = (self.chunk.len() - self.at) as u64;
            let taken = left.min(there);
            self.at += usize::try_from(taken).unwrap_or(usize::MAX);
            self.state = State::Bytes(field, left - taken);
            return Ok(());
        }
        self.at += 1;
        match &mut self.state {
            State::Magic(come) if MAGIC[*come] == byte => {
                *come += 1;
                if *come == MAGIC.len() {
                    self.state = State::Key(Varint::default());
                }
            }
            State::Key(varint) => {
                if let Some(key) = varint.take(byte)? {
                    self.state = self.after_key(key)?;
                }
            }
            State::Number(varint) => {
                if varint.take(byte)?.is_some() {
                    self.state = State::Key(Varint::default());
                }
            }
            State::Length(field, varint) => {
                let field = *field;
                if let Some(length) = varint.take(byte)? {
                    self.state = self.begin_field(field, length)?;
                }
            }
            _ => return Err("it does not begin as Kubernetes' protobuf does".to_owned()),
        }
        Ok(())
    }

    /// What comes after the number and type of a field.
    fn after_key(&mut self, key: u64) -> Result<State, Problem> {
        let field = match (self.list, key >> 3) {
            (_, 0 | 0x2000_0000..) => return Err("it has a field whose number is out of range".to_owned()),
            (List::Until(_), 1) => Field::Metadata,
            (List::Until(_), 2) => Field::Item,
            (List::Until(_), _) => Field::Other,
            (_, 1) => Field::TypeMeta,
            (_, 2) => Field::List,
            (_, 3) => Field::Encoding,
            _ => Field::Other,
        };
        match (field, key & 7) {
            (Field::Other, 0) => Ok(State::Number(Varint::default())),
            (Field::Other, 1) => Ok(State::Bytes(field, 8)),
            (Field::Other, 5) => Ok(State::Bytes(field, 4)),
            (_, 2) => Ok(State::Length(field, Varint::default())),
            _ => Err("it has a field of an unexpected wire type".to_owned()),
        }
    }

    /// What comes after the length of a field.
    fn begin_field(&mut self, field: Field, length: u64) -> Result<State, Problem> {
        let end = self.place().checked_add(length).ok_or("it has a field of an impossible length")?;
        match (field, self.list) {
            (_, List::Until(list)) if end > list => return Err("a field reaches beyond the list".to_owned()),
            (Field::List, List::Over) => return Err("the list comes twice".to_owned()),
            (Field::List, _) => return self.begin_list(end, length),
            (Field::Item, _) => self.count += 1,
            (Field::Other, _) => return Ok(State::Bytes(field, length)),
            _ => {}
        }
        if length > self.limit as u64 {
            let part =
                if field == Field::Item { format!("item {}", self.count) } else { "a part".to_owned() };
            return Err(format!("{part} is longer than {} bytes", self.limit));
        }
        self.kept.begin(self.at);
        Ok(State::Bytes(field, length))
    }

    /// The list begins, unless it is a `Status`, which is kept and passed over here.
    fn begin_list(&mut self, end: u64, length: u64) -> Result<State, Problem> {
        if self.may_be_status() {
            self.list = List::Over;
            return Ok(State::Bytes(Field::Other, length));
        }
        self.envelope.check()?;
        self.list = List::Until(end);
        self.prelude = Vec::new();
        Ok(State::Key(Varint::default()))
    }

    /// A field other than an item has come.
    fn end_field(&mut self, field: Field) -> Result<(), Problem> {
        let bytes = self.kept.since(0, &self.chunk, self.at);
        match field {
            Field::TypeMeta => {
                // As it stands in a body without an object. Any length below 2^14 can be written in two bytes.
                let [low, high] = [bytes.len() & 0x7f | 0x80, bytes.len() >> 7];
                let (Ok(low), Ok(high @ 0..0x80)) = (u8::try_from(low), u8::try_from(high)) else {
                    return Err("its version and kind are too long".to_owned());
                };
                let body = [MAGIC, &[0x0a, low, high], bytes].concat();
                let body = Body::read(&body).map_err(|error| error.to_string())?;
                self.envelope.api_version = Some(body.api_version.to_owned());
                self.envelope.kind = Some(body.kind.to_owned());
            }
            Field::Encoding if !bytes.is_empty() => {
                return Err("its list is encoded a second time".to_owned());
            }
            Field::Metadata => {
                let (message, _) = self.messages.ok_or(NO_PROTOBUF)?;
                let metadata = message.decode::<ListMeta>(bytes, Keeps::Everything.into());
                self.envelope.metadata = Some(metadata.map_err(|error| format!("its metadata: {error}"))?);
            }
            _ => {}
        }
        self.kept.stop();
        Ok(())
    }
}
