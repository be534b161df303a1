//! A local HTTP/1.1 server that plays one reply after the other, byte by byte if need be, and keeps what it
//! was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A whole answer with this status, these headers and this body.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// A sequence of raw steps; the connection is closed after them.
    Steps(Vec<Step>),
}

/// A step of a raw reply.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Does nothing for this long.
    Wait(Duration),
    /// Breaks the connection with a reset instead of an orderly end.
    Reset,
    /// Waits until the client closes the connection, and counts that.
    UntilClosed,
}

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// The server. Further requests than it has replies for get the last reply again.
pub(crate) struct FaultServer {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    closed: Arc<Notify>,
}

impl FaultServer {
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let record = Arc::clone(&seen);
        let closed = Arc::new(Notify::new());
        let notify = Arc::clone(&closed);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (script, record, notify) = (script.clone(), record.clone(), notify.clone());
                tokio::spawn(async move { serve(connection, &script, &record, &notify).await });
            }
        });
        Self { url, seen, closed }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until a client has closed its connection at [`Step::UntilClosed`].
    pub(crate) async fn closed(&self) {
        self.closed.notified().await;
    }

    /// The only request so far.
    pub(crate) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:#?}");
        seen[0].clone()
    }
}

/// An answer in JSON.
pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    answer(status, [("content-type", "application/json".to_owned())], body)
}

/// An answer with any headers.
pub(crate) fn answer<const N: usize>(
    status: u16,
    headers: [(&'static str, String); N],
    body: impl Into<Vec<u8>>,
) -> Reply {
    Reply::Answer { status, headers: headers.into(), body: body.into() }
}

/// A refusal with this `Retry-After`.
pub(crate) fn retry_after(status: u16, value: &str) -> Reply {
    let body = super::status(status, "Busy");
    answer(status, [("content-type", "application/json".into()), ("retry-after", value.into())], body)
}

/// The head of an answer whose body is sent in later steps and ends with the connection.
pub(crate) fn head(content_type: &str) -> Step {
    send(format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\nconnection: close\r\n\r\n"))
}

/// The head of an answer whose body comes in chunks: without its last chunk, it was cut.
pub(crate) fn chunked_head() -> Step {
    send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
}

/// One chunk of a chunked body.
pub(crate) fn chunk(data: &str) -> Step {
    send(format!("{:x}\r\n{data}\r\n", data.len()))
}

/// The end of a chunked body.
pub(crate) fn last_chunk() -> Step {
    send("0\r\n\r\n")
}

pub(crate) fn send(bytes: impl Into<Vec<u8>>) -> Step {
    Step::Send(bytes.into())
}

async fn serve(
    mut connection: TcpStream,
    script: &Mutex<VecDeque<Reply>>,
    record: &Mutex<Vec<Seen>>,
    closed: &Notify,
) {
    while let Some(request) = read(&mut connection).await {
        record.lock().unwrap().push(request);
        let reply = {
            let mut script = script.lock().unwrap();
            if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
        };
        let reply = reply.expect("the script has a reply");
        if play(&mut connection, reply, closed).await.is_none() {
            return;
        }
    }
}

/// Plays a reply; `None` if the connection is done for.
async fn play(connection: &mut TcpStream, reply: Reply, closed: &Notify) -> Option<()> {
    match reply {
        Reply::Answer { status, headers, body } => {
            let mut text = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
            text.push_str("\r\n");
            connection.write_all(text.as_bytes()).await.ok()?;
            connection.write_all(&body).await.ok()?;
            Some(())
        }
        Reply::Steps(steps) => {
            for step in steps {
                match step {
                    Step::Send(bytes) => connection.write_all(&bytes).await.ok()?,
                    Step::Wait(time) => tokio::time::sleep(time).await,
                    Step::UntilClosed => {
                        while connection.read_u8().await.is_ok() {}
                        closed.notify_one();
                    }
                    Step::Reset => connection.set_zero_linger().expect("a socket can be reset"),
                }
            }
            None
        }
    }
}

async fn read(connection: &mut TcpStream) -> Option<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).expect("the head is text");
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut seen = Seen { method, target, headers, body: Vec::new() };
    let length = seen.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    seen.body.resize(length, 0);
    connection.read_exact(&mut seen.body).await.ok()?;
    Some(seen)
}
