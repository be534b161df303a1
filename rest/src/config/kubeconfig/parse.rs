//! Bytes to documents: encodings, YAML, and the limits that keep a hostile file from filling the memory.

use serde::de::DeserializeOwned;
use serde_saphyr::{Error, Options};

use super::model::Kubeconfig;

/// The largest file that is read.
pub(super) const MAX_BYTES: u64 = 16 << 20;

/// Files up to this size may use YAML aliases, which repeat text without writing it again.
const MAX_BYTES_WITH_ALIASES: usize = 64 << 10;

/// Parses a file's bytes into its YAML documents. The reason of a failure never quotes the file.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Kubeconfig>, String> {
    let documents = documents(bytes)?;
    match documents.iter().find_map(wrong_type) {
        Some(reason) => Err(reason),
        None => Ok(documents),
    }
}

/// The same for documents of any type, whose `kind` is not looked at.
pub(super) fn documents<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, String> {
    let text = decode(bytes)?;
    serde_saphyr::from_multiple_with_options(&text, options(text.len())).map_err(|error| reason(&error))
}

/// UTF-8 with or without a byte order mark, or UTF-16 with one: what editors on Windows write.
pub(super) fn decode(bytes: &[u8]) -> Result<String, String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let text = String::from_utf16(&pairs.iter().copied().map(unit).collect::<Vec<_>>());
        text.ok().filter(|_| rest.is_empty()).ok_or_else(|| "it is not valid UTF-16".to_owned())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            str::from_utf8(rest).map(str::to_owned).map_err(|_| "it is not valid UTF-8".to_owned())
        }
    }
}

/// Limits far above any real kubeconfig. What aliases can repeat is bounded by their number times the file's size.
fn options(bytes: usize) -> Options {
    let aliases = if bytes <= MAX_BYTES_WITH_ALIASES { 128 } else { 0 };
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_documents: 16,
            max_depth: 32,
            max_aliases: aliases,
            max_anchors: 128,
            max_recorded_anchor_events: 16_384,
            max_recorded_anchor_bytes: 1 << 20,
            max_total_scalar_bytes: 16 << 20,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 1024 },
        // A snippet would show the lines around the mistake, tokens and keys included.
        with_snippet: false,
    }
}

/// Where and why, in words that do not come from the file.
fn reason(error: &Error) -> String {
    let why = match error {
        Error::SerdeMissingField { field, .. } => format!("the key {field} is missing"),
        Error::SerdeInvalidType { expected, .. } => {
            format!("a value of another type was expected: {expected}")
        }
        Error::Unexpected { expected, .. } => format!("{expected} was expected"),
        Error::DuplicateMappingKey { .. } => "the same key is there twice".to_owned(),
        Error::InvalidScalar { ty, .. } => format!("the value is not a {ty}"),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            "it is larger or deeper than any kubeconfig".to_owned()
        }
        Error::AliasError { error, .. } => return reason(error),
        _ => "it is not valid YAML".to_owned(),
    };
    match error.location() {
        Some(at) => format!("line {}, column {}: {why}", at.line(), at.column()),
        None => why,
    }
}

/// Catches another kind of Kubernetes file. Both keys may be absent, as client-go allows.
fn wrong_type(document: &Kubeconfig) -> Option<String> {
    let version = document.api_version.as_deref().unwrap_or("v1");
    let kind = document.kind.as_deref().unwrap_or("Config");
    (version != "v1" || kind != "Config").then(|| "its apiVersion and kind are not v1 and Config".to_owned())
}
