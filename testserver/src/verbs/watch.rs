//! Changes of objects, as they happen.

use super::list::{Selection, revision};
use crate::accept::{Encoding, View};
use crate::answer::{Answer, Content, encode_into, stored_object};
use crate::body::BrokenOff;
use crate::call::Call;
use crate::catalog::StorageKey;
use crate::failure::{Cause, Failure, Named};
use crate::protobuf;
use crate::store::{Change, ChangeKind, Compacted, Entry, Range};
use crate::table::IncludeObject;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use serde_json::{Value, json};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;

/// How long a watch lasts at least if its client does not say; kube-apiserver takes up to twice as long.
const SHORTEST: Duration = Duration::from_secs(1800);

/// How often a watch that allows bookmarks gets one.
const BOOKMARKS: Duration = Duration::from_secs(60);

/// How many pieces wait for a slow client before the watch waits too.
const WAITING: usize = 16;

/// Where a watch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// With all objects there are, as additions.
    Now,
    /// With all objects there are, and a bookmark after them.
    InitialEvents,
    /// With what happened after a version.
    After(u64),
}

/// A watch under way.
struct Watching {
    call: Call,
    storage: StorageKey,
    selection: Selection,
    /// The version up to which everything has been told.
    told: u64,
    bookmarks: bool,
    pieces: mpsc::Sender<Result<Bytes, BrokenOff>>,
    end: Instant,
    /// Whether a table has named its columns.
    named_columns: AtomicBool,
}

/// Follows changes.
pub(super) async fn watch(call: Call) -> Result<Answer, Failure> {
    let selection = Selection::of(&call)?;
    let start = start(&call)?;
    let seconds = call.query.number("timeoutSeconds")?.and_then(|seconds| u64::try_from(seconds).ok());
    let lasts = match seconds {
        None | Some(0) => SHORTEST + Duration::from_secs(fastrand::u64(..SHORTEST.as_secs())),
        Some(seconds) => Duration::from_secs(seconds.min(1 << 30)),
    };
    let content_type = match call.encoding {
        Encoding::Protobuf => protobuf::WATCH_MEDIA_TYPE,
        Encoding::Json | Encoding::Yaml => Encoding::Json.media_type(),
    };
    let (sender, pieces) = mpsc::channel(WAITING);
    let watching = Watching {
        storage: call.storage_key(),
        selection,
        told: 0,
        bookmarks: call.query.flag("allowWatchBookmarks"),
        pieces: sender,
        end: Instant::now() + lasts,
        call,
        named_columns: AtomicBool::new(false),
    };
    tokio::spawn(watching.run(start));
    Ok(Answer::new(StatusCode::OK, Content::Pieces { content_type, pieces }))
}

/// The rules about `resourceVersion`, `resourceVersionMatch` and `sendInitialEvents`.
fn start(call: &Call) -> Result<Start, Failure> {
    let query = &call.query;
    let mut causes = Vec::new();
    let matched = query.text("resourceVersionMatch");
    let initial = query.get("sendInitialEvents").map(|_| query.flag("sendInitialEvents"));
    if initial.is_some() && matched != Some("NotOlderThan") {
        causes.push(Cause::forbidden(
            "resourceVersionMatch",
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ));
    }
    if let Some(matched) = matched {
        if initial.is_none() {
            causes.push(Cause::forbidden(
                "resourceVersionMatch",
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
            ));
        }
        if matched != "NotOlderThan" {
            causes.push(Cause::not_supported(
                "resourceVersionMatch",
                &Value::from(matched),
                &["NotOlderThan"],
            ));
        }
    }
    if query.text("continue").is_some() {
        causes.push(Cause::forbidden(
            "resourceVersionMatch",
            "resourceVersionMatch is forbidden when continue is provided",
        ));
    }
    if !causes.is_empty() {
        return Err(Failure::invalid(Named { group: "meta.k8s.io", resource: "ListOptions" }, "", causes));
    }
    // A watch that cannot show tables as asked is refused before it begins.
    IncludeObject::parse(query.get("includeObject"))?;
    let number = query.text("resourceVersion").map_or(Ok(0), revision);
    let number = number.map_err(|why| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "", why))?;
    Ok(match (initial, number) {
        (Some(true), _) => Start::InitialEvents,
        (Some(false), 0) => Start::After(call.server.store.revision()),
        (None, 0) => Start::Now,
        (_, number) => Start::After(number),
    })
}

/// That nobody reads the watch any more, or that it has said why it ends.
struct Over;

impl Watching {
    async fn run(mut self, start: Start) {
        // Whoever ends the watch knows why.
        let _ = self.follow(start).await;
    }

    async fn follow(&mut self, start: Start) -> Result<(), Over> {
        let mut latest = self.call.server.store.subscribe(&self.storage);
        match start {
            Start::After(revision) => {
                self.told = revision;
                if let Err(compacted) = self.call.server.store.check(&self.storage, revision) {
                    return self.tell_expired(compacted).await;
                }
            }
            Start::Now | Start::InitialEvents => self.tell_all(start).await?,
        }
        let mut bookmark = tokio::time::interval_at(Instant::now() + BOOKMARKS, BOOKMARKS);
        // Made once: changes come often, and these hardly ever.
        let server = self.call.server.clone();
        let mut end = pin!(tokio::time::sleep_until(self.end));
        let mut stopped = pin!(server.stopped());
        loop {
            latest.mark_unchanged();
            self.tell_changes().await?;
            tokio::select! {
                _ = latest.changed() => {}
                _ = bookmark.tick(), if self.bookmarks => self.tell_bookmark(false).await?,
                () = &mut end => return Ok(()),
                () = self.pieces.closed() => return Err(Over),
                () = &mut stopped => return Err(Over),
            }
        }
    }

    /// Tells of all objects that there are, in the order of their keys.
    async fn tell_all(&mut self, start: Start) -> Result<(), Over> {
        let range = Range { namespace: self.selection.namespace.clone(), ..Range::default() };
        let selection = &self.selection;
        let listing =
            self.call.server.store.list(&self.storage, &range, usize::MAX, |entry| selection.matches(entry));
        // The latest version is never forgotten.
        let listing = listing.unwrap_or_default();
        for entry in &listing.entries {
            let line = self.line(ChangeKind::Added, entry);
            self.send(line).await?;
        }
        self.told = listing.revision;
        if start == Start::InitialEvents && self.bookmarks {
            self.tell_bookmark(true).await?;
        }
        Ok(())
    }

    async fn tell_changes(&mut self) -> Result<(), Over> {
        let changes = match self.call.server.store.changes_after(&self.storage, self.told) {
            Ok(changes) => changes,
            Err(compacted) => return self.tell_expired(compacted).await,
        };
        for change in changes {
            self.told = change.entry.revision;
            if let Some(line) = self.told_of(&change) {
                self.send(line).await?;
            }
        }
        Ok(())
    }

    /// What a change is for those who see only what is selected.
    fn told_of(&self, change: &Arc<Change>) -> Option<Bytes> {
        let was = change.previous.as_ref().is_some_and(|previous| self.selection.matches(previous));
        let is = change.kind != ChangeKind::Deleted && self.selection.matches(&change.entry);
        let kind = match (was, is) {
            (false, false) => return None,
            (false, true) => ChangeKind::Added,
            (true, true) => ChangeKind::Modified,
            (true, false) => ChangeKind::Deleted,
        };
        if kind == change.kind && self.call.view == View::Object {
            // Most watches of a kind send the same line.
            let version = self.call.resource.api_version();
            let kept = if self.is_protobuf() { &change.frame } else { &change.line };
            let (of, line) = kept.get_or_init(|| (version.clone(), self.line(kind, &change.entry)));
            if *of == version {
                return Some(line.clone());
            }
        }
        if kind == ChangeKind::Deleted && change.kind != ChangeKind::Deleted {
            return self.line_of_departure(change);
        }
        Some(self.line(kind, &change.entry))
    }

    /// An object that is selected no more is shown as it was, with the version of its change.
    fn line_of_departure(&self, change: &Change) -> Option<Bytes> {
        let previous = change.previous.as_ref()?;
        let mut object = stored_object(previous, &self.call.resource);
        crate::object::set_meta(&mut object, "resourceVersion", change.entry.revision.to_string());
        Some(self.event("DELETED", &self.shown(&object)))
    }

    fn line(&self, kind: ChangeKind, entry: &Entry) -> Bytes {
        let kind = match kind {
            ChangeKind::Added => "ADDED",
            ChangeKind::Modified => "MODIFIED",
            ChangeKind::Deleted => "DELETED",
        };
        if self.call.view == View::Object && !self.is_protobuf() {
            let mut line = BytesMut::with_capacity(entry.bare().len() + 96);
            line.extend_from_slice(format!(r#"{{"type":"{kind}","object":"#).as_bytes());
            encode_into(&mut line, entry, &self.call.resource);
            line.extend_from_slice(b"}\n");
            return line.freeze();
        }
        self.event(kind, &self.shown(&stored_object(entry, &self.call.resource)))
    }

    fn is_protobuf(&self) -> bool {
        self.call.encoding == Encoding::Protobuf
    }

    fn event(&self, kind: &str, object: &Value) -> Bytes {
        if !self.is_protobuf() {
            let mut line = json!({"type": kind, "object": object}).to_string();
            line.push('\n');
            return Bytes::from(line);
        }
        match protobuf::write_value(object) {
            Ok(bytes) => protobuf::frame(kind, &bytes),
            Err(error) => {
                let status = Failure::unwritable(&error.to_string()).to_status();
                protobuf::frame("ERROR", &protobuf::write_value(&status).unwrap_or_default())
            }
        }
    }

    /// An object in the form that the client wants. Only the first table names its columns.
    fn shown(&self, object: &Value) -> Value {
        let headers = !self.named_columns.swap(true, Ordering::Relaxed);
        self.call.shown(object, headers).unwrap_or_else(|failure| failure.to_status())
    }

    async fn tell_bookmark(&mut self, ends_initial_events: bool) -> Result<(), Over> {
        if !ends_initial_events {
            // Whatever resource it is about: up to this version, everything will have been told.
            let latest = self.call.server.store.revision();
            self.tell_changes().await?;
            self.told = self.told.max(latest);
        }
        let resource = &self.call.resource;
        let mut object = json!({
            "kind": resource.kind,
            "apiVersion": resource.api_version(),
            "metadata": {"resourceVersion": self.told.to_string()},
        });
        if ends_initial_events {
            object["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        self.send(self.event("BOOKMARK", &self.shown(&object))).await
    }

    async fn tell_expired(&mut self, compacted: Compacted) -> Result<(), Over> {
        let failure = Failure::expired(format!(
            "too old resource version: {} ({})",
            compacted.wanted, compacted.oldest
        ));
        self.send(self.event("ERROR", &failure.to_status())).await?;
        Err(Over)
    }

    async fn send(&mut self, line: Bytes) -> Result<(), Over> {
        let line = match self.pieces.try_send(Ok(line)) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Closed(_)) => return Err(Over),
            Err(TrySendError::Full(line)) => line,
        };
        tokio::select! {
            sent = self.pieces.send(line) => sent.map_err(|_| Over),
            () = tokio::time::sleep_until(self.end) => Err(Over),
            () = self.call.server.stopped() => Err(Over),
        }
    }
}
