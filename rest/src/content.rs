//! Content negotiation: which media types a client asks for and sends, and how large an answer may be.

use crate::codec::{Codec as _, Json};

/// Which media types a client asks for and sends, and how large an answer may be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentConfig {
    /// The `Accept` header of every request that does not set its own; `application/json, */*` by default.
    pub accept: String,
    /// The largest answer that is read into memory, in bytes after decompression; 1 GiB by default.
    ///
    /// A larger answer is an error, so that a hostile server cannot exhaust the memory. Streams
    /// (watches, logs) are not bounded by it: they hold one event or chunk at a time.
    pub max_response_bytes: usize,
}

impl Default for ContentConfig {
    fn default() -> Self {
        Self { accept: format!("{}, */*", Json::MEDIA_TYPE), max_response_bytes: 1 << 30 }
    }
}
