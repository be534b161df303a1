//! What is written about all resources at once: long texts, made when somebody first asks for them.

use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest as _, Sha512};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

/// A text, and what tells it from others.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// JSON.
    pub(crate) json: Bytes,
    /// The hash of it, in hexadecimal.
    pub(crate) hash: String,
}

/// The documents about the resources of one moment.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    /// Aggregated discovery of the core group.
    pub(crate) core: OnceLock<Document>,
    /// Aggregated discovery of the named groups.
    pub(crate) groups: OnceLock<Document>,
    /// OpenAPI v2.
    pub(crate) openapi_v2: OnceLock<Document>,
    /// OpenAPI v2 in protobuf.
    pub(crate) openapi_v2_protobuf: OnceLock<Bytes>,
    /// OpenAPI v3, by what follows `/openapi/v3/`.
    pub(crate) openapi_v3: OnceLock<BTreeMap<String, Document>>,
}

impl From<&Value> for Document {
    fn from(value: &Value) -> Self {
        let json = Bytes::from(value.to_string());
        let hash = Sha512::digest(&json).iter().fold(String::new(), |mut text, byte| {
            // Nothing can go wrong when a string is written to.
            let _ = write!(text, "{byte:02X}");
            text
        });
        Self { json, hash }
    }
}
