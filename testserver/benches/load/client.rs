//! A small client: a few connections that are kept, and nothing else.

use crate::Error;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpStream;

/// A connection to a server.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

/// A request to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) media_type: &'static str,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn new(method: Method, path: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { method, path: path.into(), media_type: "application/json", body: body.into() }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, "")
    }
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Error> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    /// Sends a request; gives the body of the answer, if that is no refusal.
    pub(crate) async fn begin(&mut self, asked: Asked) -> Result<Incoming, Error> {
        let request = Request::builder()
            .method(asked.method)
            .uri(asked.path)
            .header(HOST, &self.host)
            .header("user-agent", "load")
            .header("accept", "application/json")
            .header(CONTENT_TYPE, asked.media_type)
            .body(Full::new(asked.body))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        if head.status.is_success() {
            return Ok(body);
        }
        Err(refusal(head.status, body).await)
    }

    /// Sends a request and reads its answer; gives how many bytes that has.
    pub(crate) async fn ask(&mut self, asked: Asked) -> Result<usize, Error> {
        let mut body = self.begin(asked).await?;
        let mut bytes = 0;
        while let Some(frame) = body.frame().await {
            bytes += frame?.data_ref().map_or(0, Bytes::len);
        }
        Ok(bytes)
    }
}

async fn refusal(status: StatusCode, body: Incoming) -> Error {
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    format!("{status}: {}", String::from_utf8_lossy(&body)).into()
}

/// Sends so many requests, made from their numbers, on so many connections at once, each of which waits for its answers.
pub(crate) async fn ask_all(
    address: SocketAddr,
    connections: usize,
    count: usize,
    make: impl Fn(usize) -> Asked + Send + Sync + 'static,
) -> Result<(), Error> {
    let (next, make) = (Arc::new(AtomicUsize::new(0)), Arc::new(make));
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (next, make) = (next.clone(), make.clone());
        let mut connection = Connection::open(address).await?;
        tasks.push(tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Ok::<(), Error>(());
                }
                connection.ask(make(number)).await?;
            }
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}
