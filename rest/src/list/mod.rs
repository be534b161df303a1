//! Lists that are decoded item by item while their bytes arrive.
//!
//! A [`Cutter`] cuts the body into items, and a [`ListStream`] decodes each of them as soon as it is whole. At no time
//! is there more of the body in memory than the last chunk and one item, but of a list in CBOR, whose items do not say how long
//! they are.

#[cfg(feature = "cbor")]
mod cbor;
mod json;
#[cfg(feature = "protobuf")]
mod protobuf;
mod stream;
#[cfg(test)]
mod tests;
mod turn;

use bytes::Bytes;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;

#[cfg(feature = "cbor")]
use self::cbor::CborCutter;
use self::json::JsonCutter;
#[cfg(feature = "protobuf")]
use self::protobuf::ProtobufCutter;
pub use self::stream::ListStream;
use crate::codec::{Format, Keeps};
use crate::encoded::Read;
use crate::error::Error;

/// The longest item that is read, in bytes: 16 MiB, ten times what servers store.
const MAX_ITEM: usize = 16 << 20;

/// What is wrong with a list, in words that repeat nothing of it.
pub(crate) type Problem = String;

/// How much of a body is kept until its items begin, for it may be a `Status`.
const MAX_PRELUDE: usize = 1 << 20;

/// Cuts the body of a list into its items. One variant for each format that lists come in.
#[derive(Debug)]
pub(crate) enum Cutter {
    Json(Box<JsonCutter>),
    #[cfg(feature = "protobuf")]
    Protobuf(Box<ProtobufCutter>),
    #[cfg(feature = "cbor")]
    Cbor(Box<CborCutter>),
}

/// The same for each format.
macro_rules! each {
    ($cutter:expr, $inner:ident => $call:expr) => {
        match $cutter {
            Cutter::Json($inner) => $call,
            #[cfg(feature = "protobuf")]
            Cutter::Protobuf($inner) => $call,
            #[cfg(feature = "cbor")]
            Cutter::Cbor($inner) => $call,
        }
    };
}

impl Cutter {
    /// A cutter for a list in this format.
    ///
    /// `limit` is the most bytes that an item may have, and whatever else is kept of the list.
    pub(crate) fn new(format: Format, expected: Expected, limit: usize, keeps: Keeps) -> Self {
        match format {
            Format::Json => Self::Json(Box::new(JsonCutter::new(expected, limit, keeps))),
            #[cfg(feature = "protobuf")]
            Format::Protobuf => Self::Protobuf(Box::new(ProtobufCutter::new(expected, limit, keeps))),
            #[cfg(feature = "cbor")]
            Format::Cbor => Self::Cbor(Box::new(CborCutter::new(expected, keeps))),
        }
    }

    /// Adds the next chunk. All items of the chunk before must have been taken.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        each!(self, cutter => cutter.push(chunk));
    }

    /// The bytes of the next whole item. `None` asks for another chunk.
    #[cfg(test)]
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, Problem> {
        match self {
            Self::Json(cutter) => cutter.next(),
            #[cfg(feature = "protobuf")]
            Self::Protobuf(cutter) => cutter.next(),
            #[cfg(feature = "cbor")]
            Self::Cbor(_) => Ok(None),
        }
    }

    /// Whether there are items that need no more of the body.
    pub(crate) fn has_more(&self) -> bool {
        match self {
            #[cfg(feature = "cbor")]
            Self::Cbor(cutter) => cutter.has_more(),
            // They hand over each item when its last byte has come.
            _ => false,
        }
    }

    /// The next whole item. `None` asks for another chunk.
    pub(crate) fn decode_next<K: Read>(&mut self) -> Result<Option<K>, Problem> {
        each!(self, cutter => cutter.decode_next())
    }

    /// The body has ended: whether it was a whole list of the expected kind.
    pub(crate) fn end(&mut self) -> Result<(), Problem> {
        each!(self, cutter => cutter.end())
    }

    /// The failure that the body tells of instead of a list, if it does.
    pub(crate) fn failure(&self) -> Option<Error> {
        each!(self, cutter => cutter.failure())
    }

    /// The metadata of the list, once it was read.
    pub(crate) fn metadata(&self) -> Option<&ListMeta> {
        each!(self, cutter => cutter.envelope().metadata.as_ref())
    }
}

/// Reads a stranger's list that arrives in chunks of this size.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn exercise<K>(
    format: Format,
    bytes: &[u8],
    chunk: usize,
    keeps: Keeps,
) -> Result<k8s_openapi::List<K>, Problem>
where
    K: Read + k8s_openapi::ListableResource,
{
    let mut cutter = Cutter::new(format, Expected::list_of::<K>(), MAX_ITEM, keeps);
    let mut items = Vec::new();
    for chunk in bytes.chunks(chunk.max(1)) {
        cutter.push(Bytes::copy_from_slice(chunk));
        while let Some(item) = cutter.decode_next()? {
            items.push(item);
        }
    }
    cutter.end()?;
    drop(cutter.failure().map(|error| format!("{error} {error:?}")));
    Ok(k8s_openapi::List { items, metadata: cutter.metadata().cloned().unwrap_or_default() })
}

/// The `apiVersion` and `kind` that a list should have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
}

impl Expected {
    pub(crate) const fn list_of<K: k8s_openapi::ListableResource>() -> Self {
        Self { api_version: K::API_VERSION, kind: K::LIST_KIND }
    }
}

/// What a list says beside its items, as far as it was read.
#[derive(Debug)]
pub(crate) struct Envelope {
    expected: Expected,
    pub(crate) api_version: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) metadata: Option<ListMeta>,
}

impl Envelope {
    pub(crate) fn new(expected: Expected) -> Self {
        Self { expected, api_version: None, kind: None, metadata: None }
    }

    /// Whether this can be the expected list. What a list does not say is taken on trust.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let Expected { api_version, kind } = self.expected;
        match (&self.api_version, &self.kind) {
            (_, Some(other)) if other != kind => Err(format!("its kind is not {kind}")),
            (Some(other), _) if other != api_version => Err(format!("its apiVersion is not {api_version}")),
            _ => Ok(()),
        }
    }
}
