//! Following a log.

use super::kept::{Line, Log};
use super::options::Options;
use crate::answer::{Answer, Content};
use crate::body::BrokenOff;
use crate::call::Call;
use bytes::Bytes;
use http::StatusCode;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How many pieces wait for a slow client.
const WAITING: usize = 16;

/// Somebody who follows a log.
pub(super) struct Stream {
    call: Call,
    log: Arc<Log>,
    options: Options,
    pieces: mpsc::Sender<Result<Bytes, BrokenOff>>,
    /// How much more is wanted; none for all.
    left: Option<usize>,
    /// What has been told.
    told: Vec<Line>,
}

impl Stream {
    /// Begins to tell a log.
    pub(super) fn start(call: &Call, log: Arc<Log>, options: Options) -> Answer {
        let (sender, pieces) = mpsc::channel(WAITING);
        let stream = Self { call: call.clone(), log, options, pieces: sender, left: None, told: Vec::new() };
        tokio::spawn(stream.run());
        Answer::new(StatusCode::OK, Content::Pieces { content_type: "text/plain", pieces })
    }

    /// Tells until nobody listens, the Pod is gone, enough is told, or the server stops.
    async fn run(mut self) {
        let server = self.call.server.clone();
        let mut more = self.log.changed.subscribe();
        let mut pods = server.store.subscribe(&self.call.storage_key());
        let lines = self.log.lines();
        let (text, left) = self.options.select(&lines);
        self.left = left;
        self.told = lines;
        if !self.send(text).await {
            return;
        }
        let uid = self.call.stored().map(|entry| entry.uid.clone()).unwrap_or_default();
        loop {
            let here = self.call.stored().is_ok_and(|entry| entry.uid == uid);
            if !self.tell().await || !here {
                return;
            }
            tokio::select! {
                _ = more.changed() => {}
                _ = pods.changed() => {}
                () = self.pieces.closed() => return,
                () = server.stopped() => return,
            }
        }
    }

    /// Tells what has come. Says whether more may be told.
    async fn tell(&mut self) -> bool {
        let lines = self.log.lines();
        let common = self.told.iter().zip(&lines).take_while(|(told, line)| told == line).count();
        let mut new = lines.get(common..).unwrap_or_default().to_vec();
        // Of a line that has only grown, the beginning was told.
        if let (Some(told), Some(line)) = (self.told.get(common), new.first_mut())
            && told.time == line.time
            && let Some(rest) = line.text.strip_prefix(&told.text)
        {
            let rest = rest.to_owned();
            let (text, left) = (rest, self.left);
            new.remove(0);
            let end = left.map_or(text.len(), |left| left.min(text.len()));
            let text = text.get(..end).unwrap_or_default().to_owned();
            self.left = left.map(|left| left - text.len());
            if !self.send(text).await {
                return false;
            }
        }
        self.told = lines;
        let (text, left) = self.options.written(&new, self.left);
        self.left = left;
        self.send(text).await
    }

    async fn send(&self, text: String) -> bool {
        if !text.is_empty() && self.pieces.send(Ok(Bytes::from(text))).await.is_err() {
            return false;
        }
        self.left != Some(0)
    }
}
