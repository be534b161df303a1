//! A watch's body, cut into events by its format.

use bytes::Bytes;

use super::event::Frame;
#[cfg(feature = "protobuf")]
use super::frames::Frames;
use super::lines::{Lines, TooLong};
#[cfg(feature = "cbor")]
use crate::cbor::Items;
use crate::codec::{Format, Keeps};
use crate::encoded::Read;
use crate::error::Error;
use crate::watch::WatchEvent;

/// Collects chunks until they make an event.
#[derive(Debug)]
pub(crate) enum Cut {
    /// JSON, an event to a line.
    Lines(Lines),
    /// Protobuf, an event to a frame.
    #[cfg(feature = "protobuf")]
    Frames(Frames),
    /// CBOR, where items end by themselves.
    #[cfg(feature = "cbor")]
    Items(Items),
}

impl Cut {
    pub(crate) fn new(format: Format, limit: usize) -> Self {
        match format {
            Format::Json => Self::Lines(Lines::new(limit)),
            #[cfg(feature = "protobuf")]
            Format::Protobuf => Self::Frames(Frames::new(limit)),
            #[cfg(feature = "cbor")]
            Format::Cbor => Self::Items(Items::new(limit)),
        }
    }

    /// Adds the next chunk. All events of the chunk before must have been taken.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        match self {
            Self::Lines(lines) => lines.push(chunk),
            #[cfg(feature = "protobuf")]
            Self::Frames(frames) => frames.push(chunk),
            #[cfg(feature = "cbor")]
            Self::Items(items) => items.push(&chunk),
        }
    }

    /// The bytes of the next event. `None` asks for another chunk.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, TooLong> {
        match self {
            Self::Lines(lines) => lines.next(),
            #[cfg(feature = "protobuf")]
            Self::Frames(frames) => frames.next(),
            #[cfg(feature = "cbor")]
            Self::Items(items) => items.next(),
        }
    }

    /// What is left when the stream has ended: a last line needs no end. A frame that is not complete is none.
    pub(crate) fn rest(&mut self) -> Bytes {
        match self {
            Self::Lines(lines) => lines.rest(),
            #[cfg(feature = "protobuf")]
            Self::Frames(frames) => {
                if frames.rest() > 0 {
                    let bytes = frames.rest();
                    tracing::debug!(target: "kubeset::rest", bytes, "the watch was cut within an event");
                }
                Bytes::new()
            }
            #[cfg(feature = "cbor")]
            Self::Items(_) => Bytes::new(),
        }
    }

    /// Reads one event. An empty line is none.
    pub(crate) fn read<K: Read>(&self, event: &[u8], keeps: Keeps) -> Option<Result<WatchEvent<K>, Error>> {
        let frame = match self {
            Self::Lines(_) if event.trim_ascii().is_empty() => return None,
            Self::Lines(_) => K::event_from_json(event, keeps),
            #[cfg(feature = "protobuf")]
            Self::Frames(_) => K::event_from_protobuf(event, keeps),
            #[cfg(feature = "cbor")]
            Self::Items(_) => K::event_from_cbor(event, keeps),
        };
        Some(match frame {
            Ok(Frame::Event(event)) => Ok(event),
            Ok(Frame::Failure(status)) => Err(Error::Api(status)),
            Err(problem) => Err(Error::WatchEvent(problem.into())),
        })
    }
}
