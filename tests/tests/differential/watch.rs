//! Watches: the events that a stream brings within a time.

use std::time::Duration;

use http_body_util::BodyExt as _;
use kubeset::rest::ResponseBody;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::script::Watch;

/// A stream of events that is being read.
pub(crate) struct Events {
    body: ResponseBody,
    /// Whether they are frames of protobuf, and not lines of JSON.
    is_framed: bool,
    read: Vec<u8>,
}

impl Events {
    pub(crate) fn new(body: ResponseBody, is_framed: bool) -> Self {
        Self { body, is_framed, read: Vec::new() }
    }

    /// Reads events as far as `watch` wants, and says why it stopped.
    pub(crate) async fn collect(&mut self, watch: &Watch) -> (Vec<Value>, &'static str) {
        let until = Instant::now() + Duration::from_secs_f64(watch.seconds);
        let mut events = Vec::new();
        loop {
            if watch.events.is_some_and(|wanted| events.len() >= wanted) {
                return (events, "there are as many events as wanted");
            }
            let event = if self.is_framed { self.frame() } else { self.line() };
            if let Some(event) = event {
                events.push(event);
                continue;
            }
            match timeout_at(until, self.body.frame()).await {
                Err(_) => return (events, "the time is over"),
                Ok(None) => return (events, "the server ends the watch"),
                Ok(Some(Err(_))) => return (events, "the watch breaks off"),
                Ok(Some(Ok(frame))) => self.read.extend(frame.into_data().unwrap_or_default()),
            }
        }
    }

    /// The next whole frame, if it is read. One that cannot be understood is told.
    fn frame(&mut self) -> Option<Value> {
        let (length, rest) = self.read.split_first_chunk()?;
        let event = rest.get(..u32::from_be_bytes(*length) as usize)?;
        let message = kubeset_protobuf::Message::of_kind("v1", "WatchEvent")?;
        let value = message.decode(event, kubeset_protobuf::Options::default());
        let value = value.unwrap_or_else(|error| Value::String(format!("not protobuf: {error}")));
        let end = length.len() + event.len();
        self.read.drain(..end);
        Some(value)
    }

    /// The next whole line, if it is read. One that is not JSON is given as text.
    fn line(&mut self) -> Option<Value> {
        let end = self.read.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.read.drain(..=end).collect();
        let text = String::from_utf8_lossy(&line);
        Some(serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned())))
    }
}
