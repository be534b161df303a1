//! What the fuzz targets in `fuzz/` call: everything that reads what a stranger wrote. Not for users.
//!
//! Each takes bytes, must not panic, and checks what must hold for any input. The seeds in `fuzz/seeds` run as
//! ordinary tests here.

use http::header::{CONTENT_TYPE, RETRY_AFTER, WARNING};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use k8s_openapi::List;
use k8s_openapi::api::core::v1::ConfigMap;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::codec::{Format, Keeps};
use crate::error::{answer_error, failure_in_success};
use crate::json::{Kept, ObjectPlace, without_managed_fields};
use crate::{config, list, warnings, watch};

/// The longest line of a fuzzed watch: short, so that lines that are too long are found.
const MAX_LINE: usize = 1 << 12;

/// A kubeconfig file.
pub fn kubeconfig(bytes: &[u8]) {
    config::exercise_kubeconfig(bytes);
}

/// The values of `Warning` headers, one a line.
pub fn warning_headers(bytes: &[u8]) {
    let values = bytes.split(|byte| *byte == b'\n');
    let values = values.filter_map(|value| HeaderValue::from_bytes(value).ok());
    let headers: HeaderMap = values.map(|value| (WARNING, value)).collect();
    warnings::report(&headers, &NoControlCharacters);
}

/// Checks that a warning can be shown on a terminal.
#[derive(Debug)]
struct NoControlCharacters;

impl warnings::WarningHandler for NoControlCharacters {
    fn handle(&self, warning: &warnings::Warning) {
        let unfit = warning.text.chars().any(char::is_control);
        assert!(!unfit, "a warning holds control characters: {warning:?}");
    }
}

/// The answer to a request: two bytes for the status and the headers, then the body.
pub fn status(bytes: &[u8]) {
    let [code, kind, body @ ..] = bytes else { return };
    let code = StatusCode::from_u16(200 + u16::from(*code) * 2).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut headers = HeaderMap::new();
    if kind & 1 == 1 {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    }
    if kind & 2 == 2 {
        headers.insert(RETRY_AFTER, HeaderValue::from(u64::from(*kind) << (kind >> 2)));
    }
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let error = answer_error(&method, code, &headers, body);
        let shown = error.to_string();
        assert!(!shown.is_empty(), "an error without words: {error:?}");
        let _ = (error.is_not_found(), error.is_conflict(), error.is_expired(), error.retry_after());
    }
    if let Some(error) = failure_in_success(body) {
        drop(format!("{error} {error:?}"));
    }
}

/// The body of a watch: a byte for the size of its chunks, then the lines.
pub fn watch(bytes: &[u8]) {
    watch_of(Format::Json, bytes);
}

/// The body of a watch in protobuf: a byte for the size of its chunks, then the frames.
#[cfg(feature = "protobuf")]
pub fn watch_protobuf(bytes: &[u8]) {
    watch_of(Format::Protobuf, bytes);
}

fn watch_of(format: Format, bytes: &[u8]) {
    let [chunk, events @ ..] = bytes else { return };
    let in_chunks = watch::exercise::<ConfigMap>(format, events, usize::from(*chunk), MAX_LINE);
    let at_once = watch::exercise::<ConfigMap>(format, events, events.len(), MAX_LINE);
    assert_eq!(in_chunks, at_once, "the chunks of a watch change what is read");
}

/// The body of a list: a byte for the size of its chunks and whether `managedFields` are kept, then the list.
pub fn list(bytes: &[u8]) {
    let [first, body @ ..] = bytes else { return };
    let (size, managed_fields) = (usize::from(first >> 1), first & 1 == 0);
    let keeps = if managed_fields { Keeps::Everything } else { Keeps::AllButManagedFields };
    let got = list::exercise::<ConfigMap>(Format::Json, body, size, keeps);
    let at_once = list::exercise::<ConfigMap>(Format::Json, body, body.len(), keeps);
    assert_eq!(got.as_ref().ok(), at_once.as_ref().ok(), "the chunks of a list change what is read");
    let wanted = serde_json::from_slice::<List<ConfigMap>>(body);
    match (got, wanted) {
        (Ok(got), Ok(mut wanted)) => {
            if !managed_fields {
                wanted.items.iter_mut().for_each(|item| item.metadata.managed_fields = None);
            }
            assert_eq!(got, wanted, "a list is read differently in one piece");
        }
        (Ok(_), Err(error)) => {
            // An object in a list may be two levels deeper, and what is left out need only be JSON.
            let may_be = !managed_fields || error.to_string().contains("recursion limit");
            assert!(may_be, "it is no list: {error}");
            assert!(serde_json::from_slice::<IgnoredAny>(body).is_ok(), "it is not JSON: {error}");
        }
        (Err(problem), Ok(_)) => {
            let may_be = problem.contains("`items` comes twice") || problem.contains("nested more than");
            assert!(may_be, "a list is refused: {problem}");
        }
        (Err(_), Err(_)) => {}
    }
}

/// The body of a list in protobuf: a byte as for [`list`], then the list.
#[cfg(feature = "protobuf")]
pub fn list_protobuf(bytes: &[u8]) {
    let [first, body @ ..] = bytes else { return };
    let (size, managed_fields) = (usize::from(first >> 1), first & 1 == 0);
    let keeps = if managed_fields { Keeps::Everything } else { Keeps::AllButManagedFields };
    let got = list::exercise::<ConfigMap>(Format::Protobuf, body, size, keeps);
    let at_once = list::exercise::<ConfigMap>(Format::Protobuf, body, body.len(), keeps);
    assert_eq!(got.as_ref().ok(), at_once.as_ref().ok(), "the chunks of a list change what is read");
    if let (Ok(got), Ok(wanted)) = (got, Format::Protobuf.decode::<List<ConfigMap>>(body, keeps)) {
        assert_eq!(got, wanted, "a list is read differently in one piece");
    }
}

/// An object, from which `managedFields` are left out.
pub fn managed_fields(bytes: &[u8]) {
    let mut kept = Kept::default();
    let Ok(left) = without_managed_fields(bytes, ObjectPlace::Whole, &mut kept) else { return };
    let Ok(mut wanted) = serde_json::from_slice::<Value>(bytes) else {
        let deep = serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        assert!(deep || serde_json::from_slice::<Value>(left).is_err(), "what was not JSON has become it");
        return;
    };
    if let Some(metadata) = wanted.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    let left = serde_json::from_slice::<Value>(left).expect("what is left is JSON");
    assert_eq!(left, wanted, "something else was left out");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Runs a target on its seeds, and on each of them cut short at every place.
    fn run(target: &str, exercise: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
        let seeds = fs::read_dir(&folder).expect("the target has seeds");
        let seeds: Vec<_> = seeds.map(|seed| seed.expect("a seed").path()).collect();
        assert!(seeds.len() > 2, "{target} has too few seeds");
        for seed in seeds {
            let bytes = fs::read(&seed).expect("a seed");
            for end in 0..=bytes.len() {
                exercise(&bytes[..end]);
            }
        }
    }

    #[test]
    fn seeds_of_kubeconfigs_do_not_panic() {
        run("kubeconfig", kubeconfig);
    }

    #[test]
    fn seeds_of_warning_headers_do_not_panic() {
        run("warning_headers", warning_headers);
    }

    #[test]
    fn seeds_of_statuses_do_not_panic() {
        run("status", status);
    }

    #[test]
    fn seeds_of_lists_are_read_as_in_one_piece() {
        run("list", list);
    }

    #[cfg(feature = "protobuf")]
    #[test]
    fn seeds_of_lists_in_protobuf_are_read_as_in_one_piece() {
        run("list_protobuf", list_protobuf);
    }

    #[test]
    fn seeds_of_objects_lose_their_managed_fields_alone() {
        run("managed_fields", managed_fields);
    }

    #[test]
    fn seeds_of_watches_do_not_panic() {
        run("watch", watch);
    }
}
