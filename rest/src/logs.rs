//! Reading what a container has written.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;

use crate::error::Error;
use crate::request::Request;
use crate::stream::ByteStream;
use crate::verbs::sendable;
use crate::watch::{Lines, TooLong};

/// The longest line that is read, in bytes: 16 MiB.
const MAX_LINE: usize = 16 << 20;

/// Which output of a container to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogStream {
    /// Both, as they were written. What servers send when they are not told.
    All,
    /// Standard output only.
    Stdout,
    /// Standard error only.
    Stderr,
}

/// Reads what a container of a pod has written. Made by the `logs` method of a typed client.
///
/// `.await` reads the whole log as text, with U+FFFD in place of what is not UTF-8.
/// [`lines`](Logs::lines) and [`follow`](Logs::follow) give it line by line.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Logs {
    request: Request,
}

sendable!(Logs => String, |request| async {
    let answer = request.send_raw().await?;
    Ok(String::from_utf8(answer.body.into())
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
});

impl Logs {
    pub(crate) fn new(request: Request) -> Self {
        Self { request: request.without_announced_timeout() }
    }

    /// The container. Needed if the pod has more than one.
    pub fn container(self, container: &str) -> Self {
        self.set("container", container)
    }

    /// The container's run before the last restart.
    pub fn previous(self) -> Self {
        self.set("previous", "true")
    }

    /// Only what was written in this last time, in whole seconds, rounded up.
    pub fn since(self, age: Duration) -> Self {
        let seconds = age.as_secs() + u64::from(age.subsec_nanos() > 0);
        self.set("sinceSeconds", seconds.to_string())
    }

    /// Only the last lines, this many.
    pub fn tail_lines(self, lines: u32) -> Self {
        self.set("tailLines", lines.to_string())
    }

    /// No more than this many bytes; the last line may be cut.
    pub fn limit_bytes(self, bytes: u64) -> Self {
        self.set("limitBytes", bytes.to_string())
    }

    /// Puts the time (RFC 3339) before each line.
    pub fn timestamps(self) -> Self {
        self.set("timestamps", "true")
    }

    /// Standard output, standard error, or both. Cannot be combined with [`tail_lines`](Logs::tail_lines).
    pub fn stream(self, stream: LogStream) -> Self {
        let stream = match stream {
            LogStream::All => "All",
            LogStream::Stdout => "Stdout",
            LogStream::Stderr => "Stderr",
        };
        self.set("stream", stream)
    }

    /// Lets the API server skip the check of the kubelet's certificate: whoever is in between could read and
    /// change the log.
    pub fn insecure_skip_tls_verify_backend(self) -> Self {
        self.set("insecureSkipTLSVerifyBackend", "true")
    }

    /// Adds a query parameter that has no setter of its own.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.query(name, value);
        self
    }

    /// The log so far, line by line.
    pub fn lines(self) -> FollowLogs {
        FollowLogs { request: self.request }
    }

    /// The log line by line, and then every new line as it is written, until the container ends.
    pub fn follow(self) -> FollowLogs {
        FollowLogs { request: self.set("follow", "true").request }
    }

    fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.request = self.request.set_query(name, value);
        self
    }
}

/// Reads a log line by line. Made by [`Logs::lines`] and [`Logs::follow`].
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct FollowLogs {
    request: Request,
}

sendable!(FollowLogs => LogLines, |request| async {
    let body = request.clone().send_for_bytes().await?;
    Ok(LogLines { request, body: Some(body), lines: Lines::new(MAX_LINE) })
});

/// The lines of a log, as they arrive, without their ends. Dropping the stream stops reading.
///
/// A line is given as bytes: nothing says that a program writes UTF-8.
#[must_use = "a log is read only as it is polled"]
pub struct LogLines {
    request: Request,
    body: Option<ByteStream>,
    lines: Lines,
}

impl LogLines {
    fn fail(&mut self, error: Error) -> Poll<Option<Result<Bytes, Error>>> {
        self.body = None;
        Poll::Ready(Some(Err(error)))
    }
}

impl Stream for LogLines {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let Some(body) = &mut this.body else {
                return Poll::Ready(None);
            };
            match this.lines.next() {
                Ok(Some(line)) => return Poll::Ready(Some(Ok(line))),
                Ok(None) => {}
                Err(TooLong) => {
                    let problem = format!("a line is longer than {MAX_LINE} bytes");
                    let error = this.request.decode_error("a log of lines", problem);
                    return this.fail(error);
                }
            }
            match ready!(Pin::new(body).poll_next(context)) {
                Some(Ok(chunk)) => this.lines.push(chunk),
                Some(Err(error)) => return this.fail(error),
                None => {
                    this.body = None;
                    let rest = this.lines.rest();
                    return Poll::Ready((!rest.is_empty()).then_some(Ok(rest)));
                }
            }
        }
    }
}

impl fmt::Debug for LogLines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("LogLines").field(&self.body).finish()
    }
}
