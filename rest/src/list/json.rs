//! Cutting a list in JSON into its items, wherever its chunks begin and end and whatever the order of its members.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::{Envelope, Expected, MAX_PRELUDE, Problem};
use crate::codec::{Codec as _, Json, Keeps};
use crate::encoded::Read;
use crate::error::{Error, failure_in_success};
use crate::json::{Event, Kept, ManagedFields, Scanner};

/// Cuts a list in JSON into its items.
#[derive(Debug)]
pub(crate) struct JsonCutter {
    scanner: Scanner,
    chunk: Bytes,
    /// Where in the chunk the scanner is.
    at: usize,
    /// How many bytes came before the chunk.
    before: u64,
    kept: Kept,
    limit: usize,
    envelope: Envelope,
    /// The member of the list whose key was read last.
    member: Member,
    /// The member `items` has begun.
    has_items: bool,
    /// The items so far.
    count: usize,
    /// The last item was handed over.
    handed_over: bool,
    /// What came before the items.
    prelude: Vec<u8>,
    keeps: Keeps,
    /// What leaves `managedFields` out of the item that is being read.
    without: Option<ManagedFields>,
}

/// The members of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    ApiVersion,
    Kind,
    Metadata,
    Items,
    Other,
}

impl Member {
    fn of(key: &str) -> Self {
        match key {
            "apiVersion" => Self::ApiVersion,
            "kind" => Self::Kind,
            "metadata" => Self::Metadata,
            "items" => Self::Items,
            _ => Self::Other,
        }
    }
}

impl JsonCutter {
    pub(super) fn new(expected: Expected, limit: usize, keeps: Keeps) -> Self {
        Self {
            scanner: Scanner::new(),
            chunk: Bytes::new(),
            at: 0,
            before: 0,
            kept: Kept::default(),
            limit,
            envelope: Envelope::new(expected),
            member: Member::Other,
            has_items: false,
            count: 0,
            handed_over: false,
            prelude: Vec::new(),
            keeps,
            without: None,
        }
    }

    pub(super) fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    pub(super) fn push(&mut self, chunk: Bytes) {
        debug_assert!(self.chunk.is_empty(), "the items of the chunk before were not taken");
        if !self.has_items {
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
            let event = self.scanner.next(&self.chunk, &mut self.at);
            let event = event.map_err(|invalid| self.problem(&invalid.to_string()))?;
            let Some(event) = event else {
                self.use_up()?;
                return Ok(None);
            };
            if self.take(event)? {
                break;
            }
        }
        self.check_length(self.kept.length(self.at))?;
        self.handed_over = true;
        Ok(Some(self.kept.since(0, &self.chunk, self.at)))
    }

    /// Decodes an item that was cut out, of which nothing more is to be left out.
    pub(super) fn decode_next<K: Read>(&mut self) -> Result<Option<K>, Problem> {
        let item = self.next()?.map(K::from_json);
        item.transpose().map_err(|problem| format!("item {}: {problem}", self.count))
    }

    pub(super) fn end(&mut self) -> Result<(), Problem> {
        match self.scanner.end() {
            Err(_) if self.is_in_items() => {
                Err(format!("it ends after {} items, before its end", self.count))
            }
            Err(invalid) => Err(self.problem(&invalid.to_string())),
            Ok(()) => {
                self.envelope.metadata.get_or_insert_default();
                self.envelope.check()
            }
        }
    }

    pub(super) fn failure(&self) -> Option<Error> {
        failure_in_success(&self.prelude)
    }

    fn is_in_items(&self) -> bool {
        self.member == Member::Items && self.scanner.depth() > 1
    }

    /// The chunk has been read to its end.
    fn use_up(&mut self) -> Result<(), Problem> {
        self.kept.next_chunk(&self.chunk);
        self.before += self.chunk.len() as u64;
        self.chunk = Bytes::new();
        self.at = 0;
        self.check_length(self.kept.length(0))
    }

    fn check_length(&self, length: usize) -> Result<(), Problem> {
        if length <= self.limit {
            return Ok(());
        }
        let part = if self.is_in_items() { format!("item {}", self.count) } else { "a part".to_owned() };
        Err(format!("{part} is longer than {} bytes", self.limit))
    }

    fn problem(&self, problem: &str) -> Problem {
        format!("at byte {}: {problem}", self.before + self.at as u64)
    }

    /// Takes note of an event. Says whether it ends an item.
    fn take(&mut self, event: Event) -> Result<bool, Problem> {
        let depth = self.scanner.depth();
        match (depth, event) {
            (0, Event::ValueBegin) => self.begin_list()?,
            (1, Event::KeyBegin) => self.kept.begin(self.at),
            (1, Event::KeyEnd) => self.end_key()?,
            (1, Event::ValueBegin) => self.begin_member()?,
            (1, Event::ValueEnd) => self.end_member()?,
            (2, Event::ValueBegin) => self.begin_item(),
            (2, Event::ValueEnd) => self.end_item(),
            _ => {
                if let Some(without) = &mut self.without {
                    without.follow(event, &mut self.scanner, &mut self.kept, &self.chunk, self.at);
                }
            }
        }
        Ok((depth, event) == (2, Event::ValueEnd))
    }

    fn begin_list(&mut self) -> Result<(), Problem> {
        if self.chunk[self.at] != b'{' {
            return Err(self.problem("an object is expected"));
        }
        self.scanner.watch(1);
        Ok(())
    }

    fn end_key(&mut self) -> Result<(), Problem> {
        self.member = Member::of(&self.decode::<String>("a key")?);
        self.kept.stop();
        Ok(())
    }

    fn begin_member(&mut self) -> Result<(), Problem> {
        match self.member {
            Member::ApiVersion | Member::Kind | Member::Metadata => self.kept.begin(self.at),
            Member::Items => self.begin_items()?,
            Member::Other => {}
        }
        Ok(())
    }

    fn begin_items(&mut self) -> Result<(), Problem> {
        if self.has_items {
            return Err(self.problem("`items` comes twice"));
        }
        self.envelope.check()?;
        self.has_items = true;
        self.prelude = Vec::new();
        match self.chunk[self.at] {
            b'[' => self.scanner.watch(2),
            b'n' => {}
            _ => return Err(self.problem("`items` is not an array")),
        }
        Ok(())
    }

    fn end_member(&mut self) -> Result<(), Problem> {
        match self.member {
            Member::ApiVersion => self.envelope.api_version = Some(self.decode("its apiVersion")?),
            Member::Kind => self.envelope.kind = Some(self.decode("its kind")?),
            Member::Metadata => self.envelope.metadata = self.decode("its metadata")?,
            Member::Items | Member::Other => {}
        }
        self.kept.stop();
        self.scanner.watch(1);
        Ok(())
    }

    /// What was kept and has just ended.
    fn decode<T: DeserializeOwned>(&mut self, what: &str) -> Result<T, Problem> {
        let text = self.kept.since(0, &self.chunk, self.at);
        Json::decode(text, Keeps::Everything).map_err(|problem| format!("{what}: {problem}"))
    }

    fn begin_item(&mut self) {
        self.count += 1;
        self.kept.begin(self.at);
        if self.keeps == Keeps::AllButManagedFields {
            self.without = Some(ManagedFields::new(&mut self.scanner));
        }
    }
    fn end_item(&mut self) {
        self.without = None;
        self.scanner.watch(2);
    }
}
