//! A list in CBOR, which is read when all of it has come: how long its items are is only known at their ends.

use bytes::Bytes;

use super::{Envelope, Expected, Problem};
use crate::cbor::ListParts;
use crate::codec::Keeps;
use crate::encoded::Read;
use crate::error::{Error, failure_in_success};

/// Collects a list and takes it apart at its end.
#[derive(Debug)]
pub(crate) struct CborCutter {
    body: Vec<u8>,
    keeps: Keeps,
    envelope: Envelope,
    /// Where the next item begins, and how many are left.
    items: (usize, u64),
    count: u64,
}

impl CborCutter {
    pub(super) fn new(expected: Expected, keeps: Keeps) -> Self {
        Self { body: Vec::new(), keeps, envelope: Envelope::new(expected), items: (0, 0), count: 0 }
    }

    pub(super) fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    pub(super) fn push(&mut self, chunk: Bytes) {
        self.body.extend_from_slice(&chunk);
    }

    /// Whether there are items that were not handed over.
    pub(super) fn has_more(&self) -> bool {
        self.items.1 > 0
    }

    pub(super) fn decode_next<K: Read>(&mut self) -> Result<Option<K>, Problem> {
        let (begin, left) = self.items;
        if left == 0 {
            return Ok(None);
        }
        self.count += 1;
        let decoded = K::from_cbor(&self.body, begin, self.keeps);
        let (item, end) = decoded.map_err(|problem| format!("item {}: {problem}", self.count))?;
        self.items = (end, left - 1);
        Ok(Some(item))
    }

    pub(super) fn end(&mut self) -> Result<(), Problem> {
        let parts = ListParts::read(&self.body)?;
        self.envelope.api_version = parts.api_version;
        self.envelope.kind = parts.kind;
        self.envelope.metadata = Some(parts.metadata);
        self.envelope.check()?;
        self.items = parts.items;
        Ok(())
    }

    pub(super) fn failure(&self) -> Option<Error> {
        failure_in_success(&self.body)
    }
}
